#include "check.h"

#define US 0x409

static SYSTEMTIME t = {2023, 3, 3, 29, 9, 5, 7, 42};

static void date(const char *format, DWORD flags)
{
	char text[80] = "?";
	SetLastError(0xDEAD);
	int n = GetDateFormatA(US, flags, &t, format, text, sizeof text);
	CHECK(format ? format : "date", "%d %s, error %lu", n, text, GetLastError());
}

static void hour(const char *format, DWORD flags)
{
	char text[80] = "?";
	SetLastError(0xDEAD);
	int n = GetTimeFormatA(US, flags, &t, format, text, sizeof text);
	CHECK(format ? format : "time", "%d %s, flags %lx, error %lu", n, text, flags, GetLastError());
}

static void number(const char *value, NUMBERFMTA *format)
{
	char text[80] = "?";
	SetLastError(0xDEAD);
	int n = GetNumberFormatA(US, 0, value, format, text, sizeof text);
	CHECK(value, "%d %s, error %lu", n, text, GetLastError());
}

int main(void)
{
	date(NULL, 0);
	date(NULL, DATE_SHORTDATE);
	date(NULL, DATE_LONGDATE);
	date(NULL, DATE_YEARMONTH);
	date("d dd ddd dddd", 0);
	date("M MM MMM MMMM", 0);
	date("y yy yyyy", 0);
	date("yyyy'-'MM'-'dd", 0);
	date("'it''s' d", 0);
	date("d", DATE_SHORTDATE);
	hour(NULL, 0);
	hour("h hh H HH", 0);
	hour("m mm s ss", 0);
	hour("t tt", 0);
	hour(NULL, TIME_NOSECONDS);
	hour(NULL, TIME_FORCE24HOURFORMAT);
	hour(NULL, TIME_NOTIMEMARKER);
	hour(NULL, TIME_NOMINUTESORSECONDS);
	t.wHour = 0;
	hour("h:mm tt", 0);
	t.wHour = 12;
	hour("h:mm:ss tt", 0);
	t.wHour = 23;
	hour("hh'h'", 0);
	INT(GetDateFormatA(US, 0, &t, "yyyy", NULL, 0));
	char small[3];
	FAILS(GetDateFormatA(US, 0, &t, "yyyy", small, sizeof small));
	t.wMonth = 13;
	FAILS(GetDateFormatA(US, 0, &t, "yyyy", small, 3));
	t.wMonth = 3;
	wchar_t wide[40];
	INT(GetDateFormatEx(L"en-US", 0, &t, L"d MMM yyyy", wide, 40, NULL));
	WSTR(wide);
	INT(GetTimeFormatEx(L"en-US", 0, &t, L"HH:mm", wide, 40));
	WSTR(wide);

	number("1234567.891", NULL);
	number("-1234.5", NULL);
	number("0.005", NULL);
	number("999.995", NULL);
	number("-0.004", NULL);
	number("12a", NULL);
	number("", NULL);
	NUMBERFMTA f = {0, 0, 3, ",", ".", 0};
	number("1234567.5", &f);
	number("-1", &f);
	f.NegativeOrder = 3;
	f.NumDigits = 3;
	number("-1", &f);
	f.Grouping = 0;
	number("1234567", &f);
	char text[64];
	INT(GetLocaleInfoA(US, LOCALE_SDAYNAME1, text, sizeof text));
	STR(text);
	INT(GetLocaleInfoA(US, LOCALE_SDAYNAME7, text, sizeof text));
	STR(text);
	INT(GetLocaleInfoA(US, LOCALE_SABBREVMONTHNAME12, text, sizeof text));
	STR(text);
	INT(GetLocaleInfoA(US, LOCALE_STIMEFORMAT, text, sizeof text));
	STR(text);
	return 0;
}
