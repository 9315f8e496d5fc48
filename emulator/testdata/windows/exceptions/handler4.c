/* C++ exceptions by the packed tables of __CxxFrameHandler4, made by hand: no
   free compiler writes them. */
#include "check.h"

static char text[256];
static int used;
static void add(const char *s) { while (*s && used < 255) text[used++] = *s++; text[used] = 0; }
static void number(int n) { if (n >= 10) number(n / 10); char b[2] = {(char)('0' + n % 10), 0}; add(b); }

typedef struct Thing { int n; } Thing;
void thing_make(Thing *t, int n) { t->n = n; add("+"); number(n); }
void thing_end(Thing *t) { add("-"); number(t->n); }
void thing_copy(Thing *to, Thing *from) { to->n = from->n + 1; add("c"); number(to->n); }
void note(const char *s) { add(s); }
void note_number(int n) { number(n); }

void *pass_handler, *pass_throw;
typedef void(WINAPI *Throw)(void *, void *);
extern unsigned throw_int[], throw_double[], throw_thing[];

void thrower(int what)
{
	static int i;
	static double d = 1.5;
	static Thing t;
	volatile int *volatile bad = NULL;
	i = what;
	t.n = 90;
	switch (what) {
	case 0: return;
	case 3: case 13: ((Throw)pass_throw)(&t, throw_thing); return;
	case 4: ((Throw)pass_throw)(&d, throw_double); return;
	case 10: *bad = 1; return;
	case 11: RaiseException(0xE0000001, 0, 0, NULL); return;
	default: ((Throw)pass_throw)(&i, throw_int);
	}
}
void rethrow(void) { ((Throw)pass_throw)(NULL, NULL); }

int inner(int), outer(int), apart(int);

