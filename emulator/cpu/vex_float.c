/* Floating point. The basic operations are the host's SSE instructions, written
 * out because a compiler may exchange their operands, and which of two NaNs is
 * the result depends on the order. */
#include "vex.h"

#include <math.h>
#include <string.h>
#include <xmmintrin.h>

#define EACH(x, width, i) for (unsigned i = 0; i < (x)->n / (width); i++)

#define HOST2(name, type, instruction) \
	static inline type name(type a, type b) \
	{ \
		__asm__ volatile(instruction " %1, %0" : "+x"(a) : "x"(b)); \
		return a; \
	}
#define HOST1(name, to, from, instruction) \
	static inline to name(from a) \
	{ \
		to result; \
		__asm__ volatile(instruction " %1, %0" : "=x"(result) : "x"(a)); \
		return result; \
	}
#define HOST_INT(name, from, to, instruction) \
	static inline to name(from a) \
	{ \
		to result; \
		__asm__ volatile(instruction " %1, %0" : "=r"(result) : "x"(a)); \
		return result; \
	}
#define HOST_FROM(name, from, to, instruction) \
	static inline to name(from a) \
	{ \
		to result = 0; \
		__asm__ volatile(instruction " %1, %0" : "+x"(result) : "r"(a)); \
		return result; \
	}

HOST2(add_f, float, "addss") HOST2(add_g, double, "addsd")
HOST2(sub_f, float, "subss") HOST2(sub_g, double, "subsd")
HOST2(mul_f, float, "mulss") HOST2(mul_g, double, "mulsd")
HOST2(div_f, float, "divss") HOST2(div_g, double, "divsd")
HOST2(min_f, float, "minss") HOST2(min_g, double, "minsd")
HOST2(max_f, float, "maxss") HOST2(max_g, double, "maxsd")
HOST1(sqrt_f, float, float, "sqrtss") HOST1(sqrt_g, double, double, "sqrtsd")
HOST1(widen, double, float, "cvtss2sd") HOST1(narrow, float, double, "cvtsd2ss")
HOST_INT(int_f, float, int32_t, "cvtss2si") HOST_INT(int_g, double, int32_t, "cvtsd2si")
HOST_INT(trunc_f, float, int32_t, "cvttss2si") HOST_INT(trunc_g, double, int32_t, "cvttsd2si")
HOST_INT(long_f, float, int64_t, "cvtss2si") HOST_INT(long_g, double, int64_t, "cvtsd2si")
HOST_INT(long_trunc_f, float, int64_t, "cvttss2si") HOST_INT(long_trunc_g, double, int64_t, "cvttsd2si")
HOST_FROM(from_int_f, int32_t, float, "cvtsi2ss") HOST_FROM(from_int_g, int32_t, double, "cvtsi2sd")
HOST_FROM(from_long_f, int64_t, float, "cvtsi2ss") HOST_FROM(from_long_g, int64_t, double, "cvtsi2sd")

/* BINARY defines packed and scalar forms; of the latter the first source keeps
 * the rest. */
#define BINARY(name) \
	static void name##_ps(st_vex *x) { EACH(x, 4, i) x->d.f[i] = name##_f(x->a.f[i], x->b.f[i]); } \
	static void name##_pd(st_vex *x) { EACH(x, 8, i) x->d.g[i] = name##_g(x->a.g[i], x->b.g[i]); } \
	static void name##_ss(st_vex *x) { x->d = x->a; x->d.f[0] = name##_f(x->a.f[0], x->b.f[0]); } \
	static void name##_sd(st_vex *x) { x->d = x->a; x->d.g[0] = name##_g(x->a.g[0], x->b.g[0]); }

BINARY(add) BINARY(sub) BINARY(mul) BINARY(div) BINARY(min) BINARY(max)

static void sqrt_ps(st_vex *x) { EACH(x, 4, i) x->d.f[i] = sqrt_f(x->b.f[i]); }
static void sqrt_pd(st_vex *x) { EACH(x, 8, i) x->d.g[i] = sqrt_g(x->b.g[i]); }
static void sqrt_ss(st_vex *x) { x->d = x->a; x->d.f[0] = sqrt_f(x->b.f[0]); }
static void sqrt_sd(st_vex *x) { x->d = x->a; x->d.g[0] = sqrt_g(x->b.g[0]); }

