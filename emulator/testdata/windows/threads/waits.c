#include "check.h"

/* Waits for several objects, signal and wait, time-outs, alerts. */

static int calls;
static ULONG_PTR last;
static void CALLBACK apc(ULONG_PTR x) { calls++, last = x; }
static void CALLBACK apc_again(ULONG_PTR x)
{
	calls++;
	if (x)
		QueueUserAPC(apc_again, GetCurrentThread(), x - 1);
}

static HANDLE h[3];
static DWORD WINAPI delayed_set(void *p)
{
	Sleep(20);
	SetEvent(h[(INT_PTR)p]);
	return 0;
}
static DWORD WINAPI alerter(void *p)
{
	Sleep(20);
	QueueUserAPC(apc, (HANDLE)p, 42);
	return 0;
}
static DWORD WINAPI partner(void *p)
{
	(void)p;
	DWORD r = WaitForSingleObject(h[0], 5000);
	SetEvent(h[1]);
	return r;
}

int main(void)
{
	for (int i = 0; i < 3; i++)
		h[i] = CreateEventA(0, FALSE, FALSE, 0);
	/* Any: the lowest index wins and only that one is taken. */
	SetEvent(h[2]), SetEvent(h[1]);
	CHECK("any", "%lx", WaitForMultipleObjects(3, h, FALSE, 0));
	CHECK("then", "%lx", WaitForMultipleObjects(3, h, FALSE, 0));
	CHECK("none", "%lx", WaitForMultipleObjects(3, h, FALSE, 10));
	/* All: nothing is taken unless all are there. */
	SetEvent(h[0]), SetEvent(h[2]);
	CHECK("not all", "%lx", WaitForMultipleObjects(3, h, TRUE, 10));
	CHECK("nothing was taken", "%lx %lx", WaitForSingleObject(h[0], 0), WaitForSingleObject(h[2], 0));
	SetEvent(h[0]), SetEvent(h[1]), SetEvent(h[2]);
	CHECK("all", "%lx", WaitForMultipleObjects(3, h, TRUE, 0));
	CHECK("all were taken", "%lx", WaitForMultipleObjects(3, h, FALSE, 0));
	HANDLE t = CreateThread(0, 0, delayed_set, (void *)1, 0, 0);
	CHECK("set by a thread", "%lx", WaitForMultipleObjects(3, h, FALSE, 5000));
	CHECK("the thread", "%lx", WaitForSingleObject(t, 5000));
	HANDLE mixed[2] = {h[0], t};
	CHECK("an ended thread", "%lx", WaitForMultipleObjects(2, mixed, FALSE, 0));
	/* Errors. */
	FAILS(WaitForMultipleObjects(0, h, FALSE, 0));
	HANDLE many[65];
	for (int i = 0; i < 65; i++)
		many[i] = h[0];
	FAILS(WaitForMultipleObjects(65, many, FALSE, 0));
	CHECK("64", "%lx", WaitForMultipleObjects(64, many, FALSE, 0));
	HANDLE bad[2] = {h[0], (HANDLE)0x5550};
	FAILS(WaitForMultipleObjects(2, bad, FALSE, 0));
	HANDLE twice[2] = {h[0], h[0]};
	FAILS(WaitForMultipleObjects(2, twice, TRUE, 0));
	CHECK("twice, any", "%lx", WaitForMultipleObjects(2, twice, FALSE, 0));
	/* Pseudo handles. */
	CHECK("oneself", "%lx", WaitForSingleObject(GetCurrentThread(), 0));
	CHECK("the process", "%lx", WaitForSingleObject(GetCurrentProcess(), 0));

	/* Time-outs take as long as they say. */
	ULONGLONG t0 = GetTickCount64();
	WaitForSingleObject(h[0], 300);
	ULONGLONG t1 = GetTickCount64();
	CHECK("300 ms", "%d", t1 - t0 >= 100 && t1 - t0 < 20000);
	Sleep(250);
	CHECK("250 ms", "%d", GetTickCount64() - t1 >= 100 && GetTickCount64() - t1 < 20000);

	/* Signal and wait. */
	SetEvent(h[1]);
	CHECK("signal and wait", "%lx", SignalObjectAndWait(h[0], h[1], 0, FALSE));
	CHECK("it was set", "%lx", WaitForSingleObject(h[0], 0));
	t = CreateThread(0, 0, partner, 0, 0, 0);
	CHECK("with a partner", "%lx", SignalObjectAndWait(h[0], h[1], 5000, FALSE));
	WaitForSingleObject(t, INFINITE);
	HANDLE s = CreateSemaphoreA(0, 0, 1, 0), m = CreateMutexA(0, TRUE, 0);
	CHECK("semaphore and wait", "%lx", SignalObjectAndWait(s, h[1], 1, FALSE));
	FAILS(SignalObjectAndWait(s, h[1], 1, FALSE));
	CHECK("mutex and wait", "%lx", SignalObjectAndWait(m, s, 1, FALSE));
	FAILS(SignalObjectAndWait(m, s, 1, FALSE));
	FAILS(SignalObjectAndWait((HANDLE)0x9990, s, 1, FALSE));
	FAILS(SignalObjectAndWait(h[0], (HANDLE)0x9990, 1, FALSE));
	FAILS(SignalObjectAndWait(t, h[1], 1, FALSE));
	WaitForSingleObject(h[0], 0);

	/* Calls queued to oneself are made in alertable waits only. */
	INT(QueueUserAPC(apc, GetCurrentThread(), 7));
	Sleep(1);
	INT(calls);
	INT(SleepEx(0, FALSE));
	INT(calls);
	INT(SleepEx(1000, TRUE));
	CHECK("called", "%d with %d", calls, (int)last);
	CHECK("no more", "%lx", SleepEx(1, TRUE));
	QueueUserAPC(apc, GetCurrentThread(), 8);
	QueueUserAPC(apc, GetCurrentThread(), 9);
	CHECK("two", "%lx", WaitForSingleObjectEx(h[0], 1000, TRUE));
	CHECK("called both", "%d, last %d", calls, (int)last);
	/* A set object comes before the calls. */
	QueueUserAPC(apc, GetCurrentThread(), 10);
	SetEvent(h[0]);
	CHECK("object first", "%lx", WaitForSingleObjectEx(h[0], 1000, TRUE));
	INT(calls);
	CHECK("calls next", "%lx", WaitForMultipleObjectsEx(3, h, FALSE, 1000, TRUE));
	CHECK("calls so far", "%d", calls);
	calls = 0;
	QueueUserAPC(apc_again, GetCurrentThread(), 3);
	CHECK("a call that queues calls", "%lx", SleepEx(10, TRUE));
	CHECK("all of them", "%d", calls);
	HANDLE me = 0;
	DuplicateHandle(GetCurrentProcess(), GetCurrentThread(), GetCurrentProcess(), &me, 0, FALSE, DUPLICATE_SAME_ACCESS);
	t = CreateThread(0, 0, alerter, me, 0, 0);
	CHECK("from a thread", "%lx, %d", SleepEx(5000, TRUE), (int)last);
	WaitForSingleObject(t, INFINITE);
	t = CreateThread(0, 0, alerter, me, 0, 0);
	CHECK("in signal and wait", "%lx", SignalObjectAndWait(h[0], h[1], 5000, TRUE));
	WaitForSingleObject(t, INFINITE);
	FAILS(QueueUserAPC(apc, t, 1)); /* it has ended */
	FAILS(QueueUserAPC(apc, (HANDLE)0x7770, 1));
	return 0;
}
