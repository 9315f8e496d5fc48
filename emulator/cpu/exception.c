/* Ending exceptions.
 *
 * The emulator core remembers an exception that is being delivered, so as to
 * make a double fault of a second one and a shutdown of a third. It forgets it
 * when delivery through the interrupt table is done. Here exceptions are not
 * delivered but reported, nothing is ever forgotten, and the second division by
 * zero of a program would be a double fault.
 *
 * A saved context contains that memory among the registers. Where, is found out
 * with a known exception at start-up: it is the one word that was -1 (none) and
 * becomes 0 (#DE). Putting -1 back and restoring the context ends an exception.
 */
#include "engine.h"

#include <string.h>

/* st_learn_exception compares the contexts before and after a #DE. */
void st_learn_exception(st_engine *e, const uc_context *before, const uc_context *after)
{
	const size_t n = uc_context_size(e->uc);
	size_t found = 0, at = 0;
	for (size_t i = 0; i + 4 <= n; i += 4) {
		int32_t old, new;
		memcpy(&old, (const char *)before + i, 4);
		memcpy(&new, (const char *)after + i, 4);
		if (old == -1 && new == 0) {
			at = i;
			found++;
		}
	}
	e->exception_at = found == 1 ? at : 0;
}

uc_err st_end_exception(st_engine *e)
{
	if (!e->exception_at)
		return UC_ERR_OK;
	const int32_t none = -1;
	uc_err err = uc_context_save(e->uc, e->scratch);
	if (err)
		return err;
	memcpy((char *)e->scratch + e->exception_at, &none, sizeof none);
	return uc_context_restore(e->uc, e->scratch);
}
