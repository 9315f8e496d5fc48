/* Finds modules by the loader's lists and exports by hashes of their names, as
 * loaders of packed programs do. */
#include "../check.h"
#include "peb.h"

/* resolve follows forwarders. */
static void *resolve(BYTE *base, DWORD hash)
{
	const char *forward;
	void *at = by_hash(base, hash, &forward);
	for (int i = 0; forward && i < 4; i++) {
		char dll[64];
		const char *dot = strrchr(forward, '.');
		memcpy(dll, forward, dot - forward);
		strcpy(dll + (dot - forward), ".dll");
		if (!(base = (BYTE *)GetModuleHandleA(dll)))
			return NULL;
		at = by_hash(base, hash_name(dot + 1), &forward);
	}
	return at;
}

static void compare(const char *dll, const char *name)
{
	BYTE *base = find_module(dll);
	CHECK(name, "%d", base && resolve(base, hash_name(name)) == (void *)GetProcAddress((HMODULE)base, name));
}

static void directory(const char *dll)
{
	BYTE *base = find_module(dll);
	DWORD size, *names, unsorted = 0, outside = 0;
	IMAGE_EXPORT_DIRECTORY *x = exports_of(base, &size);
	WORD *ordinals = (void *)(base + x->AddressOfNameOrdinals);
	names = (void *)(base + x->AddressOfNames);
	for (DWORD i = 0; i < x->NumberOfNames; i++) {
		unsorted += i > 0 && strcmp((char *)base + names[i - 1], (char *)base + names[i]) >= 0;
		outside += ordinals[i] >= x->NumberOfFunctions;
	}
	printf("%s, ", dll);
	CHECK("many names", "%d", x->NumberOfNames > 1000);
	CHECK("names out of order", "%lu", unsorted);
	CHECK("ordinals without a function", "%lu", outside);
	CHECK("its own name", "%d", !lstrcmpiA((char *)base + x->Name, dll));
}

int main(void)
{
	static const char *const kernel[] = {
		"LoadLibraryA", "GetProcAddress", "VirtualAlloc", "VirtualProtect", "VirtualFree", "CreateThread", "ExitProcess", "CreateFileA",
		"ReadFile", "WriteFile", "CloseHandle", "GetModuleHandleW", "HeapAlloc", "HeapFree", "EnterCriticalSection", "Sleep",
		"WaitForSingleObject", "CreateProcessW", "GetLastError", "SetLastError", "FlushInstructionCache", "lstrlenA", "WinExec",
		"CreateRemoteThread", "QueueUserAPC", "ReadDirectoryChangesW", "DeviceIoControl", "GetVolumeInformationW", "SetConsoleTextAttribute",
		"TransactNamedPipe", "EnumSystemLocalesEx", "CreateToolhelp32Snapshot",
	};
	static const char *const nt[] = {
		"NtAllocateVirtualMemory", "NtProtectVirtualMemory", "NtWriteVirtualMemory", "NtCreateThreadEx", "NtQueryInformationProcess", "LdrLoadDll",
		"LdrGetProcedureAddress", "RtlInitUnicodeString", "RtlAllocateHeap", "NtFlushInstructionCache", "RtlGetVersion", "RtlAddFunctionTable",
		"NtQueueApcThread", "NtMapViewOfSection", "NtUnmapViewOfSection", "memcpy", "strlen", "_stricmp", "RtlDecompressBuffer", "NtOpenSymbolicLinkObject",
		"NtSetSystemTime", "RtlIpv4StringToAddressA", "EtwEventWrite", "TpAllocWork",
	};
	INT((HMODULE)find_module("kernel32.dll") == GetModuleHandleA("kernel32"));
	INT((HMODULE)find_module("ntdll.dll") == GetModuleHandleA("ntdll"));
	INT((HMODULE)find_module("KERNELBASE.dll") == GetModuleHandleA("kernelbase"));
	INT((HMODULE)find_module("walk.exe") == GetModuleHandleA(NULL));
	INT(find_module("nothing.dll") == NULL);
	for (unsigned i = 0; i < sizeof kernel / sizeof *kernel; i++)
		compare("kernel32.dll", kernel[i]);
	for (unsigned i = 0; i < sizeof nt / sizeof *nt; i++)
		compare("ntdll.dll", nt[i]);
	compare("kernelbase.dll", "CreateFileW");
	compare("kernelbase.dll", "VirtualAllocEx");
	compare("kernelbase.dll", "RegOpenKeyExW");
	directory("kernel32.dll");
	directory("ntdll.dll");
	directory("kernelbase.dll");
	return 0;
}
