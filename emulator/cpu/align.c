/* Alignment. The engine does not check that the operands of legacy SSE
 * instructions are aligned, and a check each time would be far too dear. So it
 * is made the first time: an instruction with such an operand is a trap until
 * its operand has been seen aligned. Code that waits for the fault has it then;
 * an instruction whose operand is misaligned only later is missed. */
#include "engine.h"

enum { PLACES = sizeof((st_engine *)0)->seen / sizeof *((st_engine *)0)->seen, RUN = 32 };

/* key tells an instruction by its place and its bytes. */
static uint64_t key(uint64_t ip, const uint8_t *code, const st_instruction *i)
{
	uint64_t k = ip;
	for (unsigned at = 0; at < i->length; at++)
		k = (k ^ code[at]) * UINT64_C(0x9E3779B97F4A7C15);
	return k ? k : 1;
}

/* The set forgets what collides: it is seen again then. */
static uint64_t *place(st_engine *e, uint64_t k) { return &e->seen[k >> 32 & (PLACES - 1)]; }

/* st_unaligned says whether an instruction's operand may be misaligned: if it
 * has not been seen, and is not one whose address is fixed. */
bool st_unaligned(st_engine *e, uint64_t ip, const uint8_t *code, const st_instruction *i)
{
	if (!i->aligned)
		return false;
	if ((code[i->modrm_at] & 0xC7) == 5 && !i->segment && !(st_operand(e, ip, code, i) & 15))
		return false;
	const uint64_t k = key(ip, code, i);
	return *place(e, k) != k;
}

/* st_align looks at the operand of the instruction at e->ip and of those after
 * it that can be foretold, and returns false if the first is misaligned: a
 * general protection fault. */
bool st_align(st_engine *e)
{
	uint8_t code[RUN * ST_MAX_LENGTH];
	const size_t n = st_peek(e, e->ip, code, sizeof code);
	for (size_t at = 0, count = 0; count < RUN; count++) {
		const st_instruction i = st_decode(code + at, n - at);
		if (!i.length || i.class != ST_PLAIN || !(i.still || count == 0))
			break;
		const uint64_t ip = e->ip + at;
		if (i.aligned) {
			if (!(st_operand(e, ip, code + at, &i) & 15)) {
				const uint64_t k = key(ip, code + at, &i);
				*place(e, k) = k;
			} else if (count == 0) {
				return false;
			}
		}
		if (!i.still)
			break;
		at += i.length;
	}
	uc_ctl_remove_cache(e->uc, e->ip, e->ip + 1);
	return true;
}
