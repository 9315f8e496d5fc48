/* Between the engine and its translator, of which three things are asked that
 * the public interface does not offer: shorter blocks, aligned operands, and to
 * keep away from some instructions.
 *
 * The library calls its own functions through its procedure linkage table, so
 * those of the same name here are called instead, and call on. Their names and
 * parameters are private to one version; with another they only call on, and so
 * they do for engines that are not ours.
 *
 * Blocks. For some instructions the translator does not free its temporaries,
 * of which there is room for 512, unchecked, for a block of up to 512
 * instructions. The most that one leaves is two.
 *
 * Instructions. LOCK with an operand in a register, undefined, ends the process
 * when it is that of BT, BTS, BTR or BTC. So undefined instructions are shown to
 * the translator as one that it knows to be.
 *
 * Alignment. The translator makes two accesses of eight bytes of every operand
 * of sixteen. Where legacy SSE wants such an operand aligned, the first is made
 * one that must be aligned to sixteen bytes. That costs nothing: the comparison
 * which looks the page up has the low bits of the address in it. A misaligned
 * access fails it and comes to the function for what is not looked up fast,
 * which sends it where nothing is mapped; on_invalid_memory does the rest. */
#define _GNU_SOURCE
#include "engine.h"

#include <dlfcn.h>

enum {
	MAX_INSTRUCTIONS = 200, /* of a block */
	ALIGN_16 = 4 << 4,      /* MO_ALIGN_16, of an access */
	INDEX_BITS = 4,         /* of the number that holds access and kind of memory */
};

static _Thread_local st_engine *running;

#define FUNCTIONS(X) \
	X(void, gen_intermediate_code, (void *cpu, void *block, int max)) \
	X(uint32_t, cpu_ldub_code, (void *env, uint64_t address)) \
	X(void, tcg_gen_qemu_ld_i64, (void *context, void *value, void *address, uint64_t index, uint32_t access)) \
	X(void, tcg_gen_qemu_st_i64, (void *context, void *value, void *address, uint64_t index, uint32_t access)) \
	X(uint64_t, helper_le_ldq_mmu, (void *env, uint64_t address, uint32_t access, uintptr_t from)) \
	X(void, helper_le_stq_mmu, (void *env, uint64_t address, uint64_t value, uint32_t access, uintptr_t from))

#define DECLARE(result, name, parameters) \
	result name##_x86_64 parameters; \
	static result (*real_##name) parameters;
FUNCTIONS(DECLARE)

static bool known; /* the library's version is */

#define FIND(result, name, parameters) *(void **)&real_##name = dlsym(RTLD_NEXT, #name "_x86_64");
__attribute__((constructor)) static void find(void)
{
	FUNCTIONS(FIND)
	known = uc_version(NULL, NULL) >> 8 == 0x020101;
}

/* st_start is uc_emu_start. */
uc_err st_start(st_engine *e)
{
	st_engine *const before = running;
	running = known ? e : NULL;
	uc_err err = uc_emu_start(e->uc, e->ip, ST_NOWHERE, 0, 0);
	running = before;
	return err;
}

void gen_intermediate_code_x86_64(void *cpu, void *block, int max)
{
	if (running) {
		running->translating = *(uint64_t *)block; /* its address comes first */
		running->translated_instruction.length = 0;
		if (max > MAX_INSTRUCTIONS)
			max = MAX_INSTRUCTIONS;
	}
	real_gen_intermediate_code(cpu, block, max);
}

/* follow looks at an instruction when the first byte of it is fetched, and
 * reports whether it is one to keep from the translator. */
static bool follow(st_engine *e, uint64_t address)
{
	if (address != e->translating + e->translated_instruction.length)
		return false;
	uint8_t code[ST_MAX_LENGTH];
	e->translating = address;
	e->translated_instruction = st_decode(code, st_peek(e, address, code, sizeof code));
	return e->translated_instruction.class == ST_UNDEFINED;
}

uint32_t cpu_ldub_code_x86_64(void *env, uint64_t address)
{
	const uint32_t byte = real_cpu_ldub_code(env, address);
	return running && follow(running, address) ? ST_UNDEFINED_OPCODE : byte;
}

/* aligned adds to an access that its address must be aligned, if it is the first
 * of an instruction that needs it. */
static uint32_t aligned(uint32_t access)
{
	if (!running || !running->translated_instruction.aligned)
		return access;
	running->translated_instruction.aligned = false;
	return access | ALIGN_16;
}

void tcg_gen_qemu_ld_i64_x86_64(void *context, void *value, void *address, uint64_t index, uint32_t access)
{
	real_tcg_gen_qemu_ld_i64(context, value, address, index, aligned(access));
}

void tcg_gen_qemu_st_i64_x86_64(void *context, void *value, void *address, uint64_t index, uint32_t access)
{
	real_tcg_gen_qemu_st_i64(context, value, address, index, aligned(access));
}

/* misaligned reports whether an access is to fault for its address. */
static bool misaligned(uint64_t address, uint32_t *access)
{
	if (!running || !(address & 15) || !(*access & ALIGN_16 << INDEX_BITS))
		return false;
	*access &= ~(uint32_t)(ALIGN_16 << INDEX_BITS);
	running->misaligned = true;
	return true;
}

uint64_t helper_le_ldq_mmu_x86_64(void *env, uint64_t address, uint32_t access, uintptr_t from)
{
	return real_helper_le_ldq_mmu(env, misaligned(address, &access) ? ST_NOWHERE : address, access, from);
}

void helper_le_stq_mmu_x86_64(void *env, uint64_t address, uint64_t value, uint32_t access, uintptr_t from)
{
	real_helper_le_stq_mmu(env, misaligned(address, &access) ? ST_NOWHERE : address, value, access, from);
}
