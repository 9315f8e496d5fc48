#include "vex.h"

#include <string.h>

#ifdef __x86_64__
#include <xmmintrin.h>
#else
#error "the host must be an x86-64 processor: AVX arithmetic is done with its SSE instructions"
#endif

enum { NONE = 16, MAX_RUN = 256 };

/* Registers. */

st_vector *st_vex_vector(st_vex *x, unsigned i)
{
	if (!(x->vectors >> i & 1)) {
		uc_reg_read(x->e->uc, UC_X86_REG_XMM0 + (int)i, &x->vector[i]);
		memcpy(&x->vector[i].b[16], x->e->upper[i], 16);
		x->vectors |= 1u << i;
	}
	return &x->vector[i];
}

/* st_vex_set_vector writes n bytes and clears the rest, as every VEX coded instruction
 * does. */
void st_vex_set_vector(st_vex *x, unsigned i, const st_vector *v, unsigned n)
{
	memcpy(&x->vector[i], v, n);
	memset(&x->vector[i].b[n], 0, 32 - n);
	x->vectors |= 1u << i;
	x->new_vectors |= 1u << i;
}

uint64_t st_vex_general(st_vex *x, unsigned i)
{
	if (!(x->generals >> i & 1)) {
		uc_reg_read(x->e->uc, st_general[i], &x->general[i]);
		x->generals |= 1u << i;
	}
	return x->general[i];
}

void st_vex_set_general(st_vex *x, unsigned i, uint64_t value)
{
	x->general[i] = value;
	x->generals |= 1u << i;
	x->new_generals |= 1u << i;
}

uint64_t st_vex_eflags(st_vex *x)
{
	if (!(x->others & ST_EFLAGS)) {
		x->eflags = st_read(x->e, UC_X86_REG_EFLAGS);
		x->others |= ST_EFLAGS;
	}
	return x->eflags;
}

void st_vex_set_eflags(st_vex *x, uint64_t flags)
{
	x->eflags = (st_vex_eflags(x) & ~UINT64_C(0x8D5)) | flags;
	x->new_others |= ST_EFLAGS;
}

uint32_t st_vex_mxcsr(st_vex *x)
{
	if (!(x->others & ST_MXCSR)) {
		x->mxcsr = (uint32_t)st_read(x->e, UC_X86_REG_MXCSR);
		x->others |= ST_MXCSR;
	}
	return x->mxcsr;
}

void st_vex_set_mxcsr(st_vex *x, uint32_t value)
{
	if (value == st_vex_mxcsr(x))
		return;
	x->mxcsr = value;
	x->new_others |= ST_MXCSR;
}

/* write_back gives the engine what was changed. */
static void write_back(st_vex *x)
{
	for (unsigned i = 0; i < 16; i++) {
		if (x->new_vectors >> i & 1) {
			uc_reg_write(x->e->uc, UC_X86_REG_XMM0 + (int)i, &x->vector[i]);
			memcpy(x->e->upper[i], &x->vector[i].b[16], 16);
		}
		if (x->new_generals >> i & 1)
			uc_reg_write(x->e->uc, st_general[i], &x->general[i]);
	}
	if (x->new_others & ST_EFLAGS)
		st_write(x->e, UC_X86_REG_EFLAGS, x->eflags);
	if (x->new_others & ST_MXCSR)
		st_write(x->e, UC_X86_REG_MXCSR, x->mxcsr);
}

/* Faults: the instruction has no effect, and the run ends at it. */

static void fail(st_vex *x, enum st_kind kind)
{
	x->failed = true;
	x->e->kind = kind;
}

void st_vex_undefined(st_vex *x) { fail(x, ST_INVALID); }

static void page_fault(st_vex *x, uint64_t address, unsigned n, enum st_access access, bool unmapped)
{
	fail(x, ST_FAULT);
	x->e->fault_address = address;
	x->e->fault_size = n;
	x->e->fault_access = access;
	x->e->fault_unmapped = unmapped;
}

void st_vex_protection(st_vex *x)
{
	x->failed = true;
	st_protection_fault(x->e);
}

/* Memory. */

/* reach checks n bytes at address for an access and returns where they are, or
 * NULL if they are in several ranges, or not there: then x->failed is set. */
