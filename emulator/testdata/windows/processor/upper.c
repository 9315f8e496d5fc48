// build: -mavx2
/* An exception in AVX code leaves the registers whole, whatever its handler does. */
#include "check.h"

static unsigned char values[32], other[32], seen[32], low[32];
static int handled;

static LONG CALLBACK handler(EXCEPTION_POINTERS *p)
{
	handled++;
	asm volatile("vmovdqu %0, %%ymm6\n\tvpcmpeqb %%ymm7, %%ymm7, %%ymm7" : : "m"(other) : "xmm6", "xmm7");
	p->ContextRecord->Rip += p->ExceptionRecord->ExceptionCode == EXCEPTION_ILLEGAL_INSTRUCTION ? 2 : 4;
	return EXCEPTION_CONTINUE_EXECUTION;
}

int main(void)
{
	for (int i = 0; i < 32; i++)
		values[i] = (unsigned char)(i + 1), other[i] = 0xEE;
	AddVectoredExceptionHandler(1, handler);
	asm volatile("vmovdqu %2, %%ymm6\n\tvpaddb %%ymm6, %%ymm6, %%ymm7\n\tud2\n\tvmovdqu %%ymm6, %0\n\tvmovdqu %%ymm7, %1"
		: "=m"(seen), "=m"(low) : "m"(values) : "xmm6", "xmm7", "memory");
	check_bytes("ymm6 after ud2", seen, 32);
	check_bytes("ymm7 after ud2", low, 32);
	asm volatile("vmovdqu %2, %%ymm6\n\tvpsubb %%ymm6, %%ymm7, %%ymm7\n\txor %%eax, %%eax\n\tvmovdqu (%%rax), %%ymm6\n\tvmovdqu %%ymm6, %0\n\tpaddb %%xmm6, %%xmm6\n\tvmovdqu %%ymm6, %1"
		: "=m"(seen), "=m"(low) : "m"(values) : "rax", "xmm6", "xmm7", "memory");
	check_bytes("ymm6 after a load that faults", seen, 32);
	check_bytes("ymm6 after a legacy SSE instruction", low, 32);
	asm volatile("vmovdqu %1, %%ymm6\n\tvpaddb %%xmm6, %%xmm6, %%xmm6\n\tvmovdqu %%ymm6, %0" : "=m"(seen) : "m"(values) : "xmm6", "memory");
	check_bytes("ymm6 after a VEX.128 instruction", seen, 32);
	asm volatile("vmovdqu %1, %%ymm6\n\tvzeroupper\n\tvmovdqu %%ymm6, %0" : "=m"(seen) : "m"(values) : "xmm6", "memory");
	check_bytes("ymm6 after vzeroupper", seen, 32);
	INT(handled);
	return 0;
}
