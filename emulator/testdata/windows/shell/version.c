// build: -lversion
#include "check.h"
#include <stdlib.h>

/* The version resource of a program, read as programs do. */
static void query(void *block, const char *path)
{
	char *value = NULL, label[100];
	UINT size = 77;
	SetLastError(0xDEAD);
	BOOL ok = VerQueryValueA(block, path, (void **)&value, &size);
	snprintf(label, sizeof label, "A %s", path);
	if (!ok)
		CHECK(label, "%d size %u error %lu", ok, size, GetLastError());
	else if (strstr(path, "StringFileInfo\\0"))
		CHECK(label, "%d size %u %s", ok, size, value);
	else
		CHECK(label, "%d size %u at %lld", ok, size, (long long)(value - (char *)block));
}

static void wide(void *block, const WCHAR *path)
{
	WCHAR *value = NULL;
	UINT size = 77;
	BOOL ok = VerQueryValueW(block, path, (void **)&value, &size);
	check_wide("W", path);
	CHECK("result", "%d size %u at %lld", ok, size, ok ? (long long)((char *)value - (char *)block) : 0);
	if (ok && wcsstr(path, L"Name"))
		WSTR(value);
}

int main(void)
{
	char self[MAX_PATH];
	DWORD handle = 77;
	GetModuleFileNameA(NULL, self, sizeof self);
	DWORD size = GetFileVersionInfoSizeA(self, &handle);
	INT(size);
	INT(handle);
	char *block = malloc(size + 16);
	memset(block, '?', size + 16);
	INT(GetFileVersionInfoA(self, 0, size, block));
	check_bytes("end", block + size, 4);
	VS_FIXEDFILEINFO *fixed = NULL;
	UINT n = 0;
	INT(VerQueryValueA(block, "\\", (void **)&fixed, &n));
	INT(n);
	CHECK("fixed", "%lx %lx %lx.%lx %lx.%lx %lx %lx %lx %lx", fixed->dwSignature, fixed->dwStrucVersion, fixed->dwFileVersionMS, fixed->dwFileVersionLS,
	      fixed->dwProductVersionMS, fixed->dwProductVersionLS, fixed->dwFileFlags, fixed->dwFileOS, fixed->dwFileType, fixed->dwFileFlagsMask);
	query(block, "\\VarFileInfo\\Translation");
	query(block, "\\StringFileInfo\\040904b0\\CompanyName");
	query(block, "\\stringfileinfo\\040904B0\\filedescription");
	query(block, "\\StringFileInfo\\040904b0\\FileVersion");
	query(block, "\\StringFileInfo\\040904b0\\Empty");
	query(block, "\\StringFileInfo\\040904b0\\Nothing");
	query(block, "\\StringFileInfo\\040904e4\\CompanyName");
	query(block, "StringFileInfo\\040904b0\\FileDescription");
	query(block, "\\VarFileInfo");
	query(block, "");
	wide(block, L"\\StringFileInfo\\040904b0\\CompanyName");
	wide(block, L"\\VarFileInfo\\Translation");
	wide(block, L"\\None");

	WCHAR wself[MAX_PATH];
	GetModuleFileNameW(NULL, wself, MAX_PATH);
	INT(GetFileVersionInfoSizeW(wself, NULL));
	FAILS(GetFileVersionInfoSizeA("C:\\no\\such.dll", &handle));
	FAILS(GetFileVersionInfoSizeA("", &handle));
	FAILS(GetFileVersionInfoA(self, 0, size, NULL));
	INT(GetFileVersionInfoSizeA("kernel32.dll", &handle) > 100);
	size = GetFileVersionInfoSizeW(L"ntdll.dll", NULL);
	block = realloc(block, size);
	INT(GetFileVersionInfoW(L"ntdll.dll", 0, size, block));
	INT(VerQueryValueW(block, L"\\", (void **)&fixed, &n));
	CHECK("ntdll", "%lx %lu", fixed->dwSignature, fixed->dwFileType);
	return 0;
}
