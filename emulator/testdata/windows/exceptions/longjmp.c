// build: clang
/* longjmp tells the frames it leaves: __finally blocks run. */
#include "check.h"
#include <setjmp.h>
#include <stdlib.h>

#define NOINLINE __attribute__((noinline))

jmp_buf buf;
void __cdecl body(int);

/* Calls _setjmp with its own frame, then body; returns what _setjmp did. */
int protect(int what);
asm(".text\n.globl protect\n.seh_proc protect\nprotect:\n\tpush %rbx\n\t.seh_pushreg %rbx\n\tsub $48, %rsp\n\t.seh_stackalloc 48\n\t.seh_endprologue\n"
	"\tmov %ecx, %ebx\n\tlea buf(%rip), %rcx\n\tmov %rsp, %rdx\n\tcall _setjmp\n\ttest %eax, %eax\n\tjnz 1f\n"
	"\tmov %ebx, %ecx\n\tcall body\n\tmov $-1, %eax\n\t1: add $48, %rsp\n\tpop %rbx\n\tret\n\t.seh_endproc\n");

static int step;
static NOINLINE void note(const char *what) { CHECK("step", "%d %s", ++step, what); }
static NOINLINE void jump(int value) { longjmp(buf, value); }

static NOINLINE void inner(int what)
{
	__try {
		jump(what);
	} __finally {
		note("inner finally");
		INT(AbnormalTermination());
	}
}

static int compare(const void *a, const void *b)
{
	(void)a, (void)b;
	__try {
		jump(9);
	} __finally {
		note("finally of a comparator");
	}
	return 0;
}

void body(int what)
{
	__try {
		{
			if (what == 1)
				note("nothing happens");
			else if (what == 3) {
				int list[] = {2, 1};
				qsort(list, 2, sizeof *list, compare);
			} else if (what == 4)
				RaiseException(0xE0000044, 0, 0, 0);
			else
				inner(what);
		}
	} __finally {
		note("outer finally");
	}
}

int main(void)
{
	for (int i = 1; i < 4; i++)
		CHECK("protect", "%d: %d", i, protect(i));
	return 0;
}
