/* Instructions that user mode may not use, or that do not exist. */
#include "check.h"

static ULONG_PTR start, resume;
static EXCEPTION_RECORD record;

static LONG CALLBACK handler(EXCEPTION_POINTERS *p)
{
	record = *p->ExceptionRecord;
	p->ContextRecord->Rip = resume;
	return EXCEPTION_CONTINUE_EXECUTION;
}

static void show(const char *what)
{
	if (!record.ExceptionCode)
		CHECK(what, "nothing");
	else if (record.NumberParameters == 2)
		CHECK(what, "%lx at +%d, %llx of %llx", record.ExceptionCode, (int)((ULONG_PTR)record.ExceptionAddress - start),
			(unsigned long long)record.ExceptionInformation[0], (unsigned long long)record.ExceptionInformation[1]);
	else
		CHECK(what, "%lx at +%d", record.ExceptionCode, (int)((ULONG_PTR)record.ExceptionAddress - start));
	memset(&record, 0, sizeof record);
}

static unsigned char area[64] __attribute__((aligned(64)));

/* RUN executes code between two labels and goes on behind it, with RSI at an
 * aligned area. */
#define RUN(what, code) \
	do { \
		asm volatile("lea 1f(%%rip), %%r11\n\tmov %%r11, %0\n\tlea 2f(%%rip), %%r11\n\tmov %%r11, %1\n\tlea %2, %%rsi\n\tmov %%rsp, %%r15\n\t1: " code "\n\t2: mov %%r15, %%rsp" \
			: "=m"(start), "=m"(resume), "+m"(area) : : "rax", "rcx", "rdx", "rsi", "rdi", "r8", "r9", "r10", "r11", "r15", "cc", "memory"); \
		show(what); \
	} while (0)
#define ONE(code) RUN(code, code)

int main(void)
{
	AddVectoredExceptionHandler(1, handler);
	ONE("cli"); ONE("sti"); ONE("hlt"); ONE("in $0x10, %%eax"); ONE("out %%al, %%dx"); ONE("insb"); ONE("rep outsl");
	ONE("mov %%cr0, %%rax"); ONE("mov %%cr3, %%rax"); ONE("mov %%rax, %%cr4"); ONE("mov %%dr0, %%rax"); ONE("mov %%rax, %%dr7");
	ONE("rdmsr"); ONE("wrmsr"); ONE("clts"); ONE("invd"); ONE("wbinvd"); ONE("lgdt (%%rsi)"); ONE("lidt (%%rsi)"); ONE("invlpg (%%rsi)");
	ONE("lldt %%ax"); ONE("ltr %%ax"); ONE("lmsw %%ax"); ONE("swapgs"); ONE("sysretq");
	ONE("ud2"); ONE(".byte 0x0f, 0xb9, 0xc0"); ONE(".byte 0x0f, 0xff, 0xc0"); ONE(".byte 0x06"); ONE(".byte 0xd4, 0x0a"); ONE(".byte 0xea, 0, 0, 0, 0, 0, 0"); ONE(".byte 0x82, 0, 0");
	ONE(".byte 0xf0, 0x90"); ONE(".byte 0xf0, 0x01, 0xc0"); ONE("lock addl $1, (%%rsi)"); ONE(".byte 0xf0, 0x03, 0x06"); ONE(".byte 0x0f, 0x0a");
	ONE(".byte 0x66, 0xc5, 0xf8, 0x28, 0xc0"); ONE(".byte 0xf0, 0xc5, 0xf8, 0x28, 0xc0"); ONE(".byte 0x48, 0xc5, 0xf8, 0x28, 0xc0"); ONE(".byte 0xc5, 0xf0, 0x28, 0xc0"); ONE(".byte 0xc4, 0xe2, 0x79, 0x19, 0xc0");
	ONE("movaps (%%rsi), %%xmm0"); ONE("movaps 8(%%rsi), %%xmm0"); ONE("movaps %%xmm0, 1(%%rsi)"); ONE("movdqa 4(%%rsi), %%xmm0"); ONE("paddb 2(%%rsi), %%xmm0"); ONE("movups 1(%%rsi), %%xmm0");
	ONE("movntps %%xmm0, 8(%%rsi)"); ONE("addps 4(%%rsi), %%xmm0"); ONE("addss 1(%%rsi), %%xmm0"); ONE("pshufb 1(%%rsi), %%xmm0"); ONE("cmpxchg16b 8(%%rsi)"); ONE("fxsave 8(%%rsi)");
	ONE("vmovaps 8(%%rsi), %%xmm0"); ONE("vmovaps 16(%%rsi), %%ymm0"); ONE("vmovdqu 1(%%rsi), %%ymm0"); ONE("vpaddb 1(%%rsi), %%ymm0, %%ymm0"); ONE("vmovntdq %%ymm0, 16(%%rsi)"); ONE("vzeroupper");
	RUN("mov ds, ds", "mov %%ds, %%eax\n\tmov %%eax, %%ds"); RUN("mov es, 0x2b", "mov $0x2b, %%eax\n\tmov %%eax, %%es"); RUN("mov ds, 0x10", "mov $0x10, %%eax\n\tmov %%eax, %%ds"); RUN("mov ss, 0", "xor %%eax, %%eax\n\tmov %%eax, %%ss"); ONE(".byte 0x8e, 0xc8"); RUN("mov es, 0xabc8", "mov $0xabc8, %%eax\n\tmov %%eax, %%es");
	RUN("lretq to 0x10", "push $0x10\n\tpush $0\n\tlretq"); RUN("lretq to 0x33", "mov %%rsp, %%r8\n\tpush $0x33\n\tlea 2f(%%rip), %%rax\n\tpush %%rax\n\tlretq");
	RUN("iretq", "mov %%rsp, %%r8\n\tmov %%ss, %%eax\n\tpush %%rax\n\tpush %%r8\n\tpushfq\n\tpush $0x33\n\tlea 2f(%%rip), %%rax\n\tpush %%rax\n\tiretq");
	RUN("flags", "pushfq\n\tpop %%rax\n\tand $0x3200, %%eax\n\tmov %%eax, (%%rsi)");
	HEX(*(int *)area);
	RUN("popfq of IF and IOPL", "pushfq\n\tmov (%%rsp), %%rax\n\txor $0x3200, %%rax\n\tpush %%rax\n\tpopfq\n\tpushfq\n\tpop %%rax\n\tpopfq\n\tand $0x3200, %%eax\n\tmov %%eax, (%%rsi)");
	HEX(*(int *)area);
	RUN("popfq of ID", "pushfq\n\tmov (%%rsp), %%rax\n\txor $0x200000, %%rax\n\tpush %%rax\n\tpopfq\n\tpushfq\n\tpop %%rcx\n\tpopfq\n\txor %%rcx, %%rax\n\tand $0x200000, %%eax\n\tmov %%eax, (%%rsi)");
	HEX(*(int *)area);
	return 0;
}
