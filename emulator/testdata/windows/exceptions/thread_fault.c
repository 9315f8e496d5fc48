/* An exception in a thread ends the process, with its code. */
#include "check.h"

static DWORD CALLBACK thread(void *p)
{
	CHECK("thread", "%d", 1);
	*(volatile int *)p = 1;
	CHECK("never", "%d", 1);
	return 0;
}

static LONG CALLBACK filter(EXCEPTION_POINTERS *p)
{
	CHECK("filter", "%lx", p->ExceptionRecord->ExceptionCode);
	return EXCEPTION_EXECUTE_HANDLER;
}

int main(void)
{
	SetUnhandledExceptionFilter(filter);
	HANDLE t = CreateThread(0, 0, thread, 0, 0, 0);
	INT(WaitForSingleObject(t, 10000));
	Sleep(1000);
	CHECK("never", "%d", 2);
	return 0;
}
