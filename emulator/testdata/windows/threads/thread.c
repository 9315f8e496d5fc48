#include "check.h"

/* Threads: exit codes, suspension, priorities, times, names, termination. */

static HANDLE go, reached;
static volatile LONG steps;

static DWORD WINAPI returns(void *p) { return (DWORD)(ULONG_PTR)p; }
static DWORD WINAPI exits(void *p)
{
	ExitThread((DWORD)(ULONG_PTR)p + 1);
}
static DWORD WINAPI waits(void *p)
{
	SetEvent(reached);
	return WaitForSingleObject(go, INFINITE) + (DWORD)(ULONG_PTR)p;
}
static DWORD WINAPI spins(void *p)
{
	(void)p;
	SetEvent(reached);
	while (steps >= 0)
		steps++;
	return 0;
}
static DWORD WINAPI big(void *p)
{
	volatile char a[200000];
	for (size_t i = 0; i < sizeof a; i += 4096)
		a[i] = (char)i;
	(void)p;
	return a[4096] + 5;
}

static DWORD code(HANDLE t)
{
	DWORD c = 0xBAD;
	GetExitCodeThread(t, &c);
	return c;
}
static DWORD finish(HANDLE t)
{
	WaitForSingleObject(t, INFINITE);
	return code(t);
}

int main(void)
{
	DWORD id = 0;
	go = CreateEventA(0, TRUE, FALSE, 0), reached = CreateEventA(0, FALSE, FALSE, 0);
	HANDLE t = CreateThread(0, 0, returns, (void *)17, 0, &id);
	CHECK("identifier", "%d", id != 0 && id == GetThreadId(t) && id % 4 == 0);
	CHECK("returned", "%lu", finish(t));
	CHECK("exited", "%lu", finish(CreateThread(0, 0, exits, (void *)17, 0, 0)));
	CHECK("large stack", "%lu", finish(CreateThread(0, 1 << 20, big, 0, STACK_SIZE_PARAM_IS_A_RESERVATION, 0)));
	FAILS(GetExitCodeThread((HANDLE)0x8880, &id));
	FAILS(GetExitCodeThread(go, &id));
	FAILS(GetThreadId((HANDLE)0x8880));

	/* Suspension. */
	t = CreateThread(0, 0, returns, (void *)1, CREATE_SUSPENDED, 0);
	CHECK("suspended", "%lx %lu", WaitForSingleObject(t, 10), code(t));
	CHECK("suspend again", "%lu", SuspendThread(t));
	CHECK("resume", "%lu", ResumeThread(t));
	CHECK("still suspended", "%lx", WaitForSingleObject(t, 10));
	CHECK("resume for good", "%lu", ResumeThread(t));
	CHECK("ended", "%lu", finish(t));
	CHECK("resume the dead", "%lu", ResumeThread(t));
	FAILS(ResumeThread((HANDLE)0x8880));
	FAILS(SuspendThread((HANDLE)0x8880));
	t = CreateThread(0, 0, waits, 0, 0, 0);
	WaitForSingleObject(reached, INFINITE);
	CHECK("suspend one that waits", "%lu", SuspendThread(t));
	SetEvent(go);
	CHECK("it does not go on", "%lx", WaitForSingleObject(t, 20));
	CHECK("resumed", "%lu", ResumeThread(t));
	CHECK("went on", "%lu", finish(t));
	ResetEvent(go);
	CHECK("resume one that runs", "%lu", ResumeThread(GetCurrentThread()));

	/* A thread that spins lets others run, and can be stopped. */
	t = CreateThread(0, 0, spins, 0, 0, 0);
	WaitForSingleObject(reached, INFINITE);
	while (steps < 1000)
		;
	CHECK("it spins", "%d", steps >= 1000);
	SuspendThread(t);
	LONG before = steps;
	Sleep(20);
	CHECK("it stands", "%d", steps == before);
	ResumeThread(t);
	CHECK("terminate", "%d", TerminateThread(t, 99));
	CHECK("terminated", "%lu", finish(t));
	FAILS(TerminateThread((HANDLE)0x8880, 1));
	t = CreateThread(0, 0, waits, 0, 0, 0);
	WaitForSingleObject(reached, INFINITE);
	CHECK("terminate one that waits", "%d", TerminateThread(t, 98));
	CHECK("it ended", "%lu", finish(t));

	/* Priorities. */
	t = CreateThread(0, 0, waits, (void *)1, 0, 0);
	INT(GetThreadPriority(t));
	INT(SetThreadPriority(t, THREAD_PRIORITY_HIGHEST));
	CHECK("priority now", "%d", GetThreadPriority(t));
	INT(SetThreadPriority(t, THREAD_PRIORITY_IDLE));
	CHECK("idle", "%d", GetThreadPriority(t));
	FAILS(SetThreadPriority(t, 3));
	FAILS(SetThreadPriority((HANDLE)0x8880, 0));
	FAILS(GetThreadPriority((HANDLE)0x8880));

	/* Handles by identifier. */
	HANDLE o = OpenThread(THREAD_ALL_ACCESS, FALSE, GetThreadId(t));
	CHECK("opened", "%d, the same %d", o != 0, GetThreadId(o) == GetThreadId(t));
	FAILS((LONGLONG)(INT_PTR)OpenThread(THREAD_ALL_ACCESS, FALSE, 3));
	CHECK("process of thread", "%d", GetProcessIdOfThread(t) == GetCurrentProcessId());
	FILETIME c, e, k, u, now;
	INT(GetThreadTimes(t, &c, &e, &k, &u));
	GetSystemTimeAsFileTime(&now);
	CHECK("times", "made before now %d, not ended %d", CompareFileTime(&c, &now) <= 0, e.dwLowDateTime == 0 && e.dwHighDateTime == 0);
	SetEvent(go);
	CHECK("through the other handle", "%lu", finish(o));
	INT(GetThreadTimes(t, &c, &e, &k, &u));
	CHECK("ended after it was made", "%d", CompareFileTime(&c, &e) <= 0);
	FAILS(GetThreadTimes((HANDLE)0x8880, &c, &e, &k, &u));
	CHECK("affinity", "%d", SetThreadAffinityMask(GetCurrentThread(), 1) != 0);
	CHECK("affinity before", "%lld", (long long)SetThreadAffinityMask(GetCurrentThread(), 1));
	FAILS(SetThreadAffinityMask(GetCurrentThread(), 0));
	CHECK("pseudo handle", "%d", GetCurrentThread() == (HANDLE)-2);
	CHECK("its identifier", "%d", GetThreadId(GetCurrentThread()) == GetCurrentThreadId());
	CHECK("remote thread in oneself", "%lu", finish(CreateRemoteThread(GetCurrentProcess(), 0, 0, returns, (void *)6, 0, 0)));
	FAILS((LONGLONG)(INT_PTR)CreateRemoteThread((HANDLE)0x8880, 0, 0, returns, 0, 0, 0));
	/* The process lives as long as a thread: the first may go. */
	return 0;
}
