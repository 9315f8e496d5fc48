/* What the ordinary programs have in common. */
#ifndef SIDETRACE_ORDINARY_H
#define SIDETRACE_ORDINARY_H

#include <windows.h>

#include "../guard/guard.h"

/* beside makes the path of a file in the program's own folder. */
static inline BOOL beside(WCHAR path[MAX_PATH], const WCHAR *name)
{
	DWORD n = GetModuleFileNameW(NULL, path, MAX_PATH);
	if (n == 0 || n == MAX_PATH)
		return FALSE;
	while (n > 0 && path[n - 1] != L'\\')
		n--;
	if (n + lstrlenW(name) >= MAX_PATH)
		return FALSE;
	lstrcpyW(path + n, name);
	return TRUE;
}

#endif