#define S(x) x "\n"
/* Numbers: one byte holds seven bits, two fourteen, three 21, four 28. */
asm(
S(".section .text")
S("pass4: jmp *pass_handler(%rip)")
/* inner: a Thing at 0x30, a try block with a Thing at 0x38 that a pointer at
   0x48 leads to, catch blocks for int (object at 0x40), Thing & (0x50), .... */
S(".globl inner\n.seh_proc inner\n.seh_handler pass4, @unwind, @except")
S("inner: sub $0x68, %rsp\n.seh_stackalloc 0x68\n.seh_endprologue")
S("mov %ecx, 0x60(%rsp)")
S("lea 0x30(%rsp), %rcx\nmov $1, %edx\ncall thing_make")
S("inner_0: nop")
S("inner_1: lea 0x38(%rsp), %rcx\nmov %rcx, 0x48(%rsp)\nmov $2, %edx\ncall thing_make")
S("inner_2: mov 0x60(%rsp), %ecx\ncall thrower\nnop")
S("inner_3: mov 0x48(%rsp), %rcx\ncall thing_end")
S("inner_4: lea text_returned(%rip), %rcx\ncall note\njmp inner_end")
S("inner_next0: lea text_next0(%rip), %rcx\ncall note\njmp inner_end")
S("inner_next1: lea text_next1(%rip), %rcx\ncall note")
S("inner_end: lea 0x30(%rsp), %rcx\ncall thing_end")
S("inner_5: mov 0x60(%rsp), %eax\nadd $0x68, %rsp\nret")
S(".seh_handlerdata\n.rva inner_info\n.section .text\n.seh_endproc")
S(".section .rdata,\"dr\"")
S("inner_info: .byte 0x38\n.rva inner_unwind\n.rva inner_tries\n.rva inner_states") /* unwind map, try blocks, only C++ exceptions */
S("inner_unwind: .byte 8<<1")
S("inner_u0: .byte (1<<2|1)<<1\n.rva thing_end\n.byte 0x30<<1")
S("inner_u1: .byte ((inner_u1-inner_u0)<<2)<<1")
S("inner_u2: .byte ((inner_u2-inner_u1)<<2|2)<<1\n.rva thing_end\n.byte 0x48<<1")
S("inner_u3: .byte ((inner_u3-inner_u0)<<2)<<1")
S("inner_u4: .byte 1<<3\n.byte 1<<3\n.byte 1<<3\n.byte 1<<3") /* not used: each leads to the one before */
S("inner_tries: .byte 1<<1, 1<<1, 2<<1, 3<<1\n.rva inner_catches")
S("inner_catches: .byte 3<<1")
S(".byte 0x27\n.byte 0<<1\n.rva type_int\n.short 0x40<<2|1\n.rva inner_int") /* adjectives, type, object, two places */
S(".short (inner_next0-inner)<<2|1\n.long (inner_next1-inner)<<4|7")
S(".byte 0x1F\n.byte 8<<1\n.rva type_thing\n.long 0x50<<4|7\n.rva inner_thing\n.rva inner_next1") /* by reference; the place relative to the image */
S(".byte 0x11\n.byte 0x40<<1&0xFE\n.rva inner_any\n.short (inner_next0-inner)<<2|1")
S("inner_states: .byte 6<<1")
S(".byte (inner_0-inner)<<1, 1<<1") /* states are stored with one added */
S(".byte (inner_1-inner_0)<<1, 2<<1")
S(".byte (inner_2-inner_1)<<1, 3<<1")
S(".byte (inner_3-inner_2)<<1, 2<<1")
S(".byte (inner_4-inner_3)<<1, 1<<1")
S(".short (inner_5-inner_4)<<2|1\n.byte 0")
S(".section .text")

/* catch (int): a Thing, whose end is a function of the frame; the number says
   what happens then. */
S(".seh_proc inner_int\n.seh_handler pass4, @unwind, @except")
S("inner_int: mov %rdx, 0x10(%rsp)\npush %rbx\n.seh_pushreg %rbx\nsub $0x20, %rsp\n.seh_stackalloc 0x20\n.seh_endprologue")
S("mov %rdx, %rbx\nlea text_int(%rip), %rcx\ncall note\nmov 0x40(%rbx), %ecx\ncall note_number")
S("lea 0x44(%rbx), %rcx\nmov $3, %edx\ncall thing_make")
S("inner_int_0: cmpl $7, 0x40(%rbx)\njne 1f\ncall rethrow\nnop")
S("1: cmpl $8, 0x40(%rbx)\njne 1f\nmov $13, %ecx\ncall thrower\nnop")
S("1: cmpl $9, 0x40(%rbx)\njne 2f")
S("inner_int_1: mov $4, %ecx\ncall thrower\nnop")
S("inner_int_2: nop")
S("2: lea 0x44(%rbx), %rcx\ncall thing_end")
S("inner_int_3: xor %eax, %eax\ncmpl $6, 0x40(%rbx)\nsete %al\nadd $0x20, %rsp\npop %rbx\nret")
S(".seh_handlerdata\n.rva inner_int_info\n.section .text\n.seh_endproc")
S("inner_int_end: sub $0x28, %rsp\nlea 0x44(%rdx), %rcx\ncall thing_end\nadd $0x28, %rsp\nret")
S(".section .rdata,\"dr\"")
S("inner_int_info: .byte 0x39\n.rva inner_int_unwind\n.rva inner_int_tries\n.rva inner_int_states\n.byte 0x38<<1")
S("inner_int_unwind: .byte 3<<1")
S("inner_iu0: .byte (1<<2|3)<<1\n.rva inner_int_end")
S("inner_iu1: .byte ((inner_iu1-inner_iu0)<<2)<<1")
S("inner_iu2: .byte ((inner_iu2-inner_iu0)<<2)<<1")
S("inner_int_tries: .byte 1<<1, 1<<1, 1<<1, 2<<1\n.rva inner_int_catches")
S("inner_int_catches: .byte 1<<1\n.byte 0x10\n.rva inner_int_any\n.byte (2b-inner_int)<<2&0xFC|1, (2b-inner_int)>>6")
S("inner_int_states: .byte 4<<1")
S(".byte (inner_int_0-inner_int)<<1, 1<<1")
S(".short (inner_int_1-inner_int_0)<<2|1\n.byte 2<<1")
S(".byte (inner_int_2-inner_int_1)<<1, 1<<1")
S(".byte (inner_int_3-inner_int_2)<<1, 0")
S(".section .text")

/* Catch blocks with nothing to destroy. */
S(".seh_proc inner_int_any")
S("inner_int_any: sub $0x28, %rsp\n.seh_stackalloc 0x28\n.seh_endprologue")
S("lea text_nested(%rip), %rcx\ncall note\nadd $0x28, %rsp\nret\n.seh_endproc")
S(".seh_proc inner_thing")
S("inner_thing: sub $0x28, %rsp\n.seh_stackalloc 0x28\n.seh_endprologue")
S("mov 0x50(%rdx), %rdx\nmov (%rdx), %ecx\ncall note_number\nlea text_thing(%rip), %rcx\ncall note\nadd $0x28, %rsp\nret\n.seh_endproc")
S(".seh_proc inner_any")
S("inner_any: sub $0x28, %rsp\n.seh_stackalloc 0x28\n.seh_endprologue")
S("lea text_any(%rip), %rcx\ncall note\nadd $0x28, %rsp\nret\n.seh_endproc")

/* outer: calls inner in a try block that takes Thing by value (object at
   0x30), int, and anything, also what is none of C++. The catch blocks return
   where to go on. */
S(".globl outer\n.seh_proc outer\n.seh_handler pass4, @unwind, @except")
S("outer: sub $0x48, %rsp\n.seh_stackalloc 0x48\n.seh_endprologue")
S("outer_0: call inner\nnop")
S("outer_1: jmp outer_end")
S("outer_next: lea text_outer(%rip), %rcx\ncall note\nmov $-1, %eax")
S("outer_end: add $0x48, %rsp\nret")
S(".seh_handlerdata\n.rva outer_info\n.section .text\n.seh_endproc")
S(".seh_proc outer_thing")
S("outer_thing: sub $0x28, %rsp\n.seh_stackalloc 0x28\n.seh_endprologue")
S("lea text_thing(%rip), %rcx\ncall note\nlea outer_next(%rip), %rax\nadd $0x28, %rsp\nret\n.seh_endproc")
S(".seh_proc outer_int")
S("outer_int: sub $0x28, %rsp\n.seh_stackalloc 0x28\n.seh_endprologue")
S("mov 0x30(%rdx), %ecx\ncall note_number\nlea outer_next(%rip), %rax\nadd $0x28, %rsp\nret\n.seh_endproc")
S(".seh_proc outer_any")
S("outer_any: sub $0x28, %rsp\n.seh_stackalloc 0x28\n.seh_endprologue")
S("lea text_any(%rip), %rcx\ncall note\nlea outer_next(%rip), %rax\nadd $0x28, %rsp\nret\n.seh_endproc")
S(".section .rdata,\"dr\"")
S("outer_info: .byte 0x18\n.rva outer_unwind\n.rva outer_tries\n.rva outer_states")
S("outer_unwind: .byte 2<<1, 1<<3, 2<<3")
S("outer_tries: .byte 1<<1, 0, 0, 1<<1\n.rva outer_catches")
S("outer_catches: .byte 3<<1")
S(".byte 0x06\n.rva type_thing\n.byte 0x30<<1\n.rva outer_thing")
S(".byte 0x06\n.rva type_int\n.byte 0x30<<1\n.rva outer_int")
S(".byte 0x00\n.rva outer_any")
S("outer_states: .byte 2<<1, (outer_0-outer)<<1, 1<<1, (outer_1-outer_0)<<1, 0")
S(".section .text")

/* apart: its states are found by way of the place in the code. */
S(".globl apart\n.seh_proc apart\n.seh_handler pass4, @unwind, @except")
S("apart: sub $0x48, %rsp\n.seh_stackalloc 0x48\n.seh_endprologue")
S("apart_0: call thrower\nnop")
S("apart_1: xor %eax, %eax")
S("apart_end: add $0x48, %rsp\nret")
S("apart_next: mov $5, %eax\njmp apart_end")
S(".seh_handlerdata\n.rva apart_info\n.section .text\n.seh_endproc")
S(".section .rdata,\"dr\"")
S("apart_info: .byte 0x3A\n.rva outer_unwind\n.rva apart_tries\n.rva apart_places")
S("apart_tries: .byte 1<<1, 0, 0, 1<<1\n.rva apart_catches")
S("apart_catches: .byte 1<<1\n.byte 0x18\n.rva inner_any\n.rva apart_next")
S("apart_places: .byte 2<<1\n.rva inner\n.rva inner_states\n.rva apart\n.rva apart_states")
S("apart_states: .byte 2<<1, (apart_0-apart)<<1, 1<<1, (apart_1-apart_0)<<1, 0")

/* What is thrown: ThrowInfo, the list of types, the types. */
S(".globl throw_int, throw_double, throw_thing\n.balign 8")
S("throw_int: .long 0, 0, 0\n.rva list_int\nlist_int: .long 1\n.rva catchable_int")
S("catchable_int: .long 1\n.rva type_int\n.long 0, -1, 0, 4, 0")
S("throw_double: .long 0, 0, 0\n.rva list_double\nlist_double: .long 1\n.rva catchable_double")
S("catchable_double: .long 1\n.rva type_double\n.long 0, -1, 0, 8, 0")
S("throw_thing: .long 0\n.rva thing_end\n.long 0\n.rva list_thing\nlist_thing: .long 1\n.rva catchable_thing")
S("catchable_thing: .long 0\n.rva type_thing\n.long 0, -1, 0, 4\n.rva thing_copy")
S("text_returned: .asciz \" returned \"\ntext_next0: .asciz \" next0 \"\ntext_next1: .asciz \" next1 \"")
S("text_int: .asciz \" int\"\ntext_nested: .asciz \" nested \"\ntext_thing: .asciz \" thing \"\ntext_any: .asciz \" any \"\ntext_outer: .asciz \" outer\"")
S(".section .data\n.balign 8")
S("type_int: .quad 0, 0\n.asciz \".H\"\n.balign 8")
S("type_double: .quad 0, 0\n.asciz \".N\"\n.balign 8")
S("type_thing: .quad 0, 0\n.asciz \".?AUThing@@\"")
S(".section .text")
);

