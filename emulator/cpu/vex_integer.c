/* Integer arithmetic, logic, comparisons, shifts and conversions between
 * widths. */
#include "vex.h"

#define LANES(x, l) for (unsigned l = 0; l < (x)->n / 16; l++)

/* ELEMENTS defines an operation on pairs of elements: a of the first source, b
 * of the second. */
#define ELEMENTS(name, type, field, result) \
	static void name(st_vex *x) \
	{ \
		for (unsigned i = 0; i < x->n / sizeof(type); i++) { \
			const type a = x->a.field[i], b = x->b.field[i]; \
			(void)a; \
			x->d.field[i] = (type)(result); \
		} \
	}

static int clamp(int v, int low, int high) { return v < low ? low : v > high ? high : v; }

ELEMENTS(and_q, uint64_t, q, a & b)
ELEMENTS(andn_q, uint64_t, q, ~a & b)
ELEMENTS(or_q, uint64_t, q, a | b)
ELEMENTS(xor_q, uint64_t, q, a ^ b)

ELEMENTS(add_b, uint8_t, b, a + b)
ELEMENTS(add_w, uint16_t, w, a + b)
ELEMENTS(add_d, uint32_t, d, a + b)
ELEMENTS(add_q, uint64_t, q, a + b)
ELEMENTS(sub_b, uint8_t, b, a - b)
ELEMENTS(sub_w, uint16_t, w, a - b)
ELEMENTS(sub_d, uint32_t, d, a - b)
ELEMENTS(sub_q, uint64_t, q, a - b)
ELEMENTS(add_sb, int8_t, sb, clamp(a + b, INT8_MIN, INT8_MAX))
ELEMENTS(add_sw, int16_t, sw, clamp(a + b, INT16_MIN, INT16_MAX))
ELEMENTS(add_usb, uint8_t, b, clamp(a + b, 0, UINT8_MAX))
ELEMENTS(add_usw, uint16_t, w, clamp(a + b, 0, UINT16_MAX))
ELEMENTS(sub_sb, int8_t, sb, clamp(a - b, INT8_MIN, INT8_MAX))
ELEMENTS(sub_sw, int16_t, sw, clamp(a - b, INT16_MIN, INT16_MAX))
ELEMENTS(sub_usb, uint8_t, b, clamp(a - b, 0, UINT8_MAX))
ELEMENTS(sub_usw, uint16_t, w, clamp(a - b, 0, UINT16_MAX))

ELEMENTS(mul_low_w, int16_t, sw, a * b)
ELEMENTS(mul_high_w, int16_t, sw, a * b >> 16)
ELEMENTS(mul_high_uw, uint16_t, w, (uint32_t)a * b >> 16)
ELEMENTS(mul_round_w, int16_t, sw, ((a * b >> 14) + 1) >> 1)
ELEMENTS(mul_low_d, uint32_t, d, a * b)
ELEMENTS(mul_uq, uint64_t, q, (a & UINT32_MAX) * (b & UINT32_MAX))
ELEMENTS(mul_sq, int64_t, sq, (int64_t)(int32_t)a * (int32_t)b)

ELEMENTS(min_sb, int8_t, sb, a < b ? a : b)
ELEMENTS(min_sw, int16_t, sw, a < b ? a : b)
ELEMENTS(min_sd, int32_t, sd, a < b ? a : b)
ELEMENTS(min_ub, uint8_t, b, a < b ? a : b)
ELEMENTS(min_uw, uint16_t, w, a < b ? a : b)
ELEMENTS(min_ud, uint32_t, d, a < b ? a : b)
ELEMENTS(max_sb, int8_t, sb, a > b ? a : b)
ELEMENTS(max_sw, int16_t, sw, a > b ? a : b)
ELEMENTS(max_sd, int32_t, sd, a > b ? a : b)
ELEMENTS(max_ub, uint8_t, b, a > b ? a : b)
ELEMENTS(max_uw, uint16_t, w, a > b ? a : b)
ELEMENTS(max_ud, uint32_t, d, a > b ? a : b)

ELEMENTS(average_b, uint8_t, b, (a + b + 1) >> 1)
ELEMENTS(average_w, uint16_t, w, (a + b + 1) >> 1)

