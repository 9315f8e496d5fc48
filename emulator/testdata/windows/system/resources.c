// build: -Wno-cast-function-type
#include "check.h"

static void put(const wchar_t *what, const wchar_t *s)
{
	if (IS_INTRESOURCE(s))
		printf(" %ls #%u", what, (unsigned)(ULONG_PTR)s);
	else
		printf(" %ls %ls", what, s);
}

static BOOL CALLBACK language(HMODULE m, const wchar_t *type, const wchar_t *name, WORD l, LONG_PTR p)
{
	(void)m, (void)type, (void)name;
	printf(" %04x/%d", l, (int)p);
	return TRUE;
}

static BOOL CALLBACK name(HMODULE m, const wchar_t *type, wchar_t *n, LONG_PTR p)
{
	put(L"name", n);
	EnumResourceLanguagesW(m, type, n, language, p);
	return TRUE;
}

static BOOL CALLBACK type(HMODULE m, wchar_t *t, LONG_PTR p)
{
	printf("type:");
	put(L"", t);
	EnumResourceNamesW(m, t, name, p);
	printf("\n");
	return TRUE;
}

static int left;
static BOOL CALLBACK stop(HMODULE m, wchar_t *t, LONG_PTR p)
{
	(void)m, (void)t, (void)p;
	return --left > 0;
}

static BOOL CALLBACK ansi(HMODULE m, const char *t, char *n, LONG_PTR p)
{
	(void)m, (void)t;
	if (IS_INTRESOURCE(n))
		CHECK("ansi", "#%u %d", (unsigned)(ULONG_PTR)n, (int)p);
	else
		CHECK("ansi", "%s %d", n, (int)p);
	return TRUE;
}

static BOOL CALLBACK none(HMODULE m, const wchar_t *t, wchar_t *n, LONG_PTR p)
{
	(void)m, (void)t, (void)n, (void)p;
	return TRUE;
}

typedef LONG(WINAPI *get_version)(OSVERSIONINFOEXW *);
typedef void(WINAPI *get_numbers)(DWORD *, DWORD *, DWORD *);

int main(void)
{
	INT(EnumResourceTypesW(NULL, type, 5));
	left = 2;
	INT(EnumResourceTypesW(NULL, stop, 0));
	INT(left);
	INT(EnumResourceNamesA(NULL, (char *)RT_RCDATA, ansi, 3));
	INT(EnumResourceNamesExA(NULL, (char *)RT_RCDATA, ansi, 4, RESOURCE_ENUM_LN, 0));
	INT(EnumResourceTypesExW(NULL, stop, 0, 0, 0) + left);
	FAILS(EnumResourceNamesW(NULL, L"ABSENT", none, 0));
	FAILS(EnumResourceNamesW((HMODULE)0x12340000, L"ABSENT", none, 0));
	FAILS(EnumResourceLanguagesW(NULL, (wchar_t *)RT_RCDATA, L"ABSENT", language, 0));

	INT(FindResourceW(NULL, L"ABSENT", (wchar_t *)RT_RCDATA) == NULL);
	INT(GetLastError());
	INT(FindResourceW(NULL, L"PAYLOAD", L"ABSENT") == NULL);
	INT(GetLastError());
	INT(FindResourceW(NULL, L"payload", (wchar_t *)RT_RCDATA) != NULL);
	INT(FindResourceA(NULL, "#7", "#10") != NULL);
	HRSRC german = FindResourceExW(NULL, (wchar_t *)RT_RCDATA, MAKEINTRESOURCEW(7), MAKELANGID(7, 1));
	INT(SizeofResource(NULL, german));
	CHECK("german", "%.6s", (char *)LockResource(LoadResource(NULL, german)));
	HRSRC english = FindResourceExW(NULL, (wchar_t *)RT_RCDATA, MAKEINTRESOURCEW(7), MAKELANGID(9, 1));
	INT(SizeofResource(NULL, english));
	CHECK("english", "%.7s", (char *)LockResource(LoadResource(NULL, english)));
	INT(english == german);

	/* With a manifest for Windows 10, the machine's version is told. */
	HMODULE ntdll = GetModuleHandleA("ntdll.dll");
	OSVERSIONINFOEXW real = {.dwOSVersionInfoSize = sizeof real}, told = {.dwOSVersionInfoSize = sizeof told};
	INT(((get_version)GetProcAddress(ntdll, "RtlGetVersion"))(&real));
	INT(GetVersionExW((OSVERSIONINFOW *)&told));
	INT(told.dwMajorVersion == real.dwMajorVersion);
	INT(told.dwMinorVersion == real.dwMinorVersion);
	INT(told.dwBuildNumber == real.dwBuildNumber);
	INT(real.dwMajorVersion);
	OSVERSIONINFOEXW asked = {.dwOSVersionInfoSize = sizeof asked, .dwMajorVersion = 10};
	INT(VerifyVersionInfoW(&asked, VER_MAJORVERSION, VerSetConditionMask(0, VER_MAJORVERSION, VER_EQUAL)));
	INT(LOBYTE(LOWORD(GetVersion())));
	return 0;
}
