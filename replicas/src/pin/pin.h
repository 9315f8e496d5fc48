/* Included in front of the unpack step (build.sh, -include), so that the only
 * way it has to make memory executable is the checked one in pin.c. */
#ifndef SIDETRACE_PIN_H
#define SIDETRACE_PIN_H

#include <windows.h>

BOOL WINAPI sidetrace_protect(void *address, SIZE_T size, DWORD protection, DWORD *old);

#define VirtualProtect sidetrace_protect

#endif
