// build: -luserenv
#include "check.h"
#include <userenv.h>

int main(void)
{
	HANDLE token;
	wchar_t path[MAX_PATH], user[64], want[MAX_PATH];
	char narrow[MAX_PATH];
	DWORD n, need, m = 64;
	INT(OpenProcessToken(GetCurrentProcess(), TOKEN_QUERY, &token));
	GetUserNameW(user, &m);
	swprintf(want, MAX_PATH, L"C:\\users\\%ls", user);

	need = 0;
	FAILS(GetUserProfileDirectoryW(token, NULL, &need));
	INT(need == wcslen(want) + 1);
	n = need - 1;
	FAILS(GetUserProfileDirectoryW(token, path, &n));
	INT(n == need);
	INT(GetUserProfileDirectoryW(token, path, &n));
	INT(_wcsicmp(path, want));
	n = MAX_PATH;
	INT(GetUserProfileDirectoryA(token, narrow, &n));
	INT(n == need);

	n = MAX_PATH;
	INT(GetProfilesDirectoryW(path, &n) != 0);
	INT(_wcsicmp(path, L"C:\\users"));
	n = 3;
	FAILS(GetProfilesDirectoryW(path, &n));
	CHECK("needed", "%lu", n);
	n = MAX_PATH;
	INT(GetAllUsersProfileDirectoryW(path, &n));
	CHECK("all users", "%d", _wcsicmp(path, L"C:\\ProgramData"));

	wchar_t *block = NULL;
	INT(CreateEnvironmentBlock((void **)&block, token, FALSE));
	int windows = 0, temp = 0;
	for (wchar_t *e = block; *e; e += wcslen(e) + 1) {
		windows |= !_wcsicmp(e, L"SystemRoot=C:\\windows");
		temp |= !_wcsnicmp(e, L"TEMP=", 5);
	}
	INT(windows);
	INT(temp);
	INT(DestroyEnvironmentBlock(block));
	FAILS(CreateEnvironmentBlock(NULL, token, FALSE));

	INT(ExpandEnvironmentStringsForUserW(NULL, L"<%SystemDrive%>", path, MAX_PATH) != 0);
	WSTR(path);
	INT(ExpandEnvironmentStringsForUserA(NULL, "%nothing-like-this%", narrow, MAX_PATH) != 0);
	STR(narrow);
	DWORD type = 9;
	INT(GetProfileType(&type));
	INT(type);
	INT(CloseHandle(token));
	return 0;
}
