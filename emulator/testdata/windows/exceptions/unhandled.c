/* What nobody handles comes to the filter last; then the process ends. */
#include "check.h"

static LONG CALLBACK vectored(EXCEPTION_POINTERS *p)
{
	CHECK("vectored", "%lx", p->ExceptionRecord->ExceptionCode);
	return EXCEPTION_CONTINUE_SEARCH;
}

static int filtered;
static LONG CALLBACK filter(EXCEPTION_POINTERS *p)
{
	CHECK("filter", "%lx, flags %lx", p->ExceptionRecord->ExceptionCode, p->ExceptionRecord->ExceptionFlags);
	if (!filtered++)
		return EXCEPTION_CONTINUE_EXECUTION;
	return EXCEPTION_EXECUTE_HANDLER;
}

static LONG CALLBACK other(EXCEPTION_POINTERS *p) { (void)p; return 0; }

int main(void)
{
	AddVectoredExceptionHandler(0, vectored);
	SetUnhandledExceptionFilter(other);
	INT(SetUnhandledExceptionFilter(filter) == other);
	RaiseException(0xE0000011, 0, 0, 0);
	CHECK("after the first", "%d", filtered);
	RaiseException(0xE0000042, 0, 0, 0);
	CHECK("never", "%d", filtered);
	return 0;
}
