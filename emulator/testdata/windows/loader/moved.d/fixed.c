// build: -nostdlib -lkernel32 -Wl,--entry,DllMain -Wl,--image-base,0x1a0000000 -Wl,--disable-dynamicbase
#include "loader/dll.h"
SILENT
static int value = 21;
static int twice(void) { return 2 * value; }
__declspec(dllexport) int *where = &value;
__declspec(dllexport) int (*const table[2])(void) = {twice, twice};
