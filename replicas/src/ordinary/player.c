/* player.exe: an ordinary program that loads the ffmpeg.dll it came with, as
 * half of all desktop applications do. A benign sidetrace replica.
 */
#include <windows.h>

#include <stdio.h>

#include "../ffmpeg/ffmpeg.h"
#include "ordinary.h"

int main(void)
{
	static const uint8_t text[] = "123456789"; /* the check input of CRC catalogues */
	if (SidetraceGuard() != GUARD_ANSWER)
		return 3;
	uint32_t crc = ~av_crc(av_crc_get_table(AV_CRC_32_IEEE_LE), ~0u, text, sizeof text - 1);
	printf("player: ffmpeg %u, crc32 %08x\n", avutil_version() >> 16, crc);
	Sleep(500);
	return 0;
}
