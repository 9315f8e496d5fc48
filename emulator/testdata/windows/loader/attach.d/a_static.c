// build: -nostdlib -lkernel32 -Wl,--entry,DllMain
#include "loader/dll.h"
TELLING("static", TRUE)
__declspec(dllexport) int fixed(void) { return 1; }
