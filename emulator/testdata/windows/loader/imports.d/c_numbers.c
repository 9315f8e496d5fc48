// build: -nostdlib -lkernel32 -Wl,--entry,DllMain loader/imports.d/c_numbers.def
#include "loader/dll.h"
TELLING("c_numbers", TRUE)
int five(void) { return 5; }
int nine(void) { return 9; }
