// build: -nostdlib -lkernel32 -Wl,--entry,DllMain loader/attach.d/a_static.dll
#include "loader/dll.h"
TELLING("dynamic", TRUE)
__declspec(dllimport) int fixed(void);
__declspec(dllexport) int dynamic(void) { return fixed(); }
