/* Exact RIP and flags at data faults, without a code hook.
 *
 * libunicorn reports a fault of translated code with RIP and EFLAGS as they
 * were when a block was last entered from outside. The emulator core inside it
 * can recover both from the host address at which the translated code called
 * out, but the public interface does not pass that address on. It is the return
 * address that code left on the host stack: so the stack is walked upward from
 * our frame, and the core is asked for each word whether it is one of its own.
 *
 * Function and offset are private to one build of the library; st_can_restore
 * and the self-test in exact.go guard both.
 */
#include "engine.h"

enum {
	CPU_OFFSET = 0x1A0, /* of the core's state in uc_engine, version 2.1.1 */
	MAX_WORDS = 256,    /* found at word 6 */
};

__attribute__((weak)) bool cpu_restore_state_x86_64(void *cpu, uintptr_t host_pc, bool will_exit);

bool st_can_restore(void)
{
	return cpu_restore_state_x86_64 && uc_version(NULL, NULL) >> 8 == 0x020101;
}

__attribute__((noinline)) void st_restore(uc_engine *uc)
{
	void *cpu = *(void **)((char *)uc + CPU_OFFSET);
	const uintptr_t *word = __builtin_frame_address(0);
	for (int i = 0; i < MAX_WORDS; i++)
		if (cpu_restore_state_x86_64(cpu, word[i], false))
			return;
}
