/* Exceptions as signals: the start-up code of mingw-w64 turns them. */
#include "check.h"
#include <signal.h>
#include <setjmp.h>
#include <stdlib.h>

static jmp_buf buf;
static volatile int got;

static void handler(int sig)
{
	got = sig;
	longjmp(buf, 1);
}

static int zero;
static void divide(void) { volatile int x = 1; asm volatile("cltd\n\tidivl %1" : "+a"(x) : "m"(zero) : "rdx", "cc"); }
static volatile int *volatile null;
static void read_null(void) { *null = 1; }

#define TRY(sig, f) (got = 0, signal(sig, handler), __builtin_expect(_setjmp(buf, 0), 0) ? 0 : (f(), 0), CHECK(#f, "%d", got))

int main(void)
{
	TRY(SIGSEGV, read_null);
	TRY(SIGFPE, divide); /* a third jump out of an exception hangs Wine */
	INT(signal(SIGSEGV, SIG_DFL) == SIG_DFL);
	INT(signal(SIGILL, SIG_IGN) == SIG_DFL);
	INT(signal(SIGILL, SIG_DFL) == SIG_IGN);
	got = 0;
	signal(SIGTERM, handler);
	if (!_setjmp(buf, 0))
		raise(SIGTERM);
	CHECK("raised", "%d", got);
	return 0;
}
