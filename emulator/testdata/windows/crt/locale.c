// build: -fno-builtin -w
#include "check.h"
#include "runtime.h"
#include <ctype.h>
#include <errno.h>
#include <locale.h>
#include <stdlib.h>
#include <wchar.h>
#include <wctype.h>

/* Characters, locales and conversions, by the DLL's functions. */
int main(void)
{
	count_invalid();
	char *(*set)(int, const char *) = GET(setlocale);
	struct lconv *(*conv)(void) = GET(localeconv);
	size_t (*mbs)(wchar_t *, const char *, size_t) = GET(mbstowcs);
	size_t (*wcs)(char *, const wchar_t *, size_t) = GET(wcstombs);
	int (*mbtowc_)(wchar_t *, const char *, size_t) = GET(mbtowc);
	int (*wctomb_)(char *, wchar_t) = GET(wctomb);
	int (*mbs_s)(size_t *, wchar_t *, size_t, const char *, size_t) = GET(mbstowcs_s);
	int (*wcs_s)(size_t *, char *, size_t, const wchar_t *, size_t) = GET(wcstombs_s);

	STR(set(LC_ALL, NULL));
	static const char *names[] = {"alnum", "alpha", "cntrl", "digit", "graph", "lower", "print", "punct", "space", "upper", "xdigit"};
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		char name[16], label[32];
		snprintf(name, sizeof name, "is%s", names[i]);
		int (*is)(int) = (void *)GetProcAddress(GetModuleHandleA(RUNTIME), name);
		unsigned char bits[32] = {0};
		for (int ch = 0; ch < 256; ch++)
			if (is(ch))
				bits[ch / 8] |= 1 << ch % 8;
		snprintf(label, sizeof label, "%s in C", name);
		check_bytes(label, bits, sizeof bits);
		CHECK(name, "of EOF: %d", is(EOF));
	}
	int (*lower)(int) = GET(tolower), (*upper)(int) = GET(toupper), (*wlower)(int) = GET(towlower), (*wupper)(int) = GET(towupper);
	CHECK("case", "%c %c %c %c %x %x", lower('A'), lower('z'), upper('a'), upper('['), lower(0xC0), upper(0xE0));
	CHECK("wide case", "%x %x %x %x", wlower('A'), wupper('z'), wlower(0xC9), wupper(0xE9));
	int (*iswalpha_)(wint_t) = GET(iswalpha), (*iswdigit_)(wint_t) = GET(iswdigit), (*iswspace_)(wint_t) = GET(iswspace), (*iswupper_)(wint_t) = GET(iswupper), (*iswpunct_)(wint_t) = GET(iswpunct);
	CHECK("iswalpha", "%d %d %d %d", !!iswalpha_('a'), !!iswalpha_('1'), !!iswalpha_(0xE9), !!iswalpha_(0x416));
	CHECK("iswdigit", "%d %d", !!iswdigit_('5'), !!iswdigit_('x'));
	CHECK("iswspace", "%d %d %d", !!iswspace_(' '), !!iswspace_('\t'), !!iswspace_('x'));
	CHECK("iswupper", "%d %d %d", !!iswupper_('A'), !!iswupper_(0xC9), !!iswupper_(0x416));
	CHECK("iswpunct", "%d %d", !!iswpunct_('!'), !!iswpunct_('a'));

	struct lconv *l = conv();
	STR(l->decimal_point);
	STR(l->thousands_sep);
	STR(l->grouping);
	STR(l->currency_symbol);
	INT(l->frac_digits);

	wchar_t w[16];
	char b[16];
	memset(w, 0x3F, sizeof w);
	INT(mbs(w, "abc\xe9", 16));
	check_bytes("mbstowcs", w, 12);
	INT(mbs(NULL, "abc", 0));
	memset(w, 0x3F, sizeof w);
	INT(mbs(w, "abcdef", 3));
	check_bytes("mbstowcs cut", w, 10);
	memset(b, '?', sizeof b);
	INT(wcs(b, L"abc\xe9", 16));
	check_bytes("wcstombs", b, 6);
	errno = 0;
	INT(wcs(b, L"a\x263a", 16));
	INT(errno);
	INT(wcs(NULL, L"abc", 0));
	INT(mbtowc_(w, "x", 1));
	INT(mbtowc_(w, "", 1));
	INT(mbtowc_(w, "x", 0));
	INT(wctomb_(b, L'x'));
	errno = 0;
	INT(wctomb_(b, 0x263a));
	INT(errno);
	size_t n = 99;
	INT(mbs_s(&n, w, 16, "abc", 16));
	INT(n);
	INT(mbs_s(&n, w, 3, "abcd", _TRUNCATE));
	INT(n);
	WSTR(w);
	INT(mbs_s(&n, NULL, 0, "abcd", 0));
	INT(n);
	INT(wcs_s(&n, b, 16, L"abc", 16));
	INT(n);
	STR(b);
	INT(wcs_s(&n, b, 3, L"abcd", _TRUNCATE));
	INT(n);
	STR(b);

	STR(set(LC_ALL, "no such locale"));
	STR(set(LC_ALL, "English_United States.1252"));
	STR(set(LC_ALL, NULL));
	STR(set(LC_CTYPE, NULL));
	l = conv();
	STR(l->decimal_point);
	STR(l->thousands_sep);
	STR(l->currency_symbol);
	STR(l->int_curr_symbol);
	INT(l->frac_digits);
	INT(l->p_cs_precedes);
	INT(mbs(w, "\x80\xe9", 16));
	check_bytes("code page 1252", w, 6);
	INT(wcs(b, L"\x20ac\xe9", 16));
	check_bytes("code page 1252 back", b, 3);
	errno = 0;
	INT(wcs(b, L"\x263a", 16));
	INT(errno);
	int (*isalpha_)(int) = GET(isalpha);
	CHECK("letters of 1252", "%d %d %x %x", !!isalpha_(0xE9), !!isalpha_(0xD7), upper(0xE9), lower(0xC9));
	CHECK("wide letters", "%x %x", wlower(0xC9), wupper(0xE9));
	STR(set(LC_NUMERIC, "C"));
	STR(set(LC_ALL, NULL));
	STR(set(LC_ALL, "C"));
#ifdef UCRT
	STR(set(LC_ALL, ".65001") ? "utf-8" : NULL);
	INT(mbs(w, "\xc3\xa9\xe2\x98\xba", 16));
	check_bytes("UTF-8", w, 6);
	INT(wcs(b, L"\xe9\x263a", 16));
	check_bytes("UTF-8 back", b, 6);
	set(LC_ALL, "C");
#endif
	return 0;
}
