#include "check.h"

/* Timers and waits of the thread pool, timer queues, registered waits. */

static volatile LONG count, results;
static HANDLE done, event;

static void CALLBACK on_timer(PTP_CALLBACK_INSTANCE i, void *p, PTP_TIMER t)
{
	(void)i, (void)t;
	if (InterlockedIncrement(&count) >= (LONG)(INT_PTR)p)
		SetEvent(done);
}
static void CALLBACK on_wait(PTP_CALLBACK_INSTANCE i, void *p, PTP_WAIT w, TP_WAIT_RESULT r)
{
	(void)i, (void)w, (void)p;
	results = r;
	InterlockedIncrement(&count);
	SetEvent(done);
}
static void CALLBACK queue_timer(void *p, BOOLEAN fired)
{
	results = fired;
	if (InterlockedIncrement(&count) >= (LONG)(INT_PTR)p)
		SetEvent(done);
}
static void CALLBACK slow_timer(void *p, BOOLEAN fired)
{
	(void)fired;
	SetEvent(done);
	WaitForSingleObject((HANDLE)p, INFINITE);
	InterlockedIncrement(&count);
}
static void CALLBACK registered(void *p, BOOLEAN timed_out)
{
	(void)p;
	results = timed_out;
	InterlockedIncrement(&count);
	SetEvent(done);
}

static FILETIME *in_ms(int ms)
{
	static FILETIME f;
	LONGLONG v = -(LONGLONG)ms * 10000;
	f.dwLowDateTime = (DWORD)v, f.dwHighDateTime = (DWORD)(v >> 32);
	return &f;
}
#define AWAIT() WaitForSingleObject(done, 5000)

