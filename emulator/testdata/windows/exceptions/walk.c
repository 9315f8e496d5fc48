/* Walks of the stack with RtlVirtualUnwind, which may not know a function by
   name but must find each frame. */
#include "check.h"

#define NOINLINE __attribute__((noinline, noclone))
#define MOST 32

typedef struct { DWORD64 rip, rsp, begin, establisher; } FRAME;
static FRAME frames[MOST];
static int count;
static DWORD64 saved_rbx;

static NOINLINE void walk(void)
{
	CONTEXT c;
	RtlCaptureContext(&c);
	for (count = 0; count < MOST && c.Rip; count++) {
		DWORD64 base = 0, establisher = 0;
		void *data = 0;
		FRAME *f = &frames[count];
		f->rip = c.Rip;
		f->rsp = c.Rsp;
		f->begin = f->establisher = 0;
		RUNTIME_FUNCTION *fn = RtlLookupFunctionEntry(c.Rip, &base, 0);
		if (fn) {
			f->begin = base + fn->BeginAddress;
			RtlVirtualUnwind(UNW_FLAG_NHANDLER, base, c.Rip, fn, &c, &data, &establisher, 0);
			f->establisher = establisher;
			if (f->begin == (DWORD64)walk)
				saved_rbx = c.Rbx;
		} else {
			c.Rip = *(DWORD64 *)c.Rsp;
			c.Rsp += 8;
		}
	}
}

static NOINLINE int leaf(int n) { walk(); asm volatile("" ::: "memory"); return n + 1; }

static NOINLINE int with_alloca(int n)
{
	volatile char *p = __builtin_alloca(n * 16 + 100);
	p[0] = 1;
	return leaf(p[0]) + 1;
}

static NOINLINE int big_frame(int n)
{
	volatile char big[20000];
	big[n] = 2;
	return with_alloca(big[n]) + 1;
}

static NOINLINE double with_xmm(double a, double b, double c, int n)
{
	int r = big_frame(n);
	return a * b + c + r + n;
}

static NOINLINE int recursive(int n) { return n ? recursive(n - 1) + 1 : (int)with_xmm(1.5, 2, 3, n); }

static int index_of(void *function)
{
	for (int i = 0; i < count; i++)
		if (frames[i].begin == (DWORD64)function)
			return i;
	return -1;
}

static NOINLINE int back_trace(void **list, int skip)
{
	int n = RtlCaptureStackBackTrace(skip, MOST, list, 0);
	asm volatile("" ::: "memory");
	return n;
}

static int compare(const void *a, const void *b)
{
	if (!count)
		walk();
	return *(const int *)a - *(const int *)b;
}

int main(void)
{
	INT(recursive(4));
	INT(index_of(walk));
	INT(index_of(leaf));
	INT(index_of(with_alloca));
	INT(index_of(big_frame));
	INT(index_of(with_xmm));
	INT(index_of(recursive));
	INT(index_of(main));
	int ordered = 1;
	for (int i = 1; i < count && i < 12; i++)
		ordered &= frames[i].rsp > frames[i - 1].rsp;
	INT(ordered);
	CHECK("the frame of 20000 bytes", "%d", (int)(frames[4].rsp - frames[3].rsp) > 20000);

	DWORD64 rbx;
	asm volatile("mov $0x123456789, %%rbx\n\tcall *%1\n\tmov %%rbx, %0" : "=r"(rbx) : "r"(walk) : "rax", "rbx", "rcx", "rdx", "r8", "r9", "r10", "r11", "memory");
	HEX(saved_rbx);
	HEX(rbx);

	void *list[MOST] = {0}, *skipped[MOST] = {0};
	int n = back_trace(list, 0), m = back_trace(skipped, 1);
	INT(n - m);
	INT(n > 2);
	DWORD64 base = 0;
	RUNTIME_FUNCTION *fn = RtlLookupFunctionEntry((DWORD64)list[0], &base, 0);
	INT(fn && base + fn->BeginAddress == (DWORD64)back_trace);
	INT(base == (DWORD64)GetModuleHandleA(0));
	void *header = 0;
	INT(RtlPcToFileHeader(list[0], &header) == (void *)base);
	INT(header == (void *)base);
	INT(RtlPcToFileHeader((void *)0x10, &header) == 0);

	base = 1;
	INT(RtlLookupFunctionEntry(0x10, &base, 0) == 0);
	fn = RtlLookupFunctionEntry((DWORD64)main, &base, 0);
	INT(fn && base + fn->BeginAddress == (DWORD64)main);

	/* Across a function of a DLL that calls back. */
	int values[] = {3, 1, 2};
	count = 0;
	qsort(values, 3, sizeof *values, compare);
	INT(index_of(compare));
	INT(index_of(main) > 1);
	return 0;
}
