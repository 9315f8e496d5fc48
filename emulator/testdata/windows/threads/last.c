#include "check.h"

/* The first thread ends before the others; the last one ends the process. */

static DWORD WINAPI second(void *first)
{
	CHECK("the first has ended", "%lx", WaitForSingleObject(first, 5000));
	DWORD c = 0;
	GetExitCodeThread(first, &c);
	CHECK("with", "%lu", c);
	return 42;
}

int main(void)
{
	HANDLE me = 0;
	DuplicateHandle(GetCurrentProcess(), GetCurrentThread(), GetCurrentProcess(), &me, 0, FALSE, DUPLICATE_SAME_ACCESS);
	CreateThread(0, 0, second, me, 0, 0);
	ExitThread(7);
}
