// build: -luser32
#include "check.h"

/* Characters, string resources, wsprintf. */
int main(void)
{
	char b[1100];
	WCHAR w[1100];
	HINSTANCE self = GetModuleHandleA(NULL);

	check_text("CharUpper", CharUpperA(strcpy(b, "mixed Case 123")));
	check_text("CharLower", CharLowerA(strcpy(b, "MIXED Case 123")));
	check_wide("CharUpperW", CharUpperW(wcscpy(w, L"abc \xe4 \x3b1 \x451")));
	check_wide("CharLowerW", CharLowerW(wcscpy(w, L"ABC \xc4 \x391 \x401")));
	HEX((ULONG_PTR)CharUpperA((char *)'a'));
	HEX((ULONG_PTR)CharLowerW((WCHAR *)L'Z'));
	strcpy(b, "buffer");
	INT(CharUpperBuffA(b, 3));
	STR(b);
	wcscpy(w, L"BUFFER");
	INT(CharLowerBuffW(w, 4));
	WSTR(w);
	const char *s = "ab";
	INT(CharNextA(s) - s);
	INT(CharNextA(s + 2) - s);
	INT(CharPrevA(s, s + 2) - s);
	INT(CharPrevA(s, s) - s);
	CHECK("IsChar", "%d %d %d %d %d", IsCharAlphaA('a'), IsCharAlphaA('1'), IsCharAlphaNumericA('1'), IsCharLowerA('a'), IsCharUpperA('a'));
	CHECK("IsCharW", "%d %d %d", IsCharAlphaW(0xe4), IsCharUpperW(0xc4), IsCharAlphaNumericW(L'-'));

	INT(LoadStringA(self, 1, b, sizeof b));
	STR(b);
	INT(LoadStringA(self, 2, b, 4));
	STR(b);
	INT(LoadStringW(self, 16, w, 100));
	WSTR(w);
	INT(LoadStringA(self, 1000, b, sizeof b));
	STR(b);
	strcpy(b, "kept");
	INT(LoadStringA(self, 7, b, sizeof b));
	STR(b);
	const WCHAR *direct = NULL;
	INT(LoadStringW(self, 2, (WCHAR *)&direct, 0));
	CHECK("direct", "%.9ls", direct);

	CHECK("wsprintf", "%d %s", wsprintfA(b, "%d %u %x %X %#x %5d|%-5d|%05d", -1, 4000000000u, 255, 255, 255, 42, 42, 42), b);
	CHECK("wsprintf s", "%d %s", wsprintfA(b, "%s|%10s|%-10s|%.2s|%c|%%|%S", "text", "right", "left", "cut", 'x', L"wide"), b);
	CHECK("wsprintf l", "%d %s", wsprintfA(b, "%ld %lu %lx %I64d %p", -5L, 6UL, 0x1234UL, 123456789012345LL, (void *)0x1234), b);
	CHECK("wsprintf precision", "%d %s", wsprintfA(b, "%.5d %8.3x", 42, 10), b);
	INT(wsprintfW(w, L"%d %s %S %c", 7, L"wide", "narrow", L'c'));
	WSTR(w);
	memset(b, 'a', 1050);
	b[1050] = 0;
	char out[1100];
	INT(wsprintfA(out, "%s", b));
	INT(strlen(out));
	return 0;
}
