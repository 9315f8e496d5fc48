// build: -fno-builtin -w
#include "check.h"
#include "runtime.h"
#include <errno.h>
#include <mbstring.h>
#include <stdlib.h>
#include <wchar.h>

/* Strings, narrow and wide, and blocks of memory. */
#define AT(s, p) check_at(#p, s, p)
static void check_at(const char *label, const char *s, const char *p)
{
	if (p)
		CHECK(label, "%d", (int)(p - s));
	else
		CHECK(label, "null");
}
static int sign(int n) { return (n > 0) - (n < 0); }
#define SIGN(x) CHECK(#x, "%d", sign(x))

static void narrow(void)
{
	char b[64];
	const char *volatile s = "The quick brown fox";
	INT(strlen(s));
	INT(strlen(""));
	INT(strnlen(s, 5));
	INT(strnlen(s, 100));
	STR(strcpy(b, s));
	STR(strcat(b, " jumps"));
	memset(b, '?', sizeof b);
	strncpy(b, "abc", 6);
	check_bytes("strncpy", b, 8);
	strncpy(b, "abcdef", 3);
	check_bytes("strncpy cut", b, 8);
	strcpy(b, "abc");
	STR(strncat(b, "defghi", 3));
	STR(strncat(b, "x", 0));
	SIGN(strcmp("abc", s));
	SIGN(strcmp("abc", "abd"));
	SIGN(strcmp("abc", "ab"));
	SIGN(strcmp("", ""));
	SIGN(strcmp("\xe9", "z"));
	SIGN(strncmp("abcdef", "abcxyz", 3));
	SIGN(strncmp("abcdef", "abcxyz", 4));
	SIGN(strncmp("a", "b", 0));
	SIGN(_stricmp("HELLO", "hello"));
	SIGN(_stricmp("HELLO", "help"));
	SIGN(_stricmp("[", "a"));
	SIGN(_stricmp("_", "A"));
	SIGN(_strnicmp("HELlo", "helPX", 3));
	SIGN(_strnicmp("HELlo", "helPX", 4));
	SIGN(strcoll("abc", "abd"));
	SIGN(_stricoll("ABC", "abd"));
	SIGN(_strncoll("abcX", "abcY", 3));
	SIGN(_strnicoll("ABCX", "abcY", 4));
	AT(s, strchr(s, 'q'));
	AT(s, strchr(s, 'z'));
	AT(s, strchr(s, 0));
	AT(s, strrchr(s, 'o'));
	AT(s, strrchr(s, 'z'));
	AT(s, strrchr(s, 0));
	AT(s, strstr(s, "brown"));
	AT(s, strstr(s, ""));
	AT(s, strstr(s, "cat"));
	AT(s, strpbrk(s, "xyz"));
	AT(s, strpbrk(s, "!"));
	INT(strspn("aabbcx", "abc"));
	INT(strspn("x", ""));
	INT(strcspn("hello world", " "));
	INT(strcspn("hello", "xyz"));
	STR(_strlwr(strcpy(b, "MiXeD 123 \xc9")));
	STR(_strupr(strcpy(b, "MiXeD 123")));
	STR(_strrev(strcpy(b, "abcde")));
	STR(_strrev(strcpy(b, "")));
	STR(_strset(strcpy(b, "abcde"), 'x'));
	STR(_strnset(strcpy(b, "abcde"), 'x', 3));
	STR(_strnset(strcpy(b, "abcde"), 'x', 10));
	char *copy = _strdup("copied");
	STR(copy);
	free(copy);
	INT(strxfrm(b, "order", sizeof b));
	STR(b);
	INT(strxfrm(NULL, "order", 0));
	strcpy(b, ",one,,two;three,");
	STR(strtok(b, ",;"));
	STR(strtok(NULL, ",;"));
	STR(strtok(NULL, ",;"));
	STR(strtok(NULL, ",;"));
	STR(strtok(NULL, ",;"));
	STR(strerror(0));
	STR(strerror(ENOENT));
	STR(strerror(EINVAL));
	STR(strerror(ERANGE));
	STR(strerror(EILSEQ));
	STR(strerror(ENOMEM));
	STR(strerror(EACCES));
	STR(strerror(EEXIST));
	STR(strerror(ENOTEMPTY));
	STR(strerror(9999));
}

