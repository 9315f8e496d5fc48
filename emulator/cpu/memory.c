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
		insert(e, first_after(e, address), (st_range){address, size, memory});
	return err;
}

uc_err st_unmap(st_engine *e, uint64_t address, uint64_t size)
{
	if (!reserve(e, 1)) /* a hole in a range makes two */
		return UC_ERR_NOMEM;
	st_invalidate(e, address, size);
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
			insert(e, i++, (st_range){r.address, address - r.address, r.memory});
		if (r_last > last)
			insert(e, i++, (st_range){last + 1, r_last - last, r.memory + (last + 1 - r.address)});
	}
	return UC_ERR_OK;
}

uc_err st_protect(st_engine *e, uint64_t address, uint64_t size, uint32_t prot)
{
	uc_err err = uc_mem_protect(e->uc, address, size, prot);
	if (!err)
		st_invalidate(e, address, size);
	return err;
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
