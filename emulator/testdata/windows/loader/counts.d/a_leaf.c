// build: -nostdlib -lkernel32 -Wl,--entry,DllMain
#include "loader/dll.h"
TELLING("leaf", TRUE)
__declspec(dllexport) int leaf(void) { return 1; }
