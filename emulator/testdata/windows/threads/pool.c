#include "check.h"

/* The thread pool: work, callbacks, waits for them, cleanup groups. */

static volatile LONG count, order[8], last;
static HANDLE done, gate;
static DWORD mainId;

static void CALLBACK simple(PTP_CALLBACK_INSTANCE i, void *p)
{
	InterlockedAdd(&count, (LONG)(INT_PTR)p);
	if (GetCurrentThreadId() != mainId)
		InterlockedAdd(&count, 100);
	SetEventWhenCallbackReturns(i, done);
}
static void CALLBACK work(PTP_CALLBACK_INSTANCE i, void *p, PTP_WORK w)
{
	(void)i, (void)w;
	InterlockedAdd(&count, (LONG)(INT_PTR)p);
}
static void CALLBACK slow(PTP_CALLBACK_INSTANCE i, void *p, PTP_WORK w)
{
	(void)i, (void)w, (void)p;
	CallbackMayRunLong(i);
	WaitForSingleObject(gate, INFINITE);
	InterlockedIncrement(&count);
}
static void CALLBACK ordered(PTP_CALLBACK_INSTANCE i, void *p, PTP_WORK w)
{
	(void)i, (void)w, (void)p;
	order[last] = last;
	last++;
	Sleep(1);
}
static DWORD WINAPI item(void *p)
{
	InterlockedAdd(&count, (LONG)(INT_PTR)p);
	SetEvent(done);
	return 0;
}
static void CALLBACK cancelled(void *object, void *cleanup)
{
	InterlockedAdd(&count, (LONG)((INT_PTR)object + (INT_PTR)cleanup));
}
static void CALLBACK final(PTP_CALLBACK_INSTANCE i, void *p)
{
	(void)i, (void)p;
	InterlockedAdd(&count, 1000);
}
static CRITICAL_SECTION cs;
static HANDLE mutex, semaphore;
static void CALLBACK leaves(PTP_CALLBACK_INSTANCE i, void *p)
{
	(void)p;
	EnterCriticalSection(&cs);
	WaitForSingleObject(mutex, INFINITE);
	LeaveCriticalSectionWhenCallbackReturns(i, &cs);
	ReleaseMutexWhenCallbackReturns(i, mutex);
	ReleaseSemaphoreWhenCallbackReturns(i, semaphore, 2);
	SetEventWhenCallbackReturns(i, done);
}
static void CALLBACK apart(PTP_CALLBACK_INSTANCE i, void *p, PTP_WORK w)
{
	(void)w, (void)p;
	DisassociateCurrentThreadFromCallback(i);
	WaitForSingleObject(gate, INFINITE);
	SetEvent(done);
}

