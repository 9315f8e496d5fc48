// build: -Wno-cast-function-type
#include "check.h"

/* Without a manifest that names Windows 8.1 or later, programs are told 6.2. */
typedef LONG(WINAPI *get_version)(OSVERSIONINFOEXW *);
typedef void(WINAPI *get_numbers)(DWORD *, DWORD *, DWORD *);
typedef LONG(WINAPI *verify)(const OSVERSIONINFOEXW *, DWORD, DWORDLONG);

static BOOL at_least(DWORD major, DWORD minor)
{
	OSVERSIONINFOEXW v = {.dwOSVersionInfoSize = sizeof v, .dwMajorVersion = major, .dwMinorVersion = minor};
	DWORDLONG mask = VerSetConditionMask(VerSetConditionMask(VerSetConditionMask(0, VER_MAJORVERSION, VER_GREATER_EQUAL),
		VER_MINORVERSION, VER_GREATER_EQUAL), VER_SERVICEPACKMAJOR, VER_GREATER_EQUAL);
	return VerifyVersionInfoW(&v, VER_MAJORVERSION | VER_MINORVERSION | VER_SERVICEPACKMAJOR, mask);
}

int main(void)
{
	HMODULE ntdll = GetModuleHandleA("ntdll.dll");
	OSVERSIONINFOEXW w = {.dwOSVersionInfoSize = sizeof w};
	OSVERSIONINFOA a = {.dwOSVersionInfoSize = sizeof a};
	INT(GetVersionExW((OSVERSIONINFOW *)&w) != 0);
	CHECK("told", "%lu.%lu.%lu", w.dwMajorVersion, w.dwMinorVersion, w.dwBuildNumber);
	INT(w.dwPlatformId);
	INT(w.wProductType);
	INT(w.wServicePackMajor);
	WSTR(w.szCSDVersion);
	INT(GetVersionExA(&a));
	CHECK("told ANSI", "%lu.%lu.%lu", a.dwMajorVersion, a.dwMinorVersion, a.dwBuildNumber);
	DWORD v = GetVersion();
	CHECK("packed", "%u.%u.%u", LOBYTE(LOWORD(v)), HIBYTE(LOWORD(v)), HIWORD(v));
	w.dwOSVersionInfoSize = 12;
	FAILS(GetVersionExW((OSVERSIONINFOW *)&w));
	INT(at_least(6, 1));
	INT(at_least(6, 2));
	FAILS(at_least(6, 3));
	FAILS(at_least(10, 0));

	OSVERSIONINFOEXW real = {.dwOSVersionInfoSize = sizeof real};
	INT(((get_version)GetProcAddress(ntdll, "RtlGetVersion"))(&real));
	INT(real.dwMajorVersion);
	INT(real.dwBuildNumber > 10240);
	DWORD major = 0, minor = 1, build = 0;
	((get_numbers)GetProcAddress(ntdll, "RtlGetNtVersionNumbers"))(&major, &minor, &build);
	INT(major);
	INT(minor);
	HEX(build & 0xF0000000);
	INT((build & 0xFFFF) == real.dwBuildNumber);
	verify native = (verify)GetProcAddress(ntdll, "RtlVerifyVersionInfo");
	OSVERSIONINFOEXW ten = {.dwOSVersionInfoSize = sizeof ten, .dwMajorVersion = 10};
	HEX(native(&ten, VER_MAJORVERSION, VerSetConditionMask(0, VER_MAJORVERSION, VER_GREATER_EQUAL)));
	ten.dwMajorVersion = 11;
	HEX(native(&ten, VER_MAJORVERSION, VerSetConditionMask(0, VER_MAJORVERSION, VER_GREATER_EQUAL)));
	HEX(native(&ten, 0, 0));
	DWORD product = 99;
	INT(GetProductInfo(10, 0, 0, 0, &product));
	INT(product != 0 && product != 99);
	return 0;
}
