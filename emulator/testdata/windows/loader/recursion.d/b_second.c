// build: -nostdlib -lkernel32 -Wl,--entry,DllMain
#include "loader/dll.h"
/* Loads the DLL that is loading it, which is not ready, and lets it go again. */
BOOL WINAPI DllMain(HINSTANCE self, DWORD reason, void *reserved)
{
	(void)self, (void)reserved;
	if (reason == DLL_PROCESS_ATTACH) {
		say("b_second: attach\n");
		HMODULE h = LoadLibraryA("a_first.dll");
		say(h ? "b_second: has a_first\n" : "b_second: no a_first\n");
		int *ready = (int *)(void *)GetProcAddress(h, "ready");
		say(ready && *ready ? "b_second: it is ready\n" : "b_second: it is not ready\n");
		say(FreeLibrary(h) ? "b_second: freed a_first\n" : "b_second: did not free\n");
		h = LoadLibraryA("c_third.dll");
		say(FreeLibrary(h) ? "b_second: freed c_third\n" : "b_second: did not free\n");
		say(GetModuleHandleA("c_third") ? "b_second: c_third is there\n" : "b_second: c_third is gone\n");
	} else if (reason == DLL_PROCESS_DETACH)
		say("b_second: detach\n");
	return TRUE;
}
