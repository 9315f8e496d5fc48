/* Images mapped by hand: SEC_IMAGE. */
#include "check.h"
#include <winternl.h>

NTSTATUS NTAPI NtMapViewOfSection(HANDLE, HANDLE, void **, ULONG_PTR, SIZE_T, LARGE_INTEGER *, SIZE_T *, DWORD, ULONG, ULONG);
NTSTATUS NTAPI NtUnmapViewOfSection(HANDLE, void *);
NTSTATUS NTAPI NtCreateSection(HANDLE *, ACCESS_MASK, void *, LARGE_INTEGER *, ULONG, ULONG, HANDLE);
static NTSTATUS (NTAPI *mapView)(HANDLE, HANDLE, void **, ULONG_PTR, SIZE_T, LARGE_INTEGER *, SIZE_T *, DWORD, ULONG, ULONG);
static NTSTATUS (NTAPI *unmapView)(HANDLE, void *);
static NTSTATUS (NTAPI *createSection)(HANDLE *, ACCESS_MASK, void *, LARGE_INTEGER *, ULONG, ULONG, HANDLE);

static IMAGE_NT_HEADERS *headers(char *base) { return (void *)(base + ((IMAGE_DOS_HEADER *)base)->e_lfanew); }

static void *export(char *base, const char *name)
{
	IMAGE_EXPORT_DIRECTORY *x = (void *)(base + headers(base)->OptionalHeader.DataDirectory[0].VirtualAddress);
	DWORD *names = (void *)(base + x->AddressOfNames), *functions = (void *)(base + x->AddressOfFunctions);
	WORD *ordinals = (void *)(base + x->AddressOfNameOrdinals);
	for (DWORD i = 0; i < x->NumberOfNames; i++)
		if (!strcmp(base + names[i], name))
			return base + functions[ordinals[i]];
	return 0;
}

static void pages(char *base)
{
	IMAGE_NT_HEADERS *nt = headers(base);
	IMAGE_SECTION_HEADER *s = IMAGE_FIRST_SECTION(nt);
	MEMORY_BASIC_INFORMATION info;
	VirtualQuery(base, &info, sizeof info);
	CHECK("headers", "%d %lx %lx %lx %lx", info.AllocationBase == base, info.AllocationProtect, info.Protect, info.State, info.Type);
	for (int i = 0; i < nt->FileHeader.NumberOfSections; i++) {
		VirtualQuery(base + s[i].VirtualAddress, &info, sizeof info);
		if (!memcmp(s[i].Name, ".text", 6) || !memcmp(s[i].Name, ".data", 6) || !memcmp(s[i].Name, ".rdata", 7))
			CHECK((char *)s[i].Name, "%d %lx %lx %lx %lx", info.AllocationBase == base, info.AllocationProtect, info.Protect, info.State, info.Type);
	}
}

static const char *whose(char *p, char *first, char *second, DWORD size)
{
	return p >= first && p < first + size ? "first" : p >= second && p < second + size ? "second" : "another";
}

