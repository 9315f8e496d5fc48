#include "check.h"

/* What a program finds when it starts. */
int main(int argc, char **argv)
{
	INT(argc);
	CHECK("argv[0] is a path", "%d", strchr(argv[0], '\\') != NULL || strchr(argv[0], '/') != NULL);
	STR(strrchr(GetCommandLineA(), '.') ? "has an extension" : "has none");
	INT(GetStdHandle(STD_OUTPUT_HANDLE) != NULL);
	INT(GetProcessHeap() != NULL);
	INT(GetLastError());
	FAILS(GetModuleHandleA("no such module") == NULL);
	FAILS(CloseHandle((HANDLE)0x1234567));
	FAILS(LoadLibraryA("no-such.dll") == NULL);
	WSTR(L"wide \x263a");
	return 7;
}
