/* updater.exe: an ordinary program that keeps an application up to date. It
 * reads the installed library to see whether that is whole, fetches the
 * application's icon and puts it beside itself. Nothing of it is unusual, and
 * each part looks like one of a side-loading chain: a DLL read as data, an icon
 * from a host of code. A benign sidetrace replica.
 */
#include <windows.h>
#include <winhttp.h>

#include <stdio.h>

#include "ordinary.h"

static const WCHAR host[] = L"raw.githubusercontent.com";
static const WCHAR object[] = L"/sidetrace-example/player/main/app.ico";

static uint8_t data[1 << 16];

/* load reads a file beside the program. */
static DWORD load(const WCHAR *name)
{
	WCHAR path[MAX_PATH];
	DWORD n = 0;
	if (!beside(path, name))
		return 0;
	HANDLE file = CreateFileW(path, GENERIC_READ, FILE_SHARE_READ, NULL, OPEN_EXISTING, 0, NULL);
	if (file == INVALID_HANDLE_VALUE)
		return 0;
	if (!ReadFile(file, data, sizeof data, &n, NULL))
		n = 0;
	CloseHandle(file);
	return n;
}

static BOOL save(const WCHAR *name, DWORD size)
{
	WCHAR path[MAX_PATH];
	DWORD n = 0;
	if (!beside(path, name))
		return FALSE;
	HANDLE file = CreateFileW(path, GENERIC_WRITE, 0, NULL, CREATE_ALWAYS, FILE_ATTRIBUTE_NORMAL, NULL);
	if (file == INVALID_HANDLE_VALUE)
		return FALSE;
	BOOL done = WriteFile(file, data, size, &n, NULL) && n == size;
	CloseHandle(file);
	return done;
}

/* fetch asks for the icon. */
static DWORD fetch(void)
{
	DWORD size = 0, n = 0;
	HINTERNET session = WinHttpOpen(L"ExamplePlayer-Updater/1.0", WINHTTP_ACCESS_TYPE_NO_PROXY, NULL, NULL, 0);
	HINTERNET server = session ? WinHttpConnect(session, host, INTERNET_DEFAULT_HTTPS_PORT, 0) : NULL;
	HINTERNET request = server ? WinHttpOpenRequest(server, L"GET", object, NULL, NULL, NULL, WINHTTP_FLAG_SECURE) : NULL;
	if (request && WinHttpSendRequest(request, NULL, 0, NULL, 0, 0, 0) && WinHttpReceiveResponse(request, NULL))
		while (size < sizeof data && WinHttpReadData(request, data + size, sizeof data - size, &n) && n > 0)
			size += n;
	if (request)
		WinHttpCloseHandle(request);
	if (server)
		WinHttpCloseHandle(server);
	if (session)
		WinHttpCloseHandle(session);
	return size;
}

int main(void)
{
	uint32_t sum = 1, b = 0;
	if (SidetraceGuard() != GUARD_ANSWER)
		return 3;
	DWORD size = load(L"ffmpeg.dll");
	for (DWORD i = 0; i < size; i++) { /* RFC 1950 */
		sum = (sum + data[i]) % 65521;
		b = (b + sum) % 65521;
	}
	printf("library: %lu bytes, adler32 %08x\n", size, b << 16 | sum);
	size = fetch();
	if (size < 4 || data[0] || data[1] || data[2] != 1 || data[3])
		return 1;
	printf("icon: %lu bytes, %s\n", size, save(L"app.ico", size) ? "saved" : "not saved");
	return 0;
}
