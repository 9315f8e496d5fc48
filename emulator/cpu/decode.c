/* Lengths and classes of x86-64 instructions.
 *
 * The tables are those of the Intel 64 and IA-32 Architectures Software
 * Developer's Manual, volume 2, appendix A (opcode maps, tables) and
 * chapter 2 (prefixes, ModRM, SIB, VEX, EVEX), reduced to what decides a
 * length in 64-bit mode: whether a ModRM byte follows the opcode and how large
 * the immediate is. Undefined opcodes inside a defined format keep the format's
 * length; whether they are defined is the engine's business.
 */
#include "decode.h"

/* One letter per opcode:
 *   . nothing follows     m  ModRM                   x  undefined in 64-bit mode
 *   b imm8                M  ModRM, imm8             p  prefix or escape, seen before
 *   w imm16               Z  ModRM, imm16/32         o  moffs, by address size
 *   z imm16/32            v  imm16/32/64 (B8-BF)     j  rel32
 *   e imm16, imm8 (C8)    g  ModRM, group 3 byte     G  ModRM, group 3 word
 */
static const char one_byte[256 + 1] =
	"mmmmbzxxmmmmbzxp" /* 00 */
	"mmmmbzxxmmmmbzxx" /* 10 */
	"mmmmbzpxmmmmbzpx" /* 20 */
	"mmmmbzpxmmmmbzpx" /* 30 */
	"pppppppppppppppp" /* 40: REX */
	"................" /* 50 */
	"xxpmppppzZbM...." /* 60 */
	"bbbbbbbbbbbbbbbb" /* 70 */
	"MZxMmmmmmmmmmmmm" /* 80 */
	"..........x....." /* 90 */
	"oooo....bz......" /* A0 */
	"bbbbbbbbvvvvvvvv" /* B0 */
	"MMw.ppMZe.w..bx." /* C0 */
	"mmmmxxx.mmmmmmmm" /* D0 */
	"bbbbbbbbjjxb...." /* E0 */
	"p.pp..gG......mm"; /* F0 */

static const char two_byte[256 + 1] =
	"mmmmx.....x.xm.M" /* 00: 0E femms, 0F 3DNow! with its opcode as imm8 */
	"mmmmmmmmmmmmmmmm" /* 10 */
	"mmmmxxxxmmmmmmmm" /* 20 */
	"......x.pxpxxxxx" /* 30 */
	"mmmmmmmmmmmmmmmm" /* 40 */
	"mmmmmmmmmmmmmmmm" /* 50 */
	"mmmmmmmmmmmmmmmm" /* 60 */
	"MMMMmmm.mmxxmmmm" /* 70 */
	"jjjjjjjjjjjjjjjj" /* 80 */
	"mmmmmmmmmmmmmmmm" /* 90 */
	"...mMmxx...mMmmm" /* A0 */
	"mmmmmmmmmmMmmmmm" /* B0 */
	"mmMmMMMm........" /* C0 */
	"mmmmmmmmmmmmmmmm" /* D0 */
	"mmmmmmmmmmmmmmmm" /* E0 */
	"mmmmmmmmmmmmmmmm"; /* F0 */

enum { REX_W = 8 };

enum { MAP_0F = 1, MAP_0F38 = 2, MAP_0F3A = 3, XOP_8 = 8, XOP_A = 10 };

typedef struct reader {
	const uint8_t *code;
	size_t n, at;
	int cut; /* set when a byte past the end was asked for */
	int operand16, address32, rex, f2, f3, lock;
	uint8_t segment, modrm_at, aligned;
} reader;

static uint8_t peek(reader *r)
{
	if (r->at < r->n)
		return r->code[r->at];
	r->cut = 1;
	return 0;
}

static uint8_t next(reader *r)
{
	uint8_t b = peek(r);
	r->at++;
	return b;
}

/* modrm skips ModRM, SIB and displacement (SDM tables 2-2 and 2-3) and returns
 * the ModRM byte. */
