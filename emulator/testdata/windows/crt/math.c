#include "check.h"
#include <errno.h>
#include <float.h>
#include <math.h>
#include <stdlib.h>

/* math.h: values, special values and errno. The functions are those of the
   runtime's DLL: the compiler has some of its own. */
#ifdef UCRT
#define RUNTIME "ucrtbase.dll"
#else
#define RUNTIME "msvcrt.dll"
#endif
#define GET(f) ((void *)GetProcAddress(GetModuleHandleA(RUNTIME), #f))

static void d(const char *label, double v)
{
	int e = errno;
	if (isnan(v))
		CHECK(label, "nan errno %d", e);
	else if (isinf(v))
		CHECK(label, "%sinf errno %d", v < 0 ? "-" : "", e);
	else
		CHECK(label, "%.13g%s errno %d", v, v == 0 && signbit(v) ? " (negative)" : "", e);
}

typedef double one(double);
typedef double two(double, double);

static void f1(const char *name, one *volatile f)
{
	static const double values[] = {0.0, -0.0, 0.5, -0.5, 1.0, -1.0, 2.0, -2.0, 10.0, 1e-300, 1e300, INFINITY, -INFINITY, NAN};
	char label[64];
	for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
		snprintf(label, sizeof label, "%s(%g)", name, values[i]);
		if (isnan(values[i]) || isinf(values[i]))
			snprintf(label, sizeof label, "%s(%s)", name, isnan(values[i]) ? "nan" : values[i] < 0 ? "-inf" : "inf");
		errno = 0;
		d(label, f(values[i]));
	}
}
#define F1(f) f1(#f, GET(f))

static void f2(const char *name, two *volatile f)
{
	static const double values[][2] = {{0, 0}, {1, 2}, {2, 10}, {-2, 3}, {-2, 0.5}, {10, 3}, {-10, 3}, {0, -1}, {5, 0}, {1e300, 1e300}, {2, -1}};
	char label[64];
	for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
		snprintf(label, sizeof label, "%s(%g, %g)", name, values[i][0], values[i][1]);
		errno = 0;
		d(label, f(values[i][0], values[i][1]));
	}
}
#define F2(f) f2(#f, GET(f))


int main(void)
{
	F1(acos);
	F1(asin);
	F1(atan);
	F1(ceil);
	F1(cos);
	F1(cosh);
	F1(exp);
	F1(fabs);
	F1(floor);
	F1(log);
	F1(log10);
	F1(sin);
	F1(sinh);
	F1(sqrt);
	F1(tan);
	F1(tanh);
	F2(atan2);
	two *fmod_ = GET(fmod);
	d("fmod", fmod_(10, 3));
	d("fmod of a negative", fmod_(-10, 3));
	d("fmod of a multiple", fmod_(-2, 0.5));
	d("fmod of a small number", fmod_(1, 1e300));
	F2(pow);
	F2(_copysign);
	F1(_chgsign);
	F2(_hypot);

	int exponent = -1;
	double whole;
	d("frexp", ((double (*)(double, int *))GET(frexp))(12.5, &exponent));
	INT(exponent);
	d("frexp of zero", ((double (*)(double, int *))GET(frexp))(0, &exponent));
	INT(exponent);
	d("modf", ((double (*)(double, double *))GET(modf))(-3.75, &whole));
	d("its whole part", whole);
	d("modf of infinity", ((double (*)(double, double *))GET(modf))(INFINITY, &whole));
	d("ldexp", ((double (*)(double, int))GET(ldexp))(0.75, 4));
	errno = 0;
	d("ldexp too far", ((double (*)(double, int))GET(ldexp))(1, 5000));
	d("nextafter", (_nextafter(1, 2) - 1) * 4503599627370496.0);
	INT(_finite(1));
	INT(_finite(INFINITY));
	INT(_finite(NAN));
	INT(_isnan(NAN) != 0);
	INT(_isnan(1));
	HEX(_fpclass(1));
	HEX(_fpclass(-1));
	HEX(_fpclass(0.0));
	HEX(_fpclass(-0.0));
	HEX(_fpclass(INFINITY));
	HEX(_fpclass(-INFINITY));
	HEX(_fpclass(NAN));
	HEX(_fpclass(1e-310));
	HEX(_fpclass(-1e-310));

	div_t q = div(-7, 2);
	CHECK("div", "%d %d", q.quot, q.rem);
	ldiv_t lq = ldiv(7, -2);
	CHECK("ldiv", "%ld %ld", lq.quot, lq.rem);
	INT(abs(-5));
	INT(labs(-5));
	INT(_abs64(-5000000000LL));
	HEX(_rotl(0x80000001, 4));
	HEX(_rotr(0x80000001, 4));
	HEX(_rotl64(0x8000000000000001ULL, 4));
	HEX(_byteswap_ulong(0x12345678));
	HEX(_byteswap_ushort(0x1234));
	HEX(_byteswap_uint64(0x123456789ABCDEF0ULL));
	srand(1);
	CHECK("rand", "%d %d %d", rand(), rand(), rand());
	srand(12345);
	CHECK("rand of another seed", "%d %d %d", rand(), rand(), rand());
#ifdef UCRT
	F1(acosh);
	F1(asinh);
	F1(atanh);
	F1(cbrt);
	F1(erf);
	F1(erfc);
	F1(exp2);
	F1(expm1);
	F1(lgamma);
	F1(log1p);
	F1(log2);
	F1(logb);
	F1(rint);
	F1(round);
	F1(tgamma);
	F1(trunc);
	F2(fdim);
	F2(fmax);
	F2(fmin);
	F2(hypot);
	F2(remainder);
	short (*classify)(double) = GET(_dclass);
	CHECK("_dclass", "%d %d %d %d %d", classify(1), classify(0), classify(1e-310), classify(INFINITY), classify(NAN));
	int (*pcomp)(double, double) = GET(_dpcomp);
	CHECK("_dpcomp", "%d %d %d %d", pcomp(1, 2), pcomp(2, 2), pcomp(3, 2), pcomp(NAN, 2));
	long (*lround_)(double) = GET(lround), (*lrint_)(double) = GET(lrint);
	CHECK("lround", "%ld %ld %ld", lround_(2.5), lround_(-2.5), lround_(0.4));
	CHECK("lrint", "%ld %ld %ld", lrint_(2.5), lrint_(3.5), lrint_(-0.6));
	int (*ilogb_)(double) = GET(ilogb);
	CHECK("ilogb", "%d %d %d", ilogb_(8), ilogb_(0.1), ilogb_(1e-310));
	double (*fma_)(double, double, double) = GET(fma);
	d("fma", fma_(2, 3, 4));
	int quotient;
	double (*remquo_)(double, double, int *) = GET(remquo);
	d("remquo", remquo_(29, 3, &quotient));
	INT(quotient);
	double (*scalbn_)(double, int) = GET(scalbn);
	d("scalbn", scalbn_(3, 4));
#endif
	return 0;
}