ELEMENTS(abs_b, uint8_t, b, b & 0x80 ? -b : b)
ELEMENTS(abs_w, uint16_t, w, b & 0x8000 ? -b : b)
ELEMENTS(abs_d, uint32_t, d, b & 0x80000000 ? -b : b)
ELEMENTS(sign_b, int8_t, sb, b < 0 ? -a : b ? a : 0)
ELEMENTS(sign_w, int16_t, sw, b < 0 ? -a : b ? a : 0)
ELEMENTS(sign_d, uint32_t, d, (int32_t)b < 0 ? -a : b ? a : 0)

ELEMENTS(equal_b, uint8_t, b, a == b ? -1 : 0)
ELEMENTS(equal_w, uint16_t, w, a == b ? -1 : 0)
ELEMENTS(equal_d, uint32_t, d, a == b ? -1 : 0)
ELEMENTS(equal_q, uint64_t, q, a == b ? -1 : 0)
ELEMENTS(greater_b, int8_t, sb, a > b ? -1 : 0)
ELEMENTS(greater_w, int16_t, sw, a > b ? -1 : 0)
ELEMENTS(greater_d, int32_t, sd, a > b ? -1 : 0)
ELEMENTS(greater_q, int64_t, sq, a > b ? -1 : 0)

ELEMENTS(left_each_d, uint32_t, d, b < 32 ? a << b : 0)
ELEMENTS(left_each_q, uint64_t, q, b < 64 ? a << b : 0)
ELEMENTS(right_each_d, uint32_t, d, b < 32 ? a >> b : 0)
ELEMENTS(right_each_q, uint64_t, q, b < 64 ? a >> b : 0)
ELEMENTS(arithmetic_each_d, int32_t, sd, a >> ((uint32_t)b < 32 ? b : 31))

static void left_each(st_vex *x) { (x->w ? left_each_q : left_each_d)(x); }
static void right_each(st_vex *x) { (x->w ? right_each_q : right_each_d)(x); }

/* SHIFT defines a shift of all elements by the same count, from the low half of
 * the second source; too large a one gives what result makes of it. */
