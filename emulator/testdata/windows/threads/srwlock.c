#include "check.h"

/* Slim reader/writer locks and condition variables. */

static SRWLOCK lock = SRWLOCK_INIT;
static CONDITION_VARIABLE cv = CONDITION_VARIABLE_INIT;
static CRITICAL_SECTION cs;
static HANDLE ready;
static int queue[16], head, tail, sum, awake;

static DWORD WINAPI probe(void *p)
{
	(void)p;
	DWORD r = 0;
	if (TryAcquireSRWLockShared(&lock))
		r |= 1, ReleaseSRWLockShared(&lock);
	if (TryAcquireSRWLockExclusive(&lock))
		r |= 2, ReleaseSRWLockExclusive(&lock);
	return r;
}
static DWORD run(LPTHREAD_START_ROUTINE f, void *p)
{
	DWORD c = 0xBAD;
	HANDLE t = CreateThread(0, 0, f, p, 0, 0);
	WaitForSingleObject(t, INFINITE);
	GetExitCodeThread(t, &c);
	return c;
}
static DWORD WINAPI writer(void *p)
{
	(void)p;
	SetEvent(ready);
	AcquireSRWLockExclusive(&lock);
	sum = sum * 10 + 1;
	ReleaseSRWLockExclusive(&lock);
	return 0;
}
static DWORD WINAPI consumer(void *p)
{
	(void)p;
	int mine = 0;
	for (;;) {
		EnterCriticalSection(&cs);
		while (head == tail)
			SleepConditionVariableCS(&cv, &cs, INFINITE);
		int v = queue[head++ % 16];
		LeaveCriticalSection(&cs);
		if (v < 0)
			return mine;
		mine += v;
	}
}
static void put(int v)
{
	EnterCriticalSection(&cs);
	queue[tail++ % 16] = v;
	LeaveCriticalSection(&cs);
	WakeConditionVariable(&cv);
}
static DWORD WINAPI sleeper(void *p)
{
	AcquireSRWLockExclusive(&lock);
	awake++;
	if (awake == 3)
		SetEvent(ready);
	BOOL b = SleepConditionVariableSRW(&cv, &lock, 5000, 0);
	awake--;
	ReleaseSRWLockExclusive(&lock);
	(void)p;
	return b;
}

int main(void)
{
	INT(sizeof lock);
	CHECK("free", "%lu", run(probe, 0));
	AcquireSRWLockExclusive(&lock);
	CHECK("held alone", "%lu, own tries %d %d", run(probe, 0), TryAcquireSRWLockExclusive(&lock), TryAcquireSRWLockShared(&lock));
	ReleaseSRWLockExclusive(&lock);
	CHECK("after release", "%p", lock.Ptr);
	AcquireSRWLockShared(&lock);
	CHECK("shared", "%lu", run(probe, 0));
	CHECK("shared twice", "%d", TryAcquireSRWLockShared(&lock));
	ReleaseSRWLockShared(&lock);
	CHECK("still shared", "%lu", run(probe, 0));
	ready = CreateEventA(0, FALSE, FALSE, 0);
	HANDLE t = CreateThread(0, 0, writer, 0, 0, 0);
	WaitForSingleObject(ready, INFINITE);
	Sleep(50);
	CHECK("the writer waits", "%d", sum);
	sum = 7;
	ReleaseSRWLockShared(&lock);
	WaitForSingleObject(t, INFINITE);
	CHECK("the writer wrote", "%d", sum);
	CHECK("free in the end", "%p", lock.Ptr);
	INT(TryAcquireSRWLockExclusive(&lock));
	ReleaseSRWLockExclusive(&lock);

	/* Condition variables. */
	InitializeCriticalSection(&cs);
	InitializeConditionVariable(&cv);
	CHECK("new variable", "%p", cv.Ptr);
	EnterCriticalSection(&cs);
	FAILS(SleepConditionVariableCS(&cv, &cs, 20));
	CHECK("owned again", "%ld", cs.RecursionCount);
	LeaveCriticalSection(&cs);
	AcquireSRWLockShared(&lock);
	FAILS(SleepConditionVariableSRW(&cv, &lock, 20, CONDITION_VARIABLE_LOCKMODE_SHARED));
	CHECK("shared again", "%lu", run(probe, 0));
	ReleaseSRWLockShared(&lock);
	WakeConditionVariable(&cv); /* is lost */
	WakeAllConditionVariable(&cv);
	HANDLE c[2];
	for (int i = 0; i < 2; i++)
		c[i] = CreateThread(0, 0, consumer, 0, 0, 0);
	for (int i = 1; i <= 50; i++) {
		put(i);
		while (tail - head > 8)
			Sleep(1);
	}
	put(-1), put(-1);
	WaitForMultipleObjects(2, c, TRUE, INFINITE);
	DWORD a, b;
	GetExitCodeThread(c[0], &a), GetExitCodeThread(c[1], &b);
	CHECK("consumed", "%lu", a + b);
	HANDLE s[3];
	for (int i = 0; i < 3; i++)
		s[i] = CreateThread(0, 0, sleeper, 0, 0, 0);
	WaitForSingleObject(ready, INFINITE);
	AcquireSRWLockExclusive(&lock); /* once this is ours, all three sleep */
	CHECK("asleep", "%d", awake);
	WakeAllConditionVariable(&cv);
	CHECK("not before the lock is free", "%d", awake);
	ReleaseSRWLockExclusive(&lock);
	WaitForMultipleObjects(3, s, TRUE, INFINITE);
	for (int i = 0; i < 3; i++) {
		GetExitCodeThread(s[i], &a);
		CHECK("woken", "%lu", a);
	}
	INT(awake);
	return 0;
}
