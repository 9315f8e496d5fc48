#include "check.h"
#include <errno.h>
#include <float.h>
#include <math.h>
#include <stdarg.h>

/* The narrow printf family: conversions, flags, sizes and values. */
static void p(const char *label, const char *format, ...)
{
	static char out[2048];
	va_list args;
	va_start(args, format);
	memset(out, '?', sizeof out);
	int n = vsprintf(out, format, args);
	va_end(args);
	CHECK(label, "%d [%s]", n, out);
}
#define P(...) p(#__VA_ARGS__, __VA_ARGS__)

static const double zero, one = 1;

static void integers(void)
{
	P("plain");
	P("100%%");
	P("%d", 42);
	P("%i", -42);
	P("%5d|", 42);
	P("%-5d|", 42);
	P("%05d|", -42);
	P("%+d", 42);
	P("% d", 42);
	P("%+ d", 42);
	P("%-05d|", 42);
	P("%.5d", 42);
	P("%8.5d|", -42);
	P("%-8.5d|", 42);
	P("%08.5d|", 42);
	P("%.0d|", 0);
	P("%.0d|", 1);
	P("%+.0d|", 0);
	P("%.d|", 0);
	P("%#.0x|", 0);
	P("%#.0o|", 0);
	P("%d", 2147483647);
	P("%d", (int)0x80000000);
	P("%u", 0xFFFFFFFF);
	P("%x", 0xDEADBEEF);
	P("%X", 0xDEADBEEF);
	P("%#x", 255);
	P("%#X", 255);
	P("%#x", 0);
	P("%#o", 8);
	P("%o", 8);
	P("%#08x|", 255);
	P("%#-8x|", 255);
	P("%#8.4x|", 255);
	P("%ld", 123456789L);
	P("%lu", 0xFFFFFFFFUL);
	P("%lld", 0x123456789ABCDEFLL);
	P("%llu", 0xFFFFFFFFFFFFFFFFULL);
	P("%llx", 0x123456789ABCDEFLL);
	P("%I64d", -0x123456789ABCDEFLL);
	P("%I64u", 0xFFFFFFFFFFFFFFFFULL);
	P("%I64x|%d", 0x123456789ABCDEFLL, 7);
	P("%I64X", 0x123456789ABCDEFLL);
	P("%I32d", -5);
	P("%I32x|%x", 0x12345678, 9);
	P("%Id", -7LL);
	P("%Ix", 0x123456789ALL);
	P("%hd", 0x12345);
	P("%hu", 0x1FFFF);
	P("%hx", 0xABCDE);
	P("%hhd", 0x1FF);
	P("%hhu", 0x1FF);
	P("%hhx", 0xABC);
	P("%zd", (size_t)5);
	P("%zu|%d", (size_t)5, 6);
	P("%td", (size_t)5);
	P("%jd", 5LL);
	P("%jx", 0x123456789ALL);
	P("%p", (void *)0x1234ABCD);
	P("%p", (void *)0);
	P("%20p|", (void *)0x1234ABCD);
	P("%#p", (void *)0x1234ABCD);
	P("%-20p|", (void *)0x1234ABCD);
	P("%*d|", 6, 42);
	P("%*d|", -6, 42);
	P("%-*d|", 6, 42);
	P("%.*d|", 4, 42);
	P("%.*d|", -4, 42);
	P("%*.*d|", 8, 4, 42);
	P("%0*d|", 6, 42);
	P("%d %d %d", 1, 2, 3);
	P("%d%%|%d", 1, 2);
	P("%-+8d|", 42);
	P("%+08d|", 42);
	P("% 08d|", 42);
	P("%+u", 42);
	P("% x", 42);
}

static void texts(void)
{
	P("%s", "text");
	P("%10s|", "text");
	P("%-10s|", "text");
	P("%010s|", "text");
	P("%.2s|", "text");
	P("%10.2s|", "text");
	P("%-10.2s|", "text");
	P("%.0s|", "text");
	P("%.*s|", 3, "text");
	P("%.*s|", -1, "text");
	P("%*s|", -8, "text");
	P("%s|", (char *)0);
	P("%.3s|", (char *)0);
	P("%10s|", (char *)0);
	P("%ls", L"wide");
	P("%S", L"wide");
	P("%ws", L"wide");
	P("%hs", "narrow");
	P("%hS", "narrow");
	P("%lS", L"wide");
	P("%.2ls|", L"wide");
	P("%8ls|", L"wide");
	P("%-8S|", L"wide");
	P("%ls|", (wchar_t *)0);
	P("%S|", (wchar_t *)0);
	P("%c", 'x');
	P("%5c|", 'x');
	P("%-5c|", 'x');
	P("%05c|", 'x');
	P("%lc", L'x');
	P("%C", L'x');
	P("%hc", 'x');
	P("%hC", 'x');
	P("%c%c", 'a', 0x162);
	P("%s%s%s", "a", "", "c");
	struct { unsigned short length, size; const char *buffer; } counted = {3, 5, "counted"};
	P("%Z|", &counted);
	P("%Z|", (void *)0);
	P("%10Z|", &counted);
	struct { unsigned short length, size; const wchar_t *buffer; } wide = {6, 8, L"counted"};
	P("%wZ|", &wide);
}

