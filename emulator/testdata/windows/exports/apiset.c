/* Names of API sets lead to the DLLs that implement them. */
#include "../check.h"
#include "peb.h"

static void host(const char *contract)
{
	HMODULE m = LoadLibraryA(contract);
	wchar_t path[MAX_PATH], *file;
	if (m && GetModuleFileNameW(m, path, MAX_PATH) && (file = wcsrchr(path, '\\')))
		check_wide(contract, _wcslwr(file + 1));
	else
		CHECK(contract, "error %lu", GetLastError());
}

int main(void)
{
	static const char *const contracts[] = {
		"api-ms-win-core-file-l1-1-0.dll", "api-ms-win-core-file-l1-2-0.dll", "api-ms-win-core-file-l2-1-0", "API-MS-WIN-CORE-FILE-L1-1-0.DLL",
		"api-ms-win-core-file-l1-1-9.dll", "api-ms-win-core-memory-l1-1-0.dll", "api-ms-win-core-memory-l1-1-3.dll",
		"api-ms-win-core-processthreads-l1-1-0.dll", "api-ms-win-core-processthreads-l1-1-1.dll", "api-ms-win-core-processthreads-l1-1-2.dll",
		"api-ms-win-core-libraryloader-l1-1-0.dll", "api-ms-win-core-libraryloader-l1-2-0.dll", "api-ms-win-core-synch-l1-1-0.dll",
		"api-ms-win-core-synch-l1-2-0.dll", "api-ms-win-core-sysinfo-l1-1-0.dll", "api-ms-win-core-sysinfo-l1-2-0.dll",
		"api-ms-win-core-heap-l1-1-0.dll", "api-ms-win-core-heap-l2-1-0.dll", "api-ms-win-core-handle-l1-1-0.dll", "api-ms-win-core-io-l1-1-0.dll",
		"api-ms-win-core-errorhandling-l1-1-0.dll", "api-ms-win-core-debug-l1-1-0.dll", "api-ms-win-core-string-l1-1-0.dll",
		"api-ms-win-core-string-l2-1-0.dll", "api-ms-win-core-localization-l1-2-0.dll", "api-ms-win-core-registry-l1-1-0.dll",
		"api-ms-win-core-registry-l2-1-0.dll", "api-ms-win-core-console-l1-1-0.dll", "api-ms-win-core-datetime-l1-1-0.dll",
		"api-ms-win-core-fibers-l1-1-0.dll", "api-ms-win-core-profile-l1-1-0.dll", "api-ms-win-core-interlocked-l1-1-0.dll",
		"api-ms-win-core-threadpool-l1-2-0.dll", "api-ms-win-core-url-l1-1-0.dll", "api-ms-win-core-path-l1-1-0.dll",
		"api-ms-win-core-rtlsupport-l1-1-0.dll", "api-ms-win-core-com-l1-1-0.dll", "api-ms-win-core-winrt-l1-1-0.dll",
		"api-ms-win-core-winrt-string-l1-1-0.dll", "api-ms-win-core-kernel32-legacy-l1-1-0.dll", "api-ms-win-core-toolhelp-l1-1-0.dll",
		"api-ms-win-core-psapi-l1-1-0.dll", "api-ms-win-core-version-l1-1-0.dll", "api-ms-win-core-shlwapi-legacy-l1-1-0.dll",
		"api-ms-win-crt-runtime-l1-1-0.dll", "api-ms-win-crt-heap-l1-1-0.dll", "api-ms-win-crt-stdio-l1-1-0.dll", "api-ms-win-crt-string-l1-1-0.dll",
		"api-ms-win-crt-math-l1-1-0.dll", "api-ms-win-crt-private-l1-1-0.dll", "api-ms-win-security-base-l1-1-0.dll",
		"api-ms-win-security-sddl-l1-1-0.dll", "api-ms-win-security-lsalookup-l1-1-0.dll", "api-ms-win-service-management-l1-1-0.dll",
		"api-ms-win-service-core-l1-1-0.dll", "api-ms-win-eventing-provider-l1-1-0.dll", "api-ms-win-eventing-controller-l1-1-0.dll",
		"api-ms-win-shcore-path-l1-1-0.dll", "api-ms-win-downlevel-shlwapi-l1-1-0.dll", "api-ms-win-downlevel-advapi32-l1-1-0.dll",
		"ext-ms-win-ntuser-window-l1-1-0.dll", "ext-ms-win-gdi-dc-l1-1-0.dll",
		"api-ms-win-core-nosuch-l1-1-0.dll", "api-ms-win-core-file-l9-1-0.dll", "ext-ms-win-nosuch-thing-l1-1-0.dll", "api-ms-win-core-file.dll",
	};
	INT(GetModuleHandleA("api-ms-win-core-file-l1-1-0.dll") == GetModuleHandleA("kernelbase.dll"));
	INT(GetModuleHandleA("api-ms-win-core-file-l1-1-0") == GetModuleHandleA("kernelbase.dll"));
	INT(GetModuleHandleA("api-ms-win-core-rtlsupport-l1-1-0.dll") == GetModuleHandleA("ntdll.dll"));
	FAILS(GetModuleHandleA("api-ms-win-core-nosuch-l1-1-0.dll") != NULL);
	FAILS(LoadLibraryA("api-ms-win-core-nosuch-l1-1-0.dll") != NULL);
	for (unsigned i = 0; i < sizeof contracts / sizeof *contracts; i++)
		host(contracts[i]);
	INT(GetProcAddress(LoadLibraryA("api-ms-win-core-file-l1-1-0.dll"), "CreateFileW") != NULL);
	INT(GetProcAddress(LoadLibraryA("api-ms-win-crt-string-l1-1-0.dll"), "strcpy_s") != NULL);
	FAILS(GetProcAddress(LoadLibraryA("api-ms-win-core-file-l1-1-0.dll"), "NoSuchFunction") != NULL);
	/* API_SET_NAMESPACE */
	DWORD *map = *(DWORD **)(peb() + 0x68);
	INT(map[0]);
	INT(map[3] > 100);
	INT(map[6]);
	INT(map[4] < map[1] && map[5] < map[1]);
	return 0;
}