static uint8_t *reach(st_vex *x, uint64_t address, unsigned n, enum st_access access)
{
	const uint32_t need = access == ST_WRITE_ACCESS ? UC_PROT_WRITE : UC_PROT_READ;
	const uint64_t last = address + (n - 1);
	if ((int64_t)(address << 16) >> 16 != (int64_t)address || (int64_t)(last << 16) >> 16 != (int64_t)last) {
		st_vex_protection(x);
		return NULL;
	}
	const st_range *r = st_range_of(x->e, address);
	if (r && r->prot & need && r->size - (address - r->address) >= n)
		return r->memory + (address - r->address);
	for (uint64_t at = address; at - address < n;) {
		r = st_range_of(x->e, at);
		if (!r || !(r->prot & need)) {
			page_fault(x, at, n, access, !r);
			return NULL;
		}
		at = r->address + r->size;
	}
	return NULL;
}

bool st_vex_load(st_vex *x, uint64_t address, void *to, unsigned n)
{
	const uint8_t *from = reach(x, address, n, ST_READ_ACCESS);
	if (x->failed)
		return false;
	if (from)
		memcpy(to, from, n);
	else
		st_peek(x->e, address, to, n);
	return true;
}

/* st_vex_store also drops what the engine has translated from there. */
bool st_vex_store(st_vex *x, uint64_t address, const void *from, unsigned n)
{
	uint8_t *to = reach(x, address, n, ST_WRITE_ACCESS);
	if (x->failed)
		return false;
	for (unsigned done = 0; done < n;) {
		const st_range *r = st_range_of(x->e, address + done);
		uint64_t part = r->size - (address + done - r->address);
		if (part > n - done)
			part = n - done;
		to = r->memory + (address + done - r->address);
		memcpy(to, (const uint8_t *)from + done, part);
		if (r->prot & UC_PROT_EXEC)
			uc_ctl_remove_cache(x->e->uc, address + done, address + done + part);
		done += (unsigned)part;
	}
	return true;
}

bool st_vex_writable(st_vex *x, uint64_t address, unsigned n)
{
	reach(x, address, n, ST_WRITE_ACCESS);
	return !x->failed;
}

uint64_t st_vex_segment(st_vex *x)
{
	if (!x->segment)
		return 0;
	return st_read(x->e, x->segment == 0x64 ? UC_X86_REG_FS_BASE : UC_X86_REG_GS_BASE);
}

static uint64_t effective_address(st_vex *x)
{
	uint64_t at = (uint64_t)(int64_t)x->at.displacement;
	if (x->at.base == ST_RIP_RELATIVE)
		at += x->ip + x->length;
	else if (x->at.base != ST_NO_REGISTER)
		at += st_vex_general(x, x->at.base);
	if (x->at.index != ST_NO_REGISTER && !(x->operation->flags & ST_VSIB))
		at += st_vex_general(x, x->at.index) << x->at.scale;
	if (x->address32)
		at = (uint32_t)at;
	return at + st_vex_segment(x);
}

/* Decoding (SDM volume 2, 2.3). decode.c has found the instruction complete. */

static const st_operation *find(const st_engine *e, const st_vex *x)
{
	if (x->map < ST_0F || x->map > ST_0F3A)
		return NULL;
	return e->operations[x->map - 1][x->prefix][x->opcode];
}

