#include "check.h"
#include "loader/calls.h"

/* Exports that lead to another DLL's. */
static HMODULE front;

static void call(const char *name)
{
	SetLastError(0xDEAD);
	int (*f)(void) = (void *)GetProcAddress(front, name);
	DWORD error = GetLastError();
	if (f)
		CHECK(name, "%d", f());
	else
		CHECK(name, "error %lu", error);
}

int main(void)
{
	front = LoadLibraryA("c_front.dll");
	CALL(GetModuleHandleA("b_chain.dll") != NULL);
	call("own");
	call("self");
	CALL(GetModuleHandleA("b_chain.dll") != NULL);
	call("one");
	CALL(GetModuleHandleA("b_chain.dll") != NULL);
	CALL(GetModuleHandleA("a_target.dll") != NULL);
	call("two");
	CALL(GetProcAddress(front, "one") == GetProcAddress(GetModuleHandleA("a_target.dll"), "first"));
	CALL(GetProcAddress(front, MAKEINTRESOURCEA(12)) == GetProcAddress(GetModuleHandleA("a_target.dll"), "second"));
	CALL(GetProcAddress(front, "system") == GetProcAddress(GetModuleHandleA("kernel32"), "GetTickCount"));
	CALL(GetProcAddress(front, "heap") == GetProcAddress(GetModuleHandleA("kernel32"), "HeapAlloc"));
	FAILS(GetProcAddress(front, "nodll") != NULL);
	FAILS(GetProcAddress(front, "unnamed") != NULL);
	FAILS(GetProcAddress(front, "unnumbered") != NULL);
	FAILS(GetProcAddress(front, "Own") != NULL);
	FAILS(GetProcAddress(front, "nowhere") != NULL);
	FreeLibrary(front);
	CALL(GetModuleHandleA("c_front.dll") != NULL);
	CALL(GetModuleHandleA("b_chain.dll") != NULL);
	return 0;
}
