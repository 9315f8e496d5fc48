// build: ucrt -DUCRT -fno-builtin -w
/* The same with the universal C runtime. */
#include "crt/locale.c"
