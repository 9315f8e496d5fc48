/* Addresses of memory operands: ModRM, SIB and displacement (SDM volume 2,
 * tables 2-2 and 2-3). */
#include "engine.h"

#include <string.h>

st_address st_parse_address(const uint8_t *modrm, unsigned rex)
{
	st_address a = {.base = ST_NO_REGISTER, .index = ST_NO_REGISTER};
	const uint8_t mod = modrm[0] >> 6, rm = modrm[0] & 7;
	const uint8_t *next = modrm + 1;
	if (rm == 4) {
		const uint8_t sib = *next++;
		a.index = (uint8_t)((sib >> 3 & 7) | (rex << 2 & 8));
		a.scale = sib >> 6;
		if ((sib & 7) != 5 || mod != 0)
			a.base = (uint8_t)((sib & 7) | (rex << 3 & 8));
	} else if (rm == 5 && mod == 0) {
		a.base = ST_RIP_RELATIVE;
	} else {
		a.base = (uint8_t)(rm | (rex << 3 & 8));
	}
	if (mod == 1)
		a.displacement = (int8_t)*next++;
	else if (mod == 2 || a.base >= ST_NO_REGISTER) {
		memcpy(&a.displacement, next, 4);
		next += 4;
	}
	a.length = (uint8_t)(next - modrm);
	return a;
}

const int st_general[16] = {
	UC_X86_REG_RAX, UC_X86_REG_RCX, UC_X86_REG_RDX, UC_X86_REG_RBX, UC_X86_REG_RSP, UC_X86_REG_RBP, UC_X86_REG_RSI, UC_X86_REG_RDI,
	UC_X86_REG_R8, UC_X86_REG_R9, UC_X86_REG_R10, UC_X86_REG_R11, UC_X86_REG_R12, UC_X86_REG_R13, UC_X86_REG_R14, UC_X86_REG_R15};

uint64_t st_operand(st_engine *e, uint64_t ip, const uint8_t *code, const st_instruction *i)
{
	const st_address a = st_parse_address(code + i->modrm_at, i->rex);
	uint64_t at = (uint64_t)(int64_t)a.displacement;
	if (a.base == ST_RIP_RELATIVE)
		at += ip + i->length;
	else if (a.base != ST_NO_REGISTER)
		at += st_read(e, st_general[a.base]);
	if (a.index != ST_NO_REGISTER && a.index != 4)
		at += st_read(e, st_general[a.index]) << a.scale;
	if (i->address32)
		at = (uint32_t)at;
	if (i->segment)
		at += st_read(e, i->segment == 0x64 ? UC_X86_REG_FS_BASE : UC_X86_REG_GS_BASE);
	return at;
}
