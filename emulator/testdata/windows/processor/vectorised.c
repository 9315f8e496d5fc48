// build: -O3 -mavx2 -mfma -mf16c -ffp-contract=off
/* Loops that the compiler turns into AVX2 code. */
#include "check.h"
#include <stdint.h>
#include <stdlib.h>

enum { N = 1003 };
static uint8_t b[N], b2[N], b3[N + 64];
static int16_t w[N], w2[N], w3[N];
static uint16_t uw[N];
static int32_t d[N], d2[N], d3[N];
static uint32_t u[N];
static int64_t q[N], q2[N];
static float f[N], f2[N], f3[N];
static double g[N], g2[N], g3[N];

static uint32_t seed = 12345;
static uint32_t next(void) { return seed = seed * 1664525 + 1013904223, seed >> 8; }

static void fill(void)
{
	for (int i = 0; i < N; i++) {
		b[i] = (uint8_t)next(), b2[i] = (uint8_t)next();
		w[i] = (int16_t)next(), w2[i] = (int16_t)next();
		uw[i] = (uint16_t)next();
		d[i] = (int32_t)(next() << 8 ^ next()), d2[i] = (int32_t)(next() << 8 ^ next());
		u[i] = next() << 8 ^ next();
		q[i] = (int64_t)((uint64_t)d[i] << 32 | u[i]);
		f[i] = (float)(int32_t)next() / 65536 - 100, f2[i] = (float)(int32_t)next() / 4096 + 1;
		g[i] = (double)(int32_t)next() / 3 - 1e6, g2[i] = (double)(int32_t)next() / 7 + 1;
	}
}

static uint64_t digest(const void *p, size_t n)
{
	uint64_t h = 14695981039346656037u;
	for (size_t i = 0; i < n; i++)
		h = (h ^ ((const volatile uint8_t *)p)[i]) * 1099511628211u;
	return h;
}

#define LOOP(target, expression) \
	do { \
		for (int i = 0; i < N; i++) \
			target[i] = expression; \
		CHECK(#target " = " #expression, "%016llx", (unsigned long long)digest(target, N * sizeof target[0])); \
	} while (0)
#define SUM(type, format, expression) \
	do { \
		type sum = 0; \
		for (int i = 0; i < N; i++) \
			sum += expression; \
		CHECK("sum " #expression, format, sum); \
	} while (0)

int main(void)
{
	fill();
	LOOP(b3, (uint8_t)(b[i] + b2[i]));
	LOOP(b3, (uint8_t)(b[i] > b2[i] ? b[i] - b2[i] : b2[i] - b[i]));
	LOOP(b3, (uint8_t)((b[i] + b2[i] + 1) >> 1));
	LOOP(b3, b[i] < b2[i] ? b[i] : b2[i]);
	LOOP(b3, (uint8_t)(b[i] ^ 0x5A));
	LOOP(b3, b[i] == 'a' ? 'A' : b[i]);
	LOOP(b3, (uint8_t)(b[i] << 3 | b[i] >> 5));
	LOOP(w3, (int16_t)(w[i] * w2[i]));
	LOOP(w3, (int16_t)((w[i] * w2[i]) >> 16));
	LOOP(w3, (int16_t)(w[i] > w2[i] ? w[i] : w2[i]));
	LOOP(w3, (int16_t)(b[i] - 2 * b2[i]));
	LOOP(w3, (int16_t)abs(w[i]));
	LOOP(uw, (uint16_t)(b[i] * 257));
	LOOP(d3, d[i] + d2[i] * 3);
	LOOP(d3, d[i] * d2[i]);
	LOOP(d3, d[i] > d2[i] ? d[i] : d2[i]);
	LOOP(d3, (int32_t)((uint32_t)d[i] >> 7) ^ d2[i] << 3);
	LOOP(d3, d[i] >> (u[i] & 31));
	LOOP(d3, (int32_t)(u[i] << (d2[i] & 31)));
	LOOP(d3, w[i] * 1000);
	LOOP(d3, abs(d[i]));
	LOOP(u, u[i] > 0x40000000u ? u[i] - 0x40000000u : u[i]);
	LOOP(q2, q[i] + d[i]);
	LOOP(q2, (int64_t)d[i] * d2[i]);
	LOOP(q2, (int64_t)((uint64_t)q[i] >> 13 ^ (uint64_t)q[i] << 9));
	LOOP(q2, q[i] > 0 ? q[i] : ~q[i]);
	LOOP(f3, f[i] * f2[i] + 0.5f);
	LOOP(f3, f[i] / f2[i]);
	LOOP(f3, f[i] < f2[i] ? f[i] : f2[i]);
	LOOP(f3, __builtin_sqrtf(f2[i]));
	LOOP(f3, __builtin_fmaf(f[i], f2[i], f3[i]));
	LOOP(f3, __builtin_fabsf(f[i]));
	LOOP(f3, (float)d[i]);
	LOOP(f3, (float)u[i]);
	LOOP(f3, (float)g[i]);
	LOOP(d3, (int32_t)f[i]);
	LOOP(d3, (int32_t)g[i]);
	LOOP(g3, g[i] * g2[i] - 1);
	LOOP(g3, g[i] / g2[i]);
	LOOP(g3, __builtin_sqrt(g2[i]));
	LOOP(g3, __builtin_fma(g[i], g2[i], 1e-3));
	LOOP(g3, __builtin_floor(g[i]));
	LOOP(g3, __builtin_trunc(g[i]));
	LOOP(g3, (double)f[i]);
	LOOP(g3, (double)d[i]);
	LOOP(g3, g[i] > 0 ? g[i] : -g[i]);
	LOOP(d3, d2[i & 7 ? i : 0]);
	LOOP(d3, d[(uint32_t)i * 7 % N]);
	LOOP(f3, f[(uint32_t)i * 5 % N]);
	LOOP(g3, g[u[i] % N]);
	SUM(uint32_t, "%u", b[i]);
	SUM(int64_t, "%lld", w[i] * w2[i]);
	SUM(int64_t, "%lld", d[i]);
	SUM(int64_t, "%lld", (int64_t)abs(b[i] - b2[i]));
	SUM(uint32_t, "%u", b[i] == b2[i]);
	SUM(double, "%.17g", g[i]);
	SUM(float, "%.9g", f[i] * f2[i]);
	int32_t best = d[0];
	for (int i = 0; i < N; i++)
		best = d[i] > best ? d[i] : best;
	INT(best);
	memcpy(b3, b, N);
	HEX(digest(b3, sizeof b3));
	memmove(b3 + 5, b3, N - 5);
	HEX(digest(b3, sizeof b3));
	memset(b3 + 3, 0x77, 500);
	HEX(digest(b3, sizeof b3));
	INT(memcmp(b, b2, N) > 0);
	for (int i = 0; i < N / 2; i++) {
		uint8_t t = b[i];
		b[i] = b[N - 1 - i];
		b[N - 1 - i] = t;
	}
	HEX(digest(b, N));
	return 0;
}
