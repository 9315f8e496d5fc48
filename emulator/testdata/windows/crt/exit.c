#include "check.h"
#include <process.h>
#include <setjmp.h>
#include <signal.h>
#include <stdlib.h>

/* Signals, jumps, threads with data of their own, and the end. */
static void first(void) { puts("registered first"); }
static void second(void) { puts("registered second"); }
static int third(void) { return puts("registered by _onexit"); }

static void on_signal(int signal)
{
	CHECK("signal", "%d", signal);
}

static jmp_buf jump;
static int depth;

static void dive(int n)
{
	depth = n;
	if (n == 5)
		longjmp(jump, 42);
	if (n < 100)
		dive(n + 1);
}

static unsigned __stdcall thread(void *argument)
{
	CHECK("in the thread", "%d", *(int *)argument);
	CHECK("its sequence", "%d", rand());
	_errno()[0] = 77;
	char text[] = "x y";
	CHECK("its token", "%s", strtok(text, " "));
	_endthreadex(5);
	return 6;
}

static void old_thread(void *argument) { *(int *)argument = 9; }

int main(void)
{
	INT(atexit(first));
	INT(atexit(second));
	INT(_onexit((_onexit_t)third) != NULL);

	INT(signal(SIGTERM, on_signal) == SIG_DFL);
	INT(raise(SIGTERM));
	INT(signal(SIGTERM, SIG_IGN) == SIG_DFL);
	INT(raise(SIGTERM));
	INT(signal(99, on_signal) == SIG_ERR);

	volatile int before = 1;
	int value = setjmp(jump);
	CHECK("setjmp", "%d depth %d", value, depth);
	if (value == 0) {
		before = 2;
		dive(0);
	}
	INT(before);
	value = setjmp(jump);
	CHECK("setjmp again", "%d", value);
	if (value == 0)
		longjmp(jump, 0);

	int n = 3;
	unsigned id = 0;
	srand(99);
	char text[] = "a b c";
	STR(strtok(text, " "));
	_errno()[0] = 11;
	HANDLE h = (HANDLE)_beginthreadex(NULL, 0, thread, &n, 0, &id);
	INT(h != NULL);
	INT(id != 0);
	INT(WaitForSingleObject(h, INFINITE));
	DWORD code;
	GetExitCodeThread(h, &code);
	INT(code);
	CloseHandle(h);
	INT(_errno()[0]);
	STR(strtok(NULL, " "));
	INT(rand());
	_beginthread(old_thread, 0, &n);
	while (n != 9)
		Sleep(10);
	INT(n);
	fflush(stdout);
	exit(300);
}
