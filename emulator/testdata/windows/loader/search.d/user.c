// build: -nostdlib -lkernel32 -Wl,--entry,DllMain loader/search.d/probe.dll
#include "loader/dll.h"
SILENT
__declspec(dllimport) int probe(void);
__declspec(dllexport) int user(void) { return probe() + 1; }
