#include "loader/dll.h"
SILENT
__declspec(dllexport) int shown(void) { return 8; }
