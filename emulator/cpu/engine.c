#include "engine.h"

#include <stdlib.h>
#include <string.h>

#define PAGE UINT64_C(0x10000) /* borrowed by start_up */

/* load_registers sets what a Windows x64 user-mode thread starts with. */
static uc_err load_registers(uc_engine *uc)
{
	static const struct { int id; uint64_t value; } registers[] = {
		{UC_X86_REG_CR4, 0x10600}, /* OSFXSR, OSXMMEXCPT: fxsave keeps XMM; FSGSBASE */
		{UC_X86_REG_CS, 0x33}, {UC_X86_REG_SS, 0x2B}, {UC_X86_REG_DS, 0x2B},
		{UC_X86_REG_ES, 0x2B}, {UC_X86_REG_FS, 0x53}, {UC_X86_REG_GS, 0x2B},
		{UC_X86_REG_EFLAGS, 0x202},
		{UC_X86_REG_MXCSR, 0x1F80},
		{UC_X86_REG_FPCW, 0x27F},
	};
	for (size_t i = 0; i < sizeof registers / sizeof *registers; i++) {
		uc_err err = uc_reg_write(uc, registers[i].id, &registers[i].value);
		if (err)
			return err;
	}
	return UC_ERR_OK;
}

/* descriptors lets FS and GS be loaded, which takes a descriptor table. */
static uc_err descriptors(uc_engine *uc)
{
	const uint64_t data = UINT64_C(0x00CFF3000000FFFF); /* flat, writable, ring 3 */
	const uint64_t table[] = {[0x28 / 8] = data, [0x50 / 8] = data};
	const uc_x86_mmr present = {.base = PAGE, .limit = sizeof table - 1}, absent = {0};

	uc_err err = uc_mem_write(uc, PAGE, table, sizeof table);
	if (!err)
		err = uc_reg_write(uc, UC_X86_REG_GDTR, &present);
	if (!err)
		err = load_registers(uc);
	return err ? err : uc_reg_write(uc, UC_X86_REG_GDTR, &absent);
}

/* rehearse runs two blocks, since UC_HOOK_EDGE_GENERATED is not called for the
 * first of an engine's life: jmp $+2; div ecx. The division by zero teaches how
 * to end an exception. */
static uc_err rehearse(st_engine *e)
{
	void *before = NULL;
	size_t n = 0;
	uc_err err = uc_context_alloc(e->uc, &e->scratch);
	if (!err)
		err = uc_mem_write(e->uc, PAGE, "\xEB\x00\xF7\xF1", 4);
	if (!err)
		err = uc_context_save(e->uc, e->scratch);
	if (!err) {
		n = uc_context_size(e->uc);
		before = malloc(n);
		err = before ? UC_ERR_OK : UC_ERR_NOMEM;
	}
	if (!err) {
		/* The same context for both: what of it is never written differs
		 * between two, and may look like the word that is looked for. */
		memcpy(before, e->scratch, n);
		err = uc_emu_start(e->uc, PAGE, ST_NOWHERE, 0, 0);
	}
	if (!err)
		err = uc_context_save(e->uc, e->scratch);
	if (!err) {
		st_learn_exception(e, before, e->scratch);
		memcpy(e->scratch, before, n);
		err = uc_context_restore(e->uc, e->scratch);
	}
	free(before);
	return err;
}

/* start_up brings the engine into its first state with the help of a page that
 * is gone afterwards. */
static uc_err start_up(st_engine *e)
{
	uc_err err = uc_mem_map(e->uc, PAGE, ST_PAGE, UC_PROT_ALL);
	if (!err)
		err = descriptors(e->uc);
	if (!err)
		err = rehearse(e);
	return err ? err : uc_mem_unmap(e->uc, PAGE, ST_PAGE);
}

st_engine *st_open(uint64_t stub_start, uint64_t stub_end, uint32_t buffer, bool exact, uc_err *err)
{
	st_engine *e = calloc(1, sizeof *e);
	*err = UC_ERR_NOMEM;
	if (!e)
		return NULL;
	e->limit = e->look_at = e->stepped = e->translation_limit = UINT64_MAX;
	e->exact = exact && st_can_restore();
	e->buffer = buffer;
	e->stub_start = stub_start;
	e->stub_end = stub_end;
	*err = uc_open(UC_ARCH_X86, UC_MODE_64, &e->uc);
	if (!*err)
		*err = uc_ctl_set_tcg_buffer_size(e->uc, buffer);
	if (!*err)
		*err = uc_ctl_set_cpu_model(e->uc, UC_CPU_X86_SKYLAKE_CLIENT);
	if (!*err)
		*err = st_install(e, stub_start, stub_end);
	if (!*err)
		*err = start_up(e);
	if (*err) {
		st_close(e);
		return NULL;
	}
	e->blocks = e->translated = e->ip = 0;
	st_vex_index(e);
	return e;
}

