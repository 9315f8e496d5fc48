// build: -mavx2 -mfma
/* MXCSR: rounding modes, denormals, flags and unmasked exceptions, with AVX. */
#include "check.h"
#include <immintrin.h>

static volatile float one = 1, three = 3, tiny = 1e-38f, huge = 3e38f, zero = 0;
static volatile double done = 1, dthree = 3, dtiny = 1e-308;

static unsigned bits(float v) { unsigned u; memcpy(&u, &v, 4); return u; }
static unsigned long long dbits(double v) { unsigned long long u; memcpy(&u, &v, 8); return u; }

static void all(const char *mode, unsigned mxcsr)
{
	printf("-- %s\n", mode);
	_mm_setcsr(mxcsr);
	float third = one / three, product = tiny * 0.25f, big = huge * 10;
	unsigned flags = _mm_getcsr() & 0x3F;
	HEX(bits(third)); HEX(bits(product)); HEX(bits(big)); HEX(flags);
	_mm_setcsr(mxcsr);
	double dthird = done / dthree, dproduct = dtiny * 0.001, fused = __builtin_fma(done / dthree, dthree, -1);
	float narrow = (float)dthird;
	flags = _mm_getcsr() & 0x3F;
	HEX(dbits(dthird)); HEX(dbits(dproduct)); HEX(dbits(fused)); HEX(bits(narrow)); HEX(flags);
	_mm_setcsr(mxcsr);
	int rounded = _mm_cvtss_si32(_mm_set_ss(2.5f * one)), negative = _mm_cvtss_si32(_mm_set_ss(-2.5f * one));
	flags = _mm_getcsr() & 0x3F;
	INT(rounded); INT(negative); HEX(flags);
	_mm_setcsr(0x1F80);
}

static LONG CALLBACK handler(EXCEPTION_POINTERS *p)
{
	CHECK("exception", "%lx, flags %lx", p->ExceptionRecord->ExceptionCode, p->ContextRecord->MxCsr & 0x3F);
	p->ContextRecord->MxCsr = p->ContextRecord->FltSave.MxCsr = 0x1F80;
	return EXCEPTION_CONTINUE_EXECUTION;
}

int main(void)
{
	all("nearest", 0x1F80);
	all("down", 0x3F80);
	all("up", 0x5F80);
	all("zero", 0x7F80);
	all("flush to zero", 0x9F80);
	all("denormals are zeros", 0x1FC0);
	_mm_setcsr(0x1F80);
	volatile float r = zero / zero;
	HEX(_mm_getcsr()); HEX(bits(r) & 0x7FC00000);
	r = one / zero;
	HEX(_mm_getcsr()); HEX(bits(r));
	_mm_setcsr(0x1F80);
	INT(r > one); INT(__builtin_isgreater(r, zero / zero)); HEX(_mm_getcsr());

	AddVectoredExceptionHandler(1, handler);
	_mm_setcsr(0x1F80 & ~0x200);
	r = one / zero;
	HEX(bits(r)); HEX(_mm_getcsr());
	_mm_setcsr(0x1F80 & ~0x80);
	r = __builtin_sqrtf(-one);
	HEX(bits(r) & 0x7FC00000);
	_mm_setcsr(0x1F80 & ~0x400);
	r = huge * huge;
	HEX(bits(r));
	return 0;
}
