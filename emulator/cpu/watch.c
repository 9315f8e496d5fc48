/* Watched ranges: memory whose fresh blocks are compared with known bytes. */
#include "engine.h"

#include <stdlib.h>
#include <string.h>

static size_t first_after(const st_engine *e, uint64_t address)
{
	size_t low = 0, high = e->watch_count;
	while (low < high) {
		size_t middle = (low + high) / 2;
		const st_watch *w = &e->watches[middle];
		if (address >= w->address && address - w->address >= w->size)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* st_watch_add returns 0, or -1 without memory, or -2 if another watch is in
 * the way. */
int st_watch_add(st_engine *e, uint64_t address, uint64_t size, const uint8_t *memory, const uint8_t *known)
{
	size_t i = first_after(e, address);
	bool same = i < e->watch_count && e->watches[i].address == address;
	size_t following = same ? i + 1 : i;
	if (following < e->watch_count && e->watches[following].address <= address + (size - 1))
		return -2;
	if (!same) {
		if (e->watch_count == e->watch_room) {
			size_t room = e->watch_room ? 2 * e->watch_room : 16;
			st_watch *watches = realloc(e->watches, room * sizeof *watches);
			if (!watches)
				return -1;
			e->watches = watches;
			e->watch_room = room;
		}
		memmove(&e->watches[i + 1], &e->watches[i], (e->watch_count - i) * sizeof *e->watches);
		e->watch_count++;
	}
	e->watches[i] = (st_watch){address, size, memory, known};
	return 0;
}

void st_watch_remove(st_engine *e, uint64_t address)
{
	size_t i = first_after(e, address);
	if (i == e->watch_count || e->watches[i].address != address)
		return;
	e->watch_count--;
	memmove(&e->watches[i], &e->watches[i + 1], (e->watch_count - i) * sizeof *e->watches);
}

static bool holds(const st_watch *w, uint64_t address)
{
	return address >= w->address && address - w->address < w->size;
}

/* st_changed says whether the block's bytes differ from the known ones of the
 * watch it starts in. */
bool st_changed(st_engine *e, uint64_t address, uint64_t size)
{
	size_t i = e->watch_last;
	if (i >= e->watch_count || !holds(&e->watches[i], address)) {
		i = first_after(e, address);
		if (i == e->watch_count || !holds(&e->watches[i], address))
			return false;
		e->watch_last = i;
	}
	const st_watch *w = &e->watches[i];
	if (!w->known)
		return true;
	const uint64_t offset = address - w->address;
	if (size > w->size - offset)
		size = w->size - offset;
	return memcmp(w->memory + offset, w->known + offset, size) != 0;
}
