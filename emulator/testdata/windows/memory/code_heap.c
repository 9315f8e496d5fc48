/* Code in blocks of a heap made for it. */
#include "../check.h"

static int run(HANDLE heap, size_t size)
{
	static const unsigned char code[] = {0xB8, 0x2A, 0, 0, 0, 0xC3}; /* mov eax, 42; ret */
	void *p = HeapAlloc(heap, HEAP_ZERO_MEMORY, size);
	MEMORY_BASIC_INFORMATION m;
	memcpy(p, code, sizeof code);
	INT(VirtualQuery(p, &m, sizeof m) == sizeof m);
	HEX(m.Protect);
	INT(m.State == MEM_COMMIT);
	return ((int (*)(void))p)();
}

int main(void)
{
	HANDLE heap = HeapCreate(HEAP_CREATE_ENABLE_EXECUTE, 0, 0);
	INT(run(heap, 64));
	INT(run(heap, 1 << 20));
	INT(HeapDestroy(heap));

	MEMORY_BASIC_INFORMATION m;
	heap = HeapCreate(0, 0, 0);
	VirtualQuery(HeapAlloc(heap, 0, 64), &m, sizeof m);
	HEX(m.Protect);
	return 0;
}
