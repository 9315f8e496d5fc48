// build: -nostdlib -lkernel32 -Wl,--entry,DllMain
#include "loader/dll.h"
SILENT
__declspec(dllexport) int listed(void) { return 8; }
