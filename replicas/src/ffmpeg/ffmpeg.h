/* The part of ffmpeg.dll's interface that the replicas have. Names and meaning
 * follow FFmpeg's public headers (libavutil); the code is our own. */
#ifndef SIDETRACE_FFMPEG_H
#define SIDETRACE_FFMPEG_H

#include <stddef.h>
#include <stdint.h>

#ifdef BUILDING_FFMPEG
#define API __declspec(dllexport)
#else
#define API __declspec(dllimport)
#endif

typedef uint32_t AVCRC;
enum { AV_CRC_32_IEEE_LE = 4 };

API unsigned     avutil_version(void); /* major << 16 | minor << 8 | micro */
API const char  *avutil_license(void);
API const char  *av_version_info(void);
API const AVCRC *av_crc_get_table(int id); /* NULL for all but AV_CRC_32_IEEE_LE */
API uint32_t     av_crc(const AVCRC *table, uint32_t crc, const uint8_t *buffer, size_t length);
API uint32_t     av_adler32_update(uint32_t adler, const uint8_t *buffer, size_t length);
API char        *av_base64_encode(char *out, int out_size, const uint8_t *in, int in_size);
API int          av_base64_decode(uint8_t *out, const char *in, int out_size);
API int64_t      av_gcd(int64_t a, int64_t b);
API int64_t      av_rescale(int64_t a, int64_t b, int64_t c); /* a*b/c, nearest, halves away from zero */
API int          av_log2(unsigned value);
API size_t       av_strlcpy(char *destination, const char *source, size_t size);

#endif
