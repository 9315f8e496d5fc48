// build: -fno-builtin -w
#include "check.h"
#include "runtime.h"
#include <errno.h>
#include <locale.h>
#include <time.h>

/* Times that are given, in the "C" locale; nothing of the clock or the zone. */
static void show(const char *label, const struct tm *t)
{
	if (!t)
		CHECK(label, "null errno %d", errno);
	else
		CHECK(label, "%d-%d-%d %d:%d:%d wday %d yday %d dst %d", t->tm_year, t->tm_mon, t->tm_mday, t->tm_hour, t->tm_min, t->tm_sec, t->tm_wday, t->tm_yday, t->tm_isdst);
}

static size_t (*format)(char *, size_t, const char *, const struct tm *);
static size_t (*wformat)(wchar_t *, size_t, const wchar_t *, const struct tm *);
static struct tm *(*gm)(const __time64_t *);
static __time64_t (*make)(struct tm *);

static void f(const char *label, const char *fmt, const struct tm *t)
{
	char b[128] = "untouched";
	size_t n = format(b, sizeof b, fmt, t);
	CHECK(label, "%d [%s]", (int)n, b);
}

int main(void)
{
	count_invalid();
	format = GET(strftime);
	wformat = GET(wcsftime);
	gm = GET(_gmtime64);
	make = GET(_mkgmtime64);
	char *(*asc)(const struct tm *) = GET(asctime);
	double (*diff)(__time64_t, __time64_t) = GET(_difftime64);

	static const __time64_t times[] = {0, 1, 86399, 951782400, 1000000000, 1679999999, 2147483647, 4102444800LL, 32535215999LL, 32535215999LL + 86400, -1, -86400};
	char label[64];
	for (size_t i = 0; i < sizeof times / sizeof *times; i++) {
		snprintf(label, sizeof label, "gmtime(%lld)", (long long)times[i]);
		errno = 0;
		show(label, gm(&times[i]));
	}
	__time64_t t = 1679999999;
	struct tm tm = *gm(&t);
	STR(asc(&tm));
	static const char *conversions = "aAbBcdHIjmMpSUwWxXyY%";
	for (const char *c = conversions; *c; c++) {
		char fmt[] = {'%', *c, 0}, sharp[] = {'%', '#', *c, 0};
		f(fmt, fmt, &tm);
		f(sharp, sharp, &tm);
	}
#ifdef UCRT
	for (const char *c = "CDeFgGhnrRtTuV"; *c; c++) {
		char fmt[] = {'%', *c, 0};
		f(fmt, fmt, &tm);
	}
#endif
	t = 951782400; /* 29 February 2000 */
	tm = *gm(&t);
	f("leap day", "%Y-%m-%d %j %U %W %w", &tm);
	t = 978307200; /* 1 January 2001 */
	tm = *gm(&t);
	f("new year", "%Y-%m-%d %j %U %W %w", &tm);
	t = 5 * 3600;
	tm = *gm(&t);
	f("morning", "%I:%M %p", &tm);
	t = 0;
	tm = *gm(&t);
	f("midnight", "%I %p %#I %#H", &tm);
	char b[8];
	memset(b, '?', sizeof b);
	errno = 0;
	INT(format(b, 5, "%Y-%m", &tm));
	INT(errno);
	INT(format(b, 8, "%Y-%m", &tm));
	INT(format(b, 8, "", &tm));
	wchar_t w[32];
	INT(wformat(w, 32, L"%A \x263a %d", &tm));
	WSTR(w);

	struct tm when = {.tm_year = 123, .tm_mon = 2, .tm_mday = 29, .tm_hour = 9};
	CHECK("mkgmtime", "%lld", (long long)make(&when));
	show("mkgmtime fills in", &when);
	when = (struct tm){.tm_year = 123, .tm_mon = 13, .tm_mday = 32, .tm_hour = 25, .tm_min = 61, .tm_sec = 61};
	CHECK("mkgmtime of fields out of range", "%lld", (long long)make(&when));
	show("mkgmtime brings them into range", &when);
	when = (struct tm){.tm_year = 123, .tm_mon = 0, .tm_mday = 0, .tm_sec = -1};
	CHECK("mkgmtime of fields below", "%lld", (long long)make(&when));
	show("mkgmtime brings these too", &when);
	when = (struct tm){.tm_year = 60, .tm_mday = 1};
	errno = 0;
	CHECK("mkgmtime before 1970", "%lld errno %d", (long long)make(&when), errno);
	CHECK("difftime", "%g", diff(100, 40));
	CHECK("difftime below", "%g", diff(40, 100));

	int (*gm_s)(struct tm *, const __time64_t *) = GET(_gmtime64_s);
	t = 1000000000;
	INT(gm_s(&tm, &t));
	show("gmtime_s", &tm);
	t = -100000;
	errno = 0;
	INT(gm_s(&tm, &t));
	INT(errno);
	show("gmtime_s of no time", &tm);
	INT(gm_s(NULL, &t));
	INT(gm_s(&tm, NULL));
	int (*asc_s)(char *, size_t, const struct tm *) = GET(asctime_s);
	t = 1000000000;
	gm_s(&tm, &t);
	char text[32];
	INT(asc_s(text, sizeof text, &tm));
	STR(text);
	INT(asc_s(text, 10, &tm));
	STR(text);
	wchar_t *(*wasc)(const struct tm *) = GET(_wasctime);
	WSTR(wasc(&tm));
	struct tm *(*gm32)(const long *) = GET(_gmtime32);
	long t32 = 1000000000;
	show("gmtime32", gm32(&t32));
	char *(*getdays)(void) = GET(_Getdays), *(*getmonths)(void) = GET(_Getmonths);
	STR(getdays());
	STR(getmonths());
	return 0;
}
