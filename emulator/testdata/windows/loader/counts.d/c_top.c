// build: -nostdlib -lkernel32 -Wl,--entry,DllMain loader/counts.d/a_leaf.dll loader/counts.d/b_middle.dll
#include "loader/dll.h"
TELLING("top", TRUE)
__declspec(dllimport) int leaf(void);
__declspec(dllimport) int middle(void);
__declspec(dllexport) int top(void) { return leaf() + middle(); }
