/* Hardware breakpoints on execution: of functions, of exports, of threads. */
#include "check.h"

#define RESUME 0x10000
static int hits;
static ULONG_PTR address[4];
static void *seen;
static DWORD64 status;
static int mode;
enum { GO_ON, RETURN_FOR_IT, CLEAR, HOP };

static LONG CALLBACK handler(EXCEPTION_POINTERS *e)
{
	CONTEXT *c = e->ContextRecord;
	if (e->ExceptionRecord->ExceptionCode != EXCEPTION_SINGLE_STEP)
		return EXCEPTION_CONTINUE_SEARCH;
	hits++;
	seen = e->ExceptionRecord->ExceptionAddress;
	status = c->Dr6 & 0xF;
	switch (mode) {
	case GO_ON:
		c->EFlags |= RESUME;
		break;
	case RETURN_FOR_IT: /* as hooks without patches do */
		c->Rax = 77;
		c->Rip = *(DWORD64 *)c->Rsp;
		c->Rsp += 8;
		break;
	case CLEAR:
		c->Dr0 = c->Dr7 = 0;
		break;
	case HOP: /* to the second breakpoint's function */
		c->Rip = address[1];
		c->EFlags |= RESUME;
		break;
	}
	return EXCEPTION_CONTINUE_EXECUTION;
}

__attribute__((noinline)) static int first(int n) { asm volatile(""); return n + 1; }
__attribute__((noinline)) static int second(int n) { asm volatile(""); return n + 2; }
__attribute__((noinline)) static int loop(int n)
{
	int sum = 0;
	while (n--) {
		asm volatile(".globl in_loop\nin_loop: nop" ::: "memory");
		sum += n;
	}
	return sum;
}
extern char in_loop[];

static BOOL set(HANDLE thread, void *a, void *b)
{
	CONTEXT c = {.ContextFlags = CONTEXT_DEBUG_REGISTERS};
	c.Dr0 = address[0] = (ULONG_PTR)a;
	c.Dr1 = address[1] = (ULONG_PTR)b;
	c.Dr7 = (a ? 1 : 0) | (b ? 4 : 0);
	return SetThreadContext(thread, &c);
}

static DWORD WINAPI other(void *p) { return first((int)(ULONG_PTR)p); }

int (*volatile call_first)(int) = first, (*volatile call_second)(int) = second;

int main(void)
{
	HANDLE self = GetCurrentThread();
	AddVectoredExceptionHandler(1, handler);

	INT(call_first(1));
	INT(set(self, first, NULL));
	int r = call_first(1);
	CHECK("one", "%d, %d hits, at it %d, status %llx", r, hits, seen == (void *)first, status);
	r = call_second(1);
	CHECK("not the other", "%d, %d hits", r, hits);
	r = call_first(2);
	CHECK("again", "%d, %d hits", r, hits);

	INT(set(self, first, second));
	hits = 0;
	r = call_second(1);
	CHECK("the second", "%d, %d hits, at it %d, status %llx", r, hits, seen == (void *)second, status);
	mode = HOP;
	r = call_first(1);
	CHECK("gone on elsewhere", "%d, %d hits", r, hits);

	mode = RETURN_FOR_IT;
	hits = 0;
	r = call_first(1);
	CHECK("returned for it", "%d, %d hits", r, hits);

	mode = GO_ON;
	INT(set(self, in_loop, NULL));
	hits = 0;
	r = loop(10);
	CHECK("in a loop", "%d, %d hits", r, hits);

	mode = RETURN_FOR_IT;
	FARPROC version = GetProcAddress(GetModuleHandleA("kernel32.dll"), "GetOEMCP");
	INT(set(self, version, NULL));
	hits = 0;
	r = (int)version();
	CHECK("an export", "%d, %d hits, at it %d", r, hits, seen == (void *)version);
	mode = GO_ON;
	r = (int)version();
	CHECK("an export that goes on", "%d, %d hits", r > 77, hits);

	INT(set(self, first, NULL));
	hits = 0;
	HANDLE t = CreateThread(NULL, 0, other, (void *)5, 0, NULL);
	WaitForSingleObject(t, INFINITE);
	DWORD code;
	GetExitCodeThread(t, &code);
	CHECK("another thread", "%lu, %d hits", code, hits);
	t = CreateThread(NULL, 0, other, (void *)6, CREATE_SUSPENDED, NULL);
	INT(set(t, first, NULL));
	ResumeThread(t);
	WaitForSingleObject(t, INFINITE);
	GetExitCodeThread(t, &code);
	CHECK("of another thread", "%lu, %d hits", code, hits);

	mode = CLEAR;
	hits = 0;
	r = call_first(1);
	int before = hits;
	call_first(1);
	CHECK("cleared by the handler", "%d, %d hits, then %d", r, before, hits);
	CONTEXT c = {.ContextFlags = CONTEXT_DEBUG_REGISTERS};
	GetThreadContext(self, &c);
	CHECK("registers", "%llx %llx", c.Dr0, c.Dr7 & 0xFF);
	return 0;
}