static uint8_t modrm(reader *r)
{
	r->modrm_at = (uint8_t)r->at;
	uint8_t b = next(r), mod = b >> 6, rm = b & 7;
	if (mod == 3)
		return b;
	uint8_t base = rm;
	if (rm == 4)
		base = next(r) & 7;
	if (mod == 1)
		r->at += 1;
	else if (mod == 2 || base == 5) /* mod 0, base 5: disp32, or RIP-relative */
		r->at += 4;
	return b;
}

static size_t imm_z(const reader *r) { return r->operand16 && !(r->rex & REX_W) ? 2 : 4; }

/* operands skips what the letter says and returns the ModRM byte, if any. */
static uint8_t operands(reader *r, char letter)
{
	uint8_t b = 0;
	switch (letter) {
	case 'm': b = modrm(r); break;
	case 'M': b = modrm(r); r->at += 1; break;
	case 'Z': b = modrm(r); r->at += imm_z(r); break;
	case 'g': b = modrm(r); r->at += (b >> 3 & 7) < 2 ? 1 : 0; break; /* TEST only */
	case 'G': b = modrm(r); r->at += (b >> 3 & 7) < 2 ? imm_z(r) : 0; break;
	case 'b': r->at += 1; break;
	case 'w': r->at += 2; break;
	case 'e': r->at += 3; break;
	case 'z': r->at += imm_z(r); break;
	case 'j': r->at += 4; break;
	case 'v': r->at += r->rex & REX_W ? 8 : imm_z(r); break;
	case 'o': r->at += r->address32 ? 4 : 8; break;
	case '.': break;
	default: r->cut = 1; break;
	}
	return b;
}

static int class_one_byte(uint8_t op, uint8_t b)
{
	switch (op) {
	case 0x6C: case 0x6D: case 0x6E: case 0x6F: /* ins, outs */
	case 0xE4: case 0xE5: case 0xE6: case 0xE7: /* in, out imm8 */
	case 0xEC: case 0xED: case 0xEE: case 0xEF: /* in, out dx */
	case 0xF4: case 0xFA: case 0xFB:            /* hlt, cli, sti */
		return ST_PRIVILEGED;
	case 0xCF:
		return ST_IRET;
	case 0x9D:
		return ST_POPF;
	case 0x8E:
		return ST_SEGMENT;
	case 0xD9: /* f2xm1 to fpatan, fprem1, fprem, fyl2xp1, fsincos, fsin, fcos */
		return b >= 0xF0 && (0xCB2F >> (b - 0xF0) & 1) ? ST_X87 : ST_PLAIN;
	case 0xCA: case 0xCB: /* far return */
		return ST_FAR;
	case 0xFF:
		return (b >> 3 & 7) == 3 || (b >> 3 & 7) == 5 ? ST_FAR : ST_PLAIN;
	}
	return ST_PLAIN;
}

static int class_0f01(uint8_t b)
{
	int reg = b >> 3 & 7;
	if (b < 0xC0) {
		if (reg == 0 || reg == 1 || reg == 4) /* sgdt, sidt, smsw */
			return ST_TABLE;
		return reg == 5 ? ST_PLAIN : ST_PRIVILEGED; /* lgdt, lidt, lmsw, invlpg */
	}
	switch (b) {
	case 0xC8: case 0xC9: /* monitor, mwait */
	case 0xCA: case 0xCB: /* clac, stac */
	case 0xD1:            /* xsetbv, while there is no OSXSAVE */
		return ST_UNDEFINED;
	case 0xF8: /* swapgs */
		return ST_PRIVILEGED;
	case 0xD0:
		return ST_XGETBV;
	case 0xF9:
		return ST_RDTSCP;
	}
	if (reg == 4) /* smsw r */
		return ST_TABLE;
	return reg == 6 ? ST_PRIVILEGED : ST_PLAIN; /* lmsw r16 */
}

