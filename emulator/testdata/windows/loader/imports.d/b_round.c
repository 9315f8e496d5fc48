// build: -nostdlib -lkernel32 -Wl,--entry,DllMain loader/imports.d/a_round.dll
#include "loader/dll.h"
TELLING("b_round", TRUE)
__declspec(dllimport) int a_value(void);
__declspec(dllexport) int b_value(void) { return a_value() + 4; }
