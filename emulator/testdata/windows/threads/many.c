#include "check.h"

/* Many threads and fibers, one after another and at once: what they had is
 * given back. */

static volatile LONG count;
static DWORD slot, far_slot;
static DWORD WINAPI one(void *p)
{
	volatile char a[20000];
	a[0] = a[19999] = 1;
	if (TlsGetValue(slot) || TlsGetValue(far_slot))
		return 1;
	TlsSetValue(slot, p);
	TlsSetValue(far_slot, p);
	InterlockedIncrement(&count);
	return a[0] - 1;
}
static void *home;
static void WINAPI fiber(void *p)
{
	count += (LONG)(INT_PTR)p;
	SwitchToFiber(home);
}
static HANDLE gate;
static DWORD WINAPI waits(void *p)
{
	(void)p;
	WaitForSingleObject(gate, INFINITE);
	InterlockedIncrement(&count);
	return 0;
}

int main(void)
{
	slot = TlsAlloc();
	for (int i = 0; i < 80; i++)
		far_slot = TlsAlloc();
	DWORD bad = 0, code;
	for (int i = 0; i < 600; i++) {
		HANDLE t = CreateThread(0, 0, one, (void *)1, 0, 0);
		if (!t || WaitForSingleObject(t, INFINITE))
			bad++;
		GetExitCodeThread(t, &code);
		bad += code;
		CloseHandle(t);
	}
	CHECK("threads", "%ld, bad %lu", count, bad);
	count = 0;
	home = ConvertThreadToFiber(0);
	for (int i = 0; i < 600; i++) {
		void *f = CreateFiber(0, fiber, (void *)2);
		SwitchToFiber(f);
		DeleteFiber(f);
	}
	CHECK("fibers", "%ld", count);
	count = 0;
	gate = CreateEventA(0, TRUE, FALSE, 0);
	HANDLE t[60];
	for (int round = 0; round < 3; round++) {
		ResetEvent(gate);
		for (int i = 0; i < 60; i++)
			t[i] = CreateThread(0, 0, waits, 0, 0, 0);
		SetEvent(gate);
		CHECK("sixty", "%lx", WaitForMultipleObjects(60, t, TRUE, INFINITE));
		for (int i = 0; i < 60; i++)
			CloseHandle(t[i]);
	}
	INT(count);
	for (int i = 0; i < 60; i++)
		TerminateThread(CreateThread(0, 0, waits, 0, CREATE_SUSPENDED, 0), 1);
	CHECK("one more", "%d", CreateThread(0, 0, one, 0, 0, 0) != 0);
	return 0;
}
