// build: ucrt
#include "check.h"
#include <locale.h>
#include <stdlib.h>
#include <time.h>

/* The universal C runtime from start to end. */
static void goodbye(void) { puts("goodbye"); }

int main(int argc, char **argv)
{
	(void)argv;
	atexit(goodbye);
	INT(argc);
	CHECK("printf", "%zu %.3f %s %5d|%-5d|%x", (size_t)5, 1.5, "text", 42, 42, 255);
	time_t epoch = 0;
	struct tm *t = gmtime(&epoch);
	INT(t->tm_year);
	INT(t->tm_yday);
	STR(setlocale(LC_ALL, NULL));
	INT(strtol("0x1f", NULL, 0));
	STR(getenv("NO_SUCH_VARIABLE"));
	return 5;
}
