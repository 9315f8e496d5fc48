/* Guard pages: once each, for code and for calls of the system. */
#include "check.h"

static int hits, last, offset;
static char *area;

static LONG CALLBACK handler(EXCEPTION_POINTERS *p)
{
	EXCEPTION_RECORD *r = p->ExceptionRecord;
	if (r->ExceptionCode != STATUS_GUARD_PAGE_VIOLATION)
		return EXCEPTION_CONTINUE_SEARCH;
	hits++;
	last = (int)r->ExceptionInformation[0];
	offset = (int)(r->ExceptionInformation[1] - (ULONG_PTR)area);
	return EXCEPTION_CONTINUE_EXECUTION;
}

static DWORD protection(void *p)
{
	MEMORY_BASIC_INFORMATION info;
	VirtualQuery(p, &info, sizeof info);
	return info.Protect;
}

int main(void)
{
	DWORD old;
	AddVectoredExceptionHandler(1, handler);
	area = VirtualAlloc(0, 0x4000, MEM_COMMIT | MEM_RESERVE, PAGE_READWRITE | PAGE_GUARD);
	HEX(protection(area));
	volatile char c = area[5];
	CHECK("read", "%d hits, access %d, +%x", hits, last, offset);
	c = area[6];
	CHECK("read again", "%d hits, protection %lx, next page %lx", hits, protection(area), protection(area + 0x1000));
	area[0x1007] = 1;
	CHECK("write", "%d hits, access %d, +%x, %d", hits, last, offset, area[0x1007]);
	CHECK("value", "%d", c);

	/* Two pages by one instruction. */
	hits = 0;
	VirtualProtect(area, 0x4000, PAGE_READWRITE | PAGE_GUARD, &old);
	*(volatile unsigned long long *)(area + 0xffc) = 0x1122334455667788;
	INT(hits);
	HEX(*(unsigned long long *)(area + 0xffc));

	/* A loop over pages. */
	hits = 0;
	VirtualProtect(area, 0x4000, PAGE_READWRITE | PAGE_GUARD, &old);
	for (int i = 0; i < 0x4000; i += 16)
		((volatile char *)area)[i] = 2;
	INT(hits);

	/* The kernel does not raise: it fails. */
	hits = 0;
	VirtualProtect(area, 0x1000, PAGE_READWRITE | PAGE_GUARD, &old);
	HEX(old);
	HEX(protection(area));
	VirtualProtect(area, 0x1000, PAGE_READWRITE, &old);
	HEX(old);
	INT(hits);
	VirtualProtect(area, 0x1000, PAGE_READONLY | PAGE_GUARD, &old);
	c = area[0];
	INT(hits);
	HEX(protection(area));
	return 0;
}