/* decode returns whether the instruction is one that is known. */
static bool decode(st_vex *x, const uint8_t *code)
{
	unsigned at = 0;
	x->segment = 0;
	x->address32 = false;
	for (;; at++) {
		switch (code[at]) {
		case 0x26: case 0x2E: case 0x36: case 0x3E:
			continue; /* no effect in 64-bit mode */
		case 0x64: case 0x65:
			x->segment = code[at];
			continue;
		case 0x67:
			x->address32 = true;
			continue;
		}
		break;
	}
	uint8_t r, xx = 0, b = 0, last;
	switch (code[at++]) {
	case 0xC5:
		last = code[at++];
		x->map = ST_0F;
		x->w = false;
		r = ~last >> 4 & 8;
		break;
	case 0xC4:
		r = ~code[at] >> 4 & 8;
		xx = ~code[at] >> 3 & 8;
		b = ~code[at] >> 2 & 8;
		x->map = code[at++] & 0x1F;
		last = code[at++];
		x->w = last >> 7;
		break;
	case 0x8F: /* XOP */
		return false;
	default: /* 66, F2, F3, LOCK or REX before VEX */
		st_vex_undefined(x);
		return true;
	}
	x->prefix = last & 3;
	x->v = ~last >> 3 & 15;
	x->n = last & 4 ? 32 : 16;
	x->opcode = code[at++];
	x->operation = find(x->e, x);
	if (!x->operation)
		return false;
	if (x->map == ST_0F && x->opcode == 0x77) { /* no ModRM */
		x->rm = x->reg = 0;
		x->modrm = 0xC0;
		return true;
	}
	x->modrm = code[at++];
	x->reg = (x->modrm >> 3 & 7) | r;
	x->rm = (x->modrm & 7) | b;
	if (x->modrm < 0xC0) {
		x->at = st_parse_address(code + at - 1, xx >> 2 | b >> 3);
		if (x->at.index == 4 && !(x->operation->flags & ST_VSIB))
			x->at.index = ST_NO_REGISTER;
		x->rm = NONE;
		at += x->at.length - 1;
	}
	if (x->operation->flags & ST_IMM)
		x->imm = code[at];
	return true;
}

/* allowed checks what else makes an encoding undefined. */
static bool allowed(st_vex *x)
{
	const uint32_t f = x->operation->flags;
	const bool memory = x->rm == NONE;
	if (f & ST_MEMORY && !memory)
		return false;
	if (f & ST_REGISTER && memory)
		return false;
	if (!(f & (ST_V | ST_TO_V)) && !(f & ST_V_REG && !memory) && x->v)
		return false;
	if ((f & ST_L0 && x->n != 16) || (f & ST_L1 && x->n != 32))
		return false;
	if ((f & ST_W0 && x->w) || (f & ST_W1 && !x->w))
		return false;
	if (f & ST_VSIB && (x->modrm & 7) != 4)
		return false;
	return true;
}

static unsigned size(const st_vex *x)
{
	switch (x->operation->size) {
	case ST_FULL: return x->n;
	case ST_HALF: return x->n / 2;
	case ST_QUARTER: return x->n / 4;
	case ST_EIGHTH: return x->n / 8;
	case ST_BY_W: return x->w ? 8 : 4;
	}
	return x->operation->size;
}

static void read_operands(st_vex *x)
{
	const uint32_t f = x->operation->flags;
	const bool memory = x->rm == NONE;
	x->size = size(x);
	if (f & ST_V || (f & ST_V_REG && !memory))
		x->a = *st_vex_vector(x, x->v);
	if (f & ST_FOURTH)
		x->c = *st_vex_vector(x, x->imm >> 4);
	if (f & ST_OLD)
		x->d = *st_vex_vector(x, x->reg);
	else
		memset(&x->d, 0, sizeof x->d);
	if (memory) {
		x->address = effective_address(x);
		if (f & ST_ALIGNED && x->address % x->size) {
			st_vex_protection(x);
			return;
		}
	}
	if (f & ST_FROM_REG) {
		x->b = *st_vex_vector(x, x->reg);
	} else if (f & ST_NOTHING && f & ST_MEMORY) {
		; /* the operation reads what it needs */
	} else if (f & ST_FROM_R) {
		x->r = 0;
		if (memory)
			st_vex_load(x, x->address, &x->r, x->size);
		else
			x->r = st_vex_general(x, x->rm) & (x->size == 8 ? UINT64_MAX : (UINT64_C(1) << 8 * x->size) - 1);
	} else if (memory) {
		memset(&x->b, 0, sizeof x->b);
		st_vex_load(x, x->address, &x->b, x->size);
	} else {
		x->b = *st_vex_vector(x, x->rm);
	}
}

