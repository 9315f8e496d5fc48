#include "check.h"
#include "loader/calls.h"
#include <winternl.h>

/* ntdll's loader, and the lists in which it shows modules. */
typedef struct {
	LIST_ENTRY InLoadOrderLinks, InMemoryOrderLinks, InInitializationOrderLinks;
	void *DllBase, *EntryPoint;
	ULONG SizeOfImage;
	UNICODE_STRING FullDllName, BaseDllName;
	ULONG Flags;
} ENTRY;

static UNICODE_STRING text(const wchar_t *s)
{
	UNICODE_STRING u = {wcslen(s) * 2, wcslen(s) * 2 + 2, (wchar_t *)s};
	return u;
}

static HMODULE listed;
static int seen, stop_after = 1000;

static void CALLBACK each(ENTRY *e, void *context, BOOLEAN *stop)
{
	++*(int *)context;
	seen += e->DllBase == listed;
	*stop = --stop_after <= 0;
}

static int count(int which)
{
	PEB *peb = NtCurrentTeb()->ProcessEnvironmentBlock;
	LIST_ENTRY *head = (LIST_ENTRY *)((char *)peb->Ldr + 0x10 + 0x10 * which);
	int n = 0;
	for (LIST_ENTRY *l = head->Flink; l != head && n < 1000; l = l->Flink) {
		ENTRY *e = (ENTRY *)((char *)l - 0x10 * which);
		n += e->DllBase == listed;
	}
	return n;
}

#define GET(type, name, ...) type (WINAPI *name)(__VA_ARGS__) = (void *)GetProcAddress(nt, #name)

