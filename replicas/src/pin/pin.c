/* The one place where ffmpeg.dll can make memory executable. Key, marker and
 * container are parameters, so anybody could encrypt something else for them;
 * it would be decrypted and then refused here, because its code is not the
 * stub and the inner image that were built together with this file. */
#include <windows.h>

#include "pinned.h"

#define EXECUTABLE (PAGE_EXECUTE | PAGE_EXECUTE_READ | PAGE_EXECUTE_READWRITE | PAGE_EXECUTE_WRITECOPY)

BOOL WINAPI sidetrace_protect(void *address, SIZE_T size, DWORD protection, DWORD *old)
{
	if ((protection & EXECUTABLE) && !sidetrace_pinned(address, size)) {
		SetLastError(ERROR_ACCESS_DENIED);
		return FALSE;
	}
	return VirtualProtect(address, size, protection, old);
}
