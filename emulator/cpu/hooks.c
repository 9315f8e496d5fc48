/* The callbacks. Each copies what happened and stops the engine; none changes
 * memory, rights or registers, because libunicorn crashes or goes wrong when a
 * callback does. The address argument is used where there is one: with any
 * code hook in the engine RIP is stale inside a chained block. */
#include "engine.h"

#include <string.h>

static void stop(st_engine *e, enum st_kind kind, uint64_t ip)
{
	e->kind = kind;
	e->ip = ip;
	uc_emu_stop(e->uc);
}

static uint64_t rip(const st_engine *e)
{
	uint64_t v = 0;
	uc_reg_read(e->uc, UC_X86_REG_RIP, &v);
	return v;
}

/* st_arm sets look_at for the limit, unless an interrupt is asked for. Whoever
 * asks sets interrupt first and look_at second, we the other way round, so that
 * one of both sees the other. */
void st_arm(st_engine *e)
{
	__atomic_store_n(&e->look_at, e->limit, __ATOMIC_SEQ_CST);
	if (__atomic_load_n(&e->interrupt, __ATOMIC_SEQ_CST))
		__atomic_store_n(&e->look_at, 0, __ATOMIC_SEQ_CST);
}

/* on_block is what running guest code costs over the bare library, nearly all
 * of it the library's call of a hook (BenchmarkIntegerLoop/floor). Hence the
 * single comparison, and the counter that is changed in its place: reading it,
 * comparing and storing it was measured 4 % of the whole dearer. */
static void on_block(uc_engine *uc, uint64_t address, uint32_t size, void *data)
{
	(void)uc, (void)size;
	st_engine *e = data;
	if (__builtin_expect(++e->blocks <= __atomic_load_n(&e->look_at, __ATOMIC_RELAXED), 1))
		return;
	e->blocks--; /* it has not run */
	if (e->kind)
		return;
	if (__atomic_exchange_n(&e->interrupt, 0, __ATOMIC_SEQ_CST)) {
		stop(e, ST_INTERRUPTED, address);
	} else if (e->blocks >= e->limit) {
		stop(e, ST_LIMIT, address);
	} else { /* look_at of an interrupt that was answered before */
		e->blocks++;
		st_arm(e);
	}
}

/* on_stub: an instruction in the stub range is about to run. */
static void on_stub(uc_engine *uc, uint64_t address, uint32_t size, void *data)
{
	(void)size;
	st_engine *e = data;
	if (e->kind || (__builtin_expect(e->patchable != NULL, 0) && st_patched(e, address)))
		return;
	static int ids[] = {UC_X86_REG_RCX, UC_X86_REG_RDX, UC_X86_REG_R8, UC_X86_REG_R9, UC_X86_REG_RSP};
	void *values[] = {&e->rcx, &e->rdx, &e->r8, &e->r9, &e->rsp};
	uc_reg_read_batch(uc, ids, values, 5);
	e->known = ST_RSP;

	uint64_t offset = e->rsp - e->stack_base;
	if (offset < e->stack_size && e->stack_size - offset >= sizeof e->frame)
		memcpy(e->frame, e->stack + offset, sizeof e->frame);
	else
		st_peek(e, e->rsp, e->frame, sizeof e->frame);
	stop(e, ST_API_CALL, address);
}

/* full_address undoes what the engine does to addresses, which is to report
 * their low 52 bits. For a fetch the rest is in RIP: the fault is in its page
 * or, if the instruction runs over the end of that, in the next. For data it is
 * the sign, or else the address was not canonical, and then a processor does
 * not report one either. */
static uint64_t full_address(const st_engine *e, uint64_t low)
{
	const uint64_t mask = (UINT64_C(1) << 52) - 1, page = ~(uint64_t)(ST_PAGE - 1);
	if (e->fault_access == ST_FETCH_ACCESS)
		return ((low ^ e->ip) & mask & page) ? (e->ip & page) + ST_PAGE : e->ip;
	switch (low >> 47) {
	case 0:
		return low;
	case 0x1F:
		return low | ~mask;
	}
	return UINT64_MAX;
}

static bool on_invalid_memory(uc_engine *uc, uc_mem_type type, uint64_t address, int size, int64_t value, void *data)
{
	(void)value;
	st_engine *e = data;
	if (e->kind)
		return false;
	switch (type) {
	case UC_MEM_READ_UNMAPPED: case UC_MEM_READ_PROT:
		e->fault_access = ST_READ_ACCESS;
		break;
	case UC_MEM_WRITE_UNMAPPED: case UC_MEM_WRITE_PROT:
		e->fault_access = ST_WRITE_ACCESS;
		break;
	default:
		e->fault_access = ST_FETCH_ACCESS;
	}
	e->fault_unmapped = type == UC_MEM_READ_UNMAPPED || type == UC_MEM_WRITE_UNMAPPED || type == UC_MEM_FETCH_UNMAPPED;
	e->fault_size = size;
	if (e->exact && e->fault_access != ST_FETCH_ACCESS)
		st_restore(uc);
	e->kind = ST_FAULT;
	e->ip = rip(e);
	if (e->misaligned)
		st_protection_fault(e);
	else
		e->fault_address = full_address(e, address);
	e->misaligned = false;
	return false; /* ends the run */
}

static void on_interrupt(uc_engine *uc, uint32_t vector, void *data)
{
	(void)uc;
	st_engine *e = data;
	if (e->kind)
		return;
	e->vector = vector;
	stop(e, ST_INTERRUPT, rip(e));
}

