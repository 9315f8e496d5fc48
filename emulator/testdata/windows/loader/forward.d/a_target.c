// build: -nostdlib -lkernel32 -Wl,--entry,DllMain
#include "loader/dll.h"
TELLING("target", TRUE)
__declspec(dllexport) int first(void) { return 1; }
__declspec(dllexport) int second(void) { return 2; }
