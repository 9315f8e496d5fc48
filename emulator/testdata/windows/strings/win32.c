#include "check.h"

static void types(const char *label, const wchar_t *s)
{
	WORD t[8] = {0};
	int n = GetStringTypeW(CT_CTYPE1, s, -1, t);
	CHECK(label, "%d %x %x %x", n, t[0], t[1], t[2]);
}

int main(void)
{
	char a[32];
	wchar_t w[64];
	INT(lstrlenA("four"));
	INT(lstrlenA(NULL));
	INT(lstrlenW(L"five5"));
	STR(lstrcpyA(a, "copy"));
	STR(lstrcatA(a, "-cat"));
	STR(lstrcpynA(a, "truncated", 6));
	INT(lstrcpynA(a, NULL, 6) == NULL);
	INT(lstrcmpA("a", "b"));
	INT(lstrcmpA("b", "a"));
	INT(lstrcmpA("same", "same"));
	INT(lstrcmpiA("SAME", "same"));
	INT(lstrcmpA("a", "A") < 0);
	INT(lstrcmpA("1", "a") < 0);
	INT(lstrcmpW(L"ab", L"abc"));
	INT(lstrcmpW(NULL, L"x"));
	INT(lstrcmpW(L"x", NULL));
	INT(CompareStringA(0x409, NORM_IGNORECASE, "One", -1, "oNE", -1));
	INT(CompareStringA(0x409, 0, "abc", 2, "abd", 2));
	INT(CompareStringW(0x409, 0, L"abc", -1, L"abd", -1));
	FAILS(CompareStringA(0x409, 0, NULL, -1, "x", -1));
	FAILS(CompareStringA(0x409, 0x80000000, "a", -1, "x", -1));
	INT(CompareStringOrdinal(L"a", -1, L"B", -1, TRUE));
	INT(CompareStringOrdinal(L"a", -1, L"B", -1, FALSE));
	INT(CompareStringEx(L"en-US", LINGUISTIC_IGNORECASE, L"STRASSE", -1, L"strasse", -1, NULL, NULL, 0));

	INT(LCMapStringA(0x409, LCMAP_UPPERCASE, "Mixed", -1, a, sizeof a));
	STR(a);
	INT(LCMapStringA(0x409, LCMAP_LOWERCASE, "Mixed", 3, a, sizeof a));
	CHECK("three", "%.3s", a);
	INT(LCMapStringA(0x409, LCMAP_UPPERCASE, "Mixed", -1, NULL, 0));
	FAILS(LCMapStringA(0x409, LCMAP_UPPERCASE, "Mixed", -1, a, 2));
	FAILS(LCMapStringA(0x409, LCMAP_UPPERCASE | LCMAP_LOWERCASE, "Mixed", -1, a, 2));
	INT(LCMapStringW(0x409, LCMAP_UPPERCASE, L"\xe9t\xe9", -1, w, 64));
	WSTR(w);
	INT(LCMapStringEx(L"en-US", LCMAP_LOWERCASE, L"\xc9T\xc9", -1, w, 64, NULL, NULL, 0));
	WSTR(w);

	types("letters", L"aB\n");
	types("digits", L"7f ");
	types("others", L".\t_");
	types("accents", L"\xe9\xc9\xa0");
	WORD t[8] = {0};
	INT(GetStringTypeA(0x409, CT_CTYPE1, "a1", -1, t));
	HEX(t[0]);
	HEX(t[1]);
	INT(GetStringTypeExA(0x409, CT_CTYPE1, "Z", 1, t));
	HEX(t[0]);
	INT(GetStringTypeExW(0x409, CT_CTYPE1, L"!", 1, t));
	HEX(t[0]);

	INT(FoldStringW(MAP_FOLDDIGITS, L"\x0661\xff12", -1, w, 64));
	WSTR(w);
	INT(FoldStringW(MAP_PRECOMPOSED, L"e\x301", -1, w, 64));
	WSTR(w);
	INT(FoldStringW(MAP_COMPOSITE, L"\xe9", -1, w, 64));
	WSTR(w);
	FAILS(FoldStringW(0, L"x", -1, w, 64));
	FAILS(FoldStringW(MAP_PRECOMPOSED | MAP_COMPOSITE, L"x", -1, w, 64));
	INT(NormalizeString(NormalizationD, L"\xe9", -1, w, 64));
	WSTR(w);
	INT(IsNormalizedString(NormalizationC, L"\xe9", -1));
	INT(IsNormalizedString(NormalizationD, L"\xe9", -1));
	INT(FindStringOrdinal(FIND_FROMSTART, L"abcabc", -1, L"BC", -1, TRUE));
	INT(FindStringOrdinal(FIND_FROMEND, L"abcabc", -1, L"bc", -1, FALSE));
	INT(FindStringOrdinal(FIND_STARTSWITH, L"abcabc", -1, L"bc", -1, FALSE));
	INT(FindStringOrdinal(FIND_ENDSWITH, L"abcabc", -1, L"bc", -1, FALSE));
	INT(FindStringOrdinal(FIND_FROMSTART, L"abc", -1, L"abcd", -1, FALSE));

	INT(IsDBCSLeadByte(0x81));
	INT(MultiByteToWideChar(CP_UTF8, 0, "\xc3\xa9", -1, w, 64));
	WSTR(w);
	FAILS(MultiByteToWideChar(CP_UTF8, MB_ERR_INVALID_CHARS, "\xff", -1, w, 64));
	INT(WideCharToMultiByte(1252, 0, L"\x20ac\xe9", -1, a, sizeof a, NULL, NULL));
	check_bytes("Windows-1252", a, 3);
	BOOL used = 7;
	INT(WideCharToMultiByte(1252, 0, L"\x4e00", -1, a, sizeof a, "!", &used));
	STR(a);
	INT(used);
	FAILS(WideCharToMultiByte(CP_UTF8, 0, L"x", -1, a, sizeof a, NULL, &used));
	return 0;
}
