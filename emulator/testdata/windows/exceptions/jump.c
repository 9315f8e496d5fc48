// build: clang
/* longjmp: registers, frames that are told, out of handlers and call-backs. */
#include "check.h"
#include <setjmp.h>
#include <stdlib.h>
#undef setjmp
int __cdecl __attribute__((returns_twice)) _setjmp(jmp_buf, void *);
#define setjmp(b) _setjmp(b, __builtin_frame_address(0))
#define plain_setjmp(b) _setjmp(b, 0)

#define NOINLINE __attribute__((noinline))
static jmp_buf buf;
static int step;
static NOINLINE void note(const char *what) { CHECK("step", "%d %s", ++step, what); }

static NOINLINE void jumper(int value) { longjmp(buf, value); }
static NOINLINE void deep(int n, int value)
{
	volatile char pad[500];
	pad[n] = 1;
	if (n)
		deep(n - 1, value + pad[n] - 1);
	else
		jumper(value);
}

static int compare(const void *a, const void *b)
{
	(void)a, (void)b;
	longjmp(buf, 55);
}

static LONG CALLBACK out_of_vectored(EXCEPTION_POINTERS *p)
{
	if (p->ExceptionRecord->ExceptionCode == 0xE0000077)
		longjmp(buf, 66);
	return EXCEPTION_CONTINUE_SEARCH;
}

int main(void)
{
	volatile int count = 0;
	int r = plain_setjmp(buf);
	CHECK("plain", "%d", r);
	if (++count < 4)
		deep(count, count == 3 ? 0 : count * 10);

	count = 0;
	r = plain_setjmp(buf);
	CHECK("qsort", "%d", r);
	if (!count++) {
		int list[] = {2, 1};
		qsort(list, 2, sizeof *list, compare);
	}

	void *h = AddVectoredExceptionHandler(1, out_of_vectored);
	count = 0;
	r = plain_setjmp(buf);
	CHECK("vectored handler", "%d", r);
	if (!count++)
		RaiseException(0xE0000077, 0, 0, 0);
	RemoveVectoredExceptionHandler(h);

	for (volatile int i = 0; i < 50; i++)
		if (!plain_setjmp(buf)) {
			int list[] = {2, 1};
			qsort(list, 2, sizeof *list, compare);
		}
	note("fifty times out of qsort");

	/* In a jump buffer: the frame, what was called to make it, registers. */
	memset(&buf, 0xCC, sizeof buf);
	plain_setjmp(buf);
	_JUMP_BUFFER *j = (_JUMP_BUFFER *)buf;
	HEX(j->Frame);
	HEX(j->MxCsr);
	HEX(j->FpCsr);
	INT(j->Rip >= (DWORD64)main);
	return 0;
}
