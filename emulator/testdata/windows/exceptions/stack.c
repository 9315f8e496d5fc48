/* The stack grows page by page, and its limits are in the TEB. */
#include "check.h"

#define NOINLINE __attribute__((noinline))

static NOINLINE void big(int n)
{
	volatile char *p = __builtin_alloca(n);
	for (int i = n - 1; i >= 0; i -= 512)
		p[i] = 1;
	CHECK("block", "%d %d", n, p[n - 1]);
}

static NOINLINE int recurse(int n)
{
	volatile char pad[3000];
	pad[n % 3000] = (char)n;
	return n ? recurse(n - 1) + pad[n % 3000] - (char)n + 1 : 0;
}

static NOINLINE int untouched(void)
{
	volatile char pad[50000]; /* pages are touched in order, whatever is used */
	pad[49999] = 1;
	pad[0] = 2;
	return pad[0] + pad[49999];
}

static DWORD CALLBACK thread(void *unused)
{
	(void)unused;
	NT_TIB *tib = (NT_TIB *)NtCurrentTeb();
	INT((char *)tib->StackBase - *(char **)((char *)tib + 0x1478));
	return recurse(50);
}

int main(void)
{
	NT_TIB *tib = (NT_TIB *)NtCurrentTeb();
	char local;
	INT((char *)tib->StackBase > &local);
	INT((char *)tib->StackLimit <= &local);
	INT(((DWORD64)tib->StackLimit & 0xfff) == 0);
	INT(((DWORD64)tib->StackBase & 0xfff) == 0);
	INT((char *)tib->StackBase - *(char **)((char *)tib + 0x1478));
	big(100);
	big(10000);
	big(300000);
	INT(recurse(400));
	INT(untouched());
	INT(&local - (char *)tib->StackLimit > 300000);
	MEMORY_BASIC_INFORMATION info;
	VirtualQuery(&local, &info, sizeof info);
	INT(info.State == MEM_COMMIT);
	HEX(info.Protect);
	HEX(info.AllocationProtect);
	INT(info.AllocationBase == *(void **)((char *)tib + 0x1478));
	VirtualQuery(info.AllocationBase, &info, sizeof info);
	INT(info.State == MEM_COMMIT && info.Protect == PAGE_READWRITE);
	DWORD exit_code = 0;
	HANDLE t = CreateThread(0, 0x300000, thread, 0, STACK_SIZE_PARAM_IS_A_RESERVATION, 0);
	WaitForSingleObject(t, INFINITE);
	GetExitCodeThread(t, &exit_code);
	INT(exit_code);
	return 0;
}