#define SHIFT(name, type, field, result) \
	static void name##_by(st_vex *x, const st_vector *from, uint64_t by) \
	{ \
		const unsigned bits = 8 * sizeof(type); \
		for (unsigned i = 0; i < x->n / sizeof(type); i++) { \
			const type a = from->field[i]; \
			x->d.field[i] = (type)(result); \
		} \
	} \
	static void name(st_vex *x) { name##_by(x, &x->a, x->b.q[0]); }

SHIFT(left_w, uint16_t, w, by < bits ? a << by : 0)
SHIFT(left_d, uint32_t, d, by < bits ? a << by : 0)
SHIFT(left_q, uint64_t, q, by < bits ? a << by : 0)
SHIFT(right_w, uint16_t, w, by < bits ? a >> by : 0)
SHIFT(right_d, uint32_t, d, by < bits ? a >> by : 0)
SHIFT(right_q, uint64_t, q, by < bits ? a >> by : 0)
SHIFT(arithmetic_w, int16_t, sw, a >> (by < bits ? by : bits - 1))
SHIFT(arithmetic_d, int32_t, sd, a >> (by < bits ? by : bits - 1))

static void shift_w(st_vex *x) /* group 12 */
{
	switch (x->modrm >> 3 & 7) {
	case 2: right_w_by(x, &x->b, x->imm); return;
	case 4: arithmetic_w_by(x, &x->b, x->imm); return;
	case 6: left_w_by(x, &x->b, x->imm); return;
	}
	st_vex_undefined(x);
}

static void shift_d(st_vex *x) /* group 13 */
{
	switch (x->modrm >> 3 & 7) {
	case 2: right_d_by(x, &x->b, x->imm); return;
	case 4: arithmetic_d_by(x, &x->b, x->imm); return;
	case 6: left_d_by(x, &x->b, x->imm); return;
	}
	st_vex_undefined(x);
}

static void shift_q(st_vex *x) /* group 14, with the shifts of lanes by bytes */
{
	switch (x->modrm >> 3 & 7) {
	case 2: right_q_by(x, &x->b, x->imm); return;
	case 6: left_q_by(x, &x->b, x->imm); return;
	case 3:
		LANES(x, l) for (unsigned i = x->imm; i < 16; i++)
			x->d.b[16 * l + i - x->imm] = x->b.b[16 * l + i];
		return;
	case 7:
		LANES(x, l) for (unsigned i = x->imm; i < 16; i++)
			x->d.b[16 * l + i] = x->b.b[16 * l + i - x->imm];
		return;
	}
	st_vex_undefined(x);
}

/* WIDEN defines a conversion of the low elements to wider ones. */
#define WIDEN(name, type, field, from) \
	static void name(st_vex *x) \
	{ \
		for (unsigned i = 0; i < x->n / sizeof(type); i++) \
			x->d.field[i] = (type)x->b.from[i]; \
	}

WIDEN(sign_bw, int16_t, sw, sb)
WIDEN(sign_bd, int32_t, sd, sb)
WIDEN(sign_bq, int64_t, sq, sb)
WIDEN(sign_wd, int32_t, sd, sw)
WIDEN(sign_wq, int64_t, sq, sw)
WIDEN(sign_dq, int64_t, sq, sd)
WIDEN(zero_bw, uint16_t, w, b)
WIDEN(zero_bd, uint32_t, d, b)
WIDEN(zero_bq, uint64_t, q, b)
WIDEN(zero_wd, uint32_t, d, w)
WIDEN(zero_wq, uint64_t, q, w)
WIDEN(zero_dq, uint64_t, q, d)

/* NARROW defines a saturating conversion of both sources, lane by lane. */
#define NARROW(name, type, field, from, low, high) \
	static void name(st_vex *x) \
	{ \
		const unsigned half = 8 / sizeof(type); \
		LANES(x, l) for (unsigned i = 0; i < half; i++) { \
			x->d.field[2 * half * l + i] = (type)clamp(x->a.from[half * l + i], low, high); \
			x->d.field[2 * half * l + half + i] = (type)clamp(x->b.from[half * l + i], low, high); \
		} \
	}

NARROW(pack_wb, int8_t, sb, sw, INT8_MIN, INT8_MAX)
NARROW(pack_wub, uint8_t, b, sw, 0, UINT8_MAX)
NARROW(pack_dw, int16_t, sw, sd, INT16_MIN, INT16_MAX)
NARROW(pack_duw, uint16_t, w, sd, 0, UINT16_MAX)

/* HORIZONTAL defines an operation on neighbours u and v of both sources. */
#define HORIZONTAL(name, type, field, result) \
	static void name(st_vex *x) \
	{ \
		const unsigned half = 8 / sizeof(type); \
		LANES(x, l) for (unsigned i = 0; i < 2 * half; i++) { \
			const st_vector *from = i < half ? &x->a : &x->b; \
			const unsigned at = 2 * half * l + 2 * (i % half); \
			const type u = from->field[at], v = from->field[at + 1]; \
			x->d.field[2 * half * l + i] = (type)(result); \
		} \
	}

HORIZONTAL(hadd_w, uint16_t, w, u + v)
HORIZONTAL(hadd_d, uint32_t, d, u + v)
HORIZONTAL(hadd_sw, int16_t, sw, clamp(u + v, INT16_MIN, INT16_MAX))
HORIZONTAL(hsub_w, uint16_t, w, u - v)
HORIZONTAL(hsub_d, uint32_t, d, u - v)
HORIZONTAL(hsub_sw, int16_t, sw, clamp(u - v, INT16_MIN, INT16_MAX))

static void multiply_add_w(st_vex *x) /* vpmaddwd */
{
	for (unsigned i = 0; i < x->n / 4; i++)
		x->d.d[i] = (uint32_t)(x->a.sw[2 * i] * x->b.sw[2 * i]) + (uint32_t)(x->a.sw[2 * i + 1] * x->b.sw[2 * i + 1]);
}

static void multiply_add_b(st_vex *x) /* vpmaddubsw: unsigned by signed */
{
	for (unsigned i = 0; i < x->n / 2; i++)
		x->d.sw[i] = (int16_t)clamp(x->a.b[2 * i] * x->b.sb[2 * i] + x->a.b[2 * i + 1] * x->b.sb[2 * i + 1], INT16_MIN, INT16_MAX);
}

static unsigned difference(const uint8_t *a, const uint8_t *b, unsigned n)
{
	unsigned sum = 0;
	for (unsigned i = 0; i < n; i++)
		sum += a[i] > b[i] ? a[i] - b[i] : b[i] - a[i];
	return sum;
}

static void sum_differences(st_vex *x) /* vpsadbw */
{
	for (unsigned i = 0; i < x->n / 8; i++)
		x->d.q[i] = difference(&x->a.b[8 * i], &x->b.b[8 * i], 8);
}

static void sum_differences_shifted(st_vex *x) /* vmpsadbw */
{
	LANES(x, l) {
		const unsigned c = x->imm >> 3 * l;
		const uint8_t *a = &x->a.b[16 * l + 4 * (c >> 2 & 1)], *b = &x->b.b[16 * l + 4 * (c & 3)];
		for (unsigned i = 0; i < 8; i++)
			x->d.w[8 * l + i] = (uint16_t)difference(a + i, b, 4);
	}
}

static void minimum_position(st_vex *x) /* vphminposuw */
{
	unsigned at = 0;
	for (unsigned i = 1; i < 8; i++)
		if (x->b.w[i] < x->b.w[at])
			at = i;
	x->d.w[0] = x->b.w[at];
	x->d.w[1] = (uint16_t)at;
}

/* test sets ZF if no bit of mask is set in both, CF if none is set in the
 * second source alone. */
static void test(st_vex *x, uint64_t mask)
{
	uint64_t both = 0, alone = 0;
	for (unsigned i = 0; i < x->n / 8; i++) {
		const uint64_t a = st_vex_vector(x, x->reg)->q[i], b = x->b.q[i];
		both |= a & b & mask;
		alone |= ~a & b & mask;
	}
	st_vex_set_eflags(x, (both ? 0 : 0x40) | (alone ? 0 : 0x01));
}

static void test_all(st_vex *x) { test(x, UINT64_MAX); }
static void test_ps(st_vex *x) { test(x, UINT64_C(0x8000000080000000)); }
static void test_pd(st_vex *x) { test(x, UINT64_C(0x8000000000000000)); }

#define ROW(opcode, run) {ST_0F, ST_66, opcode, ST_FULL, ST_V, run}
#define ROW38(opcode, run) {ST_0F38, ST_66, opcode, ST_FULL, ST_V, run}
#define BY_COUNT(opcode, run) {ST_0F, ST_66, opcode, 16, ST_V, run}
#define WIDER(opcode, size, run) {ST_0F38, ST_66, opcode, size, 0, run}

const st_operation st_integers[] = {
	{ST_0F, ST_NP, 0x54, ST_FULL, ST_V, and_q}, {ST_0F, ST_66, 0x54, ST_FULL, ST_V, and_q}, /* vandps, vandpd */
	{ST_0F, ST_NP, 0x55, ST_FULL, ST_V, andn_q}, {ST_0F, ST_66, 0x55, ST_FULL, ST_V, andn_q},
	{ST_0F, ST_NP, 0x56, ST_FULL, ST_V, or_q}, {ST_0F, ST_66, 0x56, ST_FULL, ST_V, or_q},
	{ST_0F, ST_NP, 0x57, ST_FULL, ST_V, xor_q}, {ST_0F, ST_66, 0x57, ST_FULL, ST_V, xor_q},
	ROW(0x63, pack_wb), ROW(0x64, greater_b), ROW(0x65, greater_w), ROW(0x66, greater_d), ROW(0x67, pack_wub), ROW(0x6B, pack_dw),
	{ST_0F, ST_66, 0x71, ST_FULL, ST_TO_V | ST_IMM | ST_REGISTER, shift_w},
	{ST_0F, ST_66, 0x72, ST_FULL, ST_TO_V | ST_IMM | ST_REGISTER, shift_d},
	{ST_0F, ST_66, 0x73, ST_FULL, ST_TO_V | ST_IMM | ST_REGISTER, shift_q},
	ROW(0x74, equal_b), ROW(0x75, equal_w), ROW(0x76, equal_d),
	BY_COUNT(0xD1, right_w), BY_COUNT(0xD2, right_d), BY_COUNT(0xD3, right_q), ROW(0xD4, add_q), ROW(0xD5, mul_low_w),
	ROW(0xD8, sub_usb), ROW(0xD9, sub_usw), ROW(0xDA, min_ub), ROW(0xDB, and_q), ROW(0xDC, add_usb), ROW(0xDD, add_usw), ROW(0xDE, max_ub), ROW(0xDF, andn_q),
	ROW(0xE0, average_b), BY_COUNT(0xE1, arithmetic_w), BY_COUNT(0xE2, arithmetic_d), ROW(0xE3, average_w), ROW(0xE4, mul_high_uw), ROW(0xE5, mul_high_w),
	ROW(0xE8, sub_sb), ROW(0xE9, sub_sw), ROW(0xEA, min_sw), ROW(0xEB, or_q), ROW(0xEC, add_sb), ROW(0xED, add_sw), ROW(0xEE, max_sw), ROW(0xEF, xor_q),
	BY_COUNT(0xF1, left_w), BY_COUNT(0xF2, left_d), BY_COUNT(0xF3, left_q), ROW(0xF4, mul_uq), ROW(0xF5, multiply_add_w), ROW(0xF6, sum_differences),
	ROW(0xF8, sub_b), ROW(0xF9, sub_w), ROW(0xFA, sub_d), ROW(0xFB, sub_q), ROW(0xFC, add_b), ROW(0xFD, add_w), ROW(0xFE, add_d),

	ROW38(0x01, hadd_w), ROW38(0x02, hadd_d), ROW38(0x03, hadd_sw), ROW38(0x04, multiply_add_b), ROW38(0x05, hsub_w), ROW38(0x06, hsub_d), ROW38(0x07, hsub_sw),
	ROW38(0x08, sign_b), ROW38(0x09, sign_w), ROW38(0x0A, sign_d), ROW38(0x0B, mul_round_w),
	{ST_0F38, ST_66, 0x0E, ST_FULL, ST_NOTHING | ST_W0, test_ps},
	{ST_0F38, ST_66, 0x0F, ST_FULL, ST_NOTHING | ST_W0, test_pd},
	{ST_0F38, ST_66, 0x17, ST_FULL, ST_NOTHING, test_all},
	{ST_0F38, ST_66, 0x1C, ST_FULL, 0, abs_b}, {ST_0F38, ST_66, 0x1D, ST_FULL, 0, abs_w}, {ST_0F38, ST_66, 0x1E, ST_FULL, 0, abs_d},
	WIDER(0x20, ST_HALF, sign_bw), WIDER(0x21, ST_QUARTER, sign_bd), WIDER(0x22, ST_EIGHTH, sign_bq),
	WIDER(0x23, ST_HALF, sign_wd), WIDER(0x24, ST_QUARTER, sign_wq), WIDER(0x25, ST_HALF, sign_dq),
	WIDER(0x30, ST_HALF, zero_bw), WIDER(0x31, ST_QUARTER, zero_bd), WIDER(0x32, ST_EIGHTH, zero_bq),
	WIDER(0x33, ST_HALF, zero_wd), WIDER(0x34, ST_QUARTER, zero_wq), WIDER(0x35, ST_HALF, zero_dq),
	ROW38(0x28, mul_sq), ROW38(0x29, equal_q), ROW38(0x2B, pack_duw), ROW38(0x37, greater_q),
	ROW38(0x38, min_sb), ROW38(0x39, min_sd), ROW38(0x3A, min_uw), ROW38(0x3B, min_ud), ROW38(0x3C, max_sb), ROW38(0x3D, max_sd), ROW38(0x3E, max_uw), ROW38(0x3F, max_ud),
	ROW38(0x40, mul_low_d),
	{ST_0F38, ST_66, 0x41, 16, ST_L0, minimum_position},
	ROW38(0x45, right_each), {ST_0F38, ST_66, 0x46, ST_FULL, ST_V | ST_W0, arithmetic_each_d}, ROW38(0x47, left_each),

	{ST_0F3A, ST_66, 0x42, ST_FULL, ST_V | ST_IMM, sum_differences_shifted},
	{0},
};
