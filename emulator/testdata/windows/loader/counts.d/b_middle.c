// build: -nostdlib -lkernel32 -Wl,--entry,DllMain loader/counts.d/a_leaf.dll
#include "loader/dll.h"
TELLING("middle", TRUE)
__declspec(dllimport) int leaf(void);
__declspec(dllexport) int middle(void) { return leaf() + 1; }
