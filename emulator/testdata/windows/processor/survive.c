// build: -mavx2
/* All sixteen vector registers, both halves, through what interrupts a thread:
 * exceptions that continue, APCs, contexts read and set, other threads. */
#include "check.h"

typedef struct registers { unsigned char r[16][32]; } registers;

#define EACH(X) X(0) X(1) X(2) X(3) X(4) X(5) X(6) X(7) X(8) X(9) X(10) X(11) X(12) X(13) X(14) X(15)
#define LOAD(n) "vmovdqu " #n "*32(%0), %%ymm" #n "\n\t"
#define STORE(n) "vmovdqu %%ymm" #n ", " #n "*32(%1)\n\t"
#define ALL "xmm0", "xmm1", "xmm2", "xmm3", "xmm4", "xmm5", "xmm6", "xmm7", "xmm8", "xmm9", "xmm10", "xmm11", "xmm12", "xmm13", "xmm14", "xmm15"

static registers values, seen;

/* AROUND sets the registers, does something and reads them. */
#define AROUND(what, ...) asm volatile(EACH(LOAD) what "\n\t" EACH(STORE) : : "r"(&values), "r"(&seen), ##__VA_ARGS__ : ALL, "rax", "cc", "memory")

static void clobber(void) { asm volatile("vzeroall\n\tvpcmpeqb %%ymm7, %%ymm7, %%ymm7\n\tvpcmpeqb %%ymm15, %%ymm15, %%ymm15" : : : ALL); }

static void compare(const char *what)
{
	int low = 0, high = 0;
	for (int i = 0; i < 16; i++) {
		low += !memcmp(seen.r[i], values.r[i], 16);
		high += !memcmp(seen.r[i] + 16, values.r[i] + 16, 16);
	}
	CHECK(what, "%d low halves and %d high ones kept", low, high);
	memset(&seen, 0, sizeof seen);
}

static int handled;

static LONG CALLBACK handler(EXCEPTION_POINTERS *p)
{
	static const struct { DWORD code; int length; } skip[] = {
		{EXCEPTION_ILLEGAL_INSTRUCTION, 2}, {EXCEPTION_BREAKPOINT, 1}, {EXCEPTION_ACCESS_VIOLATION, 3}, {EXCEPTION_INT_DIVIDE_BY_ZERO, 2}, {EXCEPTION_SINGLE_STEP, 0}};
	handled++;
	for (int i = 0; i < 5; i++)
		if (skip[i].code == p->ExceptionRecord->ExceptionCode)
			p->ContextRecord->Rip += skip[i].length;
	clobber();
	return EXCEPTION_CONTINUE_EXECUTION;
}

static volatile LONG started, finish, wrong;

static DWORD WINAPI holder(void *parameter)
{
	(void)parameter;
	/* Sets the registers once and waits in a loop that does not touch them. */
	AROUND("movl $1, %2\n\t1: pause\n\tcmpl $0, %3\n\tje 1b", "m"(started), "m"(finish));
	return 0;
}

static DWORD WINAPI stirrer(void *parameter)
{
	(void)parameter;
	for (int i = 0; i < 2000; i++)
		clobber();
	return 0;
}

static HANDLE hold(void)
{
	started = finish = 0;
	HANDLE thread = CreateThread(0, 0, holder, 0, 0, 0);
	while (!started)
		Sleep(1);
	return thread;
}

static void release(HANDLE thread, const char *what)
{
	finish = 1;
	INT(WaitForSingleObject(thread, 10000));
	compare(what);
	CloseHandle(thread);
}

static __attribute__((aligned(16))) CONTEXT context;

int main(void)
{
	for (int i = 0; i < 16 * 32; i++)
		values.r[i / 32][i % 32] = (unsigned char)(i * 7 + 1);

	AROUND("nop");
	compare("nothing");
	AddVectoredExceptionHandler(1, handler);
	AROUND("ud2");
	compare("undefined instruction");
	AROUND("int3");
	compare("breakpoint");
	AROUND("xor %%eax, %%eax\n\tmov (%%rax,%%rax), %%al");
	compare("access violation");
	AROUND("xor %%ecx, %%ecx\n\tdiv %%ecx", "c"(0), "d"(0));
	compare("division by zero");
	AROUND("pushfq\n\torl $0x100, (%%rsp)\n\tpopfq\n\tnop");
	compare("single step");
	INT(handled);

	HANDLE thread = hold();
	release(thread, "a loop");
	thread = hold();
	HANDLE other = CreateThread(0, 0, stirrer, 0, 0, 0);
	INT(WaitForSingleObject(other, 10000));
	release(thread, "another thread");
	thread = hold();
	INT(SuspendThread(thread));
	INT(ResumeThread(thread));
	release(thread, "suspended");
	thread = hold();
	INT(SuspendThread(thread));
	context.ContextFlags = CONTEXT_ALL;
	INT(GetThreadContext(thread, &context));
	CHECK("xmm9 of the context", "%d", !memcmp(&context.Xmm9, values.r[9], 16));
	INT(SetThreadContext(thread, &context));
	INT(ResumeThread(thread));
	release(thread, "context read and set");
	thread = hold();
	INT(SuspendThread(thread));
	context.ContextFlags = CONTEXT_CONTROL | CONTEXT_INTEGER;
	INT(GetThreadContext(thread, &context));
	INT(SetThreadContext(thread, &context));
	INT(ResumeThread(thread));
	release(thread, "general registers read and set");
	thread = hold();
	INT(SuspendThread(thread));
	context.ContextFlags = CONTEXT_FLOATING_POINT;
	INT(GetThreadContext(thread, &context));
	memset(&context.Xmm3, 0x5A, 16);
	INT(SetThreadContext(thread, &context));
	INT(ResumeThread(thread));
	memset(values.r[3], 0x5A, 16);
	release(thread, "XMM3 set");
	return 0;
}
