/* Where ffmpeg.dll and its clean twin (-DCLEAN) differ, and nowhere else. The
 * 3CX chain reached its extra code from the DLL's entry as well. Loading always
 * succeeds, as there: a victim's application went on working. A benign
 * sidetrace replica. */
#include <windows.h>

#include "../guard/guard.h"

void sidetrace_unpack(HINSTANCE self); /* ../unpack/unpack.c */

BOOL WINAPI DllMain(HINSTANCE self, DWORD reason, LPVOID reserved)
{
	(void)reserved;
	(void)self;
	if (reason == DLL_PROCESS_ATTACH && SidetraceGuard() == GUARD_ANSWER) {
#ifndef CLEAN
		sidetrace_unpack(self);
#endif
	}
	return TRUE;
}