static void addsub_ps(st_vex *x) { EACH(x, 4, i) x->d.f[i] = (i & 1 ? add_f : sub_f)(x->a.f[i], x->b.f[i]); }
static void addsub_pd(st_vex *x) { EACH(x, 8, i) x->d.g[i] = (i & 1 ? add_g : sub_g)(x->a.g[i], x->b.g[i]); }

#define HORIZONTAL(name) \
	static void h##name##_ps(st_vex *x) \
	{ \
		EACH(x, 4, i) { \
			const float *from = &(i & 2 ? &x->b : &x->a)->f[(i & ~3u) + 2 * (i & 1)]; \
			x->d.f[i] = name##_f(from[0], from[1]); \
		} \
	} \
	static void h##name##_pd(st_vex *x) \
	{ \
		EACH(x, 8, i) { \
			const double *from = &(i & 1 ? &x->b : &x->a)->g[i & ~1u]; \
			x->d.g[i] = name##_g(from[0], from[1]); \
		} \
	}

HORIZONTAL(add) HORIZONTAL(sub)

static void dot_ps(st_vex *x)
{
	for (unsigned l = 0; l < x->n / 4; l += 4) {
		float t[4];
		for (unsigned i = 0; i < 4; i++)
			t[i] = x->imm >> (4 + i) & 1 ? mul_f(x->a.f[l + i], x->b.f[l + i]) : 0;
		const float sum = add_f(add_f(t[0], t[1]), add_f(t[2], t[3]));
		for (unsigned i = 0; i < 4; i++)
			x->d.f[l + i] = x->imm >> i & 1 ? sum : 0;
	}
}

static void dot_pd(st_vex *x)
{
	double t[2];
	for (unsigned i = 0; i < 2; i++)
		t[i] = x->imm >> (4 + i) & 1 ? mul_g(x->a.g[i], x->b.g[i]) : 0;
	const double sum = add_g(t[0], t[1]);
	for (unsigned i = 0; i < 2; i++)
		x->d.g[i] = x->imm >> i & 1 ? sum : 0;
}

/* Approximations. Processors differ in them; here, as in the engine's SSE forms,
 * they are exact, which is within the bounds. They raise nothing, take
 * denormals for zeros and flush to zero. */

static float tame(float v)
{
	return fpclassify(v) == FP_SUBNORMAL ? copysignf(0, v) : v;
}

static float approximate(float v, bool root)
{
	enum { EXACT = 0x1F80 };
	uint32_t bits;
	memcpy(&bits, &v, 4);
	if ((bits & 0x7FFFFFFF) > 0x7F800000) { /* a NaN becomes quiet */
		bits |= 0x400000;
		memcpy(&v, &bits, 4);
		return v;
	}
	const uint32_t host = _mm_getcsr();
	_mm_setcsr(EXACT);
	v = tame(v);
	v = tame(div_f(1, root ? sqrt_f(v) : v));
	_mm_setcsr(host);
	return v;
}

static void rcp_ps(st_vex *x) { EACH(x, 4, i) x->d.f[i] = approximate(x->b.f[i], false); }
static void rsqrt_ps(st_vex *x) { EACH(x, 4, i) x->d.f[i] = approximate(x->b.f[i], true); }
static void rcp_ss(st_vex *x) { x->d = x->a; x->d.f[0] = approximate(x->b.f[0], false); }
static void rsqrt_ss(st_vex *x) { x->d = x->a; x->d.f[0] = approximate(x->b.f[0], true); }

/* NaNs are told by their bits: a comparison would raise exceptions. */

static bool nan_f(float v)
{
	uint32_t bits;
	memcpy(&bits, &v, sizeof bits);
	return (bits & 0x7FFFFFFF) > 0x7F800000;
}

static bool nan_g(double v)
{
	uint64_t bits;
	memcpy(&bits, &v, sizeof bits);
	return (bits & INT64_MAX) > UINT64_C(0x7FF0000000000000);
}

/* Comparisons. */

enum { LESS = 1, EQUAL = 2, GREATER = 4, UNORDERED = 8 };

