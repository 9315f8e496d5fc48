/* DebugBreak is an exception its caller can handle. */
#include "../check.h"

static int seen;

static LONG CALLBACK pass(EXCEPTION_POINTERS *e)
{
	if (e->ExceptionRecord->ExceptionCode != EXCEPTION_BREAKPOINT)
		return EXCEPTION_CONTINUE_SEARCH;
	seen++;
	INT(e->ExceptionRecord->NumberParameters);
	HEX(e->ExceptionRecord->ExceptionFlags);
	INT(*(unsigned char *)e->ContextRecord->Rip == 0xCC);
	INT(e->ContextRecord->Rip == (DWORD64)e->ExceptionRecord->ExceptionAddress);
	e->ContextRecord->Rip++;
	return EXCEPTION_CONTINUE_EXECUTION;
}

int main(void)
{
	void *h = AddVectoredExceptionHandler(1, pass);
	DebugBreak();
	INT(seen);
	RemoveVectoredExceptionHandler(h);
	INT(IsDebuggerPresent());
	return 0;
}
