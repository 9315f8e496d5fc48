/* The import that ties a replica to the emulator. */
#ifndef SIDETRACE_GUARD_H
#define SIDETRACE_GUARD_H

#include "../payload/payload.h" /* GUARD_ANSWER */

/* Gives GUARD_ANSWER. No DLL of that name exists outside the emulator. */
__declspec(dllimport) uint32_t SidetraceGuard(void);

#endif