static int class_two_byte(const reader *r, uint8_t op, uint8_t b)
{
	int reg = b >> 3 & 7;
	switch (op) {
	case 0x00: /* sldt, str; lldt, ltr */
		return reg < 2 ? ST_TABLE : reg < 4 ? ST_PRIVILEGED : ST_PLAIN;
	case 0x01:
		return class_0f01(b);
	case 0x06: case 0x07: case 0x08: case 0x09:  /* clts, sysret, invd, wbinvd */
	case 0x20: case 0x21: case 0x22: case 0x23:  /* mov cr, dr */
	case 0x30: case 0x32: case 0x33: case 0x35:  /* wrmsr, rdmsr, rdpmc, sysexit */
		return ST_PRIVILEGED;
	case 0x31:
		return ST_RDTSC;
	case 0x34: /* sysenter */
		return ST_FAR;
	case 0xA1: case 0xA9: case 0xB2: case 0xB4: case 0xB5: /* pop fs, gs; lss, lfs, lgs */
		return ST_SEGMENT;
	case 0xC7:
		if (b >= 0xC0 && reg == 6)
			return ST_RDRAND;
		if (b >= 0xC0 && reg == 7 && !r->f3) /* with F3: rdpid */
			return ST_RDSEED;
		return ST_PLAIN;
	}
	return ST_PLAIN;
}

/* The VEX coded general-purpose instructions (andn, blsr, bextr, bzhi, pdep,
 * pext, mulx, sarx, shlx, shrx, rorx), which the engine runs well. */
static int is_bmi(int map, uint8_t op)
{
	if (map == MAP_0F38)
		return op == 0xF2 || op == 0xF3 || op == 0xF5 || op == 0xF6 || op == 0xF7;
	return map == MAP_0F3A && op == 0xF0;
}

/* extended skips opcode and operands of a VEX, EVEX or XOP coded instruction. */
static int extended(reader *r, int map, int class)
{
	uint8_t op = next(r);
	if (map == MAP_0F && op == 0x77) /* vzeroupper, vzeroall */
		return class;
	modrm(r);
	if (map == MAP_0F3A || map == XOP_8 || (map == MAP_0F && two_byte[op] == 'M'))
		r->at += 1;
	else if (map == XOP_A)
		r->at += 4;
	return class == ST_VEX && is_bmi(map, op) ? ST_PLAIN : class;
}

static void prefixes(reader *r)
{
	for (;; r->at++) {
		uint8_t b = peek(r);
		if ((b & 0xF0) == 0x40) {
			r->rex = b & 15;
			continue;
		}
		switch (b) {
		case 0x26: case 0x2E: case 0x36: case 0x3E:
			break;
		case 0xF0: r->lock = 1; break;
		case 0x64: case 0x65: r->segment = b; break;
		case 0xF2: r->f2 = 1; break;
		case 0xF3: r->f3 = 1; break;
		case 0x66: r->operand16 = 1; break;
		case 0x67: r->address32 = 1; break;
		default:
			return;
		}
		r->rex = 0; /* a REX before a legacy prefix is ignored (SDM 2.2.1) */
	}
}

enum { NP = 1 << 0, P66 = 1 << 1, F3 = 1 << 2, F2 = 1 << 3 };

/* The vector instructions of map 0F: with which mandatory prefixes their memory
 * operand has 16 bytes and must be aligned. Those that stay apart are
 * the scalar ones, moves of less, and moves that say unaligned. */
