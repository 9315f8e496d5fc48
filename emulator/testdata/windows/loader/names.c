#include "check.h"
#include "loader/calls.h"
#include <psapi.h>

/* What modules are called, and how they are found by name. */
static const char *base(const char *path) { return strrchr(path, '\\') ? strrchr(path, '\\') + 1 : path; }

int main(void)
{
	char path[MAX_PATH], small[8];
	wchar_t wide[MAX_PATH];
	HMODULE self = GetModuleHandleA(NULL), kernel = GetModuleHandleA("kernel32.dll");
	DWORD n = GetModuleFileNameA(NULL, path, sizeof path);
	CALL(n == strlen(path));
	STR(base(path));
	CALL(GetModuleFileNameW(self, wide, MAX_PATH) == n);
	CALL(GetModuleFileNameA(kernel, path, sizeof path) == strlen(path));
	CALL(_stricmp(path, "C:\\windows\\system32\\kernel32.dll"));
	memset(small, '?', sizeof small);
	FAILS(GetModuleFileNameA(kernel, small, 5));
	check_bytes("small", small, sizeof small);
	memset(small, '?', sizeof small);
	FAILS(GetModuleFileNameA(kernel, small, 1));
	check_bytes("one", small, sizeof small);
	FAILS(GetModuleFileNameA(kernel, small, 0));
	FAILS(GetModuleFileNameA((HMODULE)0x12340000, path, sizeof path));

	CALL(GetModuleHandleA("kernel32") == kernel);
	CALL(GetModuleHandleA("KERNEL32.DLL") == kernel);
	CALL(GetModuleHandleA("kernel32.") == NULL);
	CALL(GetModuleHandleA("kernel32.dll.") == kernel);
	CALL(GetModuleHandleA(path) == kernel);
	CALL(GetModuleHandleA("c:/windows/system32/kernel32.dll") == kernel);
	CALL(GetModuleHandleA("c:\\kernel32.dll") == NULL);
	CALL(GetModuleHandleA("names.exe") == self);
	CALL(GetModuleHandleA("names") == NULL);
	CALL(GetModuleHandleW(L"ntdll") != NULL);
	FAILS(GetModuleHandleA("") != NULL);
	FAILS(GetModuleHandleA("no-such") != NULL);

	HMODULE odd = LoadLibraryA("odd.name.dll");
	CALL(odd != NULL);
	CALL(GetModuleHandleA("odd.name.dll") == odd);
	CALL(GetModuleHandleA("odd.name") == odd);
	CALL(GetModuleHandleA("odd") == odd);

	CALL(K32GetModuleBaseNameA(GetCurrentProcess(), odd, path, sizeof path));
	STR(path);
	CALL(K32GetModuleBaseNameA(GetCurrentProcess(), NULL, path, sizeof path));
	STR(path);
	CALL(K32GetModuleFileNameExA(GetCurrentProcess(), odd, path, sizeof path) > 0);
	STR(base(path));
	MODULEINFO info;
	CALL(K32GetModuleInformation(GetCurrentProcess(), odd, &info, sizeof info));
	CALL(info.lpBaseOfDll == odd);
	IMAGE_NT_HEADERS64 *nt = (void *)((char *)odd + ((IMAGE_DOS_HEADER *)odd)->e_lfanew);
	CALL(info.SizeOfImage == nt->OptionalHeader.SizeOfImage);
	CALL((char *)info.EntryPoint == (char *)odd + nt->OptionalHeader.AddressOfEntryPoint);
	FAILS(K32GetModuleInformation(GetCurrentProcess(), (HMODULE)0x12340000, &info, sizeof info));
	HMODULE list[256];
	DWORD need = 0;
	CALL(K32EnumProcessModules(GetCurrentProcess(), list, sizeof list, &need));
	CALL(list[0] == self);
	int found = 0;
	for (DWORD i = 0; i < need / sizeof *list; i++)
		found += list[i] == odd || list[i] == kernel;
	INT(found);
	DWORD all = need;
	CALL(K32EnumProcessModules(GetCurrentProcess(), list, sizeof *list, &need));
	CALL(need == all);
	return 0;
}
