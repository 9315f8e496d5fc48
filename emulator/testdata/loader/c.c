#include "common.h"
DLLMAIN("c", TRUE)
__declspec(dllexport) int c_value(void) { return 3; }
