// build: -nostdlib -lkernel32 -Wl,--entry,DllMain loader/ordinal.d/numbers.def
#include "loader/dll.h"
SILENT
int named(void) { return 10; }
int nameless(void) { return 20; }
int twice(void) { return 30; }
int value = 40;
