/* Moves, broadcasts, shuffles, blends and gathers. A result of 256 bits is most
 * often two of 128, its lanes. */
#include "vex.h"

#include <string.h>

#define LANES(x, l) for (unsigned l = 0; l < (x)->n / 16; l++)
#define EACH(x, type, i) for (unsigned i = 0; i < (x)->n / sizeof(type); i++)

static void copy(st_vex *x) { x->d = x->b; }

/* Of a register, a scalar move takes what is above from the first source; of
 * memory it clears that. */
static void move_ss(st_vex *x)
{
	x->d = x->a;
	if (x->rm == 16)
		memset(&x->d, 0, sizeof x->d);
	x->d.d[0] = x->b.d[0];
}

static void move_sd(st_vex *x)
{
	x->d = x->a;
	if (x->rm == 16)
		memset(&x->d, 0, sizeof x->d);
	x->d.q[0] = x->b.q[0];
}

/* The same between registers, with the result in rm. */
static void move_ss_back(st_vex *x)
{
	x->d = x->a;
	x->d.d[0] = x->b.d[0];
}

static void move_sd_back(st_vex *x)
{
	x->d = x->a;
	x->d.q[0] = x->b.q[0];
}

static void move_q(st_vex *x) { x->d.q[0] = x->b.q[0]; }

static void load_low(st_vex *x) /* movlps, movlpd; movhlps of a register */
{
	x->d.q[0] = x->rm == 16 ? x->b.q[0] : x->b.q[1];
	x->d.q[1] = x->a.q[1];
}

static void load_high(st_vex *x) /* movhps, movhpd; movlhps of a register */
{
	x->d.q[0] = x->a.q[0];
	x->d.q[1] = x->b.q[0];
}

static void store_high(st_vex *x) { x->d.q[0] = x->b.q[1]; }

static void move_sldup(st_vex *x) { EACH(x, uint32_t, i) x->d.d[i] = x->b.d[i & ~1u]; }
static void move_shdup(st_vex *x) { EACH(x, uint32_t, i) x->d.d[i] = x->b.d[i | 1]; }
static void move_ddup(st_vex *x) { EACH(x, uint64_t, i) x->d.q[i] = x->b.q[i & ~1u]; }

static void to_general(st_vex *x) { x->r = x->w ? x->b.q[0] : x->b.d[0]; }
static void from_general(st_vex *x) { x->d.q[0] = x->r; }

static void mask_ps(st_vex *x)
{
	x->r = 0;
	EACH(x, uint32_t, i) x->r |= (uint64_t)(x->b.d[i] >> 31) << i;
}

static void mask_pd(st_vex *x)
{
	x->r = 0;
	EACH(x, uint64_t, i) x->r |= x->b.q[i] >> 63 << i;
}

static void mask_b(st_vex *x)
{
	x->r = 0;
	EACH(x, uint8_t, i) x->r |= (uint64_t)(x->b.b[i] >> 7) << i;
}

static void zero(st_vex *x) /* vzeroupper, and of 256 bits vzeroall */
{
	for (unsigned i = 0; i < 16; i++) {
		st_vector *v = st_vex_vector(x, i);
		if (x->n == 32)
			memset(v, 0, sizeof *v);
		else
			memset(&v->b[16], 0, 16);
	}
	x->new_vectors = 0xFFFF;
}

static void broadcast_b(st_vex *x) { EACH(x, uint8_t, i) x->d.b[i] = x->b.b[0]; }
static void broadcast_w(st_vex *x) { EACH(x, uint16_t, i) x->d.w[i] = x->b.w[0]; }
static void broadcast_d(st_vex *x) { EACH(x, uint32_t, i) x->d.d[i] = x->b.d[0]; }
static void broadcast_q(st_vex *x) { EACH(x, uint64_t, i) x->d.q[i] = x->b.q[0]; }

static void broadcast_lane(st_vex *x)
{
	memcpy(&x->d.b[0], &x->b, 16);
	memcpy(&x->d.b[16], &x->b, 16);
}

static void insert_lane(st_vex *x)
{
	x->d = x->a;
	memcpy(&x->d.b[16 * (x->imm & 1)], &x->b, 16);
}