#define COMPARE(name, type, instruction) \
	static inline unsigned name(type a, type b) \
	{ \
		bool p, c, z; \
		__asm__ volatile(instruction " %4, %3" : "=@ccp"(p), "=@ccc"(c), "=@ccz"(z) : "x"(a), "x"(b)); \
		return p ? UNORDERED : c ? LESS : z ? EQUAL : GREATER; \
	}

COMPARE(relation_f, float, "ucomiss")
COMPARE(relation_g, double, "ucomisd")
COMPARE(signalling_f, float, "comiss")
COMPARE(signalling_g, double, "comisd")

/* The relations that make each of the first sixteen predicates true, and which
 * of those signal quiet NaNs, too; of the second sixteen the others do. */
static const uint8_t truth[16] = {
	EQUAL, LESS, LESS | EQUAL, UNORDERED,
	LESS | GREATER | UNORDERED, EQUAL | GREATER | UNORDERED, GREATER | UNORDERED, LESS | EQUAL | GREATER,
	EQUAL | UNORDERED, LESS | UNORDERED, LESS | EQUAL | UNORDERED, 0,
	LESS | GREATER, EQUAL | GREATER, GREATER, LESS | EQUAL | GREATER | UNORDERED};
enum { SIGNALLING = 0x6666 };

static bool signals(unsigned predicate) { return (SIGNALLING >> (predicate & 15) ^ predicate >> 4) & 1; }

static uint32_t compare_f(const st_vex *x, unsigned i)
{
	const unsigned p = x->imm & 31;
	return truth[p & 15] & (signals(p) ? signalling_f : relation_f)(x->a.f[i], x->b.f[i]) ? UINT32_MAX : 0;
}

static uint64_t compare_g(const st_vex *x, unsigned i)
{
	const unsigned p = x->imm & 31;
	return truth[p & 15] & (signals(p) ? signalling_g : relation_g)(x->a.g[i], x->b.g[i]) ? UINT64_MAX : 0;
}

static void compare_ps(st_vex *x) { EACH(x, 4, i) x->d.d[i] = compare_f(x, i); }
static void compare_pd(st_vex *x) { EACH(x, 8, i) x->d.q[i] = compare_g(x, i); }
static void compare_ss(st_vex *x) { x->d = x->a; x->d.d[0] = compare_f(x, 0); }
static void compare_sd(st_vex *x) { x->d = x->a; x->d.q[0] = compare_g(x, 0); }

static void set_relation(st_vex *x, unsigned relation)
{
	static const uint8_t flags[] = {[LESS] = 0x01, [EQUAL] = 0x40, [GREATER] = 0, [UNORDERED] = 0x45};
	x->relation = flags[relation];
}

static void ucomi_ss(st_vex *x) { set_relation(x, relation_f(st_vex_vector(x, x->reg)->f[0], x->b.f[0])); }
static void ucomi_sd(st_vex *x) { set_relation(x, relation_g(st_vex_vector(x, x->reg)->g[0], x->b.g[0])); }
static void comi_ss(st_vex *x) { set_relation(x, signalling_f(st_vex_vector(x, x->reg)->f[0], x->b.f[0])); }
static void comi_sd(st_vex *x) { set_relation(x, signalling_g(st_vex_vector(x, x->reg)->g[0], x->b.g[0])); }

/* Conversions. A result narrower than its source fills the low half. */

