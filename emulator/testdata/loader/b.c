#include "common.h"
DLLMAIN("b", TRUE)
__declspec(dllimport) int c_value(void);
__declspec(dllexport) int b_value(void) { return c_value() + 1; }
