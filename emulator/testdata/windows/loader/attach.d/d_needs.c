// build: -nostdlib -lkernel32 -Wl,--entry,DllMain loader/attach.d/b_dynamic.dll loader/attach.d/c_refuses.dll
#include "loader/dll.h"
TELLING("needs", TRUE)
__declspec(dllimport) int refused(void);
__declspec(dllimport) int dynamic(void);
__declspec(dllexport) int needs(void) { return refused() + dynamic(); }
