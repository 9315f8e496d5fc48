/* Stubs that the guest has written to: what is there now runs. */
#include "engine.h"

#include <stdlib.h>
#include <string.h>

/* st_patchable says that stubs of a range may be written to. It returns -1
 * without memory, -2 if the range is not of stubs. */
int st_patchable(st_engine *e, uint64_t address, uint64_t size, const uint8_t *stubs, const uint8_t *originals)
{
	if (address < e->stub_start || address >= e->stub_end || size > e->stub_end - address)
		return -2;
	if (!e->patchable) {
		e->patchable = calloc((e->stub_end - e->stub_start) / ST_PAGE + 1, 1);
		if (!e->patchable)
			return -1;
	}
	e->stubs = stubs;
	e->originals = originals;
	const uint64_t offset = address - e->stub_start;
	memset(e->patchable + offset / ST_PAGE, 1, (offset + size - 1) / ST_PAGE - offset / ST_PAGE + 1);
	return 0;
}

/* st_patched says whether the instruction at an address runs. In pages that may
 * be written to, a stub stops at its start alone, and if it is as it was: it and
 * the one behind it, since those of system services are as long as two. All
 * else there is code, and does what it says. */
bool st_patched(const st_engine *e, uint64_t address)
{
	const uint64_t offset = address - e->stub_start;
	if (!e->patchable[offset / ST_PAGE])
		return false;
	const uint64_t left = e->stub_end - address;
	return offset % ST_STUB || memcmp(e->stubs + offset, e->originals + offset, left < 2 * ST_STUB ? left : 2 * ST_STUB);
}
