#ifndef SIDETRACE_NATIVE_H
#define SIDETRACE_NATIVE_H

#include <stddef.h>
#include <stdint.h>

typedef struct native_state {
	uint8_t ymm[16][32];
	uint64_t general[16]; /* RSP stays the host's */
	uint64_t eflags;
	uint32_t mxcsr;
	int32_t signal;       /* what the instruction raised, or 0 */
	uint64_t address;     /* of the signal */
} native_state;

int native_supported(void);
void native_run(native_state *state, const uint8_t *code, size_t n);

#endif
