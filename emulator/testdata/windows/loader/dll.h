/* For DLLs without a C runtime: they say what happens to them. */
#ifndef DLL_H
#define DLL_H
#include <windows.h>

static inline void say(const char *text)
{
	DWORD n = 0;
	while (text[n])
		n++;
	WriteFile(GetStdHandle(STD_OUTPUT_HANDLE), text, n, &n, NULL);
}

/* TELLING is a DllMain that tells of every call, and whether the third
 * parameter is set. */
#define TELLING(name, result) \
	BOOL WINAPI DllMain(HINSTANCE self, DWORD reason, void *reserved) \
	{ \
		static const char *const reasons[] = {"process detach", "process attach", "thread attach", "thread detach"}; \
		(void)self; \
		say(name ": "), say(reasons[reason]), say(reserved ? ", reserved is set\n" : "\n"); \
		return reason == DLL_PROCESS_ATTACH ? result : TRUE; \
	}
#define SILENT BOOL WINAPI DllMain(HINSTANCE self, DWORD reason, void *reserved) { (void)self, (void)reason, (void)reserved; return TRUE; }
#endif
