// build: ucrt
/* The narrow printf family of the universal C runtime. */
#include "crt/printf.c"
