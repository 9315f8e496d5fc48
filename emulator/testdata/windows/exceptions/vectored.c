/* Vectored handlers: order, continuation, what they can change. */
#include "check.h"

static int order[16], count, pass;

static LONG CALLBACK first(EXCEPTION_POINTERS *p) { (void)p; order[count++] = 1; return EXCEPTION_CONTINUE_SEARCH; }
static LONG CALLBACK second(EXCEPTION_POINTERS *p) { (void)p; order[count++] = 2; return EXCEPTION_CONTINUE_SEARCH; }
static LONG CALLBACK last(EXCEPTION_POINTERS *p) { (void)p; order[count++] = 3; return pass ? EXCEPTION_CONTINUE_SEARCH : EXCEPTION_CONTINUE_EXECUTION; }
static LONG CALLBACK after(EXCEPTION_POINTERS *p) { (void)p; order[count++] = 9; return EXCEPTION_CONTINUE_SEARCH; }

static void show(const char *label)
{
	printf("%s:", label);
	for (int i = 0; i < count; i++)
		printf(" %d", order[i]);
	putchar('\n');
	fflush(stdout);
	count = 0;
}

static DWORD seen_code, seen_flags, seen_count;
static ULONG_PTR seen[4];
static int in_module;

static LONG CALLBACK details(EXCEPTION_POINTERS *p)
{
	EXCEPTION_RECORD *r = p->ExceptionRecord;
	seen_code = r->ExceptionCode;
	seen_flags = r->ExceptionFlags;
	seen_count = r->NumberParameters;
	memcpy(seen, r->ExceptionInformation, sizeof seen);
	HMODULE module = 0;
	char name[MAX_PATH] = "";
	GetModuleHandleExA(GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS | GET_MODULE_HANDLE_EX_FLAG_UNCHANGED_REFCOUNT, r->ExceptionAddress, &module);
	GetModuleFileNameA(module, name, sizeof name);
	in_module = module == GetModuleHandleA("kernelbase.dll") || module == GetModuleHandleA("kernel32.dll");
	return EXCEPTION_CONTINUE_EXECUTION;
}

static volatile int *page;

static LONG CALLBACK commit(EXCEPTION_POINTERS *p)
{
	EXCEPTION_RECORD *r = p->ExceptionRecord;
	if (r->ExceptionCode != EXCEPTION_ACCESS_VIOLATION)
		return EXCEPTION_CONTINUE_SEARCH;
	CHECK("access", "%d at +%x", (int)r->ExceptionInformation[0], (int)(r->ExceptionInformation[1] - (ULONG_PTR)page));
	VirtualAlloc((void *)page, 4096, MEM_COMMIT, PAGE_READWRITE);
	return EXCEPTION_CONTINUE_EXECUTION;
}

static LONG CALLBACK registers(EXCEPTION_POINTERS *p)
{
	CONTEXT *c = p->ContextRecord;
	CHECK("rax rbx rcx", "%llx %llx %llx", c->Rax, c->Rbx, c->Rcx);
	CHECK("xmm7", "%llx %llx", c->Xmm7.Low, (unsigned long long)c->Xmm7.High);
	CHECK("carry", "%d", (int)(c->EFlags & 1));
	CHECK("flags", "%lx", c->ContextFlags & 0x1f);
	CHECK("segments", "%x %x %x %x %x %x", c->SegCs, c->SegDs, c->SegEs, c->SegFs, c->SegGs, c->SegSs);
	c->Rax = 0x1111;
	c->Rbx = 0x2222;
	c->R15 = 0x3333;
	c->Xmm7.Low = 0x4444;
	c->EFlags |= 1;
	c->Rip++;
	return EXCEPTION_CONTINUE_EXECUTION;
}

int main(void)
{
	void *a = AddVectoredExceptionHandler(0, last);
	void *b = AddVectoredExceptionHandler(1, second);
	void *c = AddVectoredExceptionHandler(1, first);
	void *d = AddVectoredContinueHandler(1, after);
	RaiseException(0xE0001000, 0, 0, 0);
	show("order");
	INT(RemoveVectoredExceptionHandler(c) != 0);
	RaiseException(0xE0001000, 0, 0, 0);
	show("without the first");
	INT(RemoveVectoredExceptionHandler(c) != 0);
	INT(RemoveVectoredContinueHandler(c) != 0);
	INT(RemoveVectoredContinueHandler(d) != 0);
	RaiseException(0xE0001000, 0, 0, 0);
	show("without the continue handler");
	INT(RemoveVectoredExceptionHandler(b) != 0);
	INT(RemoveVectoredExceptionHandler(a) != 0);

	a = AddVectoredExceptionHandler(1, details);
	ULONG_PTR args[3] = {10, 20, 30};
	RaiseException(0xE0001001, 0, 3, args);
	HEX(seen_code);
	HEX(seen_flags);
	INT(seen_count);
	INT(seen[0]);
	INT(seen[2]);
	INT(in_module);
	RaiseException(0xFFFFFFFF, 0, 0, 0);
	HEX(seen_code);
	RaiseException(0, 0, 0, 0);
	HEX(seen_code);
	RaiseException(0xE0001002, EXCEPTION_NONCONTINUABLE, 0, 0);
	HEX(seen_flags);
	RemoveVectoredExceptionHandler(a);

	a = AddVectoredExceptionHandler(1, commit);
	page = VirtualAlloc(0, 4096, MEM_RESERVE, PAGE_READWRITE);
	page[5] = 99;
	INT(page[5]);
	VirtualFree((void *)page, 4096, MEM_DECOMMIT);
	INT(page[7]);
	VirtualFree((void *)page, 4096, MEM_DECOMMIT);
	/* An API that is handed the page: the call is made again. */
	memcpy((void *)(page + 1), "abc", 4);
	STR((const char *)(page + 1));
	RemoveVectoredExceptionHandler(a);

	a = AddVectoredExceptionHandler(1, registers);
	unsigned long long rax = 0xA, rbx = 0xB, rcx = 0xC, r15 = 0, low = 0, high = 0;
	unsigned char carry = 0;
	asm volatile("movq $0x777, %%r14\n\tmovq %%r14, %%xmm7\n\tpunpcklqdq %%xmm7, %%xmm7\n\tclc\n\thlt\n\tsetc %b6\n\tmovq %%xmm7, %4\n\tmovhlps %%xmm7, %%xmm7\n\tmovq %%xmm7, %5\n\tmovq %%r15, %3"
		: "+a"(rax), "+b"(rbx), "+c"(rcx), "=r"(r15), "=r"(low), "=r"(high), "+r"(carry) : : "r14", "r15", "xmm7", "cc", "memory");
	CHECK("rax rbx rcx", "%llx %llx %llx", rax, rbx, rcx);
	CHECK("r15", "%llx", r15);
	CHECK("xmm7", "%llx %llx", low, high);
	INT(carry);
	return 0;
}
