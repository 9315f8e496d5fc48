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
	ST_POPF,
	ST_SEGMENT,   /* loads a segment register */
	ST_FAR,       /* jumps, calls and returns to another segment, sysenter */
	ST_TABLE,     /* sgdt, sidt, sldt, str, smsw */
	ST_X87,       /* computed with too few bits by the engine */
	ST_UNDEFINED, /* the engine has it, this processor does not in user mode */
};

typedef struct st_instruction {
	uint8_t length; /* bytes; 0: not an instruction, or cut off */
	uint8_t class;  /* enum st_class */
	uint8_t modrm_at; /* where ModRM is; 0: there is none */
	uint8_t rex;      /* W R X B */
	uint8_t segment;  /* prefix 64 or 65, or 0 */
	uint8_t operand16, address32; /* prefixes 66 and 67 */
	uint8_t aligned;  /* legacy SSE: its memory operand must be aligned to 16 bytes */
} st_instruction;

enum { ST_MAX_LENGTH = 15 }; /* SDM 2.3.11 */

/* st_decode measures and classifies the 64-bit mode instruction at code, of
 * which n bytes are there. */
st_instruction st_decode(const uint8_t *code, size_t n);

#endif
