// build: ucrt -DUCRT
/* The wide printf family of the universal C runtime. */
#include "crt/wprintf.c"
