#include "common.h"
DLLMAIN("d", TRUE)
__declspec(dllimport) int b_value(void);
__declspec(dllexport) int d_value(void) { return b_value() * 10; }
