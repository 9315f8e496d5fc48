/* Transcendental functions and remainders of x87, to the last bit. */
#include "check.h"

static void show(const char *name, int i, long double v, unsigned short status)
{
	unsigned char b[10];
	memcpy(b, &v, 10);
	printf("%s %d: ", name, i);
	for (int n = 9; n >= 0; n--)
		printf("%02x", b[n]);
	printf(" %x\n", status & 0x4700);
}

#define ONE(name, x) do { asm volatile("fninit; fldt %2; " #name "; fnstsw %1" : "=t"(r), "=a"(s) : "m"(x)); show(#name, i, r, s); } while (0)
#define PAIR(name, x, y) do { asm volatile("fninit; fldt %3; fldt %2; " #name "; fnstsw %1; fstp %%st(1)" : "=t"(r), "=a"(s) : "m"(x), "m"(y)); show(#name, i, r, s); } while (0)
#define POPS(name, x, y) do { asm volatile("fninit; fldt %3; fldt %2; " #name "; fnstsw %1" : "=t"(r), "=a"(s) : "m"(x), "m"(y)); show(#name, i, r, s); } while (0)

int main(void)
{
	static const long double values[] = {1, 1e5L, 1e10L, 9e18L, 0.1L, 3.14159265358979323846L, -100.5L, 1e-20L};
	long double r, divisor = 3.7L, one = 1;
	unsigned short s;
	for (int i = 0; i < 8; i++) {
		long double x = values[i], small = x / 1e31L;
		ONE(fcos, x);
		ONE(fsin, x);
		POPS(fpatan, x, one);
		PAIR(fprem, x, divisor);
		PAIR(fprem1, x, divisor);
		ONE(f2xm1, small);
		POPS(fyl2xp1, small, divisor);
		if (x > 0)
			POPS(fyl2x, x, divisor);
	}
	int i = 0;
	long double x = 0.5L, second;
	asm volatile("fninit; fldt %3; fsincos; fnstsw %2" : "=t"(r), "=u"(second), "=a"(s) : "m"(x));
	show("fsincos", 0, r, s);
	show("fsincos", 1, second, s);
	asm volatile("fninit; fldt %3; fptan; fnstsw %2" : "=t"(r), "=u"(second), "=a"(s) : "m"(x));
	show("fptan", 0, r, s);
	show("fptan", 1, second, s);
	x = 1e30L; /* out of range: it stays */
	ONE(fsin, x);
	return 0;
}