static void extract_lane(st_vex *x) /* into a register: of 128 bits */
{
	memcpy(&x->d, &x->b.b[16 * (x->imm & 1)], 16);
	x->n = 16;
}

static void permute_lanes(st_vex *x)
{
	LANES(x, l) {
		const unsigned c = x->imm >> 4 * l & 15;
		if (!(c & 8))
			memcpy(&x->d.b[16 * l], &(c & 2 ? &x->b : &x->a)->b[16 * (c & 1)], 16);
	}
}

static void insert_b(st_vex *x) { x->d = x->a; x->d.b[x->imm & 15] = (uint8_t)x->r; }
static void insert_w(st_vex *x) { x->d = x->a; x->d.w[x->imm & 7] = (uint16_t)x->r; }

static void insert_dq(st_vex *x)
{
	x->d = x->a;
	if (x->w)
		x->d.q[x->imm & 1] = x->r;
	else
		x->d.d[x->imm & 3] = (uint32_t)x->r;
}

static void extract_b(st_vex *x) { x->r = x->b.b[x->imm & 15]; }
static void extract_w(st_vex *x) { x->r = x->b.w[x->imm & 7]; }
static void extract_d(st_vex *x) { x->r = x->b.d[x->imm & 3]; }
static void extract_dq(st_vex *x) { x->r = x->w ? x->b.q[x->imm & 1] : x->b.d[x->imm & 3]; }

static void insert_ps(st_vex *x)
{
	x->d = x->a;
	x->d.d[x->imm >> 4 & 3] = x->rm == 16 ? x->b.d[0] : x->b.d[x->imm >> 6];
	for (unsigned i = 0; i < 4; i++)
		if (x->imm >> i & 1)
			x->d.d[i] = 0;
}

static void shuffle_ps(st_vex *x)
{
	LANES(x, l) for (unsigned i = 0; i < 4; i++)
		x->d.d[4 * l + i] = (i < 2 ? &x->a : &x->b)->d[4 * l + (x->imm >> 2 * i & 3)];
}

static void shuffle_pd(st_vex *x)
{
	EACH(x, uint64_t, i) x->d.q[i] = (i & 1 ? &x->b : &x->a)->q[(i & ~1u) + (x->imm >> i & 1)];
}

static void shuffle_d(st_vex *x) /* pshufd, vpermilps with an immediate */
{
	EACH(x, uint32_t, i) x->d.d[i] = x->b.d[(i & ~3u) + (x->imm >> 2 * (i & 3) & 3)];
}

static void shuffle_low(st_vex *x)
{
	x->d = x->b;
	LANES(x, l) for (unsigned i = 0; i < 4; i++)
		x->d.w[8 * l + i] = x->b.w[8 * l + (x->imm >> 2 * i & 3)];
}

static void shuffle_high(st_vex *x)
{
	x->d = x->b;
	LANES(x, l) for (unsigned i = 0; i < 4; i++)
		x->d.w[8 * l + 4 + i] = x->b.w[8 * l + 4 + (x->imm >> 2 * i & 3)];
}

static void shuffle_b(st_vex *x)
{
	EACH(x, uint8_t, i) x->d.b[i] = x->b.b[i] & 0x80 ? 0 : x->a.b[(i & ~15u) + (x->b.b[i] & 15)];
}

static void permute_ps(st_vex *x) { EACH(x, uint32_t, i) x->d.d[i] = x->a.d[(i & ~3u) + (x->b.d[i] & 3)]; }
static void permute_pd(st_vex *x) { EACH(x, uint64_t, i) x->d.q[i] = x->a.q[(i & ~1u) + (x->b.q[i] >> 1 & 1)]; }
static void permute_pd_imm(st_vex *x) { EACH(x, uint64_t, i) x->d.q[i] = x->b.q[(i & ~1u) + (x->imm >> i & 1)]; }
static void permute_d(st_vex *x) { EACH(x, uint32_t, i) x->d.d[i] = x->b.d[x->a.d[i] & 7]; }
static void permute_q(st_vex *x) { EACH(x, uint64_t, i) x->d.q[i] = x->b.q[x->imm >> 2 * i & 3]; }

