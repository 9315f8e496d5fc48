#include "engine.h"

#include <stdlib.h>
#include <string.h>

/* first_after returns the index of the first range that ends above address. */
static size_t first_after(const st_engine *e, uint64_t address)
{
	size_t low = 0, high = e->range_count;
	while (low < high) {
		size_t middle = (low + high) / 2;
		const st_range *r = &e->ranges[middle];
		if (address >= r->address && address - r->address >= r->size)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static bool reserve(st_engine *e, size_t more)
{
	if (e->range_count + more <= e->range_room)
		return true;
	size_t room = (e->range_count + more) * 2;
	st_range *ranges = realloc(e->ranges, room * sizeof *ranges);
	if (!ranges)
		return false;
	e->ranges = ranges;
	e->range_room = room;
	return true;
}

static void insert(st_engine *e, size_t at, st_range r)
{
	memmove(&e->ranges[at + 1], &e->ranges[at], (e->range_count - at) * sizeof r);
	e->ranges[at] = r;
	e->range_count++;
}

uc_err st_map(st_engine *e, uint64_t address, void *memory, uint64_t size, uint32_t prot)
{
	if (!reserve(e, 1))
		return UC_ERR_NOMEM;
	uc_err err = uc_mem_map_ptr(e->uc, address, size, prot, memory);
	if (!err)
		insert(e, first_after(e, address), (st_range){address, size, memory, prot});
	return err;
}

uc_err st_unmap(st_engine *e, uint64_t address, uint64_t size)
{
	if (!reserve(e, 1)) /* a hole in a range makes two */
		return UC_ERR_NOMEM;
	st_invalidate(e, address, size);
	st_alias_remove(e, address, size);
	uc_err err = uc_mem_unmap(e->uc, address, size);
	if (err)
		return err;
	const uint64_t last = address + (size - 1);
	size_t i = first_after(e, address);
	while (i < e->range_count && e->ranges[i].address <= last) {
		st_range r = e->ranges[i];
		const uint64_t r_last = r.address + (r.size - 1);
		e->range_count--;
		memmove(&e->ranges[i], &e->ranges[i + 1], (e->range_count - i) * sizeof r);
		if (r.address < address)
			insert(e, i++, (st_range){r.address, address - r.address, r.memory, r.prot});
		if (r_last > last)
			insert(e, i++, (st_range){last + 1, r_last - last, r.memory + (last + 1 - r.address), r.prot});
	}
	return UC_ERR_OK;
}

/* split makes a range begin at address, if one contains it. There must be room. */
static void split(st_engine *e, uint64_t address)
{
	size_t i = first_after(e, address);
	if (i == e->range_count || e->ranges[i].address >= address)
		return;
	st_range *r = &e->ranges[i], rest = *r;
	r->size = address - r->address;
	rest.address = address;
	rest.size -= r->size;
	rest.memory += r->size;
	insert(e, i + 1, rest);
}

/* join makes one range of neighbours that do not differ. */
static void join(st_engine *e, size_t from, size_t to)
{
	size_t last = from;
	for (size_t i = from + 1; i < to; i++) {
		st_range *a = &e->ranges[last], *b = &e->ranges[i];
		if (a->address + a->size == b->address && a->memory + a->size == b->memory && a->prot == b->prot)
			a->size += b->size;
		else
			e->ranges[++last] = *b;
	}
	memmove(&e->ranges[last + 1], &e->ranges[to], (e->range_count - to) * sizeof *e->ranges);
	e->range_count -= to - (last + 1);
}

uc_err st_protect(st_engine *e, uint64_t address, uint64_t size, uint32_t prot)
{
	if (!reserve(e, 2))
		return UC_ERR_NOMEM;
	uc_err err = uc_mem_protect(e->uc, address, size, prot);
	if (err)
		return err;
	st_invalidate(e, address, size);
	const uint64_t end = address + size; /* 0: the end of the address space */
	split(e, address);
	if (end)
		split(e, end);
	size_t first = first_after(e, address), after = end ? first_after(e, end) : e->range_count;
	for (size_t i = first; i < after; i++)
		e->ranges[i].prot = prot;
	join(e, first ? first - 1 : 0, after < e->range_count ? after + 1 : after);
	return UC_ERR_OK;
}

/* Page by page: the library looks up the first address only and takes what
 * follows for contiguous, which it is not across two regions. */
void st_invalidate(st_engine *e, uint64_t address, uint64_t size)
{
	if (!size)
		return;
	const uint64_t last = (address + (size - 1)) & ~(uint64_t)(ST_PAGE - 1);
	for (uint64_t page = address & ~(uint64_t)(ST_PAGE - 1);; page += ST_PAGE) {
		uc_ctl_remove_cache(e->uc, page, page + ST_PAGE);
		if (page == last)
			return;
	}
}

/* st_range_of returns the range that holds a byte, or NULL. */
const st_range *st_range_of(const st_engine *e, uint64_t address)
{
	size_t i = first_after(e, address);
	if (i == e->range_count || address < e->ranges[i].address)
		return NULL;
	return &e->ranges[i];
}

/* st_memory returns the host's address of a byte, or NULL. */
uint8_t *st_memory(const st_engine *e, uint64_t address)
{
	const st_range *r = st_range_of(e, address);
	return r ? r->memory + (address - r->address) : NULL;
}

/* st_peek copies guest memory as far as it is mapped, fills the rest with
 * zeros and returns the number of bytes copied. Rights are not looked at. */
size_t st_peek(const st_engine *e, uint64_t address, void *to, size_t n)
{
	size_t done = 0;
	for (size_t i = first_after(e, address); done < n && i < e->range_count; i++) {
		const st_range *r = &e->ranges[i];
		const uint64_t at = address + done;
		if (at < r->address)
			break;
		size_t part = r->size - (at - r->address);
		if (part > n - done)
			part = n - done;
		memcpy((uint8_t *)to + done, r->memory + (at - r->address), part);
		done += part;
	}
	memset((uint8_t *)to + done, 0, n - done);
	return done;
}