void st_close(st_engine *e)
{
	if (!e)
		return;
	if (e->scratch)
		uc_context_free(e->scratch);
	if (e->uc)
		uc_close(e->uc);
	for (size_t i = 0; i < e->alias_count; i++)
		free(e->aliases[i].translated);
	free(e->ranges);
	free(e->watches);
	free(e->patchable);
	free(e);
}

uint64_t st_read(st_engine *e, int id)
{
	uint64_t value = 0; /* narrower registers write only their own bytes */
	uc_reg_read(e->uc, id, &value);
	return value;
}

void st_write(st_engine *e, int id, uint64_t value) { uc_reg_write(e->uc, id, &value); }

/* apply brings the engine's registers up to date. */
static uc_err apply(st_engine *e)
{
	uc_err err = UC_ERR_OK;
	if (e->pending & ST_RAX)
		err = uc_reg_write(e->uc, UC_X86_REG_RAX, &e->rax);
	if (!err && e->pending & ST_RSP)
		err = uc_reg_write(e->uc, UC_X86_REG_RSP, &e->rsp);
	e->pending = 0;
	return err;
}

uc_err st_save(st_engine *e, uc_context *context)
{
	uc_err err = apply(e);
	return err ? err : uc_context_save(e->uc, context);
}

uc_err st_load(st_engine *e, uc_context *context)
{
	e->pending = e->known = 0;
	return uc_context_restore(e->uc, context);
}

static void fail(st_engine *e, uc_err err, const char *text)
{
	e->kind = ST_FAILURE;
	e->error = err;
	e->failure = text;
}

/* unexplained looks at a run that no hook has ended. */
static void unexplained(st_engine *e, uc_err err)
{
	uc_reg_read(e->uc, UC_X86_REG_RIP, &e->ip);
	if (err) {
		fail(e, err, uc_strerror(err));
	} else if (e->ip == ST_NOWHERE) { /* the guest jumped there by itself */
		e->kind = ST_FAULT;
		e->fault_address = ST_NOWHERE;
		e->fault_size = 1;
		e->fault_access = ST_FETCH_ACCESS;
		e->fault_unmapped = true;
	} else {
		fail(e, err, "the engine stopped without a reason");
	}
}

static uc_err flush(st_engine *e)
{
	e->used = 0;
	return uc_ctl_flush_tb(e->uc);
}

/* carry_out does here what can be done here, and returns whether to go on. */
static bool carry_out(st_engine *e)
{
	switch (e->instruction.class) {
	case ST_VEX: return st_vex_run(e);
	case ST_POPF: return st_pop_flags(e);
	case ST_X87: st_x87_run(e); return true;
	}
	const st_instruction *i = &e->instruction;
	const bool memory = i->modrm_at && e->bytes[i->modrm_at] < 0xC0;
	e->operand = memory ? st_operand(e, e->ip, e->bytes, i) : 0;
	return false;
}

/* try_again drops the translation of an undefined instruction, once: it may be
 * a trap whose instruction was rewritten in a way the engine does not see. */
static bool try_again(st_engine *e)
{
	if (e->doubted == e->ip)
		return false;
	e->doubted = e->ip;
	uc_ctl_remove_cache(e->uc, e->ip, e->ip + 1);
	return true;
}

void st_run(uintptr_t engine)
{
	st_engine *e = (st_engine *)engine;
	e->doubted = UINT64_MAX;
	uc_err err = apply(e);
	for (;;) {
		e->known = 0;
		e->kind = ST_NONE;
		st_arm(e);
		if (err) {
			fail(e, err, uc_strerror(err));
			return;
		}
		err = st_start(e);
		st_lift_trap(e);
		switch (e->kind) {
		case ST_NONE:
			unexplained(e, err);
			return;
		case ST_FLUSH:
			err = flush(e);
			break;
		case ST_NEW_SITE:
			st_set_trap(e);
			err = UC_ERR_OK;
			break;
		case ST_INVALID:
			if (!try_again(e))
				return;
			err = UC_ERR_OK;
			break;
		case ST_SPECIAL:
			if (!carry_out(e))
				return;
			e->doubted = UINT64_MAX;
			err = UC_ERR_OK;
			break;
		case ST_STALE:
			st_invalidate(e, e->ip, ST_MAX_LENGTH);
			err = UC_ERR_OK;
			break;
		case ST_INTERRUPT:
			err = st_end_exception(e);
			if (err)
				fail(e, err, uc_strerror(err));
			return;
		default:
			return;
		}
	}
}
