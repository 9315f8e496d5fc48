// build: -nostdlib -lkernel32 -Wl,--entry,DllMain loader/forward.d/c_front.def
#include "loader/dll.h"
TELLING("front", TRUE)
int own(void) { return 5; }