#define UNPACK(name, type, field, high) \
	static void name(st_vex *x) \
	{ \
		const unsigned half = 8 / sizeof(type); \
		LANES(x, l) for (unsigned i = 0; i < half; i++) { \
			const unsigned at = 2 * half * l; \
			x->d.field[at + 2 * i] = x->a.field[at + i + (high) * half]; \
			x->d.field[at + 2 * i + 1] = x->b.field[at + i + (high) * half]; \
		} \
	}

UNPACK(unpack_low_b, uint8_t, b, 0)
UNPACK(unpack_low_w, uint16_t, w, 0)
UNPACK(unpack_low_d, uint32_t, d, 0)
UNPACK(unpack_low_q, uint64_t, q, 0)
UNPACK(unpack_high_b, uint8_t, b, 1)
UNPACK(unpack_high_w, uint16_t, w, 1)
UNPACK(unpack_high_d, uint32_t, d, 1)
UNPACK(unpack_high_q, uint64_t, q, 1)

static void align_right(st_vex *x)
{
	LANES(x, l) for (unsigned i = 0; i < 16; i++) {
		const unsigned from = i + x->imm;
		x->d.b[16 * l + i] = from < 16 ? x->b.b[16 * l + from] : from < 32 ? x->a.b[16 * l + from - 16] : 0;
	}
}

static void blend_w(st_vex *x) { EACH(x, uint16_t, i) x->d.w[i] = (x->imm >> (i & 7) & 1 ? &x->b : &x->a)->w[i]; }
static void blend_d(st_vex *x) { EACH(x, uint32_t, i) x->d.d[i] = (x->imm >> i & 1 ? &x->b : &x->a)->d[i]; }
static void blend_q(st_vex *x) { EACH(x, uint64_t, i) x->d.q[i] = (x->imm >> i & 1 ? &x->b : &x->a)->q[i]; }
static void choose_b(st_vex *x) { EACH(x, uint8_t, i) x->d.b[i] = (x->c.sb[i] < 0 ? &x->b : &x->a)->b[i]; }
static void choose_d(st_vex *x) { EACH(x, uint32_t, i) x->d.d[i] = (x->c.sd[i] < 0 ? &x->b : &x->a)->d[i]; }
static void choose_q(st_vex *x) { EACH(x, uint64_t, i) x->d.q[i] = (x->c.sq[i] < 0 ? &x->b : &x->a)->q[i]; }

/* Masked moves touch only what the mask selects; a store is whole or not. */

static bool selected(const st_vex *x, const st_vector *mask, unsigned width, unsigned i)
{
	(void)x;
	return width == 4 ? mask->sd[i] < 0 : mask->sq[i] < 0;
}

static void masked_load(st_vex *x, unsigned width)
{
	const st_vector mask = *st_vex_vector(x, x->v);
	for (unsigned i = 0; i < x->n / width; i++)
		if (selected(x, &mask, width, i) && !st_vex_load(x, x->address + i * width, &x->d.b[i * width], width))
			return;
	st_vector *to = st_vex_vector(x, x->reg);
	*to = x->d;
	x->new_vectors |= 1u << x->reg;
}

static void masked_store(st_vex *x, unsigned width)
{
	const st_vector mask = *st_vex_vector(x, x->v), from = *st_vex_vector(x, x->reg);
	for (unsigned i = 0; i < x->n / width; i++)
		if (selected(x, &mask, width, i) && !st_vex_writable(x, x->address + i * width, width))
			return;
	for (unsigned i = 0; i < x->n / width; i++)
		if (selected(x, &mask, width, i))
			st_vex_store(x, x->address + i * width, &from.b[i * width], width);
}

static void masked_load_ps(st_vex *x) { masked_load(x, 4); }
static void masked_load_pd(st_vex *x) { masked_load(x, 8); }
static void masked_load_dq(st_vex *x) { masked_load(x, x->w ? 8 : 4); }
static void masked_store_ps(st_vex *x) { masked_store(x, 4); }
static void masked_store_pd(st_vex *x) { masked_store(x, 8); }
static void masked_store_dq(st_vex *x) { masked_store(x, x->w ? 8 : 4); }

