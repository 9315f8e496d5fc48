/* What user mode may not do, although the engine, in ring 0, lets it. */
#include "engine.h"

/* st_protection_fault is #GP, of which Windows makes a read of the last address. */
void st_protection_fault(st_engine *e)
{
	e->kind = ST_FAULT;
	e->fault_address = UINT64_MAX;
	e->fault_size = 1;
	e->fault_access = ST_READ_ACCESS;
	e->fault_unmapped = true;
}

/* pop reads size bytes of the stack, or sets a fault. */
static bool pop(st_engine *e, uint64_t rsp, void *to, unsigned size)
{
	for (uint64_t at = rsp; at - rsp < size;) {
		const st_range *r = st_range_of(e, at);
		if (!r || !(r->prot & UC_PROT_READ)) {
			st_protection_fault(e);
			if ((int64_t)(at << 16) >> 16 == (int64_t)at) {
				e->fault_address = at;
				e->fault_unmapped = !r;
			}
			return false;
		}
		at = r->address + r->size;
	}
	st_peek(e, rsp, to, size);
	return true;
}

/* st_pop_flags is POPF where the I/O privilege level is 0: that and the
 * interrupt flag stay (SDM volume 2, POPF). It returns false for a fault. */
bool st_pop_flags(st_engine *e)
{
	enum { CHANGED = 0x244DD5 }; /* CF PF AF ZF SF TF DF OF NT AC ID */
	const st_instruction *i = &e->instruction;
	const unsigned size = i->operand16 ? 2 : 8;
	const uint64_t rsp = st_read(e, UC_X86_REG_RSP), old = st_read(e, UC_X86_REG_EFLAGS);
	uint64_t value = 0;
	if (!pop(e, rsp, &value, size))
		return false;
	const uint64_t changed = size == 2 ? CHANGED & 0xFFFF : CHANGED;
	st_write(e, UC_X86_REG_EFLAGS, (old & ~changed) | (value & changed));
	st_write(e, UC_X86_REG_RSP, rsp + size);
	e->ip += i->length;
	return true;
}
