/* Single steps by the trap flag, counted by a vectored handler. */
#include "check.h"

static int steps, keep;
static DWORD64 places[64], begin;

static LONG CALLBACK handler(EXCEPTION_POINTERS *p)
{
	CONTEXT *c = p->ContextRecord;
	switch (p->ExceptionRecord->ExceptionCode) {
	case EXCEPTION_SINGLE_STEP:
		if (steps < 64)
			places[steps] = c->Rip - begin;
		if (++steps < keep)
			c->EFlags |= 0x100;
		return EXCEPTION_CONTINUE_EXECUTION;
	case EXCEPTION_BREAKPOINT: /* begins to step from here */
		begin = c->Rip;
		c->Rip++;
		c->EFlags |= 0x100;
		return EXCEPTION_CONTINUE_EXECUTION;
	}
	return EXCEPTION_CONTINUE_SEARCH;
}

int main(void)
{
	AddVectoredExceptionHandler(1, handler);
	keep = 1;
	asm volatile("int3\n\tnop\n\tnop" : : : "memory", "cc");
	INT(steps);
	INT(places[0]);
	INT(IsDebuggerPresent());

	steps = 0;
	keep = 10;
	int sum = 0;
	asm volatile("int3\n\tmov $3, %%ecx\n\t1: add %%ecx, %0\n\tdec %%ecx\n\tjnz 1b\n\tnop\n\tnop\n\tnop" : "+r"(sum) : : "rcx", "cc", "memory");
	INT(steps);
	INT(sum);
	for (int i = 0; i < steps; i++)
		INT(places[i]);

	/* A pop of flags with the trap flag, as checks for debuggers do. */
	steps = 0;
	keep = 1;
	asm volatile("lea 1f(%%rip), %%rax\n\tmov %%rax, %0\n\tpushfq\n\torl $0x100, (%%rsp)\n\tpopfq\n\t1: nop\n\tnop" : "=m"(begin) : : "rax", "cc", "memory");
	INT(steps);
	INT(places[0]);

	/* The flag is not seen in what the handler of the step is shown. */
	unsigned long long flags;
	asm volatile("pushfq\n\tpop %0" : "=r"(flags) : : "cc");
	INT(flags >> 8 & 1);

	/* Many steps of a loop. */
	steps = 0;
	keep = 3000;
	asm volatile("int3\n\tmov $5000, %%ecx\n\t1: dec %%ecx\n\tjnz 1b" : : : "rcx", "cc", "memory");
	INT(steps);

	/* Exceptions beside steps. */
	steps = 0;
	keep = 2;
	asm volatile("int3\n\tint3\n\tnop\n\tnop\n\tnop" : : : "cc", "memory");
	INT(steps);
	return 0;
}
