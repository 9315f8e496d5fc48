/* abort with a handler for SIGABRT that comes back. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

static void handler(int sig) { printf("handler %d\n", sig); }

int main(void)
{
	signal(SIGABRT, handler);
	abort();
}
