// build: loader/attach.d/a_static.dll
#include "check.h"
#include "loader/calls.h"

/* When DllMain is called, with what, and what its result does. */
__declspec(dllimport) int fixed(void);

static DWORD WINAPI thread(void *p)
{
	(void)p;
	puts("thread runs"), fflush(stdout);
	return 0;
}

int main(void)
{
	CALL(fixed());
	HMODULE h = LoadLibraryA("b_dynamic.dll");
	CALL(h != NULL);
	CALL(FreeLibrary(h));
	FAILS(LoadLibraryA("c_refuses.dll") != NULL);
	CALL(GetModuleHandleA("c_refuses") != NULL);
	FAILS(LoadLibraryA("d_needs.dll") != NULL);
	CALL(GetModuleHandleA("d_needs") != NULL);
	CALL(GetModuleHandleA("b_dynamic") != NULL);
	h = LoadLibraryA("e_loads.dll");
	CALL(h != NULL);
	CALL(GetModuleHandleA("b_dynamic") != NULL);
	CALL(FreeLibrary(h));
	CALL(GetModuleHandleA("b_dynamic") != NULL);
	CALL(GetModuleHandleA("e_loads") != NULL);
	CALL(LoadLibraryA("f_quiet.dll") != NULL);
	h = LoadLibraryExA("b_dynamic.dll", NULL, DONT_RESOLVE_DLL_REFERENCES);
	CALL(h != NULL);
	CALL(GetModuleHandleA("b_dynamic") == h);
	CALL(GetProcAddress(h, "dynamic") != NULL);
	HANDLE t = CreateThread(NULL, 0, thread, NULL, 0, NULL);
	WaitForSingleObject(t, INFINITE);
	CALL(FreeLibrary(h));
	CALL(LoadLibraryA("b_dynamic.dll") != NULL);
	puts("end"), fflush(stdout);
	return 3;
}
