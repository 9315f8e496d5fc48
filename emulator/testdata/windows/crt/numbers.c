// build: -fno-builtin -w
#include "check.h"
#include "runtime.h"
#include <errno.h>
#include <limits.h>
#include <math.h>
#include <stdlib.h>

/* Numbers read from strings and written to them, by the DLL's functions. */
static void shown(const char *label, double v, const char *s, const char *end)
{
	int e = errno;
	if (isinf(v) || isnan(v))
		CHECK(label, "%s end %d errno %d", isnan(v) ? "nan" : v < 0 ? "-inf" : "inf", (int)(end - s), e);
	else
		CHECK(label, "%.15g end %d errno %d", v, (int)(end - s), e);
}

int main(void)
{
	count_invalid();
	long (*strtol_)(const char *, char **, int) = GET(strtol);
	unsigned long (*strtoul_)(const char *, char **, int) = GET(strtoul);
	long long (*strtoi64)(const char *, char **, int) = GET(_strtoi64);
	unsigned long long (*strtoui64)(const char *, char **, int) = GET(_strtoui64);
	double (*strtod_)(const char *, char **) = GET(strtod);
	long (*wcstol_)(const wchar_t *, wchar_t **, int) = GET(wcstol);
	int (*atoi_)(const char *) = GET(atoi);
	long long (*atoi64)(const char *) = GET(_atoi64);
	double (*atof_)(const char *) = GET(atof);

	static const char *integers[] = {"0", "42", "-42", "+7", "  12", "12abc", "abc", "", "-", "0x1f", "0X1F", "0x", "0xg", "017", "089", "2147483647", "2147483648",
		"-2147483648", "-2147483649", "4294967295", "4294967296", "9223372036854775807", "9223372036854775808", "-9223372036854775809", "18446744073709551616", "zz", "\t\n5", "1 2"};
	static const int bases[] = {10, 16, 0, 8, 36, 2};
	char label[96], *end;
	for (size_t i = 0; i < sizeof integers / sizeof *integers; i++)
		for (size_t j = 0; j < (i < 15 ? sizeof bases / sizeof *bases : 2); j++) {
			const char *s = integers[i];
			snprintf(label, sizeof label, "strtol(\"%s\", %d)", s[0] == '\t' ? "blanks 5" : s, bases[j]);
			errno = 0;
			long v = strtol_(s, &end, bases[j]);
			int e = errno, used = end - s;
			errno = 0;
			unsigned long u = strtoul_(s, &end, bases[j]);
			int ue = errno;
			errno = 0;
			long long l = strtoi64(s, &end, bases[j]);
			int le = errno;
			errno = 0;
			unsigned long long ul = strtoui64(s, &end, bases[j]);
			CHECK(label, "%ld errno %d, %lu errno %d, %lld errno %d, %llu errno %d, end %d", v, e, u, ue, l, le, ul, errno, used);
		}
	errno = 0;
	end = NULL;
	CHECK("strtol with base 1", "%ld errno %d invalid %d", strtol_("5", &end, 1), errno, invalid);
	wchar_t *wend;
	CHECK("wcstol", "%ld", wcstol_(L" -77x", &wend, 10));
	WSTR(wend);
	INT(atoi_("123"));
	INT(atoi_("-5x"));
	INT(atoi_("99999999999"));
	INT(atoi64("99999999999"));
	INT(atoi64("99999999999999999999999"));

	static const char *doubles[] = {"0", "1", "-1.5", "3.14159", "1e10", "1e-10", "1E5", "1e", "1e+", ".5", "5.", ".", "", "abc", "-", "1.2.3", "  7", "1e400", "-1e400", "1e-400",
		"1.7976931348623157e308", "2.2250738585072014e-308", "4.9e-324", "123456789012345678901234567890", "0.1", "1,5", "00012.5000"};
	for (size_t i = 0; i < sizeof doubles / sizeof *doubles; i++) {
		snprintf(label, sizeof label, "strtod(\"%s\")", doubles[i]);
		errno = 0;
		double v = strtod_(doubles[i], &end);
		shown(label, v, doubles[i], end);
	}
#ifdef UCRT
	static const char *others[] = {"inf", "-INF", "infinity", "infinite", "nan", "nan(x)", "0x10", "0x1.8p1", "0x1p-2", "0x", "0x.8", "-0x1P4"};
	for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
		snprintf(label, sizeof label, "strtod(\"%s\")", others[i]);
		errno = 0;
		double v = strtod_(others[i], &end);
		shown(label, v, others[i], end);
	}
	float (*strtof_)(const char *, char **) = GET(strtof);
	errno = 0;
	CHECK("strtof", "%.9g errno %d", strtof_("1.1", &end), errno);
	CHECK("strtof too large", "%d errno %d", isinf(strtof_("1e39", &end)), errno);
#endif
	CHECK("atof", "%g %g", atof_("2.5x"), atof_("x"));

	char b[80];
	char *(*itoa_)(int, char *, int) = GET(_itoa), *(*i64toa)(long long, char *, int) = GET(_i64toa), *(*ui64toa)(unsigned long long, char *, int) = GET(_ui64toa);
	STR(itoa_(-123, b, 10));
	STR(itoa_(-1, b, 16));
	STR(itoa_(255, b, 2));
	STR(itoa_(35, b, 36));
	STR(itoa_(0, b, 10));
	STR(itoa_(INT_MIN, b, 10));
	STR(i64toa(LLONG_MIN, b, 10));
	STR(i64toa(-1, b, 16));
	STR(ui64toa(ULLONG_MAX, b, 10));
	STR(ui64toa(ULLONG_MAX, b, 36));
	char *(*ecvt_)(double, int, int *, int *) = GET(_ecvt), *(*fcvt_)(double, int, int *, int *) = GET(_fcvt), *(*gcvt_)(double, int, char *) = GET(_gcvt);
	static const double values[] = {0, 1, 3.14159, -2.5e10, 1.5e-5, 123456.789, 0.001, 999.999};
	for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
		int dec = -99, sign = -99;
		snprintf(label, sizeof label, "_ecvt(%g, 5)", values[i]);
		char *digits = ecvt_(values[i], 5, &dec, &sign);
		CHECK(label, "%s dec %d sign %d", digits, dec, sign);
		snprintf(label, sizeof label, "_fcvt(%g, 3)", values[i]);
		digits = fcvt_(values[i], 3, &dec, &sign);
		CHECK(label, "%s dec %d sign %d", digits, dec, sign);
		snprintf(label, sizeof label, "_gcvt(%g, 6)", values[i]);
		CHECK(label, "%s", gcvt_(values[i], 6, b));
	}
	return 0;
}
