#include "check.h"

static void show(const char *label, const SYSTEMTIME *s)
{
	CHECK(label, "%d-%d-%d (%d) %d:%d:%d.%d", s->wYear, s->wMonth, s->wDay, s->wDayOfWeek, s->wHour, s->wMinute, s->wSecond, s->wMilliseconds);
}

static void from(const char *label, ULONGLONG v)
{
	FILETIME f = {(DWORD)v, (DWORD)(v >> 32)};
	SYSTEMTIME s = {0};
	SetLastError(0xDEAD);
	BOOL ok = FileTimeToSystemTime(&f, &s);
	if (ok)
		show(label, &s);
	else
		CHECK(label, "fails, error %lu", GetLastError());
}

static void to(const char *label, WORD y, WORD m, WORD d, WORD h, WORD min, WORD s, WORD ms)
{
	SYSTEMTIME t = {y, m, 6, d, h, min, s, ms};
	FILETIME f = {0, 0};
	SetLastError(0xDEAD);
	BOOL ok = SystemTimeToFileTime(&t, &f);
	if (ok)
		CHECK(label, "%08lx%08lx", f.dwHighDateTime, f.dwLowDateTime);
	else
		CHECK(label, "fails, error %lu", GetLastError());
}

int main(void)
{
	from("the beginning", 0);
	from("a tick", 1);
	from("a millisecond", 10000);
	from("1970", 116444736000000000ULL);
	from("2023", 133245540001234567ULL);
	from("leap day", 130009535999990000ULL);
	from("the last but one second", 0x7FFF35F4F06C7FFEULL);
	from("too late", 0x8000000000000000ULL);
	to("1601", 1601, 1, 1, 0, 0, 0, 0);
	to("1600", 1600, 1, 1, 0, 0, 0, 0);
	to("2000-02-29", 2000, 2, 29, 23, 59, 59, 999);
	to("1900-02-29", 1900, 2, 29, 0, 0, 0, 0);
	to("month 0", 2020, 0, 1, 0, 0, 0, 0);
	to("month 13", 2020, 13, 1, 0, 0, 0, 0);
	to("day 0", 2020, 1, 0, 0, 0, 0, 0);
	to("hour 24", 2020, 1, 1, 24, 0, 0, 0);
	to("second 60", 2020, 1, 1, 0, 0, 60, 0);
	to("1000 ms", 2020, 1, 1, 0, 0, 0, 1000);

	FILETIME a = {1, 0}, b = {0, 1}, f;
	INT(CompareFileTime(&a, &b));
	INT(CompareFileTime(&b, &a));
	INT(CompareFileTime(&a, &a));

	WORD date = 7, time = 7;
	ULONGLONG zip = 133245540000000000ULL;
	f = (FILETIME){(DWORD)zip, (DWORD)(zip >> 32)};
	INT(FileTimeToDosDateTime(&f, &date, &time));
	HEX(date);
	HEX(time);
	f = (FILETIME){0, 0};
	FAILS(FileTimeToDosDateTime(&f, &date, &time));
	INT(DosDateTimeToFileTime(0x567D, 0x4820, &f));
	CHECK("from DOS", "%08lx%08lx", f.dwHighDateTime, f.dwLowDateTime);
	FAILS(DosDateTimeToFileTime(0, 0, &f));
	FAILS(DosDateTimeToFileTime(0x21, 0xFFFF, &f));

	SYSTEMTIME now, local;
	GetSystemTime(&now);
	INT(now.wYear > 2000);
	INT(now.wMonth >= 1 && now.wMonth <= 12);
	INT(SystemTimeToFileTime(&now, &f));
	INT(FileTimeToSystemTime(&f, &local));
	INT(memcmp(&now, &local, sizeof now));
	DWORD t1 = GetTickCount();
	Sleep(30);
	DWORD t2 = GetTickCount();
	INT(t2 - t1 >= 15);
	ULONGLONG u1, u2;
	INT(QueryUnbiasedInterruptTime(&u1));
	Sleep(20);
	INT(QueryUnbiasedInterruptTime(&u2));
	INT(u2 > u1);
	DWORD adjustment, increment;
	BOOL disabled;
	INT(GetSystemTimeAdjustment(&adjustment, &increment, &disabled));
	INT(increment >= 10000);
	FILETIME idle, kernel, user;
	INT(GetSystemTimes(&idle, &kernel, &user));
	return 0;
}
