/* setup.exe: an ordinary installer that knows by which download it came: a tag
 * stands behind the signature in its own certificate table, where it does not
 * break it. Browsers and conferencing programs are handed out so. A benign
 * sidetrace replica that installs nothing.
 */
#include <windows.h>

#include <stdio.h>
#include <string.h>

#include "ordinary.h"

static uint8_t data[1 << 17];

int main(void)
{
	static const char magic[] = "sidetrace-tag:";
	WCHAR path[MAX_PATH];
	DWORD n = 0;
	if (SidetraceGuard() != GUARD_ANSWER)
		return 3;
	if (!GetModuleFileNameW(NULL, path, MAX_PATH))
		return 1;
	HANDLE file = CreateFileW(path, GENERIC_READ, FILE_SHARE_READ, NULL, OPEN_EXISTING, 0, NULL);
	if (file == INVALID_HANDLE_VALUE)
		return 1;
	if (!ReadFile(file, data, sizeof data - 1, &n, NULL))
		n = 0;
	CloseHandle(file);
	/* From the end: the text stands in this program too. */
	for (DWORD at = n; at-- > 0;)
		if (n - at > sizeof magic && memcmp(data + at, magic, sizeof magic - 1) == 0) {
			printf("setup: %.64s\n", (const char *)data + at + sizeof magic - 1);
			return 0;
		}
	return 1;
}
