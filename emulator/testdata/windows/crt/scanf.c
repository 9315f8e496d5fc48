// build: -fno-builtin -w
#include "check.h"
#include "runtime.h"
#include <errno.h>
#include <math.h>

/* The scanf family on strings. */
static int a, b, c;
static double x, y;
static float f;
static char s[32], t[32];
static wchar_t w[32];
static long long big;
static short small;

static void clear(void)
{
	a = b = c = -1;
	x = y = f = -1;
	big = small = -1;
	memset(s, 0, sizeof s);
	memset(t, 0, sizeof t);
	memset(w, 0, sizeof w);
}
static int n;
#define S(...) (clear(), n = sscanf(__VA_ARGS__), CHECK(#__VA_ARGS__, "%d: %d %d %d [%s] [%s]", n, a, b, c, s, t))
#define D(...) (clear(), n = sscanf(__VA_ARGS__), CHECK(#__VA_ARGS__, "%d: %.10g %.10g %.6g", n, x, y, f))
#define L(...) (clear(), n = sscanf(__VA_ARGS__), CHECK(#__VA_ARGS__, "%d: %lld %d", n, big, small))

int main(void)
{
	S("42", "%d", &a);
	S("  42", "%d", &a);
	S("-42 7", "%d %d", &a, &b);
	S("1,2,3", "%d,%d,%d", &a, &b, &c);
	S("1, 2", "%d,%d", &a, &b);
	S("1 ,2", "%d,%d", &a, &b);
	S("", "%d", &a);
	S("   ", "%d", &a);
	S("x", "%d", &a);
	S("12abc", "%d%s", &a, s);
	S("0x1F", "%x", &a);
	S("1F", "%x", &a);
	S("0x1F", "%i", &a);
	S("017", "%i", &a);
	S("017", "%d", &a);
	S("017", "%o", &a);
	S("12345", "%3d%d", &a, &b);
	S("+5", "%d", &a);
	S("-", "%d", &a);
	S("4294967295", "%u", &a);
	S("5 6", "%*d %d", &a);
	S("word next", "%s", s);
	S("word next", "%s %s", s, t);
	S("word", "%2s%s", s, t);
	S("abc", "%c%c", s, t);
	S(" a", "%c", s);
	S(" a", " %c", s);
	S("abcdef", "%3c", s);
	S("ab", "%3c", s);
	S("abc123", "%[a-z]%[0-9]", s, t);
	S("abc123", "%[^0-9]%d", s, &a);
	S("]x", "%[]x]", s);
	S("a-b", "%[a-]%s", s, t);
	S("key=value", "%[^=]=%s", s, t);
	S("123", "%[a-z]", s);
	S("abc", "abc%n", &a);
	S("12 34", "%d%n%d", &a, &b, &c);
	S("50%", "%d%%%n", &a, &b);
	S("a b", "a %c", s);
	S("ab", "ac%d", &a);
	S("12", "%d %d", &a, &b);
	S("12 x", "%d %d", &a, &b);
	S("2023-03-29", "%d-%d-%d", &a, &b, &c);
	S("09:08", "%2d:%2d", &a, &b);
	L("123456789012", "%lld", &big);
	L("123456789012", "%I64d", &big);
	L("-1", "%lld", &big);
	L("ffffffffff", "%I64x", &big);
	L("ffffffffff", "%llx", &big);
	L("7", "%hd", &small);
	L("70000", "%hd", &small);
	D("1.5", "%lf", &x);
	D("1.5 2.5e3", "%lf %lf", &x, &y);
	D("-.5", "%lf", &x);
	D("5.", "%lf", &x);
	D("1e+5x", "%lf", &x);
	D("1.25", "%f", &f);
	D("3.75abc", "%f", &f);
	D("12345", "%3lf%lf", &x, &y);
	D("abc", "%lf", &x);
	D("1.5", "%lg", &x);
	D("1.5", "%le", &x);
	D(".", "%lf", &x);

	clear();
	INT(sscanf("wide text", "%ls", w));
	WSTR(w);
	clear();
	INT(sscanf("wide text", "%S", w));
	WSTR(w);
	clear();
	INT(sscanf("narrow", "%hs", s));
	STR(s);
	clear();
	INT(swscanf(L"42 word 1.5", L"%d %ls %lf", &a, w, &x));
	INT(a);
	WSTR(w);
	CHECK("x", "%g", x);
	clear();
	INT(swscanf(L"narrow", L"%hs", s));
	STR(s);
	clear();
	INT(swscanf(L"abc123", L"%l[a-z]%d", w, &a));
	WSTR(w);
	INT(a);
	return 0;
}
