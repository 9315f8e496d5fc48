#include "check.h"
#include "loader/calls.h"

/* A DLL loaded for its resources alone. */
static void look(const char *label, HMODULE h)
{
	char text[16] = "";
	HRSRC r = FindResourceExA(h, (char *)10, (char *)7, 0x409);
	if (!r) {
		CHECK(label, "error %lu", GetLastError());
		return;
	}
	DWORD size = SizeofResource(h, r);
	void *p = LockResource(LoadResource(h, r));
	memcpy(text, p, size < 15 ? size : 15);
	CHECK(label, "%lu bytes, %s", size, text);
}

int main(void)
{
	char path[MAX_PATH];
	HMODULE h = LoadLibraryExA("data.dll", NULL, LOAD_LIBRARY_AS_DATAFILE);
	CALL(((ULONG_PTR)h & 3));
	CALL(GetModuleHandleA("data.dll") != NULL);
	look("as data", h);
	CALL(*(char *)((ULONG_PTR)h & ~3) == 'M');
	FAILS(GetProcAddress(h, "number") != NULL);
	FAILS(GetModuleFileNameA(h, path, sizeof path));
	FAILS(FindResourceA(h, (char *)8, (char *)10) != NULL);
	FAILS(FindResourceA(h, (char *)7, (char *)11) != NULL);
	CALL(FreeLibrary(h));

	h = LoadLibraryExA("data.dll", NULL, LOAD_LIBRARY_AS_IMAGE_RESOURCE);
	CALL(((ULONG_PTR)h & 3));
	look("as an image", h);
	CALL(FreeLibrary(h));
	h = LoadLibraryExA("data.dll", NULL, LOAD_LIBRARY_AS_IMAGE_RESOURCE | LOAD_LIBRARY_AS_DATAFILE);
	CALL(((ULONG_PTR)h & 3) != 0);
	look("as both", h);
	CALL(FreeLibrary(h));

	h = LoadLibraryExA("data.dll", NULL, LOAD_LIBRARY_AS_DATAFILE_EXCLUSIVE);
	CALL(((ULONG_PTR)h & 3));
	look("exclusively", h);
	HANDLE f = CreateFileA("data.dll", GENERIC_WRITE, FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE, NULL, OPEN_EXISTING, 0, NULL);
	CHECK("open for writing", "%s, error %lu", f == INVALID_HANDLE_VALUE ? "refused" : "opened", GetLastError());
	CloseHandle(f);
	CALL(FreeLibrary(h));

	FAILS(LoadLibraryExA("no-such.dll", NULL, LOAD_LIBRARY_AS_DATAFILE) != NULL);
	FAILS(LoadLibraryExA("datafile.exe", NULL, LOAD_LIBRARY_AS_DATAFILE) == NULL);
	f = CreateFileA("text.dll", GENERIC_WRITE, 0, NULL, CREATE_ALWAYS, 0, NULL);
	DWORD n;
	WriteFile(f, "no image at all", 15, &n, NULL);
	CloseHandle(f);
	FAILS(LoadLibraryExA("text.dll", NULL, LOAD_LIBRARY_AS_DATAFILE) != NULL);
	FAILS(LoadLibraryExA("text.dll", NULL, LOAD_LIBRARY_AS_IMAGE_RESOURCE) != NULL);
	FAILS(LoadLibraryA("text.dll") != NULL);

	HMODULE code = LoadLibraryA("data.dll");
	look("as code", code);
	h = LoadLibraryExA("data.dll", NULL, LOAD_LIBRARY_AS_DATAFILE);
	CALL(FreeLibrary(h));
	CALL(GetModuleHandleA("data.dll") == code);
	FAILS(FindResourceExA(code, (char *)10, (char *)7, 0x40c) != NULL);
	look("the program", NULL);
	return 0;
}
