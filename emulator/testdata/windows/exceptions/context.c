// build: -lntdll
/* Contexts: captured, changed, restored. */
#include "check.h"

NTSYSAPI VOID NTAPI RtlRaiseException(EXCEPTION_RECORD *);
NTSTATUS NTAPI NtContinue(CONTEXT *, BOOLEAN);
NTSTATUS NTAPI NtRaiseException(EXCEPTION_RECORD *, CONTEXT *, BOOLEAN);

static int seen;
static LONG CALLBACK handler(EXCEPTION_POINTERS *p)
{
	EXCEPTION_RECORD *r = p->ExceptionRecord;
	seen++;
	CHECK("record", "%lx, flags %lx, %lu parameters, rcx given %d", r->ExceptionCode, r->ExceptionFlags, r->NumberParameters, p->ContextRecord->Rcx == 0x77);
	return EXCEPTION_CONTINUE_EXECUTION;
}

static CONTEXT saved;
static volatile int passes;

static int left;

static LONG CALLBACK leaver(EXCEPTION_POINTERS *p)
{
	left++;
	NtContinue(p->ContextRecord, FALSE);
	return EXCEPTION_CONTINUE_SEARCH;
}

int main(void)
{
	passes = 0;
	RtlCaptureContext(&saved);
	CHECK("pass", "%d", passes);
	if (passes++ < 3)
		RtlRestoreContext(&saved, 0);
	HEX(saved.ContextFlags & 0x1f);
	HEX(saved.SegCs);
	HEX(saved.MxCsr);
	HEX(saved.FltSave.MxCsr);

	passes = 0;
	RtlCaptureContext(&saved);
	if (passes++ < 2)
		NtContinue(&saved, FALSE);
	INT(passes);

	AddVectoredExceptionHandler(1, handler);
	EXCEPTION_RECORD r = {0};
	r.ExceptionCode = 0xE0000031;
	r.NumberParameters = 2;
	passes = 0;
	RtlCaptureContext(&saved);
	if (passes++ == 0) {
		saved.Rcx = 0x77;
		NtRaiseException(&r, &saved, TRUE);
	}
	INT(passes);
	INT(seen);
	r.ExceptionCode = 0xE0000032;
	r.NumberParameters = 0;
	RtlRaiseException(&r);
	INT(seen);
	INT(r.ExceptionAddress != 0);

	/* Registers set by a context of one part only. */
	unsigned long long rbx;
	passes = 0;
	asm volatile("mov $1, %%rbx" : : : "rbx");
	RtlCaptureContext(&saved);
	asm volatile("mov %%rbx, %0" : "=r"(rbx));
	if (passes++ == 0) {
		saved.Rbx = 0x9999;
		saved.ContextFlags = CONTEXT_INTEGER | CONTEXT_CONTROL;
		RtlRestoreContext(&saved, 0);
	}
	HEX(rbx);

	/* A handler that goes on by itself instead of returning. */
	AddVectoredExceptionHandler(1, leaver);
	for (int i = 0; i < 3; i++)
		RaiseException(0xE0000033, 0, 0, 0);
	INT(left);
	return 0;
}
