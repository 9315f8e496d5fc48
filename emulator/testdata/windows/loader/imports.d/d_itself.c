// build: -nostdlib -lkernel32 -Wl,--entry,DllMain
#include "loader/dll.h"
#include "loader/import.h"
TELLING("d_itself", TRUE)
IMPORT(own, "d_itself.dll", "own_value", "0", BY_NAME(own), BY_NAME(own));
__declspec(dllexport) int own_value(void) { return 12; }
__declspec(dllexport) int asks_itself(void) { return imported_own() + 1; }
