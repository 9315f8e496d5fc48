/* packed.exe: an ordinary program that was packed: one section of it is stored
 * encoded, and it decodes that in place before it goes on there. So do
 * executable packers, for size and against copying. Its code is its own and is
 * fixed when it is built. A benign sidetrace replica.
 *
 * replicas/internal/finish -encode does the encoding.
 */
#include <windows.h>

#include <stdio.h>

#include "ordinary.h"

#define PACKED(place) __attribute__((section(".pack$" place), used))

static uint32_t __attribute__((noinline)) PACKED("b") work(uint32_t n)
{
	uint32_t steps = 0; /* Collatz */
	for (; n != 1; steps++)
		n = n & 1 ? 3 * n + 1 : n / 2;
	return steps;
}

static const uint8_t PACKED("a") first[16] = {0};
static const uint8_t PACKED("c") last[16] = {0};

int main(void)
{
	DWORD old;
	volatile uint8_t *p = (volatile uint8_t *)first;
	SIZE_T size = (SIZE_T)((const uint8_t *)last - (const uint8_t *)first) + sizeof last;

	if (SidetraceGuard() != GUARD_ANSWER)
		return 3;
	if (!VirtualProtect((void *)p, size, PAGE_EXECUTE_READWRITE, &old))
		return 1;
	for (SIZE_T i = 0; i < size; i++)
		p[i] ^= 0x55;
	VirtualProtect((void *)p, size, old, &old);
	FlushInstructionCache(GetCurrentProcess(), (void *)p, size);
	printf("packed: %u steps from 27\n", work(27));
	return 0;
}
