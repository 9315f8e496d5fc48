#include "check.h"
#include "loader/calls.h"

/* A DLL whose preferred base is free, and taken. */
static void *address(HMODULE h, const char *name) { return (void *)GetProcAddress(h, name); }

int main(void)
{
	char *base = (char *)0x1a0000000;
	HMODULE h = LoadLibraryA("fixed.dll");
	CALL((char *)h == base);
	IMAGE_NT_HEADERS *headers = (IMAGE_NT_HEADERS *)((char *)h + ((IMAGE_DOS_HEADER *)h)->e_lfanew);
	ULONG size = headers->OptionalHeader.SizeOfImage;
	int **where = address(h, "where");
	CALL((char *)*where > base && (char *)*where < base + size);
	CALL(**where);
	CALL(FreeLibrary(h));

	CALL(VirtualAlloc(base, 0x1000, MEM_RESERVE, PAGE_NOACCESS) == base);
	h = LoadLibraryA("fixed.dll");
	CALL(h != NULL && (char *)h != base);
	where = address(h, "where");
	CALL((char *)*where > (char *)h && (char *)*where < (char *)h + size);
	CALL(**where);
	int (**table)(void) = address(h, "table");
	CALL((char *)table[1] > (char *)h && (char *)table[1] < (char *)h + size);
	CALL(table[0] == table[1]);
	CALL(table[1]());
	MEMORY_BASIC_INFORMATION info;
	VirtualQuery(table, &info, sizeof info);
	HEX(info.Protect);
	CALL(FreeLibrary(h));
	return 0;
}
