// build: -nostdlib -lkernel32 -Wl,--entry,DllMain
#include "loader/dll.h"
/* Loads another DLL while it is initialised, and lets it go at its end. */
static HMODULE other;
__declspec(dllexport) int ready;
BOOL WINAPI DllMain(HINSTANCE self, DWORD reason, void *reserved)
{
	(void)self, (void)reserved;
	if (reason == DLL_PROCESS_ATTACH) {
		say("a_first: attach\n");
		other = LoadLibraryA("b_second.dll");
		say(other ? "a_first: has b_second\n" : "a_first: no b_second\n");
		ready = 1;
	} else if (reason == DLL_PROCESS_DETACH) {
		say("a_first: detach\n");
		say(FreeLibrary(other) ? "a_first: freed b_second\n" : "a_first: did not free\n");
		say(GetModuleHandleA("b_second") ? "a_first: b_second is there\n" : "a_first: b_second is gone\n");
	}
	return TRUE;
}
