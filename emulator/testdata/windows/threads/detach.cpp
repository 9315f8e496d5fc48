#include "check.h"

/* What is told, and destroyed, when threads begin and end: modules, values of
 * fiber-local storage, objects of threads; in which order. One thread runs at
 * a time. */

struct object {
	int v = 0;
	~object() { CHECK("destroyed", "%d", v); }
};
static thread_local object mine;
static DWORD fls;
static void WINAPI gone(void *v) { CHECK("value", "%d", (int)(INT_PTR)v); }

static DWORD WINAPI body(void *p)
{
	mine.v = (int)(INT_PTR)p;
	FlsSetValue(fls, p);
	CHECK("thread", "%d", mine.v);
	return 0;
}
static DWORD WINAPI exits(void *p)
{
	body(p);
	ExitThread(3);
}
static HANDLE ready;
static DWORD WINAPI killed(void *p)
{
	body(p);
	SetEvent(ready);
	Sleep(INFINITE);
	return 0;
}
static void run(LPTHREAD_START_ROUTINE f, int v)
{
	HANDLE t = CreateThread(0, 0, f, (void *)(INT_PTR)v, 0, 0);
	WaitForSingleObject(t, INFINITE);
	DWORD c;
	GetExitCodeThread(t, &c);
	CHECK("ended", "%lu", c);
}

int main()
{
	fls = FlsAlloc(gone);
	run(body, 1);
	HMODULE m = LoadLibraryA("notes.dll");
	CHECK("loaded", "%d", m != 0);
	run(body, 2);
	run(exits, 3);
	ready = CreateEventA(0, FALSE, FALSE, 0);
	HANDLE t = CreateThread(0, 0, killed, (void *)4, 0, 0);
	WaitForSingleObject(ready, INFINITE);
	TerminateThread(t, 9); /* nobody is told */
	CHECK("terminated", "%lx", WaitForSingleObject(t, 5000));
	((void (*)(void))(void *)GetProcAddress(m, "quiet"))();
	run(body, 5);
	FreeLibrary(m);
	run(body, 6);
	m = LoadLibraryA("notes.dll");
	FlsSetValue(fls, (void *)7);
	mine.v = 8;
	return 0;
}
