/* Recognises the payload by the SHA-256 of all its code. Plain C, so that a
 * test can run it on any machine. fingerprint.h is written by build.sh from the
 * stub and the inner image it has just built: sizes, the start's RVA, digest.
 */
#include "pinned.h"

#include <string.h>

#include "../payload/payload.h"
#include "fingerprint.h"

struct sha256 {
	uint32_t state[8];
	uint8_t  block[64];
	uint64_t size;
};

static uint32_t rotate(uint32_t value, unsigned by)
{
	return value >> by | value << (32 - by);
}

/* FIPS 180-4, 6.2.2. */
static void compress(struct sha256 *h)
{
	static const uint32_t k[64] = {
		0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
		0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
		0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
		0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
		0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
		0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
		0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
		0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
	};
	uint32_t w[64];
	for (int t = 0; t < 16; t++)
		w[t] = (uint32_t)h->block[4 * t] << 24 | (uint32_t)h->block[4 * t + 1] << 16 |
		       (uint32_t)h->block[4 * t + 2] << 8 | h->block[4 * t + 3];
	for (int t = 16; t < 64; t++) {
		uint32_t x = w[t - 15], y = w[t - 2];
		w[t] = w[t - 16] + w[t - 7] + (rotate(x, 7) ^ rotate(x, 18) ^ x >> 3) +
		       (rotate(y, 17) ^ rotate(y, 19) ^ y >> 10);
	}
	uint32_t a = h->state[0], b = h->state[1], c = h->state[2], d = h->state[3];
	uint32_t e = h->state[4], f = h->state[5], g = h->state[6], i = h->state[7];
	for (int t = 0; t < 64; t++) {
		uint32_t one = i + (rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25)) + ((e & f) ^ (~e & g)) + k[t] + w[t];
		uint32_t two = (rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22)) + ((a & b) ^ (a & c) ^ (b & c));
		i = g, g = f, f = e, e = d + one;
		d = c, c = b, b = a, a = one + two;
	}
	h->state[0] += a, h->state[1] += b, h->state[2] += c, h->state[3] += d;
	h->state[4] += e, h->state[5] += f, h->state[6] += g, h->state[7] += i;
}

static void start(struct sha256 *h)
{
	static const uint32_t initial[8] = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
	                                    0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
	memcpy(h->state, initial, sizeof initial);
	h->size = 0;
}

static void add(struct sha256 *h, const uint8_t *data, size_t size)
{
	while (size--) {
		h->block[h->size++ % 64] = *data++;
		if (h->size % 64 == 0)
			compress(h);
	}
}

static void finish(struct sha256 *h, uint8_t digest[32])
{
	static const uint8_t one = 0x80, zero = 0;
	uint64_t bits = h->size * 8;
	uint8_t length[8];
	add(h, &one, 1);
	while (h->size % 64 != 56)
		add(h, &zero, 1);
	for (int i = 0; i < 8; i++)
		length[i] = (uint8_t)(bits >> (56 - 8 * i));
	add(h, length, sizeof length);
	for (int i = 0; i < 32; i++)
		digest[i] = (uint8_t)(h->state[i / 4] >> (24 - 8 * (i % 4)));
}

int sidetrace_pinned(const void *data, size_t size)
{
	static const uint8_t want[32] = PINNED_SHA256;
	const struct payload *p = data;
	const uint8_t *bytes = data;
	struct sha256 h;
	uint8_t digest[32];

	if (size < sizeof *p || p->stub > size || size - p->stub < PINNED_STUB_SIZE || p->image > size ||
	    size - p->image < PINNED_IMAGE_SIZE)
		return 0;
	if (p->image_size != PINNED_IMAGE_SIZE || p->start != PINNED_START)
		return 0;
	start(&h);
	add(&h, bytes + p->stub, PINNED_STUB_SIZE);
	add(&h, bytes + p->image, PINNED_IMAGE_SIZE);
	finish(&h, digest);
	return memcmp(digest, want, sizeof digest) == 0;
}
