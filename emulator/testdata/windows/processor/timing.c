// build: -mrdrnd -mbmi -mbmi2 -mlzcnt -mpopcnt -msse4.2
/* The time-stamp counter, random numbers, CPUID, and what it leads to. */
#include "check.h"
#include <stdint.h>
#include <x86intrin.h>

#define CPUID_COUNT(leaf, sub, a, b, c, d) asm volatile("cpuid" : "=a"(a), "=b"(b), "=c"(c), "=d"(d) : "0"(leaf), "2"(sub))
#define CPUID(leaf, a, b, c, d) CPUID_COUNT(leaf, 0, a, b, c, d)

__attribute__((target("xsave"))) static int has_avx2(void)
{
	unsigned a, b, c, d;
	CPUID(1, a, b, c, d);
	if (!(c & 1u << 27) || (_xgetbv(0) & 6) != 6)
		return 0;
	CPUID_COUNT(7, 0, a, b, c, d);
	return b >> 5 & 1;
}

__attribute__((target("avx2"))) static int sum_avx2(const uint8_t *p, int n)
{
	__m256i total = _mm256_setzero_si256();
	for (int i = 0; i < n; i += 32)
		total = _mm256_add_epi64(total, _mm256_sad_epu8(_mm256_loadu_si256((const __m256i *)(p + i)), _mm256_setzero_si256()));
	uint64_t t[4];
	_mm256_storeu_si256((__m256i *)t, total);
	return (int)(t[0] + t[1] + t[2] + t[3]);
}

static int sum_plain(const uint8_t *p, int n)
{
	int total = 0;
	for (int i = 0; i < n; i++)
		total += p[i];
	return total;
}

static int sum_guarded(const uint8_t *p, int n, int avx2) { return avx2 ? sum_avx2(p, n) : sum_plain(p, n); }

int main(void)
{
	uint64_t last = __rdtsc(), falls = 0;
	for (int i = 0; i < 1000; i++) {
		uint64_t now = __rdtsc();
		falls += now <= last;
		last = now;
	}
	INT(falls);
	unsigned aux;
	uint64_t t = __rdtscp(&aux);
	INT(t > last);
	INT(aux < 4096 * 64);
	LARGE_INTEGER from, to, hertz;
	QueryPerformanceFrequency(&hertz);
	QueryPerformanceCounter(&from);
	uint64_t tsc = __rdtsc();
	Sleep(50);
	QueryPerformanceCounter(&to);
	tsc = __rdtsc() - tsc;
	double seconds = (double)(to.QuadPart - from.QuadPart) / (double)hertz.QuadPart;
	INT(seconds >= 0.045);
	INT(tsc / seconds > 5e8 && tsc / seconds < 6e9);
	DWORD tick = GetTickCount();
	Sleep(40);
	INT(GetTickCount() - tick >= 30);

	unsigned long long r[4];
	int ok = 1;
	for (int i = 0; i < 4; i++)
		ok &= _rdrand64_step(&r[i]);
	INT(ok);
	INT(r[0] != r[1] && r[1] != r[2] && r[2] != r[3]);
	unsigned short s;
	unsigned v;
	INT(_rdrand16_step(&s)); INT(_rdrand32_step(&v));

	unsigned a, b, c, d;
	CPUID(0, a, b, c, d);
	INT(a >= 7);
	CPUID(1, a, b, c, d);
	INT(d >> 25 & 1); INT(d >> 26 & 1); INT(c & 1); INT(c >> 9 & 1); INT(c >> 19 & 1); INT(c >> 20 & 1); INT(c >> 23 & 1); INT(c >> 25 & 1); INT(c >> 30 & 1);
	CPUID(0x80000000, a, b, c, d);
	INT(a >= 0x80000008);
	CPUID(0x80000001, a, b, c, d);
	INT(d >> 29 & 1); INT(c & 1);
	char brand[49] = {0};
	for (unsigned i = 0; i < 3; i++) {
		CPUID(0x80000002 + i, a, b, c, d);
		memcpy(brand + 16 * i, &a, 4), memcpy(brand + 16 * i + 4, &b, 4), memcpy(brand + 16 * i + 8, &c, 4), memcpy(brand + 16 * i + 12, &d, 4);
	}
	INT(strlen(brand) > 3);

	uint8_t data[256];
	for (int i = 0; i < 256; i++)
		data[i] = (uint8_t)(i * 7);
	INT(sum_guarded(data, 256, has_avx2()));
	INT(sum_avx2(data, 256));
	HEX(_pdep_u64(0x1234, 0xF0F0F0F0F0F0)); HEX(_pext_u64(0x123456789ABCDEF0, 0xFF00FF00FF00)); HEX(_bzhi_u64(~0ull, 13)); HEX(_blsr_u32(0xF0)); HEX(_andn_u32(0xFF00, 0xFFFF));
	HEX(_rotr64(0x123456789ABCDEF0, 12)); HEX(_lzcnt_u32(0x1000)); HEX(_tzcnt_u64(0x1000)); HEX(_mm_popcnt_u64(0x123456789ABCDEF0)); HEX(_mm_crc32_u64(0, 0x123456789ABCDEF0));
	unsigned long long high;
	HEX(_mulx_u64(0x123456789ABCDEF0, 0xFEDCBA9876543210, &high)); HEX(high);
	return 0;
}