static int aligned_0f(uint8_t op)
{
	switch (op) {
	case 0x12: case 0x16: return F3;
	case 0x14: case 0x15: case 0x28: case 0x29: case 0x2B: case 0x51: case 0x54: case 0x55: case 0x56: case 0x57:
	case 0x58: case 0x59: case 0x5C: case 0x5D: case 0x5E: case 0x5F: case 0xC2: case 0xC6: return NP | P66;
	case 0x2C: case 0x2D: case 0x5A: return P66;
	case 0x52: case 0x53: return NP;
	case 0x5B: return NP | P66 | F3;
	case 0x70: return P66 | F3 | F2;
	case 0x7C: case 0x7D: case 0xD0: case 0xE6: return P66 | F2;
	case 0x6E: case 0x7E: case 0xD6: case 0xD7: case 0xF0: case 0xF7: case 0xFF: return 0;
	case 0x74: case 0x75: case 0x76: case 0x7F: return P66;
	}
	return (op >= 0x60 && op <= 0x6F) || op >= 0xD1 ? P66 : 0;
}

static int aligned_0f38(uint8_t op)
{
	return op <= 0x0B || op == 0x10 || op == 0x14 || op == 0x15 || op == 0x17 || (op >= 0x1C && op <= 0x1E) ||
		(op >= 0x28 && op <= 0x2B) || (op >= 0x37 && op <= 0x41) || (op >= 0xDB && op <= 0xDF) ? P66 : 0;
}

static int aligned_0f3a(uint8_t op)
{
	return op == 0x08 || op == 0x09 || (op >= 0x0C && op <= 0x0F) || op == 0x40 || op == 0x41 || op == 0x42 || op == 0x44 || op == 0xDF ? P66 : 0;
}

/* align sets what the instruction's alignment needs. */
static void align(reader *r, int prefixes, uint8_t b)
{
	const int prefix = r->f3 ? F3 : r->f2 ? F2 : r->operand16 ? P66 : NP;
	r->aligned = b < 0xC0 && prefixes & prefix;
}

static int opcode(reader *r)
{
	uint8_t op = next(r), b;
	switch (op) {
	case 0x62:
		b = next(r);
		r->at += 2;
		return extended(r, b & 7, ST_EVEX);
	case 0xC4:
		b = next(r);
		r->at += 1;
		return extended(r, b & 0x1F, ST_VEX);
	case 0xC5:
		r->at += 1;
		return extended(r, MAP_0F, ST_VEX);
	case 0x8F:
		b = peek(r);
		if ((b & 0x1F) >= XOP_8) { /* else pop */
			r->at += 2;
			return extended(r, b & 0x1F, ST_VEX);
		}
		break;
	case 0x0F:
		op = next(r);
		if (op == 0x38) {
			op = next(r);
			align(r, aligned_0f38(op), modrm(r));
			return ST_PLAIN;
		}
		if (op == 0x3A) {
			op = next(r);
			align(r, aligned_0f3a(op), operands(r, 'M'));
			return ST_PLAIN;
		}
		if (op >= 0x20 && op <= 0x23) { /* mod is ignored: always registers */
			r->at += 1;
			return ST_PRIVILEGED;
		}
		b = operands(r, two_byte[op]);
		align(r, aligned_0f(op), b);
		if (op == 0x78 && (r->operand16 || r->f2)) /* extrq, insertq: two imm8 */
			r->at += 2;
		return class_two_byte(r, op, b);
	}
	b = operands(r, one_byte[op]);
	return class_one_byte(op, b);
}

st_instruction st_decode(const uint8_t *code, size_t n)
{
	reader r = {.code = code, .n = n < ST_MAX_LENGTH ? n : ST_MAX_LENGTH};
	const st_instruction none = {0};

	prefixes(&r);
	if (r.cut)
		return none;
	int class = opcode(&r);
	if (r.cut || r.at > r.n)
		return none;
	if (r.lock && (!r.modrm_at || code[r.modrm_at] >= 0xC0)) /* only of an operand in memory (SDM volume 2, LOCK) */
		class = ST_UNDEFINED;
	return (st_instruction){
		.length = (uint8_t)r.at, .class = (uint8_t)class, .modrm_at = r.modrm_at, .rex = (uint8_t)r.rex, .segment = r.segment,
		.operand16 = (uint8_t)r.operand16, .address32 = (uint8_t)r.address32, .aligned = r.aligned};
}
