/* Legacy SSE wants operands of 16 bytes aligned, the second and the thousandth
 * time, too: a general protection fault, which Windows shows as a read of the
 * last address. */
#include "check.h"

static __attribute__((aligned(4096))) unsigned char buffer[0x3000];
static ULONG_PTR start, resume;
static int round_, faults;
static const char *name;

static LONG CALLBACK handler(EXCEPTION_POINTERS *p)
{
	const EXCEPTION_RECORD *r = p->ExceptionRecord;
	faults++;
	if (faults <= 2)
		CHECK(name, "round %d: %lx, flags %lx, %lu parameters %llx %llx, address +%d, rip +%d, rcx %% 16 = %d", round_, r->ExceptionCode, r->ExceptionFlags,
			r->NumberParameters, r->ExceptionInformation[0], r->ExceptionInformation[1],
			(int)((ULONG_PTR)r->ExceptionAddress - start), (int)(p->ContextRecord->Rip - start), (int)(p->ContextRecord->Rcx & 15));
	p->ContextRecord->Rip = resume;
	return EXCEPTION_CONTINUE_EXECUTION;
}

/* RUN executes code a thousand times, with RCX aligned but for two of them. */
#define RUN(what, code) \
	do { \
		unsigned char mine[16]; \
		name = what, faults = 0; \
		memset(buffer, 1, sizeof buffer), memset(mine, 2, sizeof mine); \
		for (round_ = 1; round_ <= 1000; round_++) { \
			const int off = round_ == 2 || round_ == 1000; \
			asm volatile("lea 1f(%%rip), %%rax\n\tmov %%rax, %0\n\tlea 2f(%%rip), %%rax\n\tmov %%rax, %1\n\tmovdqu %2, %%xmm0\n\t1: " code "\n\t2:\n\tmovdqu %%xmm0, %2" \
				: "=m"(start), "=m"(resume), "+m"(mine) : "c"(buffer + 0x100 + off * 8) : "rax", "rdx", "rbx", "xmm0", "cc", "memory"); \
		} \
		CHECK(what, "%d faults, %02x %02x %02x, %02x %02x", faults, buffer[0x100], buffer[0x108], buffer[0x110], mine[0], mine[8]); \
	} while (0)

/* PLACE executes code once, with RCX as given. */
#define PLACE(what, rcx, code) \
	do { \
		name = what, faults = 0, round_ = 0; \
		asm volatile("lea 1f(%%rip), %%rax\n\tmov %%rax, %0\n\tlea 2f(%%rip), %%rax\n\tmov %%rax, %1\n\t1: " code "\n\t2:" \
			: "=m"(start), "=m"(resume) : "c"(rcx) : "rax", "xmm0", "xmm1", "cc", "memory"); \
		CHECK(what, "%d faults", faults); \
	} while (0)

int main(void)
{
	AddVectoredExceptionHandler(1, handler);
	RUN("movaps load", "movaps (%%rcx), %%xmm0");
	RUN("movaps store", "movaps %%xmm0, (%%rcx)");
	RUN("movapd load", "movapd (%%rcx), %%xmm0");
	RUN("movdqa load", "movdqa (%%rcx), %%xmm0");
	RUN("movdqa store", "movdqa %%xmm0, (%%rcx)");
	RUN("movntps", "movntps %%xmm0, (%%rcx)");
	RUN("movntdq", "movntdq %%xmm0, (%%rcx)");
	RUN("andps", "andps (%%rcx), %%xmm0");
	RUN("addps", "addps (%%rcx), %%xmm0");
	RUN("sqrtpd", "sqrtpd (%%rcx), %%xmm0");
	RUN("paddb", "paddb (%%rcx), %%xmm0");
	RUN("pshufd", "pshufd $0x1b, (%%rcx), %%xmm0");
	RUN("cvtdq2ps", "cvtdq2ps (%%rcx), %%xmm0");
	RUN("pshufb", "pshufb (%%rcx), %%xmm0");
	RUN("cmpxchg16b", "xor %%eax, %%eax\n\tlock cmpxchg16b (%%rcx)");

	RUN("movups load", "movups (%%rcx), %%xmm0");
	RUN("movdqu store", "movdqu %%xmm0, (%%rcx)");
	RUN("lddqu", "lddqu (%%rcx), %%xmm0");
	RUN("paddb of MMX", "paddb (%%rcx), %%mm0\n\temms");
	RUN("addss", "addss (%%rcx), %%xmm0");
	RUN("cvtps2pd", "cvtps2pd (%%rcx), %%xmm0");

	PLACE("over two pages", buffer + 0xFF8, "movaps (%%rcx), %%xmm0");
	PLACE("null, misaligned", (char *)8, "movaps (%%rcx), %%xmm0");
	PLACE("index", buffer + 0x100, "mov $3, %%eax\n\tmovaps (%%rcx,%%rax,8), %%xmm0");
	PLACE("after one that is aligned", buffer + 0x100, "movaps (%%rcx), %%xmm0\n\tadd $4, %%rcx\n\tmovaps %%xmm0, (%%rcx)");
	PLACE("two in a row", buffer + 0x108, "movaps 8(%%rcx), %%xmm0\n\tmovaps (%%rcx), %%xmm1");
	PLACE("fxsave", buffer + 0x108, "fxsave (%%rcx)");
	PLACE("fxrstor", buffer + 0x108, "fxrstor (%%rcx)");
	return 0;
}
