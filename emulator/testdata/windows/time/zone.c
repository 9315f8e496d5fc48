#include "check.h"

static void show(const char *label, const SYSTEMTIME *s)
{
	CHECK(label, "%d-%d-%d (%d) %d:%d:%d.%d", s->wYear, s->wMonth, s->wDay, s->wDayOfWeek, s->wHour, s->wMinute, s->wSecond, s->wMilliseconds);
}

static TIME_ZONE_INFORMATION zone;

static void both(const char *label, WORD month, WORD day, WORD hour, WORD minute)
{
	SYSTEMTIME u = {2023, month, 0, day, hour, minute, 30, 5}, l;
	char text[64];
	snprintf(text, sizeof text, "%s, to local", label);
	if (SystemTimeToTzSpecificLocalTime(&zone, &u, &l))
		show(text, &l);
	else
		CHECK(text, "error %lu", GetLastError());
	snprintf(text, sizeof text, "%s, to universal", label);
	if (TzSpecificLocalTimeToSystemTime(&zone, &u, &l))
		show(text, &l);
	else
		CHECK(text, "error %lu", GetLastError());
}

int main(void)
{
	zone.Bias = -60;
	zone.DaylightBias = -60;
	zone.StandardDate = (SYSTEMTIME){0, 10, 0, 5, 3, 0, 0, 0};
	zone.DaylightDate = (SYSTEMTIME){0, 3, 0, 5, 2, 0, 0, 0};
	both("winter", 1, 15, 12, 0);
	both("summer", 7, 15, 12, 0);
	both("before spring", 3, 26, 0, 59);
	both("spring", 3, 26, 1, 0);
	both("before autumn", 10, 29, 0, 59);
	both("autumn", 10, 29, 1, 0);
	both("new year", 1, 1, 0, 0);
	both("the last hour", 12, 31, 23, 30);
	zone.Bias = 300;
	zone.StandardDate = (SYSTEMTIME){0, 11, 0, 1, 2, 0, 0, 0};
	zone.DaylightDate = (SYSTEMTIME){0, 3, 0, 2, 2, 0, 0, 0};
	both("New York in winter", 2, 1, 3, 0);
	both("New York in summer", 6, 1, 3, 0);
	both("New York in March", 3, 12, 7, 0);
	both("New York in November", 11, 5, 5, 59);
	zone.Bias = -600;
	zone.StandardDate = (SYSTEMTIME){0, 4, 0, 1, 3, 0, 0, 0};
	zone.DaylightDate = (SYSTEMTIME){0, 10, 0, 1, 2, 0, 0, 0};
	both("Sydney in January", 1, 10, 12, 0);
	both("Sydney in June", 6, 10, 12, 0);
	zone.StandardDate.wMonth = 0;
	zone.DaylightDate.wMonth = 0;
	both("without summer", 6, 10, 12, 0);
	SYSTEMTIME bad = {2023, 13, 0, 1, 0, 0, 0, 0}, out;
	FAILS(SystemTimeToTzSpecificLocalTime(&zone, &bad, &out));
	TIME_ZONE_INFORMATION own;
	memset(&own, 0x55, sizeof own);
	INT(GetTimeZoneInformation(&own));
	INT(own.Bias);
	INT(own.DaylightDate.wMonth);
	FILETIME f = {0x12345678, 0x1D00000}, g;
	INT(FileTimeToLocalFileTime(&f, &g));
	INT(CompareFileTime(&f, &g));
	INT(LocalFileTimeToFileTime(&g, &f));
	DYNAMIC_TIME_ZONE_INFORMATION d;
	INT(GetDynamicTimeZoneInformation(&d));
	INT(d.Bias);
	return 0;
}
