// build: ucrt -DUCRT
/* The same with the universal C runtime. */
#include "crt/exit.c"
