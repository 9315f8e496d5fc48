/* Functions made at run time: their unwind data is announced. */
#include "check.h"

/* push rbx; sub rsp, 0x40; mov rbx, rcx; call rdx; add rsp, 0x40; pop rbx; ret */
static const unsigned char code[] = {0x53, 0x48, 0x83, 0xEC, 0x40, 0x48, 0x89, 0xCB, 0xFF, 0xD2, 0x48, 0x83, 0xC4, 0x40, 0x5B, 0xC3};
static const unsigned char info[] = {1, 5, 2, 0, 5, 0x72, 1, 0x30};

typedef struct { unsigned char code[64], info[64]; RUNTIME_FUNCTION function[2]; } AREA;
static AREA *area;
static int found, frames, calls;
static DWORD64 rbx;

static void walk(void)
{
	CONTEXT c;
	RtlCaptureContext(&c);
	found = -1;
	for (frames = 0; frames < 10 && c.Rip; frames++) {
		DWORD64 base = 0, establisher;
		void *data;
		if (c.Rip - (DWORD64)area < sizeof area->code)
			found = frames;
		RUNTIME_FUNCTION *fn = RtlLookupFunctionEntry(c.Rip, &base, 0);
		if (!fn)
			return;
		DWORD64 pc = c.Rip;
		RtlVirtualUnwind(0, base, c.Rip, fn, &c, &data, &establisher, 0);
		if (pc - (DWORD64)area < sizeof area->code)
			rbx = c.Rbx;
	}
}

static int handled;
static EXCEPTION_DISPOSITION handler(EXCEPTION_RECORD *r, void *frame, CONTEXT *c, DISPATCHER_CONTEXT *d)
{
	(void)frame;
	handled++;
	if (r->ExceptionFlags & (EXCEPTION_UNWINDING | EXCEPTION_EXIT_UNWIND))
		return ExceptionContinueSearch;
	CHECK("handler", "%lx at +%d, data %x", r->ExceptionCode, (int)(d->ControlPc - (DWORD64)area), *(int *)d->HandlerData);
	c->Rip += 2;
	return ExceptionContinueExecution;
}

static RUNTIME_FUNCTION *callback(DWORD64 pc, void *context)
{
	calls++;
	CHECK("callback", "+%d, context %d", (int)(pc - (DWORD64)area), *(int *)context);
	return &area->function[0];
}

static void nothing(void) {}

int main(void)
{
	area = VirtualAlloc(0, sizeof *area, MEM_COMMIT | MEM_RESERVE, PAGE_EXECUTE_READWRITE);
	memcpy(area->code, code, sizeof code);
	memcpy(area->info, info, sizeof info);
	area->function[0].BeginAddress = 0;
	area->function[0].EndAddress = sizeof code;
	area->function[0].UnwindData = offsetof(AREA, info);
	void (*run)(DWORD64, void (*)(void)) = (void *)area;

	run(5, walk);
	INT(found);
	INT(RtlDeleteFunctionTable(area->function));
	INT(RtlAddFunctionTable(area->function, 1, (DWORD64)area));
	DWORD64 base = 0;
	INT(RtlLookupFunctionEntry((DWORD64)area + 9, &base, 0) == area->function);
	INT(base == (DWORD64)area);
	INT(RtlLookupFunctionEntry((DWORD64)area + sizeof code, &base, 0) == 0);
	run(5, walk);
	INT(found);
	INT(frames > 3);
	asm volatile("mov $0x5566778899, %%rbx\n\tmov $7, %%ecx\n\tcall *%0" : : "a"(run), "d"(walk) : "rbx", "rcx", "r8", "r9", "r10", "r11", "memory");
	HEX(rbx);

	/* Each place of the prologue and of the epilogue. */
	static const int places[] = {0, 1, 5, 8, 10, 14, 15};
	for (int i = 0; i < 7; i++) {
		DWORD64 stack[32], establisher;
		void *data;
		for (int j = 0; j < 32; j++)
			stack[j] = 0x1000 + j;
		CONTEXT c = {0};
		c.ContextFlags = CONTEXT_FULL;
		c.Rsp = (DWORD64)stack;
		c.Rip = (DWORD64)area + places[i];
		RtlVirtualUnwind(0, (DWORD64)area, c.Rip, area->function, &c, &data, &establisher, 0);
		CHECK("unwound", "+%d: rip %llx, rbx %llx, rsp +%d, frame +%d", places[i], c.Rip, c.Rbx, (int)(c.Rsp - (DWORD64)stack), (int)(establisher - (DWORD64)stack));
	}
	INT(RtlDeleteFunctionTable(area->function));
	INT(RtlDeleteFunctionTable(area->function));

	/* With a language handler. */
	memcpy(area->code + 8, "\x0f\x0b", 2); /* ud2 */
	area->info[0] = 1 | UNW_FLAG_EHANDLER << 3;
	static const unsigned char jump[] = {0xFF, 0x25, 0, 0, 0, 0};
	memcpy(area->code + 32, jump, sizeof jump);
	void *target = handler;
	memcpy(area->code + 38, &target, 8);
	*(int *)(area->info + 8) = 32;
	*(int *)(area->info + 12) = 0xABCD;
	FlushInstructionCache(GetCurrentProcess(), area, sizeof *area);
	INT(RtlAddFunctionTable(area->function, 1, (DWORD64)area));
	run(5, nothing);
	INT(handled);
	INT(RtlDeleteFunctionTable(area->function));

	/* By a callback. */
	int context = 77;
	DWORD64 id = (DWORD64)area | 3;
	INT(RtlInstallFunctionTableCallback(id - 3, (DWORD64)area, sizeof area->code, callback, &context, 0));
	INT(RtlInstallFunctionTableCallback(id, (DWORD64)area, sizeof area->code, callback, &context, 0));
	INT(RtlLookupFunctionEntry((DWORD64)area + 3, &base, 0) == area->function);
	INT(RtlLookupFunctionEntry((DWORD64)area + 64, &base, 0) == 0);
	run(5, nothing);
	INT(handled);
	INT(calls >= 2);
	INT(RtlDeleteFunctionTable((RUNTIME_FUNCTION *)id));
	INT(RtlLookupFunctionEntry((DWORD64)area + 3, &base, 0) == 0);
	return 0;
}
