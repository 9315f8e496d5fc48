// build: -lwtsapi32
#include "check.h"
#include <wtsapi32.h>

int main(void)
{
	WTS_PROCESS_INFOW *p = NULL;
	DWORD n = 0, self = 0, named = 0;
	INT(WTSEnumerateProcessesW(WTS_CURRENT_SERVER_HANDLE, 0, 1, &p, &n));
	INT(n > 1);
	for (DWORD i = 0; i < n; i++)
		if (p[i].ProcessId == GetCurrentProcessId()) {
			self++;
			named += !_wcsicmp(p[i].pProcessName, L"sessions.exe");
		}
	INT(self);
	INT(named);
	WTSFreeMemory(p);
	FAILS(WTSEnumerateProcessesW(WTS_CURRENT_SERVER_HANDLE, 1, 1, &p, &n));
	FAILS(WTSEnumerateProcessesW(WTS_CURRENT_SERVER_HANDLE, 0, 2, &p, &n));
	FAILS(WTSEnumerateProcessesW(WTS_CURRENT_SERVER_HANDLE, 0, 1, NULL, &n));

	wchar_t *text = NULL, user[64], computer[64];
	DWORD size = 0, m = 64;
	GetUserNameW(user, &m);
	m = 64;
	GetComputerNameW(computer, &m);
	INT(WTSQuerySessionInformationW(WTS_CURRENT_SERVER_HANDLE, WTS_CURRENT_SESSION, WTSUserName, &text, &size));
	INT(wcscmp(text, user));
	INT(size == 2 * (wcslen(user) + 1));
	WTSFreeMemory(text);
	INT(WTSQuerySessionInformationW(WTS_CURRENT_SERVER_HANDLE, WTS_CURRENT_SESSION, WTSDomainName, &text, &size));
	INT(_wcsicmp(text, computer));
	WTSFreeMemory(text);
	INT(WTSGetActiveConsoleSessionId());
	DWORD id = 9;
	INT(ProcessIdToSessionId(GetCurrentProcessId(), &id));
	INT(id);
	return 0;
}
