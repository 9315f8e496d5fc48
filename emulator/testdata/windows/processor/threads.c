// build: -mavx2
/* Each thread has its own vector registers, both halves of them. */
#include "check.h"
#include <immintrin.h>

static HANDLE turn[2];
static unsigned char seen[2][32], after[2][32];

static DWORD WINAPI work(void *parameter)
{
	const int me = (int)(INT_PTR)parameter;
	unsigned char mine[32];
	memset(mine, 0x11 * (me + 1), 32);
	for (int i = 0; i < 20; i++) {
		WaitForSingleObject(turn[me], INFINITE);
		asm volatile("vmovdqu %0, %%ymm6\n\tvpaddb %%ymm6, %%ymm6, %%ymm7" : : "m"(mine) : "xmm6", "xmm7");
		SetEvent(turn[!me]);
		WaitForSingleObject(turn[me], INFINITE);
		asm volatile("vmovdqu %%ymm6, %0\n\tvpaddb %%ymm6, %%ymm6, %%ymm8\n\tvmovdqu %%ymm8, %1" : "=m"(seen[me]), "=m"(after[me]) : : "xmm6", "xmm8", "memory");
		SetEvent(turn[!me]);
	}
	return 0;
}

static volatile LONG count;

static DWORD WINAPI spin(void *parameter)
{
	const __m256i step = _mm256_set1_epi32((int)(INT_PTR)parameter);
	__m256i total = _mm256_setzero_si256();
	InterlockedIncrement(&count);
	for (int i = 0; i < 20000; i++) {
		total = _mm256_add_epi32(total, step);
		asm volatile("" : "+x"(total));
	}
	return (DWORD)_mm256_extract_epi32(total, 7);
}

int main(void)
{
	HANDLE threads[4];
	for (int i = 0; i < 2; i++)
		turn[i] = CreateEvent(0, FALSE, i == 0, 0);
	for (int i = 0; i < 2; i++)
		threads[i] = CreateThread(0, 0, work, (void *)(INT_PTR)i, 0, 0);
	INT(WaitForMultipleObjects(2, threads, TRUE, 10000));
	for (int i = 0; i < 2; i++) {
		check_bytes("low and high", seen[i], 32);
		check_bytes("doubled", after[i], 16);
	}
	for (int i = 0; i < 4; i++)
		threads[i] = CreateThread(0, 0, spin, (void *)(INT_PTR)(i + 3), 0, 0);
	INT(WaitForMultipleObjects(4, threads, TRUE, 10000));
	for (int i = 0; i < 4; i++) {
		DWORD code;
		GetExitCodeThread(threads[i], &code);
		CHECK("sum", "%lu", code);
	}
	INT(count);
	return 0;
}
