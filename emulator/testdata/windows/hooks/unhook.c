/* Unhooking: the code of ntdll.dll is compared with that of its file and of a
 * fresh mapping of it, patched, and put back. */
#include "check.h"
#include <winternl.h>

typedef NTSTATUS (NTAPI *delay)(BOOLEAN, LARGE_INTEGER *);
static char *loaded;
static IMAGE_SECTION_HEADER *text;

static IMAGE_NT_HEADERS *headers(char *base) { return (void *)(base + ((IMAGE_DOS_HEADER *)base)->e_lfanew); }

static int differences(const char *other)
{
	int n = 0;
	for (DWORD i = 0; i < text->Misc.VirtualSize; i++)
		n += loaded[text->VirtualAddress + i] != other[i];
	return n;
}

/* put copies bytes over ntdll.dll's code. */
static void put(void *to, const void *from, SIZE_T n)
{
	DWORD old;
	INT(VirtualProtect(to, n, PAGE_EXECUTE_READWRITE, &old)); HEX(old);
	memcpy(to, from, n);
	INT(VirtualProtect(to, n, old, &old));
}

int main(void)
{
	loaded = (char *)GetModuleHandle("ntdll.dll");
	for (text = IMAGE_FIRST_SECTION(headers(loaded)); memcmp(text->Name, ".text", 6); text++)
		;
	INT(text->Misc.VirtualSize > 0x1000);

	/* The file. */
	HANDLE f = CreateFile("C:\\Windows\\System32\\ntdll.dll", GENERIC_READ, FILE_SHARE_READ, 0, OPEN_EXISTING, 0, 0);
	DWORD size = GetFileSize(f, 0), n;
	char *file = VirtualAlloc(0, size, MEM_COMMIT, PAGE_READWRITE);
	INT(ReadFile(f, file, size, &n, 0)); INT(n == size);
	INT(differences(file + text->PointerToRawData));

	/* The file as an image. */
	HANDLE section = CreateFileMapping(f, 0, PAGE_READONLY | SEC_IMAGE, 0, 0, 0);
	INT(section != 0);
	char *image = MapViewOfFile(section, FILE_MAP_READ, 0, 0, 0);
	INT(image && image != loaded);
	INT(differences(image + text->VirtualAddress));
	char *fresh = image + text->VirtualAddress;
	INT(GetModuleHandle("ntdll.dll") == (HMODULE)loaded);
	MEMORY_BASIC_INFORMATION info;
	INT(VirtualQuery(fresh, &info, sizeof info) == sizeof info); HEX(info.Type); HEX(info.Protect); INT(info.AllocationBase == image);

	/* A function of the fresh copy does what the loaded one does. */
	delay sleep = (delay)(void *)GetProcAddress((HMODULE)loaded, "NtDelayExecution");
	delay copy = (delay)(image + ((char *)sleep - loaded));
	LARGE_INTEGER now = {.QuadPart = -1};
	HEX(sleep(0, &now)); HEX(copy(0, &now));

	/* Patched, found, put back. */
	put(sleep, "\xB8\x22\0\0\xC0\xC3", 6);
	HEX(sleep(0, &now)); HEX(copy(0, &now));
	INT(differences(fresh) > 0); INT(differences(fresh) <= 6);
	INT(differences(fresh) == differences(file + text->PointerToRawData));
	put(loaded + text->VirtualAddress, fresh, text->Misc.VirtualSize);
	INT(differences(fresh));
	HEX(sleep(0, &now));

	/* One byte: ret. */
	put(sleep, "\xC3", 1);
	INT(differences(file + text->PointerToRawData));
	put(sleep, file + text->PointerToRawData + ((char *)sleep - loaded - text->VirtualAddress), 1);
	INT(differences(file + text->PointerToRawData));
	HEX(sleep(0, &now));

	INT(UnmapViewOfFile(image)); INT(CloseHandle(section)); INT(CloseHandle(f));
	return 0;
}
