/* admin.exe: an ordinary tool of an administrator. It has a command interpreter
 * carry out one fixed command and reads what that prints, in pipes and without a
 * window, as such tools do. A benign sidetrace replica.
 */
#include <windows.h>

#include <stdio.h>

#include "ordinary.h"

int main(void)
{
	static WCHAR command[] = L"C:\\Windows\\System32\\cmd.exe /c ipconfig /all";
	SECURITY_ATTRIBUTES inherit = {sizeof inherit, NULL, TRUE};
	STARTUPINFOW start = {.cb = sizeof start, .dwFlags = STARTF_USESTDHANDLES};
	PROCESS_INFORMATION child;
	HANDLE output, end;
	char line[256];
	DWORD n, total = 0;

	if (SidetraceGuard() != GUARD_ANSWER)
		return 3;
	if (!CreatePipe(&output, &end, &inherit, 0))
		return 1;
	start.hStdOutput = start.hStdError = end;
	if (!CreateProcessW(NULL, command, NULL, NULL, TRUE, CREATE_NO_WINDOW, NULL, NULL, &start, &child))
		return 1;
	CloseHandle(end);
	while (ReadFile(output, line, sizeof line, &n, NULL) && n > 0)
		total += n;
	CloseHandle(output);
	CloseHandle(child.hThread);
	CloseHandle(child.hProcess);
	printf("admin: %lu bytes of output\n", total);
	return 0;
}
