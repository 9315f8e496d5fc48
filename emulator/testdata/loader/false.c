#include "common.h"
DLLMAIN("false", FALSE)
