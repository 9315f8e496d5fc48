/* Vectored handlers serve all threads; each has its own exceptions under way. */
#include "check.h"

static volatile LONG handled[3];
static DWORD ids[3];

static LONG CALLBACK handler(EXCEPTION_POINTERS *p)
{
	if (p->ExceptionRecord->ExceptionCode != 0xE0000055)
		return EXCEPTION_CONTINUE_SEARCH;
	int n = (int)p->ExceptionRecord->ExceptionInformation[0];
	if (GetCurrentThreadId() == ids[n])
		InterlockedIncrement(&handled[n]);
	Sleep(n); /* the others raise meanwhile */
	return EXCEPTION_CONTINUE_EXECUTION;
}

static DWORD CALLBACK thread(void *p)
{
	int n = (int)(INT_PTR)p;
	ULONG_PTR a[1] = {n};
	ids[n] = GetCurrentThreadId();
	for (int i = 0; i < 20; i++)
		RaiseException(0xE0000055, 0, 1, a);
	return 10 + n;
}

int main(void)
{
	HANDLE t[3];
	AddVectoredExceptionHandler(1, handler);
	for (INT_PTR i = 0; i < 3; i++)
		t[i] = CreateThread(0, 0, thread, (void *)i, 0, 0);
	INT(WaitForMultipleObjects(3, t, TRUE, 20000));
	for (int i = 0; i < 3; i++) {
		DWORD code;
		GetExitCodeThread(t[i], &code);
		CHECK("thread", "%lu, handled %ld", code, handled[i]);
	}

	/* A thread's registers changed from outside. */
	static volatile int spin = 1;
	HANDLE self;
	DuplicateHandle(GetCurrentProcess(), GetCurrentThread(), GetCurrentProcess(), &self, 0, FALSE, DUPLICATE_SAME_ACCESS);
	(void)spin;
	CONTEXT c = {0};
	c.ContextFlags = CONTEXT_DEBUG_REGISTERS;
	INT(GetThreadContext(GetCurrentThread(), &c));
	INT(c.Dr0 == 0 && c.Dr1 == 0 && c.Dr2 == 0 && c.Dr3 == 0);
	INT(c.Dr7 & 0xff);
	return 0;
}
