#include "check.h"

/* Mutexes and semaphores: recursion, owners, abandonment, limits. */

static HANDLE mutex, second, go;

static DWORD WINAPI foreign(void *p)
{
	(void)p;
	DWORD r = WaitForSingleObject(mutex, 10);
	BOOL b = ReleaseMutex(mutex);
	return r | (b ? 0x1000 : 0) | GetLastError() << 16;
}

static DWORD WINAPI abandon(void *p)
{
	(void)p;
	WaitForSingleObject(mutex, INFINITE);
	if (second)
		WaitForSingleObject(second, INFINITE);
	return 1;
}

static DWORD WINAPI take(void *p)
{
	DWORD r = WaitForSingleObject(mutex, 5000);
	if (p)
		SetEvent(go);
	ReleaseMutex(mutex);
	return r;
}

static DWORD run(LPTHREAD_START_ROUTINE f, void *p)
{
	DWORD c = 0xBAD;
	HANDLE t = CreateThread(0, 0, f, p, 0, 0);
	WaitForSingleObject(t, INFINITE);
	GetExitCodeThread(t, &c);
	CloseHandle(t);
	return c;
}

int main(void)
{
	mutex = CreateMutexA(0, TRUE, 0);
	CHECK("taken by another", "%lx", run(foreign, 0));
	INT(WaitForSingleObject(mutex, 0)); /* recursion */
	INT(ReleaseMutex(mutex));
	CHECK("still taken", "%lx", run(foreign, 0));
	CHECK("last release", "%d", ReleaseMutex(mutex));
	FAILS(ReleaseMutex(mutex));
	CHECK("free", "%lx", run(take, 0));

	/* Its owner ends. */
	run(abandon, 0);
	CHECK("abandoned", "%lx", WaitForSingleObject(mutex, 0));
	CHECK("owned again", "%lx", WaitForSingleObject(mutex, 0));
	CHECK("release 1", "%d", ReleaseMutex(mutex));
	CHECK("release 2", "%d", ReleaseMutex(mutex));
	FAILS(ReleaseMutex(mutex));
	CHECK("not abandoned any more", "%lx", WaitForSingleObject(mutex, 0));
	ReleaseMutex(mutex);

	/* Two abandoned in a wait for several. */
	second = CreateMutexA(0, FALSE, 0);
	HANDLE event = CreateEventA(0, TRUE, TRUE, 0), cold = CreateEventA(0, TRUE, FALSE, 0);
	run(abandon, 0);
	HANDLE any[3] = {cold, second, mutex};
	CHECK("any: first abandoned", "%lx", WaitForMultipleObjects(3, any, FALSE, 0));
	CHECK("any: the other", "%lx", WaitForMultipleObjects(1, &mutex, FALSE, 0));
	ReleaseMutex(mutex), ReleaseMutex(second);
	run(abandon, 0);
	HANDLE all[3] = {event, mutex, second};
	CHECK("all: abandoned", "%lx", WaitForMultipleObjects(3, all, TRUE, 0));
	CHECK("all: taken", "%d %d", ReleaseMutex(mutex), ReleaseMutex(second));

	/* Ownership passes to the thread that waits. */
	go = CreateEventA(0, FALSE, FALSE, 0);
	WaitForSingleObject(mutex, 0);
	HANDLE t = CreateThread(0, 0, take, (void *)1, 0, 0);
	Sleep(50);
	ReleaseMutex(mutex);
	CHECK("taken again by", "%lx", WaitForSingleObject(go, 1000));
	CHECK("and then by us", "%lx", WaitForSingleObject(mutex, 1000));
	WaitForSingleObject(t, INFINITE);
	ReleaseMutex(mutex);

	/* Names. */
	SetLastError(5);
	HANDLE n = CreateMutexW(0, TRUE, L"st-threads-mutex");
	CHECK("created", "%d, error %lu", n != 0, GetLastError());
	HANDLE n2 = CreateMutexExA(0, "st-threads-mutex", CREATE_MUTEX_INITIAL_OWNER, MUTEX_ALL_ACCESS);
	CHECK("again", "%d, error %lu", n2 != 0, GetLastError());
	INT(ReleaseMutex(n2));
	FAILS(ReleaseMutex(n2)); /* the second creation did not take it */
	FAILS((LONGLONG)(INT_PTR)OpenMutexA(SYNCHRONIZE, FALSE, "st-threads-nothing"));
	CHECK("open", "%d", OpenMutexW(SYNCHRONIZE, FALSE, L"st-threads-mutex") != 0);
	FAILS(ReleaseMutex((HANDLE)0x4444));
	FAILS(ReleaseMutex(event));

	/* Semaphores. */
	FAILS((LONGLONG)(INT_PTR)CreateSemaphoreA(0, -1, 1, 0));
	FAILS((LONGLONG)(INT_PTR)CreateSemaphoreA(0, 2, 1, 0));
	FAILS((LONGLONG)(INT_PTR)CreateSemaphoreA(0, 0, 0, 0));
	HANDLE s = CreateSemaphoreA(0, 1, 3, "st-threads-semaphore");
	LONG before = -1;
	INT(WaitForSingleObject(s, 0));
	CHECK("empty", "%lx", WaitForSingleObject(s, 5));
	INT(ReleaseSemaphore(s, 2, &before));
	INT(before);
	FAILS(ReleaseSemaphore(s, 2, &before));
	INT(before);
	CHECK("to the limit", "%d", ReleaseSemaphore(s, 1, &before));
	INT(before);
	FAILS(ReleaseSemaphore(s, 0, 0));
	FAILS(ReleaseSemaphore(s, -1, 0));
	FAILS(ReleaseSemaphore(event, 1, 0));
	HANDLE s2 = OpenSemaphoreA(SEMAPHORE_ALL_ACCESS, FALSE, "st-threads-semaphore");
	CHECK("three waits", "%lx %lx %lx %lx", WaitForSingleObject(s2, 0), WaitForSingleObject(s, 0), WaitForSingleObject(s2, 0), WaitForSingleObject(s, 0));
	HANDLE s3 = CreateSemaphoreExW(0, 3, 3, L"st-threads-semaphore", 0, SEMAPHORE_ALL_ACCESS);
	CHECK("semaphore again", "%d, error %lu", s3 != 0, GetLastError());
	CHECK("its count was kept", "%lx", WaitForSingleObject(s3, 0));
	FAILS((LONGLONG)(INT_PTR)OpenSemaphoreW(SYNCHRONIZE, FALSE, L"st-threads-mutex"));
	return 0;
}
