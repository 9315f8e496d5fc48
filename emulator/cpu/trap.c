/* Traps: how special instructions stop without a hook.
 *
 * A block with a special instruction is translated a second time, while the
 * instruction's first byte in memory is that of one that is undefined in 64-bit
 * mode. When the translation exists and before it runs, the byte is put back.
 * The guest never sees it, and each time it comes to the instruction the engine
 * reports an undefined one. That costs nothing elsewhere and there may be any
 * number of them, while every code hook makes every other dearer.
 */
#include "engine.h"

/* st_set_trap makes the next translation of e->site a trap. The translation
 * there is must go, but not those of other blocks that run into the same trap:
 * these end with its first byte, and so the second is asked for. */
void st_set_trap(st_engine *e)
{
	uint8_t *code = st_memory(e, e->site);
	if (!code)
		return;
	const uint64_t drop = e->site + (e->site_within ? 1 : 0);
	uc_ctl_remove_cache(e->uc, drop, drop + 1);
	e->trap = code;
	e->trapped = *code;
	*code = ST_UNDEFINED_OPCODE;
}

/* st_lift_trap puts the byte back and returns where a trap was translated, or
 * an address that none has. */
uint64_t st_lift_trap(st_engine *e)
{
	if (!e->trap)
		return UINT64_MAX;
	*e->trap = e->trapped;
	e->trap = NULL;
	return e->site;
}

/* st_is_breakpoint reports whether the instruction at an address is to stop. */
bool st_is_breakpoint(const st_engine *e, uint64_t address)
{
	for (size_t i = 0; i < e->breakpoint_count; i++)
		if (e->breakpoints[i] == address)
			return address != e->stepped;
	return false;
}

/* st_set_breakpoints has other instructions stop: they get traps, too. What is
 * translated of those before and after is dropped. */
void st_set_breakpoints(st_engine *e, const uint64_t *addresses, size_t count)
{
	for (size_t i = 0; i < e->breakpoint_count; i++)
		st_invalidate(e, e->breakpoints[i], 1);
	e->breakpoint_count = 0;
	for (size_t i = 0; i < count && i < ST_MAX_BREAKPOINTS; i++) {
		e->breakpoints[e->breakpoint_count++] = addresses[i];
		st_invalidate(e, addresses[i], 1);
	}
}
