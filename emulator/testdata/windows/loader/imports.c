// build: loader/imports.d/a_round.dll
#include "check.h"
#include "loader/calls.h"
#include "loader/import.h"

/* Imports that lead round in a circle, by ordinal, and bound to addresses that
 * are wrong. */
__declspec(dllimport) int a_asks_b(void);
IMPORT(five, "c_numbers.dll", "", "0", BY_ORDINAL(5), BY_ORDINAL(5));
IMPORT(nine, "c_numbers.dll", "nine", "0x12345678", BY_NAME(nine), ".quad 0x1234567890");
IMPORT(bound, "c_numbers.dll", "", "0x12345678", BY_ORDINAL(900), ".quad 0x66");

typedef int (*function)(void);

int main(void)
{
	CALL(a_asks_b());
	CALL(imported_five());
	CALL(imported_nine());
	CALL(imported_bound());
	CALL((void *)imported_nine == (void *)imported_bound);
	HMODULE numbers = GetModuleHandleA("c_numbers");
	CALL((void *)imported_five == (void *)GetProcAddress(numbers, MAKEINTRESOURCEA(5)));
	CALL(GetProcAddress(numbers, "five") == NULL);
	CALL(GetProcAddress(numbers, "nine") == GetProcAddress(numbers, MAKEINTRESOURCEA(900)));
	CALL(FreeLibrary(GetModuleHandleA("b_round")));
	CALL(GetModuleHandleA("b_round") != NULL);

	HMODULE h = LoadLibraryA("d_itself.dll");
	CALL(h != NULL);
	CALL(((function)(void *)GetProcAddress(h, "asks_itself"))());
	CALL(FreeLibrary(h));
	CALL(GetModuleHandleA("d_itself") != NULL);
	puts("end"), fflush(stdout);
	return 0;
}