int main(void)
{
	HMODULE one = LoadLibraryA("vcruntime140_1.dll"), runtime = LoadLibraryA("vcruntime140.dll");
	pass_handler = (void *)GetProcAddress(one, "__CxxFrameHandler4");
	pass_throw = (void *)GetProcAddress(runtime, "_CxxThrowException");
	CHECK("loaded", "%d", pass_handler && pass_throw);
	static const struct { int what; const char *label; } cases[] = {
		{0, "nothing thrown"}, {5, "int"}, {6, "int, the second place"}, {3, "object by reference"}, {4, "anything"}, {7, "thrown again"},
		{8, "another from a catch block"}, {9, "a try block in a catch block"}, {10, "access violation"}, {11, "software exception"}, {5, "int again"},
	};
	for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
		int r = outer(cases[i].what);
		CHECK(cases[i].label, "%d %s", r, text);
		used = 0;
		text[0] = 0;
	}
	int r = apart(5);
	CHECK("separated", "%d %s", r, text);
	int *(*processing)(void) = (void *)GetProcAddress(runtime, "__processing_throw");
	int (*uncaught)(void) = (void *)GetProcAddress(runtime, "__uncaught_exceptions");
	CHECK("uncaught in the end", "%d %d", *processing(), uncaught());
	return 0;
}
