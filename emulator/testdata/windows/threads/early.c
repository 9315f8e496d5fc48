#include "check.h"

/* Asynchronous procedure calls: before a thread begins, by ntdll, and from
 * timers. */

typedef LONG(NTAPI *queue_fn)(HANDLE, void *, void *, void *, void *);
typedef LONG(NTAPI *test_fn)(void);
static char log_[64];
static int n;
static HANDLE go;
static void CALLBACK apc(ULONG_PTR x) { log_[n++] = 'a' + (char)x; }
static void NTAPI apc3(void *a, void *b, void *c) { log_[n++] = (char)((INT_PTR)a + (INT_PTR)b + (INT_PTR)c); }
static DWORD WINAPI body(void *p)
{
	log_[n++] = 'T';
	if (p)
		SleepEx(10, TRUE);
	log_[n++] = 't';
	return 0;
}
static void show(const char *label, HANDLE t)
{
	CHECK("wait", "%lx", WaitForSingleObject(t, 5000));
	log_[n] = 0;
	CHECK(label, "%s", log_);
	n = 0;
}

static int ticks;
static void CALLBACK tick(void *p, DWORD low, DWORD high)
{
	if (low || high)
		ticks++;
	*(int *)p += 1;
}

int main(void)
{
	queue_fn queue = (queue_fn)(void *)GetProcAddress(GetModuleHandleA("ntdll"), "NtQueueApcThread");
	test_fn test = (test_fn)(void *)GetProcAddress(GetModuleHandleA("ntdll"), "NtTestAlert");
	/* The early bird: queued while suspended, called before the function. */
	HANDLE t = CreateThread(0, 0, body, 0, CREATE_SUSPENDED, 0);
	INT(QueueUserAPC(apc, t, 0));
	INT(QueueUserAPC(apc, t, 1));
	ResumeThread(t);
	show("early", t);
	t = CreateThread(0, 0, body, (void *)1, CREATE_SUSPENDED, 0);
	QueueUserAPC(apc, t, 2);
	CHECK("ntdll", "%lx", queue(t, (void *)apc3, (void *)'A', (void *)1, (void *)2));
	ResumeThread(t);
	show("both", t);
	/* Not alertable: never called. */
	go = CreateEventA(0, FALSE, FALSE, 0);
	CHECK("on oneself", "%lx", queue(GetCurrentThread(), (void *)apc3, (void *)'x', 0, 0));
	CHECK("not alertable", "%lx %d", WaitForSingleObject(go, 10), n);
	CHECK("test alert", "%lx %d", test(), n);
	CHECK("nothing to do", "%lx %d", test(), n);
	CHECK("bad handle", "%lx", queue((HANDLE)0x6660, (void *)apc3, 0, 0, 0));

	/* Waitable timers. */
	LARGE_INTEGER due = {.QuadPart = -200000}; /* 20 ms */
	HANDLE m = CreateWaitableTimerA(0, TRUE, 0), a = CreateWaitableTimerW(0, FALSE, 0);
	CHECK("not set", "%lx", WaitForSingleObject(m, 10));
	INT(SetWaitableTimer(m, &due, 0, 0, 0, FALSE));
	CHECK("too early", "%lx", WaitForSingleObject(m, 0));
	CHECK("due", "%lx", WaitForSingleObject(m, 5000));
	CHECK("stays set", "%lx", WaitForSingleObject(m, 0));
	SetWaitableTimer(m, &due, 0, 0, 0, FALSE);
	CHECK("set anew", "%lx", WaitForSingleObject(m, 0));
	INT(CancelWaitableTimer(m));
	CHECK("cancelled", "%lx", WaitForSingleObject(m, 50));
	/* Periodic, and resetting itself. */
	ULONGLONG t0 = GetTickCount64();
	SetWaitableTimer(a, &due, 30, 0, 0, FALSE);
	for (int i = 0; i < 4; i++)
		CHECK("period", "%lx", WaitForSingleObject(a, 5000));
	ULONGLONG spent = GetTickCount64() - t0;
	CHECK("about 110 ms", "%d", spent >= 50 && spent < 20000);
	CancelWaitableTimer(a);
	CHECK("no more", "%lx", WaitForSingleObject(a, 60));
	/* With a call. */
	int count = 0;
	SetWaitableTimer(a, &due, 0, tick, &count, FALSE);
	CHECK("not alertable", "%lx %d", WaitForSingleObject(a, 5000), count);
	CHECK("alertable", "%lx %d", SleepEx(1000, TRUE), count);
	SetWaitableTimer(a, &due, 20, tick, &count, FALSE);
	ticks = 0;
	while (ticks < 3)
		SleepEx(INFINITE, TRUE);
	CHECK("three times", "%d", count >= 4);
	CancelWaitableTimer(a);
	CHECK("stopped", "%lx", SleepEx(60, TRUE));
	/* A moment instead of a delay, here one that is over. */
	FILETIME now;
	GetSystemTimeAsFileTime(&now);
	due.LowPart = now.dwLowDateTime, due.HighPart = now.dwHighDateTime;
	SetWaitableTimer(m, &due, 0, 0, 0, FALSE);
	CHECK("over", "%lx", WaitForSingleObject(m, 1000));
	FAILS(SetWaitableTimer((HANDLE)0x6660, &due, 0, 0, 0, FALSE));
	FAILS(SetWaitableTimer(go, &due, 0, 0, 0, FALSE));
	FAILS(SetWaitableTimer(m, &due, -1, 0, 0, FALSE));
	FAILS(CancelWaitableTimer((HANDLE)0x6660));
	HANDLE named = CreateWaitableTimerA(0, TRUE, "st-threads-timer");
	CHECK("named", "%d, error %lu", named != 0, GetLastError());
	CHECK("open", "%d", OpenWaitableTimerA(TIMER_ALL_ACCESS, FALSE, "st-threads-timer") != 0);
	FAILS((LONGLONG)(INT_PTR)OpenWaitableTimerW(TIMER_ALL_ACCESS, FALSE, L"st-threads-none"));
	HANDLE ex = CreateWaitableTimerExW(0, L"st-threads-timer", CREATE_WAITABLE_TIMER_MANUAL_RESET, TIMER_ALL_ACCESS);
	CHECK("again", "%d, error %lu", ex != 0, GetLastError());
	return 0;
}
