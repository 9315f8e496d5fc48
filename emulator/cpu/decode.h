#ifndef SIDETRACE_DECODE_H
#define SIDETRACE_DECODE_H

#include <stddef.h>
#include <stdint.h>

/* What an instruction means for the engine. Go's Class has the same values. */
enum st_class {
	ST_PLAIN, /* the engine runs it as a processor does */
	ST_RDTSC,
	ST_RDTSCP,
	ST_RDRAND,
	ST_RDSEED,
	ST_XGETBV,
	ST_VEX,  /* VEX or XOP coded, the general-purpose BMI instructions excepted */
	ST_EVEX, /* EVEX coded */
	ST_IRET,
	ST_PRIVILEGED, /* needs ring 0, or an I/O privilege user mode does not have */
};

typedef struct st_instruction {
	uint8_t length; /* bytes; 0: not an instruction, or cut off */
	uint8_t class;  /* enum st_class */
} st_instruction;

enum { ST_MAX_LENGTH = 15 }; /* SDM 2.3.11 */

/* st_decode measures and classifies the 64-bit mode instruction at code, of
 * which n bytes are there. */
st_instruction st_decode(const uint8_t *code, size_t n);

#endif