static void masked_store_b(st_vex *x) /* vmaskmovdqu: to RDI */
{
	const st_vector from = *st_vex_vector(x, x->reg), mask = *st_vex_vector(x, x->rm);
	uint64_t at = st_vex_general(x, 7);
	if (x->address32)
		at = (uint32_t)at;
	at += st_vex_segment(x);
	for (unsigned i = 0; i < 16; i++)
		if (mask.sb[i] < 0 && !st_vex_writable(x, at + i, 1))
			return;
	for (unsigned i = 0; i < 16; i++)
		if (mask.sb[i] < 0)
			st_vex_store(x, at + i, &from.b[i], 1);
}

/* gather loads elements of width bytes at addresses with indices of as many as
 * wide. A fault leaves those before it done, and their bits of the mask clear. */
static void gather(st_vex *x, unsigned wide)
{
	const unsigned width = x->w ? 8 : 4;
	unsigned count = x->n / (wide > width ? wide : width);
	if (x->reg == x->v || x->reg == x->at.index || x->v == x->at.index) {
		st_vex_undefined(x);
		return;
	}
	st_vector *to = st_vex_vector(x, x->reg), *mask = st_vex_vector(x, x->v);
	const st_vector index = *st_vex_vector(x, x->at.index);
	x->new_vectors |= 1u << x->reg | 1u << x->v;
	for (unsigned i = 0; i < count; i++) /* the sign becomes the whole element */
		if (width == 8)
			mask->sq[i] >>= 63;
		else
			mask->sd[i] >>= 31;
	for (unsigned i = 0; i < count; i++) {
		const int64_t offset = wide == 8 ? index.sq[i] : index.sd[i];
		uint64_t at = x->address + ((uint64_t)offset << x->at.scale);
		if (x->address32)
			at = (uint32_t)at;
		if (selected(x, mask, width, i) && !st_vex_load(x, at, &to->b[i * width], width))
			return;
		memset(&mask->b[i * width], 0, width);
	}
	memset(&to->b[count * width], 0, 32 - count * width);
	memset(mask, 0, sizeof *mask);
}

static void gather_d(st_vex *x) { gather(x, 4); }
static void gather_q(st_vex *x) { gather(x, 8); }

static void load_mxcsr(st_vex *x) /* /2; /3 stores */
{
	uint32_t value = st_vex_mxcsr(x);
	switch (x->modrm >> 3 & 7) {
	case 2:
		if (!st_vex_load(x, x->address, &value, 4))
			return;
		if (value >> 16)
			st_vex_protection(x);
		else
			st_vex_set_mxcsr(x, value);
		return;
	case 3:
		st_vex_store(x, x->address, &value, 4);
		return;
	}
	st_vex_undefined(x);
}

#define STORE (ST_FROM_REG | ST_TO_RM)

