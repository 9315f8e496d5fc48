// build: -nostdlib -lkernel32 -Wl,--entry,DllMain
#include "loader/dll.h"
/* Loads another DLL in its DllMain, and frees it there. */
BOOL WINAPI DllMain(HINSTANCE self, DWORD reason, void *reserved)
{
	static HMODULE other;
	(void)self, (void)reserved;
	if (reason == DLL_PROCESS_ATTACH) {
		say("loads: attach begins\n");
		other = LoadLibraryA("b_dynamic.dll");
		LoadLibraryA("e_loads.dll");
		FreeLibrary(GetModuleHandleA("e_loads.dll"));
		say(other ? "loads: attach ends\n" : "loads: it is not there\n");
	} else if (reason == DLL_PROCESS_DETACH) {
		say("loads: detach begins\n");
		FreeLibrary(other);
		say("loads: detach ends\n");
	}
	return TRUE;
}
