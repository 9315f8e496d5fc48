// build: -nostdlib -lkernel32 -Wl,--entry,DllMain loader/forward.d/b_chain.def
#include "loader/dll.h"
TELLING("chain", TRUE)
