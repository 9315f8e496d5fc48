/* GetProcAddress by name and by ordinal, and how it fails. */
#include "../check.h"

static void *by(const char *dll, const char *name) { return (void *)GetProcAddress(GetModuleHandleA(dll), name); }

static void ordinal(const char *dll, WORD number, const char *name)
{
	HMODULE m = LoadLibraryA(dll);
	void *at = (void *)GetProcAddress(m, (char *)(ULONG_PTR)number);
	CHECK(name, "%d", at && at == (void *)GetProcAddress(m, name));
}

int main(void)
{
	HMODULE kernel = GetModuleHandleA("kernel32");
	INT(by("kernel32", "CreateFileW") != NULL);
	INT(by("kernel32.dll", "CreateFileW") == by("KERNEL32", "CreateFileW"));
	FAILS(GetProcAddress(kernel, "createfilew") != NULL);
	FAILS(GetProcAddress(kernel, "CreateFile") != NULL);
	FAILS(GetProcAddress(kernel, "NoSuchFunction") != NULL);
	FAILS(GetProcAddress(kernel, "") != NULL);
	FAILS(GetProcAddress(kernel, "CreateFileW ") != NULL);
	FAILS(GetProcAddress(GetModuleHandleA("ntdll"), "CreateFileW") != NULL);
	FAILS(GetProcAddress(kernel, (char *)0xFFFE) != NULL);
	FAILS(GetProcAddress((HMODULE)0x12340000, "CreateFileW") != NULL);
	FAILS(GetProcAddress(GetModuleHandleA(NULL), "main") != NULL);
	FAILS(GetModuleHandleA("nosuch.dll") != NULL);

	ordinal("ws2_32.dll", 1, "accept");
	ordinal("ws2_32.dll", 3, "closesocket");
	ordinal("ws2_32.dll", 4, "connect");
	ordinal("ws2_32.dll", 9, "htons");
	ordinal("ws2_32.dll", 16, "recv");
	ordinal("ws2_32.dll", 19, "send");
	ordinal("ws2_32.dll", 23, "socket");
	ordinal("ws2_32.dll", 52, "gethostbyname");
	ordinal("ws2_32.dll", 57, "gethostname");
	ordinal("ws2_32.dll", 111, "WSAGetLastError");
	ordinal("ws2_32.dll", 115, "WSAStartup");
	ordinal("ws2_32.dll", 116, "WSACleanup");
	ordinal("oleaut32.dll", 2, "SysAllocString");
	ordinal("oleaut32.dll", 6, "SysFreeString");
	ordinal("oleaut32.dll", 7, "SysStringLen");
	ordinal("oleaut32.dll", 8, "VariantInit");
	ordinal("oleaut32.dll", 9, "VariantClear");
	ordinal("oleaut32.dll", 15, "SafeArrayCreate");
	ordinal("oleaut32.dll", 149, "SysStringByteLen");
	ordinal("comctl32.dll", 17, "InitCommonControls");
	ordinal("shell32.dll", 155, "ILFree");
	ordinal("shell32.dll", 680, "IsUserAnAdmin");
	ordinal("shlwapi.dll", 12, "SHCreateMemStream");
	ordinal("wldap32.dll", 143, "ldap_init");

	/* DLLs whose functions are called by few, but imported. */
	static const char *const some[][2] = {
		{"user32", "MessageBoxTimeoutW"}, {"user32", "SetWindowsHookExW"}, {"gdi32", "BitBlt"}, {"advapi32", "CreateServiceW"},
		{"advapi32", "LsaOpenPolicy"}, {"ole32", "CoCreateInstance"}, {"rpcrt4", "UuidCreate"}, {"rpcrt4", "NdrClientCall2"},
		{"setupapi", "SetupDiGetClassDevsW"}, {"iphlpapi", "GetAdaptersInfo"}, {"netapi32", "NetUserEnum"}, {"wtsapi32", "WTSEnumerateSessionsW"},
		{"userenv", "CreateEnvironmentBlock"}, {"dbghelp", "MiniDumpWriteDump"}, {"winmm", "timeGetTime"}, {"wintrust", "WinVerifyTrust"},
		{"mpr", "WNetAddConnection2W"}, {"imm32", "ImmGetContext"}, {"uxtheme", "OpenThemeData"}, {"version", "VerQueryValueW"},
		{"psapi", "EnumProcesses"}, {"crypt32", "CertOpenStore"}, {"ncrypt", "NCryptOpenStorageProvider"}, {"winhttp", "WinHttpOpen"},
		{"secur32", "AcquireCredentialsHandleW"}, {"comdlg32", "GetOpenFileNameW"}, {"gdiplus", "GdiplusStartup"}, {"dwmapi", "DwmIsCompositionEnabled"},
		{"msimg32", "AlphaBlend"}, {"oleacc", "AccessibleObjectFromWindow"}, {"cabinet", "FDICreate"}, {"hid", "HidD_GetHidGuid"},
		{"shcore", "SetProcessDpiAwareness"}, {"msi", "MsiOpenDatabaseW"}, {"wlanapi", "WlanOpenHandle"}, {"cfgmgr32", "CM_Get_Parent"},
	};
	for (unsigned i = 0; i < sizeof some / sizeof *some; i++)
		CHECK(some[i][1], "%d", GetProcAddress(LoadLibraryA(some[i][0]), some[i][1]) != NULL);
	return 0;
}
