// build: -nostdlib -lkernel32 -Wl,--entry,DllMain loader/counts.d/a_leaf.dll
#include "loader/dll.h"
TELLING("side", TRUE)
__declspec(dllimport) int leaf(void);
__declspec(dllexport) int side(void) { return leaf(); }
__declspec(dllexport) DWORD WINAPI leaves(void *self) { FreeLibraryAndExitThread(self, 9); }
