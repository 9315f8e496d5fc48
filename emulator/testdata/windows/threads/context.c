#include "check.h"

/* Registers of suspended threads, read and set: the classic way to have code
 * run by another thread. */

static HANDLE go;
static volatile LONG spun;

static DWORD WINAPI plain(void *p) { return (DWORD)(ULONG_PTR)p; }
static DWORD WINAPI other(void *p) { return (DWORD)(ULONG_PTR)p + 1000; }
static DWORD WINAPI waits(void *p)
{
	(void)p;
	WaitForSingleObject(go, INFINITE);
	return 1;
}
static DWORD WINAPI spins(void *p)
{
	(void)p;
	while (spun >= 0)
		spun++;
	return 0;
}
static void hijacked(void) { ExitThread(555); }

static DWORD finish(HANDLE t)
{
	DWORD c = 0;
	if (WaitForSingleObject(t, 5000))
		return 0xBAD;
	GetExitCodeThread(t, &c);
	return c;
}

static __attribute__((aligned(16))) CONTEXT ctx;

int main(void)
{
	INT(sizeof ctx);
	go = CreateEventA(0, TRUE, FALSE, 0);
	/* One that has not begun: RCX is its function, RDX the parameter. */
	HANDLE t = CreateThread(0, 0, plain, (void *)5, CREATE_SUSPENDED, 0);
	ctx.ContextFlags = CONTEXT_FULL;
	INT(GetThreadContext(t, &ctx));
	CHECK("function and parameter", "%d %lld", ctx.Rcx == (DWORD64)plain, (long long)ctx.Rdx);
	CHECK("segments", "%x %x", ctx.SegCs, ctx.SegSs);
	CHECK("stack", "%d", ctx.Rsp != 0 && ctx.Rip != 0);
	ctx.Rcx = (DWORD64)other;
	ctx.Rdx = 6;
	INT(SetThreadContext(t, &ctx));
	ctx.Rcx = ctx.Rdx = 0;
	ctx.ContextFlags = CONTEXT_INTEGER;
	CHECK("read again", "%d %d %lld", GetThreadContext(t, &ctx), ctx.Rcx == (DWORD64)other, (long long)ctx.Rdx);
	ResumeThread(t);
	CHECK("another function", "%lu", finish(t));
	/* Straight to an address. */
	t = CreateThread(0, 0, plain, (void *)5, CREATE_SUSPENDED, 0);
	ctx.ContextFlags = CONTEXT_CONTROL;
	GetThreadContext(t, &ctx);
	ctx.Rip = (DWORD64)hijacked;
	ctx.Rsp = (ctx.Rsp & ~15ull) - 8;
	INT(SetThreadContext(t, &ctx));
	ResumeThread(t);
	CHECK("another address", "%lu", finish(t));
	/* One in the middle of a loop. */
	t = CreateThread(0, 0, spins, 0, 0, 0);
	while (!spun)
		Sleep(1);
	SuspendThread(t);
	ctx.ContextFlags = CONTEXT_CONTROL;
	CHECK("registers of the loop", "%d", GetThreadContext(t, &ctx));
	CHECK("in the function", "%d", ctx.Rip >= (DWORD64)spins && ctx.Rip < (DWORD64)spins + 64);
	ctx.Rip = (DWORD64)hijacked;
	ctx.Rsp = ((ctx.Rsp - 0x100) & ~15ull) - 8;
	CHECK("set", "%d", SetThreadContext(t, &ctx));
	ResumeThread(t);
	CHECK("out of the loop", "%lu", finish(t));
	/* One that waits, which goes there when the wait is over. */
	t = CreateThread(0, 0, waits, 0, 0, 0);
	Sleep(50);
	SuspendThread(t);
	ctx.ContextFlags = CONTEXT_CONTROL;
	CHECK("registers of the wait", "%d", GetThreadContext(t, &ctx));
	ctx.Rip = (DWORD64)hijacked;
	ctx.Rsp = ((ctx.Rsp - 0x100) & ~15ull) - 8;
	CHECK("set in the wait", "%d", SetThreadContext(t, &ctx));
	ResumeThread(t);
	SetEvent(go);
	CHECK("out of the wait", "%lu", finish(t));
	/* Debug registers are kept. */
	t = CreateThread(0, 0, plain, 0, CREATE_SUSPENDED, 0);
	memset(&ctx, 0, sizeof ctx);
	ctx.ContextFlags = CONTEXT_DEBUG_REGISTERS;
	CHECK("debug registers", "%d %llx %llx", GetThreadContext(t, &ctx), ctx.Dr0, ctx.Dr7 & 0xFF);
	ctx.Dr0 = 0x12345;
	CHECK("set debug registers", "%d", SetThreadContext(t, &ctx));
	ctx.Dr0 = 0;
	GetThreadContext(t, &ctx);
	CHECK("debug register 0", "%llx", ctx.Dr0);
	ResumeThread(t);
	CHECK("it runs", "%lu", finish(t));
	FAILS(GetThreadContext((HANDLE)0x9990, &ctx));
	FAILS(SetThreadContext((HANDLE)0x9990, &ctx));
	return 0;
}
