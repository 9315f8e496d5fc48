#include <stdio.h>
#include <windows.h>

/* Says what its entry point is told. */

static DWORD fls;
static void WINAPI gone(void *v) { printf("module's value: %d\n", (int)(INT_PTR)v); fflush(stdout); }

BOOL WINAPI DllMain(HINSTANCE h, DWORD reason, void *reserved)
{
	static const char *const names[] = {"process detach", "process attach", "thread attach", "thread detach"};
	(void)h;
	if (reason == DLL_PROCESS_ATTACH)
		fls = FlsAlloc(gone);
	if (reason == DLL_THREAD_ATTACH)
		FlsSetValue(fls, (void *)5);
	printf("module: %s%s\n", names[reason], reason == DLL_PROCESS_DETACH ? reserved ? ", at the end" : ", unloaded" : "");
	fflush(stdout);
	return TRUE;
}

__declspec(dllexport) void quiet(void)
{
	HMODULE self;
	GetModuleHandleExA(GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS | GET_MODULE_HANDLE_EX_FLAG_UNCHANGED_REFCOUNT, (LPCSTR)(void *)quiet, &self);
	printf("quiet from now on: %d\n", DisableThreadLibraryCalls(self));
	fflush(stdout);
}