static void wide(void)
{
	wchar_t b[64];
	const wchar_t *s = L"The quick brown fox \x263a";
	INT(wcslen(s));
	INT(wcsnlen(s, 5));
	WSTR(wcscpy(b, s));
	WSTR(wcscat(b, L"!"));
	memset(b, 0x3F, sizeof b);
	wcsncpy(b, L"abc", 5);
	check_bytes("wcsncpy", b, 12);
	wcscpy(b, L"abc");
	WSTR(wcsncat(b, L"defg", 2));
	SIGN(wcscmp(L"abc", L"abd"));
	SIGN(wcscmp(L"\xff00", L"a"));
	SIGN(wcsncmp(L"abcd", L"abce", 3));
	SIGN(_wcsicmp(L"ABC", L"abc"));
	SIGN(_wcsicmp(L"\xc9", L"\xe9"));
	SIGN(_wcsnicmp(L"ABx", L"aby", 2));
	INT(wcschr(s, L'q') - s);
	INT(wcsrchr(s, L'o') - s);
	INT(wcsstr(s, L"brown") - s);
	INT(wcspbrk(s, L"xyz") - s);
	INT(wcsspn(L"aab", L"a"));
	INT(wcscspn(L"aab", L"b"));
	WSTR(_wcslwr(wcscpy(b, L"MiXeD")));
	WSTR(_wcsupr(wcscpy(b, L"MiXeD \xe9")));
	WSTR(_wcsrev(wcscpy(b, L"abc")));
	WSTR(_wcsset(wcscpy(b, L"abc"), L'z'));
	WSTR(_wcsnset(wcscpy(b, L"abc"), L'z', 2));
	wchar_t *copy = _wcsdup(L"copied");
	WSTR(copy);
	free(copy);
}

static void memory(void)
{
	char b[16] = "0123456789";
	check_bytes("memmove forwards", memmove(b + 2, b, 6), 6);
	STR(b);
	check_bytes("memcpy", memcpy(b, "xyz", 3), 3);
	check_bytes("memset", memset(b, 0xAB, 4), 4);
	SIGN(memcmp("abc", "abd", 3));
	SIGN(memcmp("abc", "abd", 2));
	SIGN(memcmp("\xff", "a", 1));
	SIGN(_memicmp("ABC", "abd", 3));
	SIGN(_memicmp("ABC", "abd", 2));
	INT(memchr("hello", 'l', 5) != NULL);
	INT(memchr("hello", 'z', 5) == NULL);
	memset(b, '?', sizeof b);
	INT((char *)_memccpy(b, "hello", 'l', 5) - b);
	check_bytes("_memccpy", b, 6);
	INT(_memccpy(b, "hello", 'z', 5) == NULL);
	_swab("abcdef", b, 6);
	check_bytes("_swab", b, 6);
}

static void multibyte(void)
{
	unsigned char b[32];
	const unsigned char *s = (const unsigned char *)"multi byte";
	INT(_mbslen(s));
	STR((char *)strcpy((char *)b, (const char *)s));
	STR((char *)strcat((char *)b, (const char *)(const unsigned char *)"!"));
	INT(_mbschr(s, 'b') - s);
	INT(_mbsrchr(s, 't') - s);
	INT(_mbsstr(s, (const unsigned char *)"byte") - s);
	SIGN(_mbscmp(s, (const unsigned char *)"multi"));
	SIGN(_mbsicmp(s, (const unsigned char *)"MULTI BYTE"));
	SIGN(_mbsncmp(s, (const unsigned char *)"multi", 5));
	SIGN(_mbsnbcmp(s, (const unsigned char *)"mulx", 3));
	INT(_mbsnbcnt(s, 4));
	INT(_mbsnccnt(s, 4));
	INT(_mbsinc(s) - s);
	INT(_mbsdec(s, s + 4) - s);
	INT(_mbsnextc(s));
	INT(_mbclen(s));
	STR((char *)_mbslwr((void *)strcpy((char *)b, (const char *)(const unsigned char *)"UPPER")));
	STR((char *)_mbsupr((void *)strcpy((char *)b, (const char *)(const unsigned char *)"lower")));
	STR((char *)_mbsrev((void *)strcpy((char *)b, (const char *)(const unsigned char *)"abc")));
	INT(_mbsspn(s, (const unsigned char *)"mul"));
	INT(_mbscspn(s, (const unsigned char *)" "));
	INT(_mbspbrk(s, (const unsigned char *)"tb") - s);
	memset(b, '?', sizeof b);
	_mbsnbcpy(b, (const unsigned char *)"abc", 5);
	check_bytes("_mbsnbcpy", b, 6);
	_mbsncpy(b, (const unsigned char *)"abcdef", 4);
	check_bytes("_mbsncpy", b, 6);
	INT(_ismbblead(0x81));
	INT(_ismbbtrail(0x41));
	INT(_ismbcalpha('a') != 0);
	INT(_ismbcdigit('5') != 0);
	INT(_ismbcspace(' ') != 0);
	INT(_mbctoupper('a'));
	INT(_mbctolower('A'));
	INT(_mbsbtype(s, 2));
	INT(_ismbslead(s, s));
	INT(_ismbstrail(s, s + 1));
}

int main(void)
{
	narrow();
	wide();
	memory();
	multibyte();
	return 0;
}
