/* What the unpack step of ffmpeg.dll, the stub and the inner image share.
 *
 * The payload is inert by construction. It has no way to reach the operating
 * system: it neither imports, resolves nor computes the address of any API.
 * All it can do is call the two functions of the table it is handed, and these
 * come from sidetrace-guard.dll, which exists in the emulator alone. There,
 * SidetraceStage performs a stage of the published chain with emulated APIs on
 * the emulated machine.
 */
#ifndef SIDETRACE_PAYLOAD_H
#define SIDETRACE_PAYLOAD_H

#include <stdint.h>

#define GUARD_ANSWER 0x53544744u /* "STGD" */

/* Stages the emulator performs. The numbers are known to its guard DLL. */
enum stage {
	STAGE_PLACE  = 1, /* data,size: the inner image; gives the address of its executable copy */
	STAGE_THREAD = 2, /* argument: start address; the thread gets the table */
	STAGE_GATE   = 3, /* wait until the time in the manifest file; write it on the first run */
	STAGE_IDENT  = 4, /* read the machine's identifier */
	STAGE_ICON   = 5, /* fetch an icon and decode the address hidden in it */
	STAGE_C2     = 6, /* ask that address for an answer */
	STAGE_SHELL  = 7, /* what an interactive shell's start looks like to a sensor */
};

struct table;
typedef uint32_t guard_fn(void);
typedef uint64_t stage_fn(struct table *table, uint32_t stage, const void *data, uint32_t size, void *argument);

struct table {
	guard_fn   *guard;
	stage_fn   *stage;
	const void *parameters; /* JSON, for the emulator; the payload does not read it */
	uint32_t    parameters_size;
};

#pragma pack(push, 1)
struct payload {
	char     magic[8]; /* "STPAYLD1" */
	uint32_t crc32;    /* IEEE, of everything behind stub */
	uint32_t stub;     /* offset of the stub's code */
	uint32_t parameters, parameters_size;
	uint32_t image, image_size; /* the inner DLL as it is mapped */
	uint32_t start;             /* RVA of DllGetClassObject in it */
	uint32_t reserved;
};
#pragma pack(pop)

typedef uint32_t stub_fn(struct table *table, const struct payload *payload);
typedef uint32_t start_fn(struct table *table);

#endif
