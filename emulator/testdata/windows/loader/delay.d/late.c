// build: -nostdlib -lkernel32 -Wl,--entry,DllMain
#include "loader/dll.h"
TELLING("late", TRUE)
__declspec(dllexport) int twice(int n) { return 2 * n; }
__declspec(dllexport) int plus(int n) { return n + 100; }
