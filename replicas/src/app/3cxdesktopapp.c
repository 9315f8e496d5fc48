/* 3CXDesktopApp.exe: an ordinary program. Stands for the clean, signed desktop
 * application of the 3CX chain, whose only part in it was to need ffmpeg.dll; a
 * benign sidetrace replica. It says on one line what the library answered, and
 * stays for an hour, as a desktop application does.
 */
#include <windows.h>

#include <stdio.h>
#include <string.h>

#include "../ffmpeg/ffmpeg.h"
#include "../guard/guard.h"

int main(void)
{
	static const char text[] = "123456789"; /* the check input of CRC catalogues */
	const uint8_t *bytes = (const uint8_t *)text;
	const size_t length = sizeof text - 1;
	char encoded[32], copy[8];
	uint8_t decoded[16] = {0};

	if (SidetraceGuard() != GUARD_ANSWER)
		return 3;

	uint32_t crc = ~av_crc(av_crc_get_table(AV_CRC_32_IEEE_LE), ~0u, bytes, length);
	uint32_t adler = av_adler32_update(1, bytes, length);
	av_base64_encode(encoded, sizeof encoded, bytes, (int)length);
	int n = av_base64_decode(decoded, encoded, sizeof decoded);
	av_strlcpy(copy, av_version_info(), sizeof copy);
	printf("ffmpeg %s %u.%u.%u crc32=%08x adler32=%08x base64=%s round=%d rescale=%d gcd=%d log2=%d\n", copy,
	       avutil_version() >> 16, avutil_version() >> 8 & 255, avutil_version() & 255, crc, adler, encoded,
	       n == (int)length && memcmp(decoded, bytes, length) == 0, (int)av_rescale(44100, 90000, 48000),
	       (int)av_gcd(90000, 48000), av_log2(4096));
	fflush(stdout);

	for (int minute = 0; minute < 60; minute++)
		Sleep(60 * 1000);
	return 0;
}
