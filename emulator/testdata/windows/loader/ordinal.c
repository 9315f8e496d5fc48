// build: loader/ordinal.d/numbers.dll
#include "check.h"

/* Exports by number, one of them without a name. */
__declspec(dllimport) int named(void);
__declspec(dllimport) int value;

static int by_number(HMODULE h, unsigned n)
{
	int (*f)(void) = (void *)GetProcAddress(h, MAKEINTRESOURCEA(n));
	return f ? f() : -1;
}

int main(void)
{
	HMODULE h = GetModuleHandleA("numbers");
	INT(named());
	INT(value);
	INT(by_number(h, 5));
	INT(by_number(h, 300));
	INT(by_number(h, 7));
	INT(by_number(h, 8));
	INT(GetProcAddress(h, "twice") == GetProcAddress(h, "again"));
	INT(*(int *)(void *)GetProcAddress(h, MAKEINTRESOURCEA(9)));
	FAILS(GetProcAddress(h, MAKEINTRESOURCEA(6)) != NULL);
	FAILS(GetProcAddress(h, MAKEINTRESOURCEA(4)) != NULL);
	FAILS(GetProcAddress(h, MAKEINTRESOURCEA(301)) != NULL);
	FAILS(GetProcAddress(h, MAKEINTRESOURCEA(0xFFFF)) != NULL);
	FAILS(GetProcAddress(h, "nameless") != NULL);
	FAILS(GetProcAddress(h, "#5") != NULL);
	FAILS(GetProcAddress(h, "") != NULL);
	FAILS(GetProcAddress(NULL, "main") != NULL);
	FAILS(GetProcAddress((HMODULE)0x12340000, "named") != NULL);
	FAILS(GetProcAddress(GetModuleHandleA(NULL), "named") != NULL);
	INT(by_number(LoadLibraryA("numbers.dll"), 5));
	return 0;
}
