#include "bare.h"

#include <string.h>

uc_err bare_open(uc_engine **uc)
{
	uc_err err = uc_open(UC_ARCH_X86, UC_MODE_64, uc);
	if (!err)
		err = uc_ctl_set_tcg_buffer_size(*uc, 64 << 20);
	if (!err)
		err = uc_ctl_set_cpu_model(*uc, UC_CPU_X86_SKYLAKE_CLIENT);
	return err;
}

static void on_stub(uc_engine *uc, uint64_t address, uint32_t size, void *data)
{
	(void)address, (void)size;
	bare_call *c = data;
	static int ids[] = {UC_X86_REG_RCX, UC_X86_REG_RDX, UC_X86_REG_R8, UC_X86_REG_R9, UC_X86_REG_RSP};
	void *values[] = {&c->rcx, &c->rdx, &c->r8, &c->r9, &c->rsp};
	uc_reg_read_batch(uc, ids, values, 5);
	memcpy(c->frame, c->stack + (c->rsp - c->stack_base), sizeof c->frame);
	c->reached = 1;
	uc_emu_stop(uc);
}

uc_err bare_stub(uc_engine *uc, bare_call *call, uint64_t start, uint64_t end)
{
	uc_hook hook;
	return uc_hook_add(uc, &hook, UC_HOOK_CODE, on_stub, call, start, end - 1);
}

uc_err bare_resume(uc_engine *uc, bare_call *call, uint64_t ip, uint64_t rsp, uint64_t rax)
{
	call->reached = 0;
	uc_reg_write(uc, UC_X86_REG_RSP, &rsp);
	uc_reg_write(uc, UC_X86_REG_RAX, &rax);
	return uc_emu_start(uc, ip, UINT64_C(0xFFFFFFFFFFFFF000), 0, 0);
}

static void on_block(uc_engine *uc, uint64_t address, uint32_t size, void *data)
{
	(void)uc, (void)address, (void)size, (void)data;
}

uc_err bare_hook_blocks(uc_engine *uc)
{
	uc_hook hook;
	return uc_hook_add(uc, &hook, UC_HOOK_BLOCK, on_block, NULL, 1, 0);
}
