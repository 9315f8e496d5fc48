#include "check.h"
#include "loader/calls.h"

/* Thread-local data of a DLL that is loaded when two threads run already. */
static DWORD *(*data)(void);
static HANDLE loaded, looked, go;

static DWORD WINAPI earlier(void *p)
{
	(void)p;
	WaitForSingleObject(loaded, INFINITE);
	CHECK("an earlier thread's data", "%lu %lx %lu %lu %lu", data()[0], data()[1], data()[2], data()[3], data()[4]);
	data()[0] = 1;
	SetEvent(looked);
	WaitForSingleObject(go, INFINITE);
	CHECK("its own afterwards", "%lu", data()[0]);
	return 0;
}

static DWORD WINAPI later(void *p)
{
	(void)p;
	CHECK("a later thread's data", "%lu %lx %lu %lu", data()[0], data()[1], data()[2], data()[3]);
	return 0;
}

static void load(HMODULE *h)
{
	*h = LoadLibraryA("local.dll");
	data = (void *)GetProcAddress(*h, "data");
}

int main(void)
{
	HMODULE h;
	loaded = CreateEventA(NULL, FALSE, FALSE, NULL);
	looked = CreateEventA(NULL, FALSE, FALSE, NULL);
	go = CreateEventA(NULL, FALSE, FALSE, NULL);
	HANDLE t = CreateThread(NULL, 0, earlier, NULL, 0, NULL);
	Sleep(20);
	load(&h);
	DWORD first = ((DWORD(*)(void))(void *)GetProcAddress(h, "number"))();
	CHECK("main's data", "%lu %lx %lu %lu %lu", data()[0], data()[1], data()[2], data()[3], data()[4]);
	data()[0] = 2;
	FAILS(DisableThreadLibraryCalls(h));
	SetEvent(loaded);
	WaitForSingleObject(looked, INFINITE);
	CALL(data()[0]);
	HANDLE u = CreateThread(NULL, 0, later, NULL, 0, NULL);
	WaitForSingleObject(u, INFINITE);
	SetEvent(go);
	WaitForSingleObject(t, INFINITE);
	CALL(data()[0]);
	FreeLibrary(h);
	CALL(GetModuleHandleA("local") != NULL);
	load(&h);
	CALL(((DWORD(*)(void))(void *)GetProcAddress(h, "number"))() == first);
	CHECK("fresh data", "%lu %lx", data()[0], data()[1]);
	return 0;
}
