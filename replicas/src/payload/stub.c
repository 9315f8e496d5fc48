/* First code to run from decrypted memory. Stands for the position-independent
 * loader stub of the 3CX chain; a benign sidetrace replica. It maps, resolves
 * and relocates nothing: it asks the emulator to place the inner image and
 * calls its one export.
 *
 * Build:
 *   x86_64-w64-mingw32-gcc -O2 -march=x86-64 -ffreestanding -fno-asynchronous-unwind-tables -fno-ident \
 *       -fno-stack-protector -mno-stack-arg-probe -nostdlib -Wall -Wextra -Werror -c stub.c -o stub.o
 *   x86_64-w64-mingw32-objcopy -O binary -j .text stub.o stub.bin
 *
 * The entry is the first byte of stub.bin. The code uses relative jumps only;
 * stub.o must have no relocations (objdump -r).
 */
#include "payload.h"

uint32_t sidetrace_stub(struct table *table, const struct payload *payload)
{
	const char *base = (const char *)payload;
	if (table->guard() != GUARD_ANSWER)
		return 0;
	table->parameters = base + payload->parameters;
	table->parameters_size = payload->parameters_size;
	uint64_t image = table->stage(table, STAGE_PLACE, base + payload->image, payload->image_size, 0);
	if (!image)
		return 0;
	return ((start_fn *)(image + payload->start))(table);
}
