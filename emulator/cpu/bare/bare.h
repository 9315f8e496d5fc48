#ifndef SIDETRACE_BARE_H
#define SIDETRACE_BARE_H

#include <stdint.h>
#include <unicorn/unicorn.h>

typedef struct bare_call { /* what a stop at a stub copies */
	uint64_t rcx, rdx, r8, r9, rsp;
	uint64_t frame[17];
	const uint8_t *stack;
	uint64_t stack_base;
	int reached;
} bare_call;

uc_err bare_open(uc_engine **uc);
uc_err bare_stub(uc_engine *uc, bare_call *call, uint64_t start, uint64_t end);
uc_err bare_hook_blocks(uc_engine *uc);
uc_err bare_resume(uc_engine *uc, bare_call *call, uint64_t ip, uint64_t rsp, uint64_t rax);

#endif
