/* ffmpeg.dll: a small media library. Stands for the functional library that
 * the 3CX chain trojanised; a benign sidetrace replica. Its exports do real
 * work, so that a run can show that the host application still gets right
 * answers. SPDX-License-Identifier: GPL-2.0-or-later
 */
#define BUILDING_FFMPEG
#include "ffmpeg.h"

#include <limits.h>
#include <string.h>

unsigned avutil_version(void)
{
	return 57 << 16 | 28 << 8 | 100;
}

const char *avutil_license(void)
{
	return "GPL version 2 or later";
}

const char *av_version_info(void)
{
	return "benign sidetrace replica 1.0";
}

/* FFmpeg's tables are opaque to callers: a polynomial serves as well. */
const AVCRC *av_crc_get_table(int id)
{
	static const AVCRC ieee = 0xEDB88320;
	return id == AV_CRC_32_IEEE_LE ? &ieee : NULL;
}

/* As FFmpeg's, it inverts neither its start value nor its result. */
uint32_t av_crc(const AVCRC *table, uint32_t crc, const uint8_t *buffer, size_t length)
{
	while (length--) {
		crc ^= *buffer++;
		for (int bit = 0; bit < 8; bit++)
			crc = crc >> 1 ^ (*table & -(crc & 1));
	}
	return crc;
}

/* RFC 1950, section 8.2. */
uint32_t av_adler32_update(uint32_t adler, const uint8_t *buffer, size_t length)
{
	uint32_t a = adler & 0xFFFF, b = adler >> 16;
	while (length--) {
		a = (a + *buffer++) % 65521;
		b = (b + a) % 65521;
	}
	return b << 16 | a;
}

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/* RFC 4648, section 4. NULL where out is too small for text and terminator. */
char *av_base64_encode(char *out, int out_size, const uint8_t *in, int in_size)
{
	char *o = out;
	if (in_size < 0 || in_size >= INT_MAX / 4 || out_size < (in_size + 2) / 3 * 4 + 1)
		return NULL;
	for (; in_size > 0; in += 3, in_size -= 3) {
		uint32_t bits = (uint32_t)in[0] << 16;
		if (in_size > 1)
			bits |= (uint32_t)in[1] << 8;
		if (in_size > 2)
			bits |= in[2];
		*o++ = alphabet[bits >> 18];
		*o++ = alphabet[bits >> 12 & 63];
		*o++ = in_size > 1 ? alphabet[bits >> 6 & 63] : '=';
		*o++ = in_size > 2 ? alphabet[bits & 63] : '=';
	}
	*o = 0;
	return out;
}

/* Returns the number of bytes written, or -1 on a foreign character. */
int av_base64_decode(uint8_t *out, const char *in, int out_size)
{
	uint32_t bits = 0;
	int have = 0, written = 0;
	for (; *in && *in != '='; in++) {
		const char *at = strchr(alphabet, *in);
		if (!at)
			return -1;
		bits = bits << 6 | (uint32_t)(at - alphabet);
		have += 6;
		if (have < 8)
			continue;
		have -= 8;
		if (written == out_size)
			break;
		out[written++] = (uint8_t)(bits >> have);
	}
	return written;
}

static uint64_t magnitude(int64_t value)
{
	return value < 0 ? -(uint64_t)value : (uint64_t)value;
}

int64_t av_gcd(int64_t a, int64_t b)
{
	uint64_t x = magnitude(a), y = magnitude(b);
	while (y) {
		uint64_t rest = x % y;
		x = y;
		y = rest;
	}
	return (int64_t)x;
}

/* INT64_MIN where the arguments or the result have no meaning, as FFmpeg. */
int64_t av_rescale(int64_t a, int64_t b, int64_t c)
{
	if (c <= 0 || b < 0)
		return INT64_MIN;
	unsigned __int128 product = (unsigned __int128)magnitude(a) * (uint64_t)b + (uint64_t)c / 2;
	unsigned __int128 quotient = product / (uint64_t)c;
	if (quotient > INT64_MAX)
		return INT64_MIN;
	return a < 0 ? -(int64_t)quotient : (int64_t)quotient;
}

int av_log2(unsigned value)
{
	return 31 - __builtin_clz(value | 1);
}

/* Returns strlen(source), as in BSD: more than size says it was cut. */
size_t av_strlcpy(char *destination, const char *source, size_t size)
{
	size_t length = strlen(source);
	if (size) {
		size_t n = length < size ? length : size - 1;
		memcpy(destination, source, n);
		destination[n] = 0;
	}
	return length;
}
