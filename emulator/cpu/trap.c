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

enum { PUSH_ES = 0x06 }; /* SDM volume 2, table A-2: not in 64-bit mode */

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
	*code = PUSH_ES;
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
