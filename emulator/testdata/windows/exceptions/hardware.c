/* What the processor raises: codes, addresses, parameters. */
#include "check.h"

static char *base;
static EXCEPTION_RECORD record;
static ULONG_PTR resume, rip_offset, start;
static int trap;

static LONG CALLBACK handler(EXCEPTION_POINTERS *p)
{
	record = *p->ExceptionRecord;
	rip_offset = p->ContextRecord->Rip - start;
	trap = p->ContextRecord->EFlags >> 8 & 1;
	p->ContextRecord->Rip = resume;
	return EXCEPTION_CONTINUE_EXECUTION;
}

static void show(const char *what)
{
	CHECK(what, "%lx, flags %lx, address +%d, rip +%d, %lu parameters", record.ExceptionCode, record.ExceptionFlags,
		(int)((ULONG_PTR)record.ExceptionAddress - start), (int)rip_offset, record.NumberParameters);
	for (DWORD i = 0; i < record.NumberParameters; i++)
		if (i == 1 && record.ExceptionInformation[1] - (ULONG_PTR)base <= 0x2000)
			CHECK("parameter", "base+%x", (int)(record.ExceptionInformation[1] - (ULONG_PTR)base));
		else
			CHECK("parameter", "%llx", (unsigned long long)record.ExceptionInformation[i]);
	memset(&record, 0, sizeof record);
}

/* RUN executes code between two labels and goes on behind it. */
#define RUN(what, code, ...) \
	do { \
		asm volatile("lea 1f(%%rip), %%r11\n\tmov %%r11, %0\n\tlea 2f(%%rip), %%r11\n\tmov %%r11, %1\n\t1: " code "\n\t2:" \
			: "=m"(start), "=m"(resume) : __VA_ARGS__ : "rax", "rcx", "rdx", "r8", "r9", "r10", "r11", "cc", "memory"); \
		show(what); \
	} while (0)

int main(void)
{
	AddVectoredExceptionHandler(1, handler);
	char *p = VirtualAlloc(0, 0x2000, MEM_RESERVE | MEM_COMMIT, PAGE_READWRITE);
	DWORD old;
	base = p;

	RUN("int3", "int3", "r"(0));
	RUN("int 3, long", ".byte 0xcd, 3", "r"(0));
	RUN("int 2c", "int $0x2c", "r"(0));
	RUN("int 20", "int $0x20", "r"(0));
	RUN("icebp", ".byte 0xf1", "r"(0));
	RUN("ud2", "ud2", "r"(0));
	RUN("hlt", "hlt", "r"(0));
	RUN("cli", "cli", "r"(0));
	RUN("in", "in %%dx, %%al", "r"(0));
	RUN("mov cr0", "mov %%cr0, %%rax", "r"(0));
	RUN("mov dr7", "mov %%rax, %%dr7", "r"(0));
	RUN("division by zero", "xor %%ecx, %%ecx\n\txor %%edx, %%edx\n\tmov $5, %%eax\n\tdiv %%ecx", "r"(0));
	RUN("idiv by zero, memory", "movq $0, (%2)\n\txor %%edx, %%edx\n\tidivq (%2)", "r"(p));
	RUN("overflow", "mov $1, %%ecx\n\tmov $1, %%edx\n\tdiv %%ecx", "r"(0));
	RUN("overflow, byte", "mov $1, %%cl\n\tmov $0x1000, %%ax\n\tdiv %%cl", "r"(0));
	RUN("single step", "pushfq\n\torl $0x100, (%%rsp)\n\tpopfq\n\tnop\n\tnop", "r"(0));
	INT(trap);
	RUN("read of 0", "xor %%eax, %%eax\n\tmov (%%rax), %%ecx", "r"(0));
	RUN("write of 0x10", "mov $0x10, %%eax\n\tmovb $1, (%%rax)", "r"(0));
	RUN("not canonical", "mov $0x1234567812345678, %%rax\n\tmov (%%rax), %%ecx", "r"(0));
	RUN("not canonical, write", "mov $0x1234567812345678, %%rax\n\tmov %%ecx, (%%rax)", "r"(0));
	RUN("kernel", "mov $0xfffff80000000000, %%rax\n\tmov (%%rax), %%ecx", "r"(0));

	VirtualProtect(p, 0x1000, PAGE_READONLY, &old);
	RUN("write to a read-only page", "mov %2, %%rax\n\tmovl $1, 0x123(%%rax)", "r"(p));
	VirtualProtect(p, 0x1000, PAGE_NOACCESS, &old);
	RUN("read of a page without access", "mov %2, %%rax\n\tmov 8(%%rax), %%rcx", "r"(p));
	RUN("across the end of a page", "mov %2, %%rax\n\tmov 0x1ffc(%%rax), %%rcx", "r"(p));
	VirtualProtect(p, 0x1000, PAGE_READWRITE | PAGE_GUARD, &old);
	RUN("guard page", "mov %2, %%rax\n\tmov 16(%%rax), %%rcx", "r"(p));
	VirtualProtect(p, 0x1000, PAGE_READWRITE | PAGE_GUARD, &old);
	RUN("guard page, write", "mov %2, %%rax\n\tmov %%rcx, 24(%%rax)", "r"(p));
	MEMORY_BASIC_INFORMATION info;
	VirtualQuery(p, &info, sizeof info);
	HEX(info.Protect);
	p[24] = 1; /* once only */
	INT(p[24]);

	/* Execution: the address is that of the instruction that is not there. */
	p[0] = (char)0xc3;
	start = (ULONG_PTR)p;
	asm volatile("lea 1f(%%rip), %%r11\n\tmov %%r11, %0\n\tsub $64, %%rsp\n\tcall *%1\n\t1:\tadd $72, %%rsp"
		: "=m"(resume) : "r"(p) : "rax", "rcx", "rdx", "r8", "r9", "r10", "r11", "cc", "memory");
	show("execution of data");
	start = 0x10;
	asm volatile("lea 1f(%%rip), %%r11\n\tmov %%r11, %0\n\tsub $64, %%rsp\n\tcall *%1\n\t1:\tadd $72, %%rsp"
		: "=m"(resume) : "r"(0x10LL) : "rax", "rcx", "rdx", "r8", "r9", "r10", "r11", "cc", "memory");
	show("execution of 0x10");
	return 0;
}
