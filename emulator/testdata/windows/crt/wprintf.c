#include "check.h"
#include <errno.h>
#include <math.h>
#include <stdarg.h>

/* The wide printf family. */
static void p(const char *label, const wchar_t *format, ...)
{
	static wchar_t out[512];
	va_list args;
	va_start(args, format);
	int n = _vsnwprintf(out, 512, format, args);
	va_end(args);
	printf("%d ", n);
	check_wide(label, out);
}
#define P(...) p(#__VA_ARGS__, __VA_ARGS__)

int main(void)
{
	P(L"plain \x263a");
	P(L"%d %u %x", -1, 2, 0xABC);
	P(L"%5d|%-5d|%05d", 1, 2, 3);
	P(L"%I64d", 1LL << 40);
	P(L"%ls", L"wide \x263a");
	P(L"%hs", "narrow");
	P(L"%10ls|%-10ls|%.2ls|", L"wide", L"wide", L"wide");
	P(L"%10hs|%.3hs|", "narrow", "narrow");
	P(L"%ls|", (wchar_t *)0);
	P(L"%hs|", (char *)0);
	P(L"%lc%hc", L'\x263a', 'n');
	P(L"%3lc|%-3lc|", L'a', L'b');
	P(L"%f %e %g", 1.5, 1.5, 1.5);
	P(L"%.3f|%10.2f|", 3.14159, 2.71828);
	P(L"%g", INFINITY);
	P(L"%p", (void *)0x1234);
	P(L"%%|%5d%%", 50);
	P(L"%ws", L"wide");
	P(L"%*d|%.*d|", 5, 1, 5, 1);
	P(L"%#x %#o %+d % d", 255, 8, 5, 5);
#ifndef UCRT
	P(L"%s %S", L"wide", "narrow");
	P(L"%c%C", L'\x263a', 'n');
#endif

	/* Room. */
	wchar_t b[8];
	memset(b, 0x3F, sizeof b);
	INT(_snwprintf(b, 3, L"%d", 12345));
	check_bytes("cut", b, 10);
	memset(b, 0x3F, sizeof b);
	INT(_snwprintf(b, 5, L"%d", 12345));
	check_bytes("exactly full", b, 14);
	memset(b, 0x3F, sizeof b);
	INT(_snwprintf(b, 6, L"%d", 12345));
	check_bytes("room", b, 14);
	INT(_scwprintf(L"%d-%ls", 12345, L"abc"));
	return 0;
}