const st_operation st_moves[] = {
	{ST_0F, ST_NP, 0x10, ST_FULL, 0, copy}, /* vmovups */
	{ST_0F, ST_66, 0x10, ST_FULL, 0, copy}, /* vmovupd */
	{ST_0F, ST_F3, 0x10, 4, ST_V_REG | ST_SCALAR, move_ss},
	{ST_0F, ST_F2, 0x10, 8, ST_V_REG | ST_SCALAR, move_sd},
	{ST_0F, ST_NP, 0x11, ST_FULL, STORE, copy},
	{ST_0F, ST_66, 0x11, ST_FULL, STORE, copy},
	{ST_0F, ST_F3, 0x11, 4, STORE | ST_V_REG | ST_SCALAR, move_ss_back},
	{ST_0F, ST_F2, 0x11, 8, STORE | ST_V_REG | ST_SCALAR, move_sd_back},
	{ST_0F, ST_NP, 0x12, 8, ST_V | ST_L0, load_low}, /* vmovlps, vmovhlps */
	{ST_0F, ST_66, 0x12, 8, ST_V | ST_L0 | ST_MEMORY, load_low},
	{ST_0F, ST_F3, 0x12, ST_FULL, 0, move_sldup},
	{ST_0F, ST_F2, 0x12, ST_FULL, 0, move_ddup},
	{ST_0F, ST_NP, 0x13, 8, STORE | ST_L0 | ST_MEMORY, move_q},
	{ST_0F, ST_66, 0x13, 8, STORE | ST_L0 | ST_MEMORY, move_q},
	{ST_0F, ST_NP, 0x14, ST_FULL, ST_V, unpack_low_d}, /* vunpcklps */
	{ST_0F, ST_66, 0x14, ST_FULL, ST_V, unpack_low_q},
	{ST_0F, ST_NP, 0x15, ST_FULL, ST_V, unpack_high_d},
	{ST_0F, ST_66, 0x15, ST_FULL, ST_V, unpack_high_q},
	{ST_0F, ST_NP, 0x16, 8, ST_V | ST_L0, load_high}, /* vmovhps, vmovlhps */
	{ST_0F, ST_66, 0x16, 8, ST_V | ST_L0 | ST_MEMORY, load_high},
	{ST_0F, ST_F3, 0x16, ST_FULL, 0, move_shdup},
	{ST_0F, ST_NP, 0x17, 8, STORE | ST_L0 | ST_MEMORY, store_high},
	{ST_0F, ST_66, 0x17, 8, STORE | ST_L0 | ST_MEMORY, store_high},
	{ST_0F, ST_NP, 0x28, ST_FULL, ST_ALIGNED, copy}, /* vmovaps */
	{ST_0F, ST_66, 0x28, ST_FULL, ST_ALIGNED, copy},
	{ST_0F, ST_NP, 0x29, ST_FULL, STORE | ST_ALIGNED, copy},
	{ST_0F, ST_66, 0x29, ST_FULL, STORE | ST_ALIGNED, copy},
	{ST_0F, ST_NP, 0x2B, ST_FULL, STORE | ST_ALIGNED | ST_MEMORY, copy}, /* vmovntps */
	{ST_0F, ST_66, 0x2B, ST_FULL, STORE | ST_ALIGNED | ST_MEMORY, copy},
	{ST_0F, ST_NP, 0x50, ST_FULL, ST_TO_R | ST_REGISTER, mask_ps},
	{ST_0F, ST_66, 0x50, ST_FULL, ST_TO_R | ST_REGISTER, mask_pd},
	{ST_0F, ST_66, 0x60, ST_FULL, ST_V, unpack_low_b}, /* vpunpcklbw */
	{ST_0F, ST_66, 0x61, ST_FULL, ST_V, unpack_low_w},
	{ST_0F, ST_66, 0x62, ST_FULL, ST_V, unpack_low_d},
	{ST_0F, ST_66, 0x68, ST_FULL, ST_V, unpack_high_b},
	{ST_0F, ST_66, 0x69, ST_FULL, ST_V, unpack_high_w},
	{ST_0F, ST_66, 0x6A, ST_FULL, ST_V, unpack_high_d},
	{ST_0F, ST_66, 0x6C, ST_FULL, ST_V, unpack_low_q},
	{ST_0F, ST_66, 0x6D, ST_FULL, ST_V, unpack_high_q},
	{ST_0F, ST_66, 0x6E, ST_BY_W, ST_FROM_R | ST_L0, from_general}, /* vmovd, vmovq */
	{ST_0F, ST_66, 0x6F, ST_FULL, ST_ALIGNED, copy},                /* vmovdqa */
	{ST_0F, ST_F3, 0x6F, ST_FULL, 0, copy},                         /* vmovdqu */
	{ST_0F, ST_66, 0x70, ST_FULL, ST_IMM, shuffle_d},
	{ST_0F, ST_F3, 0x70, ST_FULL, ST_IMM, shuffle_high},
	{ST_0F, ST_F2, 0x70, ST_FULL, ST_IMM, shuffle_low},
	{ST_0F, ST_NP, 0x77, ST_FULL, ST_NOTHING, zero},
	{ST_0F, ST_66, 0x7E, ST_BY_W, ST_FROM_REG | ST_TO_R_RM | ST_L0, to_general},
	{ST_0F, ST_F3, 0x7E, 8, ST_L0, move_q},
	{ST_0F, ST_66, 0x7F, ST_FULL, STORE | ST_ALIGNED, copy},
	{ST_0F, ST_F3, 0x7F, ST_FULL, STORE, copy},
	{ST_0F, ST_NP, 0xAE, 4, ST_NOTHING | ST_MEMORY | ST_L0, load_mxcsr},
	{ST_0F, ST_66, 0xC4, 2, ST_V | ST_FROM_R | ST_IMM | ST_L0, insert_w},
	{ST_0F, ST_66, 0xC5, 2, ST_TO_R | ST_IMM | ST_L0 | ST_REGISTER, extract_w},
	{ST_0F, ST_NP, 0xC6, ST_FULL, ST_V | ST_IMM, shuffle_ps},
	{ST_0F, ST_66, 0xC6, ST_FULL, ST_V | ST_IMM, shuffle_pd},
	{ST_0F, ST_66, 0xD6, 8, STORE | ST_L0, move_q},
	{ST_0F, ST_66, 0xD7, ST_FULL, ST_TO_R | ST_REGISTER, mask_b},
	{ST_0F, ST_66, 0xE7, ST_FULL, STORE | ST_ALIGNED | ST_MEMORY, copy}, /* vmovntdq */
	{ST_0F, ST_F2, 0xF0, ST_FULL, ST_MEMORY, copy},                      /* vlddqu */
	{ST_0F, ST_66, 0xF7, 16, ST_NOTHING | ST_REGISTER | ST_L0, masked_store_b},

	{ST_0F38, ST_66, 0x00, ST_FULL, ST_V, shuffle_b},
	{ST_0F38, ST_66, 0x0C, ST_FULL, ST_V | ST_W0, permute_ps},
	{ST_0F38, ST_66, 0x0D, ST_FULL, ST_V | ST_W0, permute_pd},
	{ST_0F38, ST_66, 0x16, ST_FULL, ST_V | ST_W0 | ST_L1, permute_d}, /* vpermps */
	{ST_0F38, ST_66, 0x18, 4, ST_W0, broadcast_d},
	{ST_0F38, ST_66, 0x19, 8, ST_W0 | ST_L1, broadcast_q},
	{ST_0F38, ST_66, 0x1A, 16, ST_W0 | ST_L1 | ST_MEMORY, broadcast_lane},
	{ST_0F38, ST_66, 0x2A, ST_FULL, ST_ALIGNED | ST_MEMORY, copy}, /* vmovntdqa */
	{ST_0F38, ST_66, 0x2C, 4, ST_NOTHING | ST_V | ST_W0 | ST_MEMORY, masked_load_ps},
	{ST_0F38, ST_66, 0x2D, 8, ST_NOTHING | ST_V | ST_W0 | ST_MEMORY, masked_load_pd},
	{ST_0F38, ST_66, 0x2E, 4, ST_NOTHING | ST_V | ST_W0 | ST_MEMORY, masked_store_ps},
	{ST_0F38, ST_66, 0x2F, 8, ST_NOTHING | ST_V | ST_W0 | ST_MEMORY, masked_store_pd},
	{ST_0F38, ST_66, 0x36, ST_FULL, ST_V | ST_W0 | ST_L1, permute_d},
	{ST_0F38, ST_66, 0x58, 4, ST_W0, broadcast_d},
	{ST_0F38, ST_66, 0x59, 8, ST_W0, broadcast_q},
	{ST_0F38, ST_66, 0x5A, 16, ST_W0 | ST_L1 | ST_MEMORY, broadcast_lane},
	{ST_0F38, ST_66, 0x78, 1, ST_W0, broadcast_b},
	{ST_0F38, ST_66, 0x79, 2, ST_W0, broadcast_w},
	{ST_0F38, ST_66, 0x8C, 4, ST_NOTHING | ST_V | ST_MEMORY, masked_load_dq},
	{ST_0F38, ST_66, 0x8E, 4, ST_NOTHING | ST_V | ST_MEMORY, masked_store_dq},
	{ST_0F38, ST_66, 0x90, 4, ST_NOTHING | ST_V | ST_MEMORY | ST_VSIB, gather_d}, /* vpgatherdd, dq */
	{ST_0F38, ST_66, 0x91, 4, ST_NOTHING | ST_V | ST_MEMORY | ST_VSIB, gather_q},
	{ST_0F38, ST_66, 0x92, 4, ST_NOTHING | ST_V | ST_MEMORY | ST_VSIB, gather_d}, /* vgatherdps, dpd */
	{ST_0F38, ST_66, 0x93, 4, ST_NOTHING | ST_V | ST_MEMORY | ST_VSIB, gather_q},

	{ST_0F3A, ST_66, 0x00, ST_FULL, ST_IMM | ST_W1 | ST_L1, permute_q},
	{ST_0F3A, ST_66, 0x01, ST_FULL, ST_IMM | ST_W1 | ST_L1, permute_q}, /* vpermpd */
	{ST_0F3A, ST_66, 0x02, ST_FULL, ST_V | ST_IMM | ST_W0, blend_d},
	{ST_0F3A, ST_66, 0x04, ST_FULL, ST_IMM | ST_W0, shuffle_d}, /* vpermilps */
	{ST_0F3A, ST_66, 0x05, ST_FULL, ST_IMM | ST_W0, permute_pd_imm},
	{ST_0F3A, ST_66, 0x06, ST_FULL, ST_V | ST_IMM | ST_W0 | ST_L1, permute_lanes},
	{ST_0F3A, ST_66, 0x0C, ST_FULL, ST_V | ST_IMM, blend_d}, /* vblendps */
	{ST_0F3A, ST_66, 0x0D, ST_FULL, ST_V | ST_IMM, blend_q},
	{ST_0F3A, ST_66, 0x0E, ST_FULL, ST_V | ST_IMM, blend_w},
	{ST_0F3A, ST_66, 0x0F, ST_FULL, ST_V | ST_IMM, align_right},
	{ST_0F3A, ST_66, 0x14, 1, ST_FROM_REG | ST_TO_R_RM | ST_IMM | ST_L0, extract_b},
	{ST_0F3A, ST_66, 0x15, 2, ST_FROM_REG | ST_TO_R_RM | ST_IMM | ST_L0, extract_w},
	{ST_0F3A, ST_66, 0x16, ST_BY_W, ST_FROM_REG | ST_TO_R_RM | ST_IMM | ST_L0, extract_dq},
	{ST_0F3A, ST_66, 0x17, 4, ST_FROM_REG | ST_TO_R_RM | ST_IMM | ST_L0, extract_d}, /* vextractps */
	{ST_0F3A, ST_66, 0x18, 16, ST_V | ST_IMM | ST_W0 | ST_L1, insert_lane},
	{ST_0F3A, ST_66, 0x19, 16, STORE | ST_IMM | ST_W0 | ST_L1, extract_lane},
	{ST_0F3A, ST_66, 0x20, 1, ST_V | ST_FROM_R | ST_IMM | ST_L0, insert_b},
	{ST_0F3A, ST_66, 0x21, 4, ST_V | ST_IMM | ST_L0, insert_ps},
	{ST_0F3A, ST_66, 0x22, ST_BY_W, ST_V | ST_FROM_R | ST_IMM | ST_L0, insert_dq},
	{ST_0F3A, ST_66, 0x38, 16, ST_V | ST_IMM | ST_W0 | ST_L1, insert_lane},
	{ST_0F3A, ST_66, 0x39, 16, STORE | ST_IMM | ST_W0 | ST_L1, extract_lane},
	{ST_0F3A, ST_66, 0x46, ST_FULL, ST_V | ST_IMM | ST_W0 | ST_L1, permute_lanes},
	{ST_0F3A, ST_66, 0x4A, ST_FULL, ST_V | ST_FOURTH | ST_IMM | ST_W0, choose_d}, /* vblendvps */
	{ST_0F3A, ST_66, 0x4B, ST_FULL, ST_V | ST_FOURTH | ST_IMM | ST_W0, choose_q},
	{ST_0F3A, ST_66, 0x4C, ST_FULL, ST_V | ST_FOURTH | ST_IMM | ST_W0, choose_b},
	{0},
};
