/* The inner image. Stands for the DLL that the 3CX chain ran from memory and
 * that fetched the icon; a benign sidetrace replica. Its own code decides the
 * order of the stages and nothing else: each stage is performed by the
 * emulator, and where one is refused the thread ends.
 *
 * Build (flat: what is in the file is what is mapped, without relocations):
 *   x86_64-w64-mingw32-windres samcli.rc samcli.res.o
 *   x86_64-w64-mingw32-gcc -O2 -march=x86-64 -ffreestanding -fno-asynchronous-unwind-tables -fno-ident \
 *       -fno-stack-protector -mno-stack-arg-probe -nostdlib -shared -s -Wall -Wextra -Werror \
 *       -Wl,--entry=0 -Wl,--file-alignment=512 -Wl,--section-alignment=512 \
 *       -Wl,--disable-dynamicbase -Wl,--disable-reloc-section -Wl,--no-insert-timestamp \
 *       samcli.c samcli.res.o libsidetrace-guard.a -o samcli.dll
 *
 * The import of sidetrace-guard.dll makes Windows refuse the file on disk; the
 * code in memory uses the table instead.
 */
#include "payload.h"

__declspec(dllimport) uint32_t SidetraceGuard(void);

/* Referenced, so that the import is kept; never called from memory. */
__declspec(dllexport) uint32_t DllCanUnloadNow(void)
{
	return SidetraceGuard() != GUARD_ANSWER;
}

static uint32_t worker(struct table *table)
{
	static const uint32_t order[] = {STAGE_GATE, STAGE_IDENT, STAGE_ICON, STAGE_C2, STAGE_SHELL};
	for (unsigned i = 0; i < sizeof order / sizeof *order; i++)
		if (!table->stage(table, order[i], table->parameters, table->parameters_size, 0))
			return 1;
	return 0;
}

__declspec(dllexport) uint32_t DllGetClassObject(struct table *table)
{
	if (table->guard() != GUARD_ANSWER)
		return 0;
	return (uint32_t)table->stage(table, STAGE_THREAD, 0, 0, (void *)worker);
}
