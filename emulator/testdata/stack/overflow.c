/* The stack's overflow is an exception like others, and can happen again once
   the guard page is back. Wine ends the process instead. */
#include "../windows/check.h"
#include <malloc.h>

#define NOINLINE __attribute__((noinline))

static volatile int deepest;
static NOINLINE int recurse(int n)
{
	volatile char pad[40];
	pad[0] = (char)n;
	deepest = n;
	return recurse(n + 1) + pad[0];
}

static DWORD code, parameters;
static int low_enough;
static NOINLINE int look(EXCEPTION_POINTERS *p)
{
	code = p->ExceptionRecord->ExceptionCode;
	parameters = p->ExceptionRecord->NumberParameters;
	NT_TIB *tib = (NT_TIB *)NtCurrentTeb();
	DWORD64 bottom = *(DWORD64 *)((char *)tib + 0x1478);
	low_enough = p->ContextRecord->Rsp - bottom < 0x10000;
	return EXCEPTION_EXECUTE_HANDLER;
}

static NOINLINE int overflow(void)
{
	__try {
		return recurse(0);
	} __except (look(GetExceptionInformation())) {
		return -1;
	}
}

static DWORD CALLBACK thread(void *unused)
{
	(void)unused;
	int r = overflow();
	CHECK("thread", "%d %lx", r, code);
	return 3;
}

int main(void)
{
	NT_TIB *tib = (NT_TIB *)NtCurrentTeb();
	char local;
	INT((char *)tib->StackBase > &local);
	INT((char *)tib->StackLimit <= &local);
	INT(((DWORD64)tib->StackLimit & 0xfff) == 0);
	INT((char *)tib->StackBase - *(char **)((char *)tib + 0x1478));
	ULONG guarantee = 0x8000;
	INT(SetThreadStackGuarantee(&guarantee));
	INT(overflow());
	HEX(code);
	INT(parameters);
	INT(low_enough);
	int first = deepest;
	INT(first > 5000);
	INT((char *)tib->StackLimit - *(char **)((char *)tib + 0x1478));
	INT(_resetstkoflw() != 0);
	INT(overflow());
	HEX(code);
	INT(deepest > first - 1000 && deepest < first + 1000);
	INT(_resetstkoflw() != 0);
	DWORD exit_code = 0;
	HANDLE t = CreateThread(0, 0x40000, thread, 0, STACK_SIZE_PARAM_IS_A_RESERVATION, 0);
	WaitForSingleObject(t, INFINITE);
	GetExitCodeThread(t, &exit_code);
	INT(exit_code);
	CHECK("the last", "%d", overflow());
	CHECK("behind it", "%d", overflow());
	return 0;
}
