/* Whether a plaintext is the one payload this build knows. */
#ifndef SIDETRACE_PINNED_H
#define SIDETRACE_PINNED_H

#include <stddef.h>

int sidetrace_pinned(const void *payload, size_t size);

#endif