static void doubles(void)
{
	P("%f", 0.0);
	P("%f", -0.0);
	P("%f", 1.0);
	P("%f", 3.14159265358979);
	P("%f", 123456789.125);
	P("%f", 1e15);
	P("%f", 0.0000001);
	P("%.0f", 0.4);
	P("%.0f", 0.6);
	P("%.0f", 1.6);
	P("%#.0f", 1.6);
	P("%.1f", 0.04);
	P("%.1f", 0.06);
	P("%.2f", 2.675);
	P("%.3f", 1234.5678);
	P("%.3f", 0.9999);
	P("%.2f", 99.999);
	P("%10.3f|", 3.14159);
	P("%-10.3f|", 3.14159);
	P("%010.3f|", -3.14159);
	P("%+f", 3.5);
	P("% f", 3.5);
	P("%+.1f", -3.46);
	P("%.10f", 0.1);
	P("%.15f", 0.1);
	P("%.12f", 1.0 / 3);
	P("%F", 1.5);
	P("%e", 0.0);
	P("%e", 1.0);
	P("%e", 12345.6789);
	P("%e", 0.00012345);
	P("%e", 1e100);
	P("%e", 1e-100);
	P("%E", 1e10);
	P("%.0e", 12345.0);
	P("%#.0e", 12345.0);
	P("%.2e", 99999.0);
	P("%.10e", 1.0 / 3);
	P("%15.3e|", 12345.678);
	P("%-15.3e|", 12345.678);
	P("%015.3e|", -12345.678);
	P("%+e", 5.0);
	P("%g", 0.0);
	P("%g", 1.0);
	P("%g", 100000.0);
	P("%g", 1000000.0);
	P("%g", 123456.0);
	P("%g", 1234567.0);
	P("%g", 0.0001);
	P("%g", 0.00001);
	P("%g", 0.00012345678);
	P("%g", 1e100);
	P("%G", 1e-100);
	P("%.3g", 1234.5);
	P("%.10g", 1234.5);
	P("%.0g", 1234.0);
	P("%#g", 1.0);
	P("%#.3g", 100.0);
	P("%#g", 1e10);
	P("%10g|", 1.5);
	P("%-10g|", 1.5);
	P("%010g|", -1.5);
	P("%+g", 1.5);
	P("%.15g", 0.1);
	P("%.17g", 0.1);
	P("%.17g", 1.0 / 3);
	P("%g", 99999.95);
	P("%g", 999999.5);
	P("%lf", 1.5);
	P("%Lf", 1.5);
	P("%le", 1.5);
	P("%f", DBL_MAX / 1e290);
	P("%g", DBL_MAX);
	P("%g", DBL_MIN);
	P("%e", 4.9406564584124654e-324);
	P("%f", one / zero);
	P("%f", -one / zero);
	P("%F", one / zero);
	P("%e", one / zero);
	P("%E", one / zero);
	P("%g", one / zero);
	P("%G", one / zero);
	P("%10f|", one / zero);
	P("%-12f|", one / zero);
	P("%012f|", one / zero);
	P("%+f", one / zero);
	P("% f", one / zero);
	P("%f", (double)NAN);
	P("%e", (double)NAN);
	P("%g", (double)NAN);
	P("%F", (double)NAN);
	P("%f", -(double)NAN);
	P("%10.3f|", (double)NAN);
	P("%a", 1.0);
	P("%a", 0.0);
	P("%a", 1.5);
	P("%a", 0.1);
	P("%A", 1000.0);
	P("%.3a", 0.1);
	P("%.0a", 1.0);
	P("%#.0a", 1.0);
	P("%20a|", 1.0);
	P("%-20.2a|", 1.0);
	P("%020.2a|", -1.0);
	P("%d %f %s %c", 1, 2.5, "three", '4');
	/* Digits behind the seventeenth, and halves. */
	P("%.20f", 0.1);
	P("%.25f", 1.0 / 3);
	P("%.0f", 1208925819614629174706176.0);
	P("%.3f", 1e23);
	P("%.25e", 1.0 / 3);
	P("%.20g", 0.1);
	P("%.0f", 0.5);
	P("%.0f", 1.5);
	P("%.0f", 2.5);
	P("%.1f", 0.25);
	P("%.1f", 0.35);
	P("%.2f", 1.005);
	P("%.2f", 0.125);
	P("%.0e", 2.5);
	P("%.2g", 0.125);
	P("%.3g", 1.0005);
	P("%.1f", 0.05);
	P("%.0f", 1e15 + 0.5);
}

int main(void)
{
	integers();
	texts();
	doubles();
	return 0;
}
