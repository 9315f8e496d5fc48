/* AVX, AVX2, FMA and F16C, which the engine lacks: vex.c reads operands, calls
 * the operation and writes what it gives; vex_move.c, vex_integer.c, vex_text.c
 * and vex_float.c hold the operations. Their semantics are those of the Intel 64
 * and IA-32 Architectures Software Developer's Manual, volume 2. */
#ifndef SIDETRACE_VEX_H
#define SIDETRACE_VEX_H

#include "engine.h"

typedef union st_vector {
	uint8_t b[32];
	int8_t sb[32];
	uint16_t w[16];
	int16_t sw[16];
	uint32_t d[8];
	int32_t sd[8];
	uint64_t q[4];
	int64_t sq[4];
	float f[8];
	double g[4];
} st_vector;

enum st_vex_map { ST_0F = 1, ST_0F38, ST_0F3A };
enum st_vex_prefix { ST_NP, ST_66, ST_F3, ST_F2 };

/* What an operation takes and gives. Without any, its second source b is a
 * vector register or memory, and its result d goes to the register of ModRM's
 * reg field. */
enum st_vex_flag {
	ST_V = 1 << 0,        /* the first source a is the register of VEX.vvvv */
	ST_V_REG = 1 << 1,    /* the same, without memory operand only */
	ST_OLD = 1 << 2,      /* d comes with the destination's old value */
	ST_FOURTH = 1 << 3,   /* c is the register of the immediate's high half */
	ST_IMM = 1 << 4,      /* an immediate byte follows */
	ST_FROM_R = 1 << 5,   /* the second source is general: r */
	ST_FROM_REG = 1 << 6, /* the second source b is the register of reg */
	ST_TO_V = 1 << 7,     /* the result goes to the register of vvvv */
	ST_TO_RM = 1 << 8,    /* … to the vector register or memory of rm */
	ST_TO_R = 1 << 9,     /* … to the general register of reg: r */
	ST_TO_R_RM = 1 << 10, /* … to the general register or memory of rm: r */
	ST_NOTHING = 1 << 11, /* the operation writes for itself what it writes */
	ST_MEMORY = 1 << 12,  /* memory operand only */
	ST_REGISTER = 1 << 13,/* no memory operand */
	ST_L0 = 1 << 14,      /* VEX.L must be 0 */
	ST_L1 = 1 << 15,      /* VEX.L must be 1 */
	ST_SCALAR = 1 << 16,  /* VEX.L is ignored, and counts as 0 */
	ST_W0 = 1 << 17,
	ST_W1 = 1 << 18,
	ST_FLOAT = 1 << 19,   /* MXCSR applies */
	ST_ALIGNED = 1 << 20, /* a memory operand must be aligned */
	ST_VSIB = 1 << 21,    /* the index is a vector */
	ST_FLAGS = 1 << 22,   /* the result goes to EFLAGS: relation */
};

/* The bytes of a memory operand, or of r: a number, or one of these. */
enum { ST_FULL = 0, ST_HALF = 0x42, ST_QUARTER = 0x44, ST_EIGHTH = 0x48, ST_BY_W = 0x50 };

typedef struct st_vex st_vex;

typedef struct st_operation {
	uint8_t map, prefix, opcode, size;
	uint32_t flags;
	void (*run)(st_vex *);
} st_operation;

struct st_vex {
	st_engine *e;

	/* The instruction. */
	uint8_t map, prefix, opcode, length, modrm, imm;
	uint8_t reg, rm, v; /* registers; rm is 16 when the operand is memory */
	bool w, address32;
	uint8_t segment;    /* 0, 0x64 or 0x65 */
	st_address at;
	uint64_t ip;
	const st_operation *operation;

	/* Its operands. */
	unsigned n, size;   /* bytes of a vector, 16 or 32, and of memory */
	uint32_t relation;  /* ZF PF CF */
	st_vector a, b, c, d;
	uint64_t r, address;

	/* Registers, as far as they were needed so far. */
	st_vector vector[16];
	uint64_t general[16], eflags;
	uint32_t mxcsr, raised; /* raised: exceptions of this instruction */
	uint32_t vectors, generals, others; /* known */
	uint32_t new_vectors, new_generals, new_others;

	bool failed;        /* the instruction has had a fault, in e */
};

enum { ST_EFLAGS = 1, ST_MXCSR = 2 }; /* others */

extern const st_operation st_moves[], st_integers[], st_texts[], st_floats[]; /* up to one without run */

st_vector *st_vex_vector(st_vex *x, unsigned i);
uint64_t st_vex_general(st_vex *x, unsigned i);
uint64_t st_vex_eflags(st_vex *x);
void st_vex_set_eflags(st_vex *x, uint64_t flags); /* of OF SF ZF AF PF CF those given, the others 0 */
uint32_t st_vex_mxcsr(st_vex *x);
void st_vex_set_vector(st_vex *x, unsigned i, const st_vector *v, unsigned n);
void st_vex_set_general(st_vex *x, unsigned i, uint64_t value);
void st_vex_set_mxcsr(st_vex *x, uint32_t value);
uint64_t st_vex_segment(st_vex *x);
bool st_vex_writable(st_vex *x, uint64_t address, unsigned n);
bool st_vex_load(st_vex *x, uint64_t address, void *to, unsigned n);
bool st_vex_store(st_vex *x, uint64_t address, const void *from, unsigned n);
void st_vex_undefined(st_vex *x);
void st_vex_protection(st_vex *x);

#endif
