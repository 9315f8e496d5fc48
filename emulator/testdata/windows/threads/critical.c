#include "check.h"

/* Critical sections, as the guest sees them. */

static CRITICAL_SECTION cs;
static volatile LONG count;
static HANDLE ready;

static DWORD WINAPI try_it(void *p)
{
	(void)p;
	BOOL b = TryEnterCriticalSection(&cs);
	if (b)
		LeaveCriticalSection(&cs);
	return b;
}
static DWORD WINAPI adder(void *p)
{
	(void)p;
	for (int i = 0; i < 1000; i++) {
		EnterCriticalSection(&cs);
		LONG x = count;
		if (i % 100 == 0)
			SwitchToThread();
		count = x + 1;
		LeaveCriticalSection(&cs);
	}
	return 0;
}
static DWORD WINAPI holder(void *p)
{
	EnterCriticalSection(&cs);
	SetEvent(ready);
	Sleep(50);
	count = 77;
	LeaveCriticalSection(&cs);
	(void)p;
	return 0;
}

static DWORD run(LPTHREAD_START_ROUTINE f)
{
	DWORD c = 0xBAD;
	HANDLE t = CreateThread(0, 0, f, 0, 0, 0);
	WaitForSingleObject(t, INFINITE);
	GetExitCodeThread(t, &c);
	return c;
}

static void show(const char *label)
{
	CHECK(label, "lock %ld, recursion %ld, owned %d", (long)cs.LockCount, cs.RecursionCount, (DWORD)(ULONG_PTR)cs.OwningThread == GetCurrentThreadId());
}

int main(void)
{
	INT(sizeof cs);
	InitializeCriticalSection(&cs);
	show("initialised");
	EnterCriticalSection(&cs);
	CHECK("entered", "recursion %ld, owned %d", cs.RecursionCount, (DWORD)(ULONG_PTR)cs.OwningThread == GetCurrentThreadId());
	EnterCriticalSection(&cs);
	INT(TryEnterCriticalSection(&cs));
	CHECK("three times", "recursion %ld", cs.RecursionCount);
	CHECK("another's try", "%lu", run(try_it));
	LeaveCriticalSection(&cs);
	LeaveCriticalSection(&cs);
	CHECK("another's try again", "%lu", run(try_it));
	LeaveCriticalSection(&cs);
	show("left");
	CHECK("another's try at last", "%lu", run(try_it));

	HANDLE t[3];
	for (int i = 0; i < 3; i++)
		t[i] = CreateThread(0, 0, adder, 0, 0, 0);
	CHECK("threads", "%lx", WaitForMultipleObjects(3, t, TRUE, INFINITE));
	INT(count);
	ready = CreateEventA(0, FALSE, FALSE, 0);
	HANDLE h = CreateThread(0, 0, holder, 0, 0, 0);
	WaitForSingleObject(ready, INFINITE);
	INT(TryEnterCriticalSection(&cs));
	EnterCriticalSection(&cs);
	CHECK("after the holder", "%ld", count);
	LeaveCriticalSection(&cs);
	WaitForSingleObject(h, INFINITE);
	show("in the end");
	DeleteCriticalSection(&cs);
	CHECK("deleted", "%p %d", cs.DebugInfo, cs.OwningThread != 0);

	INT(InitializeCriticalSectionAndSpinCount(&cs, 1000));
	INT(InitializeCriticalSectionEx(&cs, 4000, CRITICAL_SECTION_NO_DEBUG_INFO));
	CHECK("without debug information", "%d", cs.DebugInfo == (void *)-1);
	show("ex");
	EnterCriticalSection(&cs);
	LeaveCriticalSection(&cs);
	DeleteCriticalSection(&cs);
	return 0;
}
