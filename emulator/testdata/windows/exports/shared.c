/* KUSER_SHARED_DATA agrees with what functions say. */
#include "../check.h"
#include <winternl.h>

#define SHARED(type, offset) (*(volatile type *)(0x7FFE0000ull + (offset)))

/* three reads a KSYSTEM_TIME as Windows' own code does. */
static ULONGLONG three(int offset)
{
	LONG high;
	DWORD low;
	do {
		high = SHARED(LONG, offset + 4);
		low = SHARED(DWORD, offset);
	} while (high != SHARED(LONG, offset + 8));
	return (ULONGLONG)high << 32 | low;
}

static ULONGLONG now(void)
{
	FILETIME t;
	GetSystemTimeAsFileTime(&t);
	return (ULONGLONG)t.dwHighDateTime << 32 | t.dwLowDateTime;
}

int main(void)
{
	LONG(NTAPI * version)(OSVERSIONINFOEXW *) = (void *)GetProcAddress(GetModuleHandleA("ntdll"), "RtlGetVersion");
	void(NTAPI * numbers)(DWORD *, DWORD *, DWORD *) = (void *)GetProcAddress(GetModuleHandleA("ntdll"), "RtlGetNtVersionNumbers");
	OSVERSIONINFOEXW v = {.dwOSVersionInfoSize = sizeof v};
	DWORD major, minor, build;
	BYTE *peb = (BYTE *)__readgsqword(0x60);
	HEX(version(&v));
	numbers(&major, &minor, &build);
	INT(v.dwMajorVersion == major && v.dwMinorVersion == minor);
	INT(v.dwBuildNumber == (build & 0xFFFF));
	HEX(build >> 28);
	INT(v.dwPlatformId);
	INT(v.wProductType);
	INT(SHARED(DWORD, 0x26C) == v.dwMajorVersion);
	INT(SHARED(DWORD, 0x270) == v.dwMinorVersion);
	INT(SHARED(DWORD, 0x260) == v.dwBuildNumber);
	INT(SHARED(DWORD, 0x264) == v.wProductType);
	INT(SHARED(BYTE, 0x268));
	INT(*(DWORD *)(peb + 0x118) == v.dwMajorVersion);
	INT(*(DWORD *)(peb + 0x11C) == v.dwMinorVersion);
	INT(*(WORD *)(peb + 0x120) == v.dwBuildNumber);
	INT(*(DWORD *)(peb + 0x124));

	wchar_t windows[MAX_PATH];
	GetWindowsDirectoryW(windows, MAX_PATH);
	INT(!lstrcmpiW(windows, (wchar_t *)0x7FFE0030));

	SYSTEM_INFO info;
	GetSystemInfo(&info);
	INT(SHARED(DWORD, 0x3C0) == info.dwNumberOfProcessors);
	INT(*(DWORD *)(peb + 0xB8) == info.dwNumberOfProcessors);
	INT(SHARED(WORD, 0x26A));
	INT(SHARED(BYTE, 0x2D4));
	INT(IsDebuggerPresent());
	HEX(SHARED(DWORD, 0x004));
	for (int i = 0; i < 15; i++)
		if (IsProcessorFeaturePresent(i) != SHARED(BYTE, 0x274 + i))
			CHECK("feature differs", "%d", i);

	ULONGLONG before = now(), shared = three(0x14), after = now();
	INT(shared + 200000 >= before && shared <= after + 200000);
	ULONGLONG tick = (three(0x320) * SHARED(DWORD, 0x004)) >> 24, told = GetTickCount64();
	INT(told + 32 >= tick && tick + 32 >= told);
	ULONGLONG interrupt = three(0x08);
	INT(interrupt / 10000 + 100 >= told && interrupt / 10000 <= told + 100);
	Sleep(300);
	INT(three(0x14) >= shared + 2900000);
	INT(three(0x08) >= interrupt + 2900000);
	INT((three(0x320) * SHARED(DWORD, 0x004)) >> 24 >= tick + 280);

	/* A loop that asks nobody but the page comes to its end. */
	ULONGLONG until = three(0x08) + 500000;
	while (three(0x08) < until)
		;
	INT(three(0x08) >= until);
	INT(now() >= three(0x14) - 200000);

	MEMORY_BASIC_INFORMATION page;
	INT(VirtualQuery((void *)0x7FFE0000, &page, sizeof page) > 0);
	HEX(page.Protect);
	HEX(page.State);
	return 0;
}