static void write_result(st_vex *x)
{
	const uint32_t f = x->operation->flags;
	const bool memory = x->rm == NONE;
	if (f & ST_NOTHING)
		return;
	if (f & ST_FLAGS)
		st_vex_set_eflags(x, x->relation);
	else if (f & ST_TO_R)
		st_vex_set_general(x, x->reg, x->r);
	else if (f & ST_TO_R_RM && !memory)
		st_vex_set_general(x, x->rm, x->r);
	else if (f & ST_TO_R_RM)
		st_vex_store(x, x->address, &x->r, x->size);
	else if (f & ST_TO_RM && memory)
		st_vex_store(x, x->address, &x->d, x->size);
	else
		st_vex_set_vector(x, f & ST_TO_V ? x->v : f & ST_TO_RM ? x->rm : x->reg, &x->d, x->n);
}

/* Floating point is the host's own, in the guest's rounding mode and treatment
 * of denormals, with all exceptions masked. If one is not, the instruction
 * faults; an unmasked underflow is then missed when the result is exact. MXCSR:
 * SDM volume 1, 10.2.3. */
static void run_float(st_vex *x)
{
	enum { FLAGS = 0x3F, MASKS = 0x1F80, BEFORE = 0x07 }; /* those found before anything is computed */
	const uint32_t host = _mm_getcsr(), guest = st_vex_mxcsr(x);
	x->raised = 0;
	_mm_setcsr((guest & ~(uint32_t)FLAGS) | MASKS);
	__asm__ volatile("" ::: "memory");
	x->operation->run(x);
	__asm__ volatile("" ::: "memory");
	x->raised |= _mm_getcsr() & FLAGS;
	_mm_setcsr(host);
	const uint32_t unmasked = x->raised & ~(guest >> 7) & FLAGS;
	if (unmasked & BEFORE)
		x->raised &= BEFORE;
	st_vex_set_mxcsr(x, guest | x->raised);
	if (unmasked) {
		fail(x, ST_INTERRUPT);
		x->e->vector = 19; /* #XM */
	}
}

/* carry_out runs one instruction at x->ip. */
static void carry_out(st_vex *x, const uint8_t *code)
{
	if (!decode(x, code)) {
		fail(x, ST_SPECIAL);
		return;
	}
	if (x->failed)
		return;
	if (x->operation->flags & ST_SCALAR)
		x->n = 16;
	if (!allowed(x)) {
		st_vex_undefined(x);
		return;
	}
	read_operands(x);
	if (x->failed)
		return;
	if (x->operation->flags & ST_FLOAT)
		run_float(x);
	else
		x->operation->run(x);
	if (!x->failed)
		write_result(x);
}

/* following says whether the instruction at x->ip can be carried out without
 * asking the engine: it is in the same page, VEX coded, and no news. */
static bool following(st_vex *x, uint64_t page)
{
	st_engine *e = x->e;
	if ((x->ip ^ page) & ~(uint64_t)(ST_PAGE - 1))
		return false;
	uint64_t left = ST_PAGE - (x->ip & (ST_PAGE - 1));
	size_t n = st_peek(e, x->ip, e->bytes, left < ST_MAX_LENGTH ? left : ST_MAX_LENGTH);
	e->instruction = st_decode(e->bytes, n);
	return e->instruction.class == ST_VEX && !st_changed(e, x->ip, e->instruction.length);
}

/* st_vex_run carries out the instruction at e->ip and the VEX coded ones after
 * it, and returns whether the engine can go on at e->ip. If not, e->kind says
 * why; ST_SPECIAL is an instruction not known here. */
bool st_vex_run(st_engine *e)
{
	st_vex x;
	const uint64_t page = e->ip;
	x.e = e;
	x.vectors = x.generals = x.others = 0;
	x.new_vectors = x.new_generals = x.new_others = 0;
	x.failed = false;
	x.ip = e->ip;
	for (unsigned i = 0; i < MAX_RUN; i++) {
		x.length = e->instruction.length;
		carry_out(&x, e->bytes);
		if (x.failed)
			break;
		x.ip += x.length;
		if (!following(&x, page))
			break;
	}
	write_back(&x);
	e->ip = x.ip;
	return !x.failed;
}

void st_vex_index(st_engine *e)
{
	const st_operation *const lists[] = {st_moves, st_integers, st_texts, st_floats};
	for (size_t i = 0; i < sizeof lists / sizeof *lists; i++)
		for (const st_operation *o = lists[i]; o->run; o++)
			e->operations[o->map - 1][o->prefix][o->opcode] = o;
}
