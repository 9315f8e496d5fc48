/* The only way the unpack step has to make memory executable: checked, in
 * pin.c. build.sh stops if its object file reaches any other. */
#ifndef SIDETRACE_PIN_H
#define SIDETRACE_PIN_H

#include <windows.h>

BOOL WINAPI sidetrace_protect(void *address, SIZE_T size, DWORD protection, DWORD *old);

#endif
