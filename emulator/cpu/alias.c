/* Aliases: code whose memory the guest can also write at another address. The
 * engine does not see such a write, so what it translated there is compared,
 * instruction by instruction, with the memory before it runs. That costs some
 * nanoseconds for each instruction there, and nothing elsewhere. */
#include "engine.h"

#include <stdlib.h>
#include <string.h>

static st_alias *find(st_engine *e, uint64_t address)
{
	for (size_t i = 0; i < e->alias_count; i++)
		if (address - e->aliases[i].address < e->aliases[i].size)
			return &e->aliases[i];
	return NULL;
}

/* copy is as many of n bytes at address as the alias has, from one to the other. */
static void copy(const st_alias *a, uint64_t address, uint64_t n)
{
	const uint64_t at = address - a->address;
	if (n > a->size - at)
		n = a->size - at;
	memcpy(a->translated + at, a->memory + at, n);
}

static void on_instruction(uc_engine *uc, uint64_t address, uint32_t size, void *data)
{
	st_engine *e = data;
	const st_alias *a = find(e, address);
	if (e->kind || !a)
		return;
	const uint64_t at = address - a->address;
	uint64_t n = size < ST_MAX_LENGTH ? size : ST_MAX_LENGTH;
	if (n > a->size - at)
		n = a->size - at;
	if (!memcmp(a->translated + at, a->memory + at, n))
		return;
	e->kind = ST_STALE;
	e->ip = address;
	uc_emu_stop(uc);
}

/* st_alias_add begins to compare a range, which must be mapped in one piece. */
uc_err st_alias_add(st_engine *e, uint64_t address, uint64_t size)
{
	const st_range *r = st_range_of(e, address);
	if (!r || r->size - (address - r->address) < size)
		return UC_ERR_ARG;
	if (find(e, address))
		return UC_ERR_OK;
	if (e->alias_count == ST_MAX_ALIASES)
		return UC_ERR_RESOURCE;
	st_alias *a = &e->aliases[e->alias_count];
	*a = (st_alias){.address = address, .size = size, .memory = r->memory + (address - r->address), .translated = malloc(size)};
	if (!a->translated)
		return UC_ERR_NOMEM;
	uc_err err = uc_hook_add(e->uc, &a->hook, UC_HOOK_CODE, on_instruction, e, address, address + (size - 1));
	if (err) {
		free(a->translated);
		return err;
	}
	e->alias_count++;
	st_invalidate(e, address, size);
	return UC_ERR_OK;
}

/* st_alias_remove forgets what a range no longer has. */
void st_alias_remove(st_engine *e, uint64_t address, uint64_t size)
{
	for (size_t i = 0; i < e->alias_count;) {
		st_alias *a = &e->aliases[i];
		if (address + (size - 1) < a->address || a->address + (a->size - 1) < address) {
			i++;
			continue;
		}
		uc_hook_del(e->uc, a->hook);
		free(a->translated);
		*a = e->aliases[--e->alias_count];
	}
}

/* st_alias_translated notes the bytes of a fresh block. */
void st_alias_translated(st_engine *e, uint64_t address, uint64_t size)
{
	const st_alias *a = e->alias_count ? find(e, address) : NULL;
	if (a)
		copy(a, address, size);
}
