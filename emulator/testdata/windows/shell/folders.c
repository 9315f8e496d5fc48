// build: -lshell32 -lole32 -luuid
#define INITGUID
#include "check.h"
#include <shlobj.h>
#include <shellapi.h>
#include <knownfolders.h>
#include <stdlib.h>

/* Known folders, command lines, programs started by the shell. Paths of the
 * user are printed from their second name on. */
static const char *tail(char *path)
{
	char *name = getenv("USERPROFILE");
	size_t n = name ? strlen(name) : 0;
	return n && _strnicmp(path, name, n) == 0 ? path + n : path;
}

static void argv(const WCHAR *line)
{
	int n = -1;
	WCHAR **list = CommandLineToArgvW(line, &n);
	check_wide("line", line);
	INT(n);
	for (int i = 0; i < n; i++)
		check_wide("argument", list[i]);
	LocalFree(list);
}

int main(void)
{
	char path[MAX_PATH];
	static const int ids[] = {CSIDL_APPDATA, CSIDL_LOCAL_APPDATA, CSIDL_COMMON_APPDATA, CSIDL_WINDOWS, CSIDL_SYSTEM, CSIDL_PROGRAM_FILES, CSIDL_PROFILE,
	                          CSIDL_PROGRAM_FILES_COMMON, CSIDL_STARTUP | CSIDL_FLAG_CREATE, CSIDL_FONTS};
	for (unsigned i = 0; i < sizeof ids / sizeof *ids; i++) {
		path[0] = 0;
		HRESULT r = SHGetFolderPathA(NULL, ids[i] | CSIDL_FLAG_CREATE, NULL, SHGFP_TYPE_CURRENT, path);
		CHECK("folder", "%x %lx %s", ids[i], r, _strlwr((char *)tail(path)));
	}
	HEX(SHGetFolderPathA(NULL, 0x77, NULL, 0, path));
	INT(SHGetSpecialFolderPathA(NULL, path, CSIDL_APPDATA, FALSE));
	STR(tail(path));
	WCHAR *known = NULL;
	HEX(SHGetKnownFolderPath(&FOLDERID_RoamingAppData, 0, NULL, &known));
	INT(known != NULL && wcsstr(known, L"Roaming") != NULL);
	CoTaskMemFree(known);
	HEX(SHGetKnownFolderPath(&FOLDERID_System, 0, NULL, &known));
	INT(known != NULL && _wcsicmp(known, L"C:\\windows\\system32") == 0);
	GUID none = {1, 0, 0, {0}};
	HEX(SHGetKnownFolderPath(&none, 0, NULL, &known));
	INT(known == NULL);

	argv(L"a b c");
	argv(L"\"a b\" c");
	argv(L"prog \"x y\" z");
	argv(L"prog a\\\\b d\"e f\"g h");
	argv(L"prog a\\\\\\\"b c d");
	argv(L"prog a\\\\\\\\\"b c\" d e");
	argv(L"prog \"\" x");
	argv(L"prog  \t x  ");
	argv(L"prog \"a\"\"b\" c");
	argv(L"  leading");
	argv(L"prog \"open");


	SHELLEXECUTEINFOA e = {.cbSize = sizeof e, .fMask = SEE_MASK_FLAG_NO_UI, .lpFile = "C:\\windows\\nothing-here.exe"};
	FAILS(ShellExecuteExA(&e));
	INT((INT_PTR)e.hInstApp);
	e.lpFile = "C:\\no\\such\\file.exe";
	FAILS(ShellExecuteExA(&e));
	CHECK("no folder", "%d", (int)(INT_PTR)e.hInstApp);
	INT(SHCreateDirectoryExA(NULL, "C:\\sidetrace-test\\one\\two", NULL));
	INT(SHCreateDirectoryExA(NULL, "C:\\sidetrace-test\\one\\two", NULL));
	INT(GetFileAttributesA("C:\\sidetrace-test\\one\\two"));
	HANDLE f = CreateFileA("C:\\sidetrace-test\\f.txt", GENERIC_WRITE, 0, NULL, CREATE_ALWAYS, 0, NULL);
	CloseHandle(f);
	SHFILEOPSTRUCTA op = {.wFunc = FO_COPY, .pFrom = "C:\\sidetrace-test\\f.txt\0", .pTo = "C:\\sidetrace-test\\g.txt\0", .fFlags = FOF_NO_UI};
	INT(SHFileOperationA(&op));
	INT(GetFileAttributesA("C:\\sidetrace-test\\g.txt") != INVALID_FILE_ATTRIBUTES);
	op = (SHFILEOPSTRUCTA){.wFunc = FO_DELETE, .pFrom = "C:\\sidetrace-test\\f.txt\0C:\\sidetrace-test\\g.txt\0", .fFlags = FOF_NO_UI};
	INT(SHFileOperationA(&op));
	INT(GetFileAttributesA("C:\\sidetrace-test\\g.txt") == INVALID_FILE_ATTRIBUTES);
	RemoveDirectoryA("C:\\sidetrace-test\\one\\two");
	RemoveDirectoryA("C:\\sidetrace-test\\one");
	INT(RemoveDirectoryA("C:\\sidetrace-test"));
	return 0;
}