static void ps_to_pd(st_vex *x) { EACH(x, 8, i) x->d.g[i] = widen(x->b.f[i]); }
static void ss_to_sd(st_vex *x) { x->d = x->a; x->d.g[0] = widen(x->b.f[0]); }
static void pd_to_ps(st_vex *x) { EACH(x, 8, i) x->d.f[i] = narrow(x->b.g[i]); }
static void sd_to_ss(st_vex *x) { x->d = x->a; x->d.f[0] = narrow(x->b.g[0]); }
static void dq_to_ps(st_vex *x) { EACH(x, 4, i) x->d.f[i] = from_int_f(x->b.sd[i]); }
static void dq_to_pd(st_vex *x) { EACH(x, 8, i) x->d.g[i] = from_int_g(x->b.sd[i]); }
static void ps_to_dq(st_vex *x) { EACH(x, 4, i) x->d.sd[i] = int_f(x->b.f[i]); }
static void ps_to_dq_trunc(st_vex *x) { EACH(x, 4, i) x->d.sd[i] = trunc_f(x->b.f[i]); }
static void pd_to_dq(st_vex *x) { EACH(x, 8, i) x->d.sd[i] = int_g(x->b.g[i]); }
static void pd_to_dq_trunc(st_vex *x) { EACH(x, 8, i) x->d.sd[i] = trunc_g(x->b.g[i]); }
static void ss_to_r(st_vex *x) { x->r = x->w ? (uint64_t)long_f(x->b.f[0]) : (uint32_t)int_f(x->b.f[0]); }
static void ss_to_r_trunc(st_vex *x) { x->r = x->w ? (uint64_t)long_trunc_f(x->b.f[0]) : (uint32_t)trunc_f(x->b.f[0]); }
static void sd_to_r(st_vex *x) { x->r = x->w ? (uint64_t)long_g(x->b.g[0]) : (uint32_t)int_g(x->b.g[0]); }
static void sd_to_r_trunc(st_vex *x) { x->r = x->w ? (uint64_t)long_trunc_g(x->b.g[0]) : (uint32_t)trunc_g(x->b.g[0]); }
static void r_to_ss(st_vex *x) { x->d = x->a; x->d.f[0] = x->w ? from_long_f((int64_t)x->r) : from_int_f((int32_t)x->r); }
static void r_to_sd(st_vex *x) { x->d = x->a; x->d.g[0] = x->w ? from_long_g((int64_t)x->r) : from_int_g((int32_t)x->r); }

/* Half precision. Denormal halves are numbers whatever MXCSR says. */

enum { INVALID = 1, DENORMAL = 2, OVERFLOW = 8, UNDERFLOW = 16, PRECISION = 32 };

static uint32_t half_to_single(st_vex *x, uint16_t h)
{
	const uint32_t sign = (uint32_t)(h & 0x8000) << 16;
	uint32_t exponent = h >> 10 & 31, fraction = h & 0x3FF;
	if (exponent == 31) {
		if (fraction && !(fraction & 0x200))
			x->raised |= INVALID;
		return sign | 0x7F800000 | (fraction ? (fraction | 0x200) << 13 : 0);
	}
	if (!exponent) {
		if (!fraction)
			return sign;
		for (exponent = 1; !(fraction & 0x400); exponent--)
			fraction <<= 1;
		fraction &= 0x3FF;
	}
	return sign | (exponent + 112) << 23 | fraction << 13;
}

/* round_up says whether what is cut off, in units of 1/2^32, rounds up. */
static bool round_up(unsigned mode, bool negative, bool odd, uint64_t rest)
{
	const uint64_t half = UINT64_C(1) << 31;
	switch (mode) {
	case 0: return rest > half || (rest == half && odd);
	case 1: return negative && rest;
	case 2: return !negative && rest;
	}
	return false;
}

/* tiny says whether a value below the normal halves stays there when it is
 * rounded to their precision. */
static bool tiny(unsigned mode, bool negative, uint64_t m, int shift)
{
	if (shift != 14)
		return true;
	return (m >> 13) + round_up(mode, negative, m >> 13 & 1, (m & 0x1FFF) << 19) < 0x800;
}