int main(void)
{
	HMODULE ntdll = GetModuleHandle("ntdll");
	mapView = (void *)GetProcAddress(ntdll, "NtMapViewOfSection");
	unmapView = (void *)GetProcAddress(ntdll, "NtUnmapViewOfSection");
	createSection = (void *)GetProcAddress(ntdll, "NtCreateSection");
	HANDLE f = CreateFile("part.dll", GENERIC_READ, FILE_SHARE_READ, 0, OPEN_EXISTING, 0, 0);
	INT(f != INVALID_HANDLE_VALUE);
	HANDLE section = CreateFileMapping(f, 0, PAGE_READONLY | SEC_IMAGE, 0, 0, 0);
	INT(section != 0);
	char *first = MapViewOfFile(section, FILE_MAP_READ, 0, 0, 0);
	INT(first != 0);
	INT(first[0]); INT(first[1]);
	IMAGE_NT_HEADERS *nt = headers(first);
	DWORD size = nt->OptionalHeader.SizeOfImage;
	INT(nt->Signature == IMAGE_NT_SIGNATURE);
	pages(first);
	INT(GetModuleHandle("part.dll") == 0);
	int (*add)(int, int) = export(first, "add");
	INT(add(2, 3));
	char **pointer = export(first, "pointer");
	CHECK("where the first's pointer leads", "%s", whose(*pointer, first, first, size));
	int (*next)(void) = export(first, "next");
	if (whose(*pointer, first, first, size)[0] == 'f') {
		INT(next()); INT(next());
	}
	MEMORY_BASIC_INFORMATION info;
	INT(VirtualQuery(export(first, "add"), &info, sizeof info) == sizeof info); INT(info.AllocationBase == first);

	/* The file's bytes are there. */
	static char file[1 << 16];
	DWORD n;
	INT(ReadFile(f, file, sizeof file, &n, 0));
	IMAGE_SECTION_HEADER *text = IMAGE_FIRST_SECTION(nt);
	INT(!memcmp(first + text->VirtualAddress, file + text->PointerToRawData, text->Misc.VirtualSize));

	/* Once more: another place, data of its own. */
	void *base = 0;
	SIZE_T length = 0;
	HEX(mapView(section, GetCurrentProcess(), &base, 0, 0, 0, &length, 2, 0, PAGE_READONLY));
	char *second = base;
	INT(second && second != first); INT(length == ((size + 0xFFF) & ~0xFFFu));
	pages(second);
	int (*other)(int, int) = export(second, "add");
	INT(other(20, 3));
	/* It was relocated for the first's place. */
	pointer = export(second, "pointer");
	CHECK("where the second's pointer leads", "%s", whose(*pointer, first, second, size));
	((int *)export(second, "pointer"))[0] ^= 0; /* written: a copy of its own */
	INT(((char *)export(first, "add"))[0] == ((char *)export(second, "add"))[0]);
	INT(!memcmp(first + text->VirtualAddress, second + text->VirtualAddress, text->Misc.VirtualSize));
	DWORD old;
	unsigned char *code = export(second, "add");
	INT(VirtualProtect(code, 16, PAGE_EXECUTE_READWRITE, &old)); HEX(old);
	memcpy(code, "\xB8\x07\0\0\0\xC3", 6);
	INT(other(1, 1)); INT(add(1, 1));
	HEX(unmapView(GetCurrentProcess(), second));
	INT(VirtualQuery(second, &info, sizeof info) == sizeof info); HEX(info.State);
	HEX(unmapView(GetCurrentProcess(), second));

	/* The loader takes no notice of views. */
	HMODULE dll = LoadLibrary("part.dll");
	INT(dll != 0); INT((char *)dll != first);
	INT(GetModuleHandle("part.dll") == dll);
	next = (void *)GetProcAddress(dll, "next");
	INT(next());
	base = 0; length = 0;
	HEX(mapView(section, GetCurrentProcess(), &base, 0, 0, 0, &length, 2, 0, PAGE_READONLY));
	INT(base != dll && base != first);
	INT(((int (*)(int, int))export(base, "add"))(7, 8));
	INT(UnmapViewOfFile(base));
	INT(UnmapViewOfFile(first));
	FAILS(UnmapViewOfFile(first));
	INT(FreeLibrary(dll));

	/* Errors. */
	HANDLE none = 0;
	LARGE_INTEGER big = {.QuadPart = 1 << 20};
	HEX(createSection(&none, SECTION_ALL_ACCESS, 0, 0, PAGE_READONLY, SEC_IMAGE, f)); INT(none != 0);
	INT(CloseHandle(none));
	HEX(createSection(&none, SECTION_ALL_ACCESS, 0, 0, PAGE_READONLY, SEC_IMAGE, 0));
	HEX(createSection(&none, SECTION_ALL_ACCESS, 0, &big, PAGE_READONLY, SEC_IMAGE, f));
	FAILS(CreateFileMapping(INVALID_HANDLE_VALUE, 0, PAGE_READONLY | SEC_IMAGE, 0, 4096, 0));
	FAILS(MapViewOfFile(section, FILE_MAP_WRITE, 0, 0, 0) != 0);
	HANDLE t = CreateFile("text.txt", GENERIC_READ | GENERIC_WRITE, 0, 0, CREATE_ALWAYS, FILE_FLAG_DELETE_ON_CLOSE, 0);
	INT(WriteFile(t, "no image at all, but some text", 30, &n, 0));
	FAILS(CreateFileMapping(t, 0, PAGE_READONLY | SEC_IMAGE, 0, 0, 0));
	HEX(createSection(&none, SECTION_ALL_ACCESS, 0, 0, PAGE_READONLY, SEC_IMAGE, t));
	SetFilePointer(t, 0, 0, FILE_BEGIN);
	INT(WriteFile(t, file, 0x100, &n, 0)); SetEndOfFile(t);
	FAILS(CreateFileMapping(t, 0, PAGE_READONLY | SEC_IMAGE, 0, 0, 0));
	return 0;
}
