// build: -lshlwapi
#include "check.h"
#include <shlwapi.h>

/* The string functions of shlwapi.dll. */

static long at(const char *from, const char *to) { return to ? to - from : -1; }
static long wat(const WCHAR *from, const WCHAR *to) { return to ? to - from : -1; }

int main(void)
{
	const char *s = "The quick Brown fox, the quick";
	const WCHAR *w = L"The quick Brown fox, the quick";
	char b[64];
	WCHAR wb[64];
	int n;
	LONGLONG n64;

	CHECK("StrChr", "%ld %ld %ld", at(s, StrChrA(s, 'q')), at(s, StrChrA(s, 'Q')), at(s, StrChrA(s, 'z')));
	CHECK("StrChrI", "%ld %ld", at(s, StrChrIA(s, 'Q')), at(s, StrChrIA(s, 'b')));
	CHECK("StrRChr", "%ld %ld %ld", at(s, StrRChrA(s, NULL, 'q')), at(s, StrRChrA(s, s + 10, 'q')), at(s, StrRChrA(s, NULL, 'z')));
	CHECK("StrRChrI", "%ld", at(s, StrRChrIA(s, NULL, 'Q')));
	CHECK("StrStr", "%ld %ld %ld", at(s, StrStrA(s, "quick")), at(s, StrStrA(s, "QUICK")), at(s, StrStrA(s, "")));
	CHECK("StrStrI", "%ld %ld", at(s, StrStrIA(s, "BROWN")), at(s, StrStrIA(s, "nothing")));
	CHECK("StrRStrI", "%ld %ld", at(s, StrRStrIA(s, NULL, "QUICK")), at(s, StrRStrIA(s, s + 12, "quick")));
	CHECK("StrSpn", "%d %d", StrSpnA("aabbc", "ab"), StrSpnA("xyz", "ab"));
	CHECK("StrCSpn", "%d %d %d", StrCSpnA("aabbc", "c"), StrCSpnA("abc", "xyz"), StrCSpnIA("aabbC", "c"));
	CHECK("StrPBrk", "%ld %ld", at(s, StrPBrkA(s, "xk")), at(s, StrPBrkA(s, "0123")));
	CHECK("StrCmpN", "%d %d %d", StrCmpNA("abcd", "abce", 3), StrCmpNA("abcd", "abce", 4), StrCmpNA("b", "a", 1));
	CHECK("StrCmpNI", "%d %d", StrCmpNIA("ABCd", "abce", 3), StrCmpNIA("ABCd", "abce", 4));
	CHECK("StrCmpW", "%d %d %d", StrCmpW(L"a", L"b"), StrCmpW(L"b", L"a"), StrCmpW(L"same", L"same"));
	CHECK("StrCmpIW", "%d %d", StrCmpIW(L"SAME", L"same"), StrCmpIW(L"a", L"B"));
	CHECK("StrCmpLogicalW", "%d %d %d %d", StrCmpLogicalW(L"a2", L"a10"), StrCmpLogicalW(L"a10", L"a2"), StrCmpLogicalW(L"A", L"a"), StrCmpLogicalW(L"a", L"1"));
	CHECK("StrToInt", "%d %d %d %d %d", StrToIntA("12"), StrToIntA("-7x"), StrToIntA(" 3"), StrToIntA("x"), StrToIntA("0x10"));
	CHECK("StrToIntEx", "%d", StrToIntExA("0x1F", STIF_SUPPORT_HEX, &n));
	INT(n);
	CHECK("StrToIntEx dec", "%d", StrToIntExA("  42z", STIF_DEFAULT, &n));
	INT(n);
	CHECK("StrToIntEx none", "%d", StrToIntExA("z", STIF_DEFAULT, &n));
	CHECK("StrToInt64Ex", "%d", StrToInt64ExA("1234567890123", STIF_DEFAULT, &n64));
	INT(n64);
	strcpy(b, "  -trim me- ");
	CHECK("StrTrim", "%d %s|", StrTrimA(b, " -"), b);
	strcpy(b, "kept");
	CHECK("StrTrim nothing", "%d %s|", StrTrimA(b, " "), b);
	strcpy(b, "----");
	CHECK("StrTrim all", "%d %s|", StrTrimA(b, "-"), b);
	strcpy(b, "one");
	check_text("StrCatBuff", StrCatBuffA(b, "twothree", 7));
	check_wide("StrCpyNW", StrCpyNW(wb, w, 6));
	check_wide("StrCatW", StrCatW(wb, L"!"));
	check_wide("StrCpyW", StrCpyW(wb, L"x"));
	char *copy = StrDupA("copy");
	STR(copy);
	LocalFree(copy);
	WCHAR *wcopy = StrDupW(L"wide copy");
	WSTR(wcopy);
	LocalFree(wcopy);

	static const LONGLONG sizes[] = {0, 1, 999, 1000, 1023, 1024, 1025, 10240, 102400, 1048576, 123456789, 1073741824, 1099511627776LL, 1125899906842624LL};
	for (unsigned i = 0; i < sizeof sizes / sizeof *sizes; i++) {
		char label[40];
		snprintf(label, sizeof label, "StrFormatByteSize64(%I64d)", sizes[i]);
		check_text(label, StrFormatByteSize64A(sizes[i], b, sizeof b));
	}
	check_wide("StrFormatByteSizeW", StrFormatByteSizeW(5000, wb, 64));
	check_text("StrFormatByteSizeA", StrFormatByteSizeA(5000, b, sizeof b));

	CHECK("StrChrW", "%ld %ld", wat(w, StrChrW(w, L'q')), wat(w, StrChrIW(w, L'Q')));
	CHECK("StrStrW", "%ld %ld %ld", wat(w, StrStrW(w, L"fox")), wat(w, StrStrIW(w, L"FOX")), wat(w, StrStrIW(w, L"cat")));
	CHECK("StrRChrW", "%ld", wat(w, StrRChrW(w, NULL, L'k')));
	CHECK("StrRStrIW", "%ld", wat(w, StrRStrIW(w, NULL, L"THE")));
	CHECK("StrToIntW", "%d", StrToIntW(L"99 bottles"));
	wcscpy(wb, L"..x..");
	CHECK("StrTrimW", "%d", StrTrimW(wb, L"."));
	WSTR(wb);
	CHECK("ChrCmpI", "%d %d", ChrCmpIA('a', 'A'), ChrCmpIA('a', 'b'));
	CHECK("StrIsIntlEqual", "%d %d", StrIsIntlEqualA(FALSE, "ABC", "abd", 2), StrIsIntlEqualA(TRUE, "ABC", "abd", 2));
	CHECK("wnsprintf", "%d %s", wnsprintfA(b, sizeof b, "%s-%d-%04x", "x", -5, 0xab), b);
	CHECK("wnsprintf short", "%d %s", wnsprintfA(b, 4, "%s", "abcdef"), b);
	CHECK("StrStr null", "%d %d", StrStrA(NULL, "x") == NULL, StrStrA("x", NULL) == NULL);
	CHECK("StrCSpn null", "%d", StrCSpnA("abc", NULL));

	BYTE hash[8];
	HashData((BYTE *)"abc", 3, hash, sizeof hash);
	check_bytes("HashData", hash, sizeof hash);
	return 0;
}