static uint16_t single_to_half(st_vex *x, uint32_t s)
{
	const unsigned mode = (x->imm & 4 ? st_vex_mxcsr(x) >> 13 : x->imm) & 3;
	const uint16_t sign = (uint16_t)(s >> 16 & 0x8000);
	const int exponent = (int)(s >> 23 & 255);
	const uint32_t fraction = s & 0x7FFFFF;
	if (exponent == 255) {
		if (fraction && !(fraction & 0x400000))
			x->raised |= INVALID;
		return (uint16_t)(sign | 0x7C00 | (fraction ? 0x200 | fraction >> 13 : 0));
	}
	if (!exponent) {
		if (!fraction || st_vex_mxcsr(x) & 0x40) /* DAZ */
			return sign;
		x->raised |= DENORMAL;
	}
	/* The value is m * 2^(exponent - 150); a half of 10 bits is cut out of it
	 * after shift bits. */
	const uint64_t m = fraction | (exponent ? 0x800000 : 0);
	int shift = 13, e = exponent - 112;
	if (e < 1) {
		shift += 1 - e;
		e = 0;
	}
	uint64_t kept = 0, rest = m ? 1 : 0;
	if (shift < 32) {
		kept = m >> shift;
		rest = (m & ((UINT64_C(1) << shift) - 1)) << (32 - shift);
	}
	uint64_t h = (e ? (uint64_t)(e - 1) << 10 : 0) + kept + round_up(mode, sign, kept & 1, rest);
	if (rest)
		x->raised |= PRECISION;
	if (e == 0 && rest && tiny(mode, sign, m, shift))
		x->raised |= UNDERFLOW;
	if (h >= 0x7C00) {
		x->raised |= OVERFLOW | PRECISION;
		const bool infinite = mode == 0 || (mode == 1 && sign) || (mode == 2 && !sign);
		return (uint16_t)(sign | (infinite ? 0x7C00 : 0x7BFF));
	}
	return (uint16_t)(sign | h);
}

static void ph_to_ps(st_vex *x) { EACH(x, 4, i) x->d.d[i] = half_to_single(x, x->b.w[i]); }

static void ps_to_ph(st_vex *x)
{
	EACH(x, 4, i) x->d.w[i] = single_to_half(x, x->b.d[i]);
	x->n = 16; /* the rest of a register is cleared */
}

/* Rounding to integral values, in the mode of the immediate or of MXCSR. It
 * raises no more than invalid and, unless suppressed, precision. */

static void round_begin(const st_vex *x)
{
	if (!(x->imm & 4))
		_mm_setcsr((_mm_getcsr() & ~0x6000u) | (uint32_t)(x->imm & 3) << 13);
}

static void round_end(const st_vex *x)
{
	const uint32_t drop = x->imm & 8 ? 0x3E : 0x1E;
	_mm_setcsr(_mm_getcsr() & ~drop);
}

static float round_f(float v)
{
	if (nan_f(v))
		return add_f(v, v);
	if (fabsf(v) >= 0x1p23f) /* integral, or infinite */
		return v;
	const float magic = copysignf(0x1p23f, v);
	return copysignf(sub_f(add_f(v, magic), magic), v);
}

static double round_g(double v)
{
	if (nan_g(v))
		return add_g(v, v);
	if (fabs(v) >= 0x1p52)
		return v;
	const double magic = copysign(0x1p52, v);
	return copysign(sub_g(add_g(v, magic), magic), v);
}

static void round_ps(st_vex *x) { round_begin(x); EACH(x, 4, i) x->d.f[i] = round_f(x->b.f[i]); round_end(x); }
static void round_pd(st_vex *x) { round_begin(x); EACH(x, 8, i) x->d.g[i] = round_g(x->b.g[i]); round_end(x); }
static void round_ss(st_vex *x) { x->d = x->a; round_begin(x); x->d.f[0] = round_f(x->b.f[0]); round_end(x); }
static void round_sd(st_vex *x) { x->d = x->a; round_begin(x); x->d.g[0] = round_g(x->b.g[0]); round_end(x); }

/* Fused multiply-add: a * b + c, rounded once. Of NaNs the first, in this order,
 * is the result. */

#define FUSED(name, type, is_nan, add, fused) \
	static type name(type a, type b, type c, bool minus_product, bool minus_sum) \
	{ \
		const type all[3] = {a, b, c}; \
		type nan = 0; \
		for (int i = 2; i >= 0; i--) \
			if (is_nan(all[i])) \
				nan = add(all[i], all[i]); /* quiet, and invalid if it was not */ \
		if (is_nan(nan)) \
			return nan; \
		return fused(minus_product ? -a : a, b, minus_sum ? -c : c); \
	}

FUSED(fused_f, float, nan_f, add_f, fmaf)
FUSED(fused_g, double, nan_g, add_g, fma)

/* The opcode says which operands are multiplied (its high digit: 132, 213, 231)
 * and what is done with product and sum (its low digit). */
