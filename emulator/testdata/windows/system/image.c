// build: -ldbghelp
#include "check.h"
#include <dbghelp.h>

int main(void)
{
	HMODULE self = GetModuleHandleW(NULL);
	IMAGE_NT_HEADERS *nt = ImageNtHeader(self);
	INT(nt != NULL);
	INT((char *)nt - (char *)self == ((IMAGE_DOS_HEADER *)self)->e_lfanew);
	HEX(nt->FileHeader.Machine);
	char junk[512] = {0};
	INT(ImageNtHeader(junk) == NULL);
	ULONG size = 0;
	void *imports = ImageDirectoryEntryToData(self, TRUE, IMAGE_DIRECTORY_ENTRY_IMPORT, &size);
	INT(imports != NULL);
	INT(size == nt->OptionalHeader.DataDirectory[IMAGE_DIRECTORY_ENTRY_IMPORT].Size);
	INT((char *)imports - (char *)self == nt->OptionalHeader.DataDirectory[IMAGE_DIRECTORY_ENTRY_IMPORT].VirtualAddress);
	INT(ImageDirectoryEntryToData(self, TRUE, IMAGE_DIRECTORY_ENTRY_SECURITY, &size) == NULL);
	IMAGE_SECTION_HEADER *s = ImageRvaToSection(nt, self, nt->OptionalHeader.AddressOfEntryPoint);
	INT(s != NULL);
	CHECK("section", "%.8s", s->Name);
	INT(ImageRvaToSection(nt, self, 0x7FFFFFFF) == NULL);

	char path[MAX_PATH], folder[MAX_PATH];
	GetTempPathA(sizeof path, path);
	strcat(path, "sidetrace-image");
	snprintf(folder, sizeof folder, "%s\\one\\two\\", path);
	INT(MakeSureDirectoryPathExists(folder));
	HEX(GetFileAttributesA(folder) & FILE_ATTRIBUTE_DIRECTORY);
	INT(MakeSureDirectoryPathExists(folder));
	snprintf(folder, sizeof folder, "%s\\three\\file.txt", path);
	INT(MakeSureDirectoryPathExists(folder));
	HEX(GetFileAttributesA(folder));
	snprintf(folder, sizeof folder, "%s\\three", path);
	HEX(GetFileAttributesA(folder) & FILE_ATTRIBUTE_DIRECTORY);
	INT(RemoveDirectoryA(folder));
	snprintf(folder, sizeof folder, "%s\\one\\two", path);
	INT(RemoveDirectoryA(folder));
	snprintf(folder, sizeof folder, "%s\\one", path);
	INT(RemoveDirectoryA(folder));
	INT(RemoveDirectoryA(path));

	HANDLE p = GetCurrentProcess();
	INT(SymInitialize(p, NULL, FALSE));
	HEX(SymSetOptions(SYMOPT_UNDNAME | SYMOPT_DEFERRED_LOADS));
	HEX(SymGetOptions());
	INT(SymCleanup(p));
	INT(SymCleanup(p));
	return 0;
}
