/* Many registers at once. */
#include "engine.h"

#include <string.h>

enum { GENERAL = 16, X87 = GENERAL + 2 + 16, COUNT = X87 + 3 + 8 };

static int ids[COUNT] = {
	UC_X86_REG_RAX, UC_X86_REG_RCX, UC_X86_REG_RDX, UC_X86_REG_RBX, UC_X86_REG_RSP, UC_X86_REG_RBP, UC_X86_REG_RSI, UC_X86_REG_RDI,
	UC_X86_REG_R8, UC_X86_REG_R9, UC_X86_REG_R10, UC_X86_REG_R11, UC_X86_REG_R12, UC_X86_REG_R13, UC_X86_REG_R14, UC_X86_REG_R15,
	UC_X86_REG_EFLAGS, UC_X86_REG_MXCSR,
	UC_X86_REG_XMM0, UC_X86_REG_XMM1, UC_X86_REG_XMM2, UC_X86_REG_XMM3, UC_X86_REG_XMM4, UC_X86_REG_XMM5, UC_X86_REG_XMM6, UC_X86_REG_XMM7,
	UC_X86_REG_XMM8, UC_X86_REG_XMM9, UC_X86_REG_XMM10, UC_X86_REG_XMM11, UC_X86_REG_XMM12, UC_X86_REG_XMM13, UC_X86_REG_XMM14, UC_X86_REG_XMM15,
	UC_X86_REG_FPCW, UC_X86_REG_FPSW, UC_X86_REG_FPTAG,
	UC_X86_REG_FP0, UC_X86_REG_FP1, UC_X86_REG_FP2, UC_X86_REG_FP3, UC_X86_REG_FP4, UC_X86_REG_FP5, UC_X86_REG_FP6, UC_X86_REG_FP7,
};

static void places(st_registers *r, void *at[COUNT])
{
	for (int i = 0; i < GENERAL; i++) {
		at[i] = &r->gpr[i];
		at[GENERAL + 2 + i] = r->xmm[i];
	}
	at[GENERAL] = &r->flags;
	at[GENERAL + 1] = &r->mxcsr;
	at[X87] = &r->fpcw;
	at[X87 + 1] = &r->fpsw;
	at[X87 + 2] = &r->fptag;
	for (int i = 0; i < 8; i++)
		at[X87 + 3 + i] = r->fp[i];
}

void st_read_all(st_engine *e, st_registers *r)
{
	void *at[COUNT];
	memset(r, 0, sizeof *r); /* narrower registers write only their own bytes */
	places(r, at);
	uc_reg_read_batch(e->uc, ids, at, COUNT);
}

void st_write_all(st_engine *e, st_registers *r)
{
	void *at[COUNT];
	places(r, at);
	uc_reg_write_batch(e->uc, ids, at, COUNT);
	e->pending = e->known = 0;
}

/* st_write_x87 sets the registers of x87 alone. */
void st_write_x87(st_engine *e, st_registers *r)
{
	void *at[COUNT];
	places(r, at);
	uc_reg_write_batch(e->uc, ids + X87, at + X87, COUNT - X87);
}