/* on_invalid_instruction: an undefined instruction, or the trap in the place of
 * a special one. */
static bool on_invalid_instruction(uc_engine *uc, void *data)
{
	(void)uc;
	st_engine *e = data;
	if (!e->kind) {
		e->ip = rip(e);
		e->instruction = st_decode(e->bytes, st_peek(e, e->ip, e->bytes, sizeof e->bytes));
		if (st_is_breakpoint(e, e->ip))
			e->kind = ST_BREAKPOINT;
		else if (e->instruction.class != ST_PLAIN)
			e->kind = ST_SPECIAL;
		else
			e->kind = ST_INVALID;
	}
	return false;
}

static void on_syscall(uc_engine *uc, void *data)
{
	(void)uc;
	st_engine *e = data;
	if (e->kind)
		return;
	uint64_t at = rip(e);
	uint8_t bytes[ST_MAX_LENGTH];
	st_instruction i = st_decode(bytes, st_peek(e, at, bytes, sizeof bytes));
	stop(e, ST_SYSCALL, at + (i.length ? i.length : 2));
}

/* What is looked for in a fresh block. */
typedef struct scan {
	bool special;    /* it has a special instruction, */
	uint64_t site;   /* the first of which is here */
	size_t accesses; /* memory accesses of ENTER instructions, up to 64 each */
} scan;

static scan scan_block(st_engine *e, uint64_t address, uint64_t size)
{
	/* At most 512 instructions. The engine ends a block within one that it does
	 * not know, so what follows is needed to see which it is. */
	uint8_t block[513 * ST_MAX_LENGTH];
	size_t n = size + ST_MAX_LENGTH;
	scan s = {0};

	n = st_peek(e, address, block, n < sizeof block ? n : sizeof block);
	for (size_t at = 0; at < size && at < n;) {
		st_instruction i = st_decode(block + at, n - at);
		if (!i.length)
			break;
		if (!s.special && (i.class != ST_PLAIN || st_is_breakpoint(e, address + at))) {
			s.special = true;
			s.site = address + at;
		}
		at += i.length;
		if (i.length >= 4 && block[at - 4] == 0xC8) /* others are overrated */
			s.accesses += 2 * (block[at - 1] & 0x1F);
	}
	return s;
}

/* on_fresh_block: a block was translated and is about to run for the first
 * time. Flushes and traps come first, since both translate the block again
 * and so come back here; a change is then reported once.
 *
 * Only the first special instruction of a block needs a trap: what follows is
 * run from there, in a block of its own.
 *
 * The translation buffer is not measured by the library, and overflowing it
 * crashes; 450 bytes for a block and 220 for an instruction or an access of
 * ENTER are the most that was measured, and only half of the buffer is used. */
static void on_fresh_block(uc_engine *uc, uc_tb *block, uc_tb *previous, void *data)
{
	(void)uc, (void)previous;
	st_engine *e = data;
	const uint64_t trap = st_lift_trap(e);
	if (e->kind)
		return;
	st_alias_translated(e, block->pc, block->size);
	scan s = scan_block(e, block->pc, block->size);
	e->translated += block->icount + s.accesses;
	e->used += 450 + 220 * (block->icount + s.accesses);
	if (!block->size)
		return;
	if (e->translated >= e->translation_limit) {
		stop(e, ST_LIMIT, block->pc);
	} else if (e->used > e->buffer / 2) {
		stop(e, ST_FLUSH, block->pc);
	} else if (s.special && s.site != trap) {
		e->site = s.site;
		e->site_within = block->pc + block->size > s.site + 1;
		stop(e, ST_NEW_SITE, block->pc);
	} else if (st_changed(e, block->pc, block->size)) {
		e->block_size = block->size;
		stop(e, ST_NEW_CODE, block->pc);
	}
}

static uc_err add(st_engine *e, int type, void *callback, uint64_t begin, uint64_t end)
{
	uc_hook hook;
	return uc_hook_add(e->uc, &hook, type, callback, e, begin, end);
}

static uc_err add_instruction(st_engine *e, int instruction, void *callback)
{
	uc_hook hook;
	return uc_hook_add(e->uc, &hook, UC_HOOK_INSN, callback, e, 1, 0, instruction);
}

/* st_install adds every hook: those added after a block's translation are not
 * seen by it. A range of 1, 0 is everything; ends are
 * inclusive. */
uc_err st_install(st_engine *e, uint64_t stub_start, uint64_t stub_end)
{
	uc_err err = UC_ERR_OK;
	if (stub_start < stub_end)
		err = add(e, UC_HOOK_CODE, on_stub, stub_start, stub_end - 1);
	if (!err)
		err = add(e, UC_HOOK_BLOCK, on_block, 1, 0);
	if (!err)
		err = add(e, UC_HOOK_MEM_INVALID, on_invalid_memory, 1, 0);
	if (!err)
		err = add(e, UC_HOOK_INTR, on_interrupt, 1, 0);
	if (!err)
		err = add(e, UC_HOOK_INSN_INVALID, on_invalid_instruction, 1, 0);
	if (!err)
		err = add(e, UC_HOOK_EDGE_GENERATED, on_fresh_block, 1, 0);
	if (!err)
		err = add_instruction(e, UC_X86_INS_SYSCALL, on_syscall);
	if (!err)
		err = add_instruction(e, UC_X86_INS_CPUID, st_on_cpuid);
	return err;
}