int main(void)
{
	done = CreateEventA(0, FALSE, FALSE, 0), event = CreateEventA(0, FALSE, FALSE, 0);
	PTP_TIMER t = CreateThreadpoolTimer(on_timer, (void *)1, 0);
	INT(IsThreadpoolTimerSet(t));
	SetThreadpoolTimer(t, in_ms(20), 0, 0);
	INT(IsThreadpoolTimerSet(t));
	CHECK("timer", "%lx", AWAIT());
	WaitForThreadpoolTimerCallbacks(t, FALSE);
	CHECK("once", "%ld %d", count, IsThreadpoolTimerSet(t) != 0);
	SetThreadpoolTimer(t, in_ms(20), 0, 0);
	SetThreadpoolTimer(t, 0, 0, 0);
	CHECK("stopped", "%lx", WaitForSingleObject(done, 60));
	CloseThreadpoolTimer(t);
	count = 0;
	t = CreateThreadpoolTimer(on_timer, (void *)3, 0);
	ULONGLONG t0 = GetTickCount64();
	SetThreadpoolTimer(t, in_ms(20), 30, 0);
	CHECK("periodic", "%lx", AWAIT());
	t0 = GetTickCount64() - t0;
	CHECK("took 80 ms", "%d", t0 >= 30 && t0 < 20000);
	SetThreadpoolTimer(t, 0, 0, 0);
	WaitForThreadpoolTimerCallbacks(t, TRUE);
	CloseThreadpoolTimer(t);

	count = 0;
	PTP_WAIT w = CreateThreadpoolWait(on_wait, 0, 0);
	SetThreadpoolWait(w, event, 0);
	CHECK("not yet", "%lx", WaitForSingleObject(done, 20));
	SetEvent(event);
	CHECK("wait", "%lx", AWAIT());
	WaitForThreadpoolWaitCallbacks(w, FALSE);
	CHECK("result", "%ld", results);
	CHECK("the event was taken", "%lx", WaitForSingleObject(event, 0));
	SetEvent(event);
	CHECK("only once", "%lx", WaitForSingleObject(done, 20));
	SetThreadpoolWait(w, event, 0);
	CHECK("set again", "%lx", AWAIT());
	SetThreadpoolWait(w, event, in_ms(20));
	CHECK("time-out", "%lx", AWAIT());
	WaitForThreadpoolWaitCallbacks(w, FALSE);
	CHECK("its result", "%ld", results);
	SetThreadpoolWait(w, event, 0);
	SetThreadpoolWait(w, 0, 0);
	SetEvent(event);
	CHECK("ended", "%lx", WaitForSingleObject(done, 20));
	CHECK("the event was left", "%lx", WaitForSingleObject(event, 0));
	CloseThreadpoolWait(w);

	/* Timer queues. */
	HANDLE q = CreateTimerQueue(), qt = 0;
	CHECK("queue", "%d", q != 0);
	count = 0;
	INT(CreateTimerQueueTimer(&qt, q, queue_timer, (void *)1, 20, 0, WT_EXECUTEONLYONCE));
	CHECK("queue timer", "%lx", AWAIT());
	CHECK("fired", "%ld", results);
	INT(DeleteTimerQueueTimer(q, qt, INVALID_HANDLE_VALUE));
	count = 0;
	INT(CreateTimerQueueTimer(&qt, q, queue_timer, (void *)3, 0, 20, WT_EXECUTEINTIMERTHREAD));
	CHECK("periodic queue timer", "%lx", AWAIT());
	INT(ChangeTimerQueueTimer(q, qt, 20, 0));
	INT(DeleteTimerQueueTimer(q, qt, INVALID_HANDLE_VALUE));
	ResetEvent(done);
	count = 0;
	INT(CreateTimerQueueTimer(&qt, 0, queue_timer, (void *)1, 10000, 0, 0));
	INT(ChangeTimerQueueTimer(0, qt, 10, 0));
	CHECK("changed", "%lx", AWAIT());
	CHECK("deleted", "%d", DeleteTimerQueueTimer(0, qt, INVALID_HANDLE_VALUE));
	/* One whose call is under way. */
	count = 0;
	INT(CreateTimerQueueTimer(&qt, q, slow_timer, event, 0, 0, WT_EXECUTELONGFUNCTION));
	CHECK("under way", "%lx", AWAIT());
	HANDLE completed = CreateEventA(0, TRUE, FALSE, 0);
	FAILS(DeleteTimerQueueTimer(q, qt, completed));
	CHECK("not complete", "%lx", WaitForSingleObject(completed, 20));
	SetEvent(event);
	CHECK("complete", "%lx", WaitForSingleObject(completed, 5000));
	INT(count);
	INT(CreateTimerQueueTimer(&qt, q, queue_timer, (void *)1, 60000, 0, 0));
	INT(DeleteTimerQueueEx(q, INVALID_HANDLE_VALUE));

	/* Registered waits. */
	HANDLE r = 0;
	count = 0;
	INT(RegisterWaitForSingleObject(&r, event, registered, 0, INFINITE, WT_EXECUTEDEFAULT));
	SetEvent(event);
	CHECK("first", "%lx", AWAIT());
	SetEvent(event);
	CHECK("second", "%lx", AWAIT());
	CHECK("not timed out", "%ld", results);
	CHECK("unregister", "%d", UnregisterWaitEx(r, INVALID_HANDLE_VALUE));
	INT(count);
	SetEvent(event);
	CHECK("no more", "%lx", WaitForSingleObject(done, 20));
	CHECK("left", "%lx", WaitForSingleObject(event, 0));
	INT(RegisterWaitForSingleObject(&r, event, registered, 0, 20, WT_EXECUTEONLYONCE));
	CHECK("time-out of it", "%lx", AWAIT());
	Sleep(20);
	CHECK("timed out", "%ld", results);
	SetEvent(event);
	CHECK("once only", "%lx", WaitForSingleObject(done, 50));
	CHECK("unregister it", "%d", UnregisterWaitEx(r, INVALID_HANDLE_VALUE));
	FAILS(RegisterWaitForSingleObject(&r, (HANDLE)0x7770, registered, 0, 20, 0));
	return 0;
}