#define FUSED_ELEMENT(name, field, fused) \
	static void name(st_vex *x, unsigned i) \
	{ \
		const unsigned what = x->opcode & 15; \
		const bool product = what >= 0xC; \
		const bool sum = what == 6 ? !(i & 1) : what == 7 ? i & 1 : what >> 1 & 1; \
		switch (x->opcode >> 4) { \
		case 0x9: x->d.field[i] = fused(x->d.field[i], x->b.field[i], x->a.field[i], product, sum); return; \
		case 0xA: x->d.field[i] = fused(x->a.field[i], x->d.field[i], x->b.field[i], product, sum); return; \
		case 0xB: x->d.field[i] = fused(x->a.field[i], x->b.field[i], x->d.field[i], product, sum); return; \
		} \
	}

FUSED_ELEMENT(fma_f, f, fused_f)
FUSED_ELEMENT(fma_g, g, fused_g)

static void fma_packed(st_vex *x) { EACH(x, x->w ? 8 : 4, i) (x->w ? fma_g : fma_f)(x, i); }
static void fma_scalar(st_vex *x) { (x->w ? fma_g : fma_f)(x, 0); }

#define PACKED(opcode, run) \
	{ST_0F, ST_NP, opcode, ST_FULL, ST_V | ST_FLOAT, run##_ps}, {ST_0F, ST_66, opcode, ST_FULL, ST_V | ST_FLOAT, run##_pd}
#define ALL(opcode, run) \
	PACKED(opcode, run), \
	{ST_0F, ST_F3, opcode, 4, ST_V | ST_SCALAR | ST_FLOAT, run##_ss}, {ST_0F, ST_F2, opcode, 8, ST_V | ST_SCALAR | ST_FLOAT, run##_sd}
#define COMI(opcode, run) \
	{ST_0F, ST_NP, opcode, 4, ST_FLAGS | ST_SCALAR | ST_FLOAT, run##_ss}, {ST_0F, ST_66, opcode, 8, ST_FLAGS | ST_SCALAR | ST_FLOAT, run##_sd}
#define FMA(opcode) {ST_0F38, ST_66, opcode, ST_FULL, ST_V | ST_OLD | ST_FLOAT, fma_packed}
#define FMA_SCALAR(opcode) {ST_0F38, ST_66, opcode, ST_BY_W, ST_V | ST_OLD | ST_SCALAR | ST_FLOAT, fma_scalar}
#define FMA_FORM(base) \
	FMA(base + 6), FMA(base + 7), FMA(base + 8), FMA_SCALAR(base + 9), FMA(base + 10), FMA_SCALAR(base + 11), \
	FMA(base + 12), FMA_SCALAR(base + 13), FMA(base + 14), FMA_SCALAR(base + 15)

const st_operation st_floats[] = {
	{ST_0F, ST_F3, 0x2A, ST_BY_W, ST_V | ST_FROM_R | ST_SCALAR | ST_FLOAT, r_to_ss},
	{ST_0F, ST_F2, 0x2A, ST_BY_W, ST_V | ST_FROM_R | ST_SCALAR | ST_FLOAT, r_to_sd},
	{ST_0F, ST_F3, 0x2C, 4, ST_TO_R | ST_SCALAR | ST_FLOAT, ss_to_r_trunc},
	{ST_0F, ST_F2, 0x2C, 8, ST_TO_R | ST_SCALAR | ST_FLOAT, sd_to_r_trunc},
	{ST_0F, ST_F3, 0x2D, 4, ST_TO_R | ST_SCALAR | ST_FLOAT, ss_to_r},
	{ST_0F, ST_F2, 0x2D, 8, ST_TO_R | ST_SCALAR | ST_FLOAT, sd_to_r},
	COMI(0x2E, ucomi), COMI(0x2F, comi),
	{ST_0F, ST_NP, 0x51, ST_FULL, ST_FLOAT, sqrt_ps},
	{ST_0F, ST_66, 0x51, ST_FULL, ST_FLOAT, sqrt_pd},
	{ST_0F, ST_F3, 0x51, 4, ST_V | ST_SCALAR | ST_FLOAT, sqrt_ss},
	{ST_0F, ST_F2, 0x51, 8, ST_V | ST_SCALAR | ST_FLOAT, sqrt_sd},
	{ST_0F, ST_NP, 0x52, ST_FULL, 0, rsqrt_ps},
	{ST_0F, ST_F3, 0x52, 4, ST_V | ST_SCALAR, rsqrt_ss},
	{ST_0F, ST_NP, 0x53, ST_FULL, 0, rcp_ps},
	{ST_0F, ST_F3, 0x53, 4, ST_V | ST_SCALAR, rcp_ss},
	ALL(0x58, add), ALL(0x59, mul), ALL(0x5C, sub), ALL(0x5D, min), ALL(0x5E, div), ALL(0x5F, max),
	{ST_0F, ST_NP, 0x5A, ST_HALF, ST_FLOAT, ps_to_pd},
	{ST_0F, ST_66, 0x5A, ST_FULL, ST_FLOAT, pd_to_ps},
	{ST_0F, ST_F3, 0x5A, 4, ST_V | ST_SCALAR | ST_FLOAT, ss_to_sd},
	{ST_0F, ST_F2, 0x5A, 8, ST_V | ST_SCALAR | ST_FLOAT, sd_to_ss},
	{ST_0F, ST_NP, 0x5B, ST_FULL, ST_FLOAT, dq_to_ps},
	{ST_0F, ST_66, 0x5B, ST_FULL, ST_FLOAT, ps_to_dq},
	{ST_0F, ST_F3, 0x5B, ST_FULL, ST_FLOAT, ps_to_dq_trunc},
	{ST_0F, ST_66, 0x7C, ST_FULL, ST_V | ST_FLOAT, hadd_pd}, {ST_0F, ST_F2, 0x7C, ST_FULL, ST_V | ST_FLOAT, hadd_ps},
	{ST_0F, ST_66, 0x7D, ST_FULL, ST_V | ST_FLOAT, hsub_pd}, {ST_0F, ST_F2, 0x7D, ST_FULL, ST_V | ST_FLOAT, hsub_ps},
	{ST_0F, ST_NP, 0xC2, ST_FULL, ST_V | ST_IMM | ST_FLOAT, compare_ps},
	{ST_0F, ST_66, 0xC2, ST_FULL, ST_V | ST_IMM | ST_FLOAT, compare_pd},
	{ST_0F, ST_F3, 0xC2, 4, ST_V | ST_IMM | ST_SCALAR | ST_FLOAT, compare_ss},
	{ST_0F, ST_F2, 0xC2, 8, ST_V | ST_IMM | ST_SCALAR | ST_FLOAT, compare_sd},
	{ST_0F, ST_66, 0xD0, ST_FULL, ST_V | ST_FLOAT, addsub_pd}, {ST_0F, ST_F2, 0xD0, ST_FULL, ST_V | ST_FLOAT, addsub_ps},
	{ST_0F, ST_66, 0xE6, ST_FULL, ST_FLOAT, pd_to_dq_trunc},
	{ST_0F, ST_F3, 0xE6, ST_HALF, ST_FLOAT, dq_to_pd},
	{ST_0F, ST_F2, 0xE6, ST_FULL, ST_FLOAT, pd_to_dq},
	{ST_0F38, ST_66, 0x13, ST_HALF, ST_W0 | ST_FLOAT, ph_to_ps},
	FMA_FORM(0x90), FMA_FORM(0xA0), FMA_FORM(0xB0),
	{ST_0F3A, ST_66, 0x08, ST_FULL, ST_IMM | ST_FLOAT, round_ps}, {ST_0F3A, ST_66, 0x09, ST_FULL, ST_IMM | ST_FLOAT, round_pd},
	{ST_0F3A, ST_66, 0x0A, 4, ST_V | ST_IMM | ST_SCALAR | ST_FLOAT, round_ss}, {ST_0F3A, ST_66, 0x0B, 8, ST_V | ST_IMM | ST_SCALAR | ST_FLOAT, round_sd},
	{ST_0F3A, ST_66, 0x1D, ST_HALF, ST_FROM_REG | ST_TO_RM | ST_IMM | ST_W0 | ST_FLOAT, ps_to_ph},
	{ST_0F3A, ST_66, 0x40, ST_FULL, ST_V | ST_IMM | ST_FLOAT, dot_ps},
	{ST_0F3A, ST_66, 0x41, 16, ST_V | ST_IMM | ST_L0 | ST_FLOAT, dot_pd},
	{0},
};
