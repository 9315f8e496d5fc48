// build: -nostdlib -lkernel32 -Wl,--entry,DllMain
#include "loader/dll.h"
#include "loader/import.h"
TELLING("a_round", TRUE)
IMPORT(b, "b_round.dll", "b_value", "0", BY_NAME(b), BY_NAME(b));
__declspec(dllexport) int a_value(void) { return 3; }
__declspec(dllexport) int a_asks_b(void) { return imported_b() * 10; }