int main(void)
{
	HMODULE nt = GetModuleHandleA("ntdll"), h = NULL;
	GET(NTSTATUS, LdrLoadDll, const wchar_t *, ULONG *, UNICODE_STRING *, HMODULE *);
	GET(NTSTATUS, LdrUnloadDll, HMODULE);
	GET(NTSTATUS, LdrGetDllHandle, const wchar_t *, ULONG *, UNICODE_STRING *, HMODULE *);
	GET(NTSTATUS, LdrGetProcedureAddress, HMODULE, const ANSI_STRING *, ULONG, void **);
	GET(NTSTATUS, LdrFindEntryForAddress, const void *, ENTRY **);
	GET(NTSTATUS, LdrEnumerateLoadedModules, ULONG, void *, void *);
	GET(NTSTATUS, LdrAddRefDll, ULONG, HMODULE);
	GET(NTSTATUS, LdrLockLoaderLock, ULONG, ULONG *, ULONG_PTR *);
	GET(NTSTATUS, LdrUnlockLoaderLock, ULONG, ULONG_PTR);
	GET(IMAGE_NT_HEADERS *, RtlImageNtHeader, void *);
	GET(void *, RtlImageDirectoryEntryToData, void *, BOOL, WORD, ULONG *);
	GET(void *, RtlImageRvaToVa, const IMAGE_NT_HEADERS *, void *, DWORD, IMAGE_SECTION_HEADER **);
	GET(IMAGE_SECTION_HEADER *, RtlImageRvaToSection, const IMAGE_NT_HEADERS *, void *, DWORD);
	GET(void *, RtlPcToFileHeader, void *, void **);

	UNICODE_STRING name = text(L"listed.dll"), missing = text(L"no-such.dll"), empty = text(L"");
	HEX((ULONG)LdrGetDllHandle(NULL, NULL, &name, &h));
	HEX((ULONG)LdrLoadDll(NULL, NULL, &name, &h));
	listed = h;
	CALL(h == GetModuleHandleA("listed.dll"));
	HEX((ULONG)LdrLoadDll(NULL, NULL, &missing, &h));
	HEX((ULONG)LdrGetDllHandle(NULL, NULL, &name, &h));
	CALL(h == listed);
	HEX((ULONG)LdrGetDllHandle(NULL, NULL, &empty, &h));

	void *f = NULL;
	ANSI_STRING export = {6, 7, "listed"}, none = {4, 5, "none"};
	HEX((ULONG)LdrGetProcedureAddress(listed, &export, 0, &f));
	CALL(((int (*)(void))f)());
	CALL(LdrGetProcedureAddress(listed, &none, 0, &f) != 0);
	HEX((ULONG)LdrGetProcedureAddress(listed, NULL, 1, &f));
	HEX((ULONG)LdrGetProcedureAddress((HMODULE)0x12340000, &export, 0, &f));

	CALL(count(0)), CALL(count(1)), CALL(count(2));
	ENTRY *e = NULL;
	HEX((ULONG)LdrFindEntryForAddress(f, &e));
	CALL(e->DllBase == listed);
	WSTR(e->BaseDllName.Buffer);
	CALL(e->BaseDllName.Length);
	CALL(e->FullDllName.MaximumLength - e->FullDllName.Length);
	CALL(e->SizeOfImage == RtlImageNtHeader(listed)->OptionalHeader.SizeOfImage);
	CALL((char *)e->EntryPoint == (char *)listed + RtlImageNtHeader(listed)->OptionalHeader.AddressOfEntryPoint);
	CALL(e->Flags >> 2 & 1);
	HEX((ULONG)LdrFindEntryForAddress((void *)16, &e));

	int total = 0;
	HEX((ULONG)LdrEnumerateLoadedModules(0, each, &total));
	CALL(total > 3), CALL(seen);
	total = 0, stop_after = 2;
	HEX((ULONG)LdrEnumerateLoadedModules(0, each, &total));
	INT(total);
	HEX((ULONG)LdrEnumerateLoadedModules(1, each, &total));
	HEX((ULONG)LdrEnumerateLoadedModules(0, NULL, &total));

	ULONG result = 77;
	ULONG_PTR cookie = 0;
	HEX((ULONG)LdrLockLoaderLock(0, &result, &cookie));
	INT(result);
	CALL(cookie != 0);
	HEX((ULONG)LdrUnlockLoaderLock(0, cookie));
	HEX((ULONG)LdrUnlockLoaderLock(0, 0));
	HEX((ULONG)LdrLockLoaderLock(0x10, &result, &cookie));
	HEX((ULONG)LdrLockLoaderLock(0, &result, NULL));
	HEX((ULONG)LdrLockLoaderLock(2, NULL, &cookie));

	ULONG size = 0;
	IMAGE_NT_HEADERS *headers = RtlImageNtHeader(listed);
	IMAGE_EXPORT_DIRECTORY *x = RtlImageDirectoryEntryToData(listed, TRUE, IMAGE_DIRECTORY_ENTRY_EXPORT, &size);
	CALL(x != NULL && size == headers->OptionalHeader.DataDirectory[0].Size);
	STR((char *)listed + x->Name);
	CALL(RtlImageDirectoryEntryToData(listed, TRUE, IMAGE_DIRECTORY_ENTRY_TLS, &size) == NULL);
	CALL(RtlImageDirectoryEntryToData(listed, TRUE, 16, &size) == NULL);
	IMAGE_SECTION_HEADER *first = IMAGE_FIRST_SECTION(headers);
	CALL(RtlImageRvaToSection(headers, listed, first->VirtualAddress) == first);
	CALL(RtlImageRvaToSection(headers, listed, 0x10) == NULL);
	CALL((char *)RtlImageRvaToVa(headers, listed, first->VirtualAddress + 5, NULL) - (char *)listed - first->PointerToRawData);
	CALL(RtlImageRvaToVa(headers, listed, 0xFFFFFFF, NULL) == NULL);
	CALL(RtlImageNtHeader(NULL) == NULL);
	void *at = NULL;
	CALL(RtlPcToFileHeader(f, &at) == listed && at == listed);
	CALL(RtlPcToFileHeader((void *)16, &at) == NULL && at == NULL);

	HEX((ULONG)LdrAddRefDll(0, listed));
	HEX((ULONG)LdrUnloadDll(listed));
	CALL(GetModuleHandleA("listed") != NULL);
	HEX((ULONG)LdrUnloadDll(listed));
	CALL(GetModuleHandleA("listed") != NULL);
	CALL(count(0) + count(1) + count(2));
	HEX((ULONG)LdrUnloadDll(listed));
	HEX((ULONG)LdrAddRefDll(0, listed));
	return 0;
}
