/* Runs an instruction on the host's processor between loading and storing all
 * registers. A signal it raises continues at the storing. */
#define _GNU_SOURCE
#include "native.h"

#ifdef __x86_64__
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <ucontext.h>

void native_enter(native_state *state, const void *code);
void native_leave(void);

/* clang-format off */
__asm__(
	".data\n"
	"native_at: .quad 0\n"    /* the state */
	"native_rax: .quad 0\n"
	".text\n"
	".globl native_enter, native_leave\n"
	".type native_enter, @function\n.type native_leave, @function\n"
	"native_enter:\n"
	"push %rbx; push %rbp; push %r12; push %r13; push %r14; push %r15\n"
	"mov %rdi, native_at(%rip)\n"
	"push %rsi\n"             /* the code's address, for ret */
	".irp n,0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15\nvmovdqu 32*\\n(%rdi), %ymm\\n\n.endr\n"
	"ldmxcsr 648(%rdi)\n"
	"pushq 640(%rdi); popfq\n"
	"mov 512(%rdi), %rax; mov 520(%rdi), %rcx; mov 528(%rdi), %rdx; mov 536(%rdi), %rbx\n"
	"mov 552(%rdi), %rbp; mov 560(%rdi), %rsi\n"
	"mov 576(%rdi), %r8; mov 584(%rdi), %r9; mov 592(%rdi), %r10; mov 600(%rdi), %r11\n"
	"mov 608(%rdi), %r12; mov 616(%rdi), %r13; mov 624(%rdi), %r14; mov 632(%rdi), %r15\n"
	"mov 568(%rdi), %rdi\n"
	"ret\n"
	"native_leave:\n"
	"mov %rax, native_rax(%rip)\n"
	"mov native_at(%rip), %rax\n"
	"mov %rcx, 520(%rax); mov %rdx, 528(%rax); mov %rbx, 536(%rax)\n"
	"mov %rbp, 552(%rax); mov %rsi, 560(%rax); mov %rdi, 568(%rax)\n"
	"mov %r8, 576(%rax); mov %r9, 584(%rax); mov %r10, 592(%rax); mov %r11, 600(%rax)\n"
	"mov %r12, 608(%rax); mov %r13, 616(%rax); mov %r14, 624(%rax); mov %r15, 632(%rax)\n"
	"mov native_rax(%rip), %rcx; mov %rcx, 512(%rax)\n"
	"pushfq; popq 640(%rax)\n"
	"stmxcsr 648(%rax)\n"
	".irp n,0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15\nvmovdqu %ymm\\n, 32*\\n(%rax)\n.endr\n"
	"vzeroupper\n"
	"push $0x1F80; ldmxcsr (%rsp); pop %rcx\n"
	"pop %r15; pop %r14; pop %r13; pop %r12; pop %rbp; pop %rbx\n"
	"cld; ret\n"
	".section .note.GNU-stack,\"\",@progbits\n.text\n");
/* clang-format on */

static native_state *running;

static void on_signal(int number, siginfo_t *info, void *context)
{
	running->signal = number;
	running->address = (uint64_t)(uintptr_t)info->si_addr;
	((ucontext_t *)context)->uc_mcontext.gregs[REG_RIP] = (greg_t)(uintptr_t)native_leave;
}

int native_supported(void)
{
	return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && __builtin_cpu_supports("f16c") &&
		__builtin_cpu_supports("aes") && __builtin_cpu_supports("pclmul") && __builtin_cpu_supports("vaes") && __builtin_cpu_supports("vpclmulqdq");
}

void native_run(native_state *state, const uint8_t *code, size_t n)
{
	static const int numbers[] = {SIGILL, SIGSEGV, SIGFPE, SIGBUS};
	enum { SIGNALS = sizeof numbers / sizeof *numbers };
	static uint8_t *page;
	struct sigaction mine = {.sa_sigaction = on_signal, .sa_flags = SA_SIGINFO | SA_ONSTACK}, before[SIGNALS];

	if (!page) {
		page = mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		if (page == MAP_FAILED) {
			page = NULL;
			state->signal = -1;
			return;
		}
	}
	memcpy(page, code, n);
	memcpy(page + n, "\xFF\x25\0\0\0\0", 6); /* jmp [rip] */
	const uintptr_t back = (uintptr_t)native_leave;
	memcpy(page + n + 6, &back, sizeof back);

	state->signal = 0;
	state->address = 0;
	running = state;
	for (int i = 0; i < SIGNALS; i++)
		sigaction(numbers[i], &mine, &before[i]);
	native_enter(state, page);
	for (int i = 0; i < SIGNALS; i++)
		sigaction(numbers[i], &before[i], NULL);
}
#else
int native_supported(void) { return 0; }
void native_run(native_state *state, const uint8_t *code, size_t n) { (void)code, (void)n; state->signal = -1; }
#endif
