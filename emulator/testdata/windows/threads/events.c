#include "check.h"

/* Events: both kinds, pulses, names, and the order in which waits end. */

static HANDLE gate, reached[4];
static volatile LONG order;
static LONG got[4];

static DWORD WINAPI waiter(void *p)
{
	int i = (int)(INT_PTR)p;
	SetEvent(reached[i]);
	DWORD r = WaitForSingleObject(gate, 5000);
	got[i] = InterlockedIncrement(&order);
	return r;
}

static HANDLE start(int i)
{
	reached[i] = CreateEventA(0, FALSE, FALSE, 0);
	HANDLE t = CreateThread(0, 0, waiter, (void *)(INT_PTR)i, 0, 0);
	WaitForSingleObject(reached[i], INFINITE);
	Sleep(50); /* now it waits for the gate */
	return t;
}

static DWORD code(HANDLE t)
{
	DWORD c = 0xBAD;
	WaitForSingleObject(t, INFINITE);
	GetExitCodeThread(t, &c);
	return c;
}

int main(void)
{
	/* A manual event stays set. */
	HANDLE m = CreateEventA(0, TRUE, FALSE, 0);
	INT(WaitForSingleObject(m, 0));
	INT(SetEvent(m));
	INT(WaitForSingleObject(m, 0));
	INT(WaitForSingleObject(m, INFINITE));
	INT(ResetEvent(m));
	CHECK("after reset", "%lu", WaitForSingleObject(m, 10));
	/* An automatic one lets one wait end. */
	HANDLE a = CreateEventA(0, FALSE, TRUE, 0);
	CHECK("auto first", "%lu", WaitForSingleObject(a, 0));
	CHECK("auto second", "%lu", WaitForSingleObject(a, 0));
	/* Setting twice counts once. */
	SetEvent(a);
	SetEvent(a);
	CHECK("set twice, first", "%lu", WaitForSingleObject(a, 0));
	CHECK("set twice, second", "%lu", WaitForSingleObject(a, 0));
	/* A pulse without waiters is lost. */
	INT(PulseEvent(a));
	CHECK("after pulse", "%lu", WaitForSingleObject(a, 0));

	/* Set and reset in one go still frees the thread that waits. */
	gate = CreateEventA(0, TRUE, FALSE, 0);
	HANDLE t = start(0);
	SetEvent(gate);
	ResetEvent(gate);
	CHECK("set and reset", "%lu", code(t));
	/* A pulse of a manual event frees all. */
	HANDLE t0 = start(0), t1 = start(1);
	PulseEvent(gate);
	CHECK("pulse 0", "%lu", code(t0));
	CHECK("pulse 1", "%lu", code(t1));
	CHECK("gate after pulse", "%lu", WaitForSingleObject(gate, 0));
	/* An automatic event serves in the order of coming. */
	gate = CreateEventA(0, FALSE, FALSE, 0);
	order = 0;
	t0 = start(0), t1 = start(1);
	HANDLE t2 = start(2);
	SetEvent(gate);
	code(t0);
	SetEvent(gate);
	code(t1);
	SetEvent(gate);
	code(t2);
	CHECK("order", "%ld %ld %ld", got[0], got[1], got[2]);
	CHECK("gate after order", "%lu", WaitForSingleObject(gate, 0));
	/* Setting, then waiting oneself: the other one was first. */
	t0 = start(0);
	SetEvent(gate);
	CHECK("own wait", "%lu", WaitForSingleObject(gate, 20));
	CHECK("other's wait", "%lu", code(t0));

	/* Names. */
	FAILS((LONGLONG)(INT_PTR)OpenEventA(EVENT_ALL_ACCESS, FALSE, "st-threads-none"));
	FAILS((LONGLONG)(INT_PTR)OpenEventA(EVENT_ALL_ACCESS, FALSE, 0));
	SetLastError(77);
	HANDLE n = CreateEventA(0, TRUE, TRUE, "st-threads-name");
	CHECK("new name", "%d, error %lu", n != 0, GetLastError());
	HANDLE n2 = CreateEventW(0, FALSE, FALSE, L"st-threads-name");
	CHECK("second", "%d, error %lu", n2 != 0 && n2 != n, GetLastError());
	CHECK("kept its state", "%lu %lu", WaitForSingleObject(n2, 0), WaitForSingleObject(n2, 0));
	HANDLE n3 = OpenEventW(SYNCHRONIZE, FALSE, L"st-threads-name");
	CHECK("opened", "%d", n3 != 0);
	SetLastError(0);
	CHECK("mutex of that name", "%d", CreateMutexA(0, FALSE, "st-threads-name") == 0);
	INT(GetLastError());
	HANDLE local = OpenEventA(SYNCHRONIZE, FALSE, "Local\\st-threads-name");
	CHECK("local prefix", "%d", local != 0);
	CloseHandle(n), CloseHandle(n2), CloseHandle(n3), CloseHandle(local);
	FAILS((LONGLONG)(INT_PTR)OpenEventA(SYNCHRONIZE, FALSE, "Local\\st-threads-name"));
	/* The Ex form. */
	n = CreateEventExW(0, 0, CREATE_EVENT_MANUAL_RESET | CREATE_EVENT_INITIAL_SET, EVENT_ALL_ACCESS);
	CHECK("ex manual set", "%lu %lu", WaitForSingleObject(n, 0), WaitForSingleObject(n, 0));
	n = CreateEventExA(0, 0, CREATE_EVENT_INITIAL_SET, EVENT_ALL_ACCESS);
	CHECK("ex auto set", "%lu %lu", WaitForSingleObject(n, 0), WaitForSingleObject(n, 0));
	/* Bad handles. */
	FAILS(SetEvent(0));
	FAILS(ResetEvent((HANDLE)0x1230));
	FAILS(PulseEvent((HANDLE)0x1230));
	HANDLE s = CreateSemaphoreA(0, 0, 1, 0);
	FAILS(SetEvent(s));
	FAILS(PulseEvent(s));
	FAILS(WaitForSingleObject((HANDLE)0x1230, 0));
	FAILS(WaitForSingleObject(0, 0));
	INT(CloseHandle(s));
	FAILS(SetEvent(s));
	/* A duplicate is the same event. */
	HANDLE d = 0;
	INT(DuplicateHandle(GetCurrentProcess(), m, GetCurrentProcess(), &d, 0, FALSE, DUPLICATE_SAME_ACCESS));
	SetEvent(d);
	CHECK("through the duplicate", "%lu", WaitForSingleObject(m, 0));
	CloseHandle(m);
	CHECK("the duplicate lives", "%lu", WaitForSingleObject(d, 0));
	return 0;
}