int main(void)
{
	mainId = GetCurrentThreadId();
	done = CreateEventA(0, FALSE, FALSE, 0), gate = CreateEventA(0, TRUE, FALSE, 0);
	INT(TrySubmitThreadpoolCallback(simple, (void *)5, 0));
	CHECK("called", "%lx", WaitForSingleObject(done, 5000));
	INT(count);
	count = 0;
	INT(QueueUserWorkItem(item, (void *)3, WT_EXECUTEDEFAULT));
	CHECK("item", "%lx", WaitForSingleObject(done, 5000));
	INT(count);
	/* Work objects. */
	PTP_WORK w = CreateThreadpoolWork(work, (void *)2, 0);
	CHECK("made", "%d", w != 0);
	count = 0;
	for (int i = 0; i < 10; i++)
		SubmitThreadpoolWork(w);
	WaitForThreadpoolWorkCallbacks(w, FALSE);
	CHECK("ten calls", "%ld", count);
	WaitForThreadpoolWorkCallbacks(w, FALSE);
	CloseThreadpoolWork(w);
	/* Calls that block do not stop others. */
	count = 0;
	PTP_WORK s = CreateThreadpoolWork(slow, 0, 0);
	for (int i = 0; i < 4; i++)
		SubmitThreadpoolWork(s);
	INT(TrySubmitThreadpoolCallback(simple, (void *)1, 0));
	CHECK("another call", "%lx", WaitForSingleObject(done, 5000));
	INT(count);
	SetEvent(gate);
	WaitForThreadpoolWorkCallbacks(s, FALSE);
	CHECK("the slow ones", "%ld", count);
	CloseThreadpoolWork(s);
	ResetEvent(gate);
	/* A pool of one worker does one thing after another, and calls can be
	 * taken back. */
	PTP_POOL pool = CreateThreadpool(0);
	CHECK("pool", "%d", pool != 0);
	SetThreadpoolThreadMaximum(pool, 1);
	INT(SetThreadpoolThreadMinimum(pool, 1));
	TP_CALLBACK_ENVIRON env;
	InitializeThreadpoolEnvironment(&env);
	SetThreadpoolCallbackPool(&env, pool);
	w = CreateThreadpoolWork(ordered, 0, &env);
	for (int i = 0; i < 5; i++)
		SubmitThreadpoolWork(w);
	WaitForThreadpoolWorkCallbacks(w, FALSE);
	CHECK("in order", "%ld: %ld %ld %ld %ld %ld", last, order[0], order[1], order[2], order[3], order[4]);
	CloseThreadpoolWork(w);
	count = 0;
	s = CreateThreadpoolWork(slow, 0, &env);
	for (int i = 0; i < 5; i++)
		SubmitThreadpoolWork(s);
	Sleep(50);
	SetEvent(gate);
	WaitForThreadpoolWorkCallbacks(s, FALSE);
	CHECK("all", "%ld", count);
	ResetEvent(gate);
	/* Cleanup groups. */
	PTP_CLEANUP_GROUP group = CreateThreadpoolCleanupGroup();
	SetThreadpoolCallbackCleanupGroup(&env, group, cancelled);
	count = 0;
	PTP_WORK g1 = CreateThreadpoolWork(work, (void *)10, &env), g2 = CreateThreadpoolWork(work, (void *)20, &env);
	SubmitThreadpoolWork(g1);
	SubmitThreadpoolWork(g2);
	CloseThreadpoolCleanupGroupMembers(group, FALSE, (void *)7);
	CHECK("group waited", "%ld", count);
	SubmitThreadpoolWork(s); /* keeps the only worker busy */
	Sleep(50);
	g1 = CreateThreadpoolWork(work, (void *)10, &env);
	SubmitThreadpoolWork(g1);
	count = 0;
	CloseThreadpoolCleanupGroupMembers(group, TRUE, (void *)7);
	CHECK("group cancelled", "%ld", count);
	SetEvent(gate);
	WaitForThreadpoolWorkCallbacks(s, FALSE);
	CloseThreadpoolWork(s);
	CloseThreadpoolCleanupGroup(group);
	CloseThreadpool(pool);
	/* A function at the end, and what happens on return. */
	InitializeThreadpoolEnvironment(&env);
	env.FinalizationCallback = final;
	count = 0;
	INT(TrySubmitThreadpoolCallback(simple, (void *)1, &env));
	WaitForSingleObject(done, 5000);
	CHECK("with finalization", "%ld", count);
	InitializeCriticalSection(&cs);
	mutex = CreateMutexA(0, FALSE, 0), semaphore = CreateSemaphoreA(0, 0, 5, 0);
	TrySubmitThreadpoolCallback(leaves, 0, 0);
	CHECK("returned", "%lx", WaitForSingleObject(done, 5000));
	CHECK("section free", "%d", TryEnterCriticalSection(&cs));
	CHECK("mutex free", "%lx", WaitForSingleObject(mutex, 0));
	CHECK("semaphore", "%lx", WaitForSingleObject(semaphore, 0));
	CHECK("twice", "%lx", WaitForSingleObject(semaphore, 0));
	CHECK("not thrice", "%lx", WaitForSingleObject(semaphore, 0));
	ResetEvent(gate);
	w = CreateThreadpoolWork(apart, 0, 0);
	SubmitThreadpoolWork(w);
	Sleep(20);
	WaitForThreadpoolWorkCallbacks(w, FALSE);
	CHECK("not waited for", "%lx", WaitForSingleObject(done, 0));
	SetEvent(gate);
	CHECK("still done", "%lx", WaitForSingleObject(done, 5000));
	CloseThreadpoolWork(w);
	return 0;
}
