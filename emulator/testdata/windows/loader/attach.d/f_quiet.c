// build: -nostdlib -lkernel32 -Wl,--entry,DllMain
#include "loader/dll.h"
BOOL WINAPI DllMain(HINSTANCE self, DWORD reason, void *reserved)
{
	(void)reserved;
	if (reason == DLL_PROCESS_ATTACH)
		say(DisableThreadLibraryCalls(self) ? "quiet: attach\n" : "quiet: cannot\n");
	else
		say(reason == DLL_PROCESS_DETACH ? "quiet: detach\n" : "quiet: thread\n");
	return TRUE;
}
