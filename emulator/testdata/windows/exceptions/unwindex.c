/* Unwinds with language handlers of our own: order, flags, targets. */
#include "check.h"

typedef EXCEPTION_DISPOSITION HANDLER(EXCEPTION_RECORD *, void *, CONTEXT *, DISPATCHER_CONTEXT *);

int leaf_calls;
void landing(void);
int outer(int what), middle(int what), inner(int what);

/* Each function calls the next and has its handler and a word of data; outer
   has a second way out, at landing. */
#define FRAME(name, next, handler, data, extra) \
	asm(".text\n.globl " #name "\n.seh_proc " #name "\n" #name ":\n" \
		"\tpush %rbx\n\t.seh_pushreg %rbx\n\tsub $48, %rsp\n\t.seh_stackalloc 48\n\t.seh_endprologue\n" \
		"\t.seh_handler " #handler ", @except, @unwind\n\t.seh_handlerdata\n\t.long " #data "\n\t.text\n" \
		"\tcall " #next "\n\tnop\n\tadd $100, %eax\n\tjmp 1f\n" extra "1:\tadd $48, %rsp\n\tpop %rbx\n\tret\n\t.seh_endproc\n")

FRAME(outer, middle, outer_handler, 1, ".globl landing\nlanding:\n\tadd $7, %eax\n");
FRAME(middle, inner, middle_handler, 2, "");
FRAME(inner, raise_it, inner_handler, 3, "");

static int mode;
static void *outer_frame;

static const char *flags_of(DWORD f)
{
	static char text[64];
	sprintf(text, "%s%s%s%s%s", f & 2 ? "unwinding " : "", f & 4 ? "exit " : "", f & 0x20 ? "target " : "", f & 0x40 ? "collided " : "", f & 0x10 ? "nested " : "");
	return text;
}

static void show(const char *who, EXCEPTION_RECORD *r, DISPATCHER_CONTEXT *d)
{
	CHECK(who, "%lx %sdata %d", r->ExceptionCode, flags_of(r->ExceptionFlags), *(int *)d->HandlerData);
}

int raise_it(int what)
{
	if (what == 1)
		RaiseException(0xE0000001, 0, 0, 0);
	if (what == 2) {
		EXCEPTION_RECORD r = {0};
		r.ExceptionCode = 0xE0000002;
		RtlUnwind(outer_frame, (void *)landing, &r, (void *)(INT_PTR)50);
	}
	if (what == 3)
		RtlUnwind(outer_frame, (void *)landing, 0, (void *)(INT_PTR)60);
	return 5;
}

EXCEPTION_DISPOSITION inner_handler(EXCEPTION_RECORD *r, void *frame, CONTEXT *c, DISPATCHER_CONTEXT *d)
{
	(void)frame, (void)c;
	show("inner", r, d);
	INT(d->EstablisherFrame == (DWORD64)frame);
	INT(d->LanguageHandler == (void *)inner_handler);
	INT(d->TargetIp == (r->ExceptionFlags & 2 ? (DWORD64)landing : 0));
	return ExceptionContinueSearch;
}

EXCEPTION_DISPOSITION middle_handler(EXCEPTION_RECORD *r, void *frame, CONTEXT *c, DISPATCHER_CONTEXT *d)
{
	(void)frame, (void)c;
	show("middle", r, d);
	if (mode == 2 && r->ExceptionFlags & 2 && r->ExceptionCode != 0xE0000009) {
		mode = 0;
		RaiseException(0xE0000009, 0, 0, 0); /* collides with the unwind */
	}
	return ExceptionContinueSearch;
}

EXCEPTION_DISPOSITION outer_handler(EXCEPTION_RECORD *r, void *frame, CONTEXT *c, DISPATCHER_CONTEXT *d)
{
	(void)c;
	show("outer", r, d);
	outer_frame = frame;
	if (!(r->ExceptionFlags & 2)) {
		CONTEXT scratch;
		RtlUnwindEx(frame, (void *)landing, r, (void *)(INT_PTR)40, &scratch, 0);
	}
	return ExceptionContinueSearch;
}

int main(void)
{
	INT(outer(0));
	INT(outer(1));
	INT(outer(2));
	INT(outer(3));
	DWORD64 rbx = 0;
	int eax;
	asm volatile("mov $0x1122334455, %%rbx\n\tmov $1, %%ecx\n\tsub $32, %%rsp\n\tcall outer\n\tadd $32, %%rsp\n\tmov %%rbx, %1" : "=a"(eax), "=m"(rbx) : : "rbx", "rcx", "rdx", "r8", "r9", "r10", "r11", "memory", "cc");
	INT(eax);
	HEX(rbx);
	mode = 2;
	INT(outer(1));
	return 0;
}
