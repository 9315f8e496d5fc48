// build: clang
/* The order of filters and __finally blocks, and what they see. */
#include "check.h"

#define NOINLINE __attribute__((noinline))

static NOINLINE void fault(int *p) { *(volatile int *)p = 1; }
static NOINLINE void raise_code(DWORD code, DWORD flags) { RaiseException(code, flags, 0, 0); }

static int step;
static NOINLINE int note(const char *what, int value)
{
	CHECK("step", "%d %s", ++step, what);
	return value;
}

static NOINLINE void order(void)
{
	__try {
		__try {
			__try {
				raise_code(0xE0000001, 0);
			} __finally {
				note("inner finally", 0);
				INT(AbnormalTermination());
			}
		} __except (note("inner filter: search", EXCEPTION_CONTINUE_SEARCH)) {
			note("never", 0);
		}
	} __except (note("outer filter: handle", EXCEPTION_EXECUTE_HANDLER)) {
		note("outer handler", 0);
		CHECK("code in the handler", "%lx", GetExceptionCode());
	}
}

static NOINLINE int with_return(void)
{
	__try {
		return note("returning", 7);
	} __finally {
		note("finally of a return", 0);
	}
	return 0;
}

static NOINLINE void normal(void)
{
	__try {
		note("body", 0);
	} __finally {
		note("finally", 0);
		INT(AbnormalTermination());
	}
}

static NOINLINE int look(EXCEPTION_POINTERS *p)
{
	EXCEPTION_RECORD *r = p->ExceptionRecord;
	HEX(r->ExceptionCode);
	HEX(r->ExceptionFlags);
	INT(r->NumberParameters);
	if (r->NumberParameters == 2) {
		HEX(r->ExceptionInformation[0]);
		HEX(r->ExceptionInformation[1]);
	}
	INT(r->ExceptionAddress == (void *)p->ContextRecord->Rip);
	INT(p->ContextRecord->Rip >= (DWORD64)fault && p->ContextRecord->Rip < (DWORD64)fault + 32);
	return EXCEPTION_EXECUTE_HANDLER;
}

static NOINLINE void access(int *p)
{
	__try {
		fault(p);
	} __except (look(GetExceptionInformation())) {
		note("caught a fault", 0);
	}
}

static NOINLINE int fix(EXCEPTION_POINTERS *p)
{
	note("filter: continue", 0);
	p->ExceptionRecord->ExceptionFlags = 0;
	return EXCEPTION_CONTINUE_EXECUTION;
}

static NOINLINE void continued(void)
{
	__try {
		raise_code(0xE0000002, 0);
		note("after the raise", 0);
	} __except (fix(GetExceptionInformation())) {
		note("never", 0);
	}
}

static NOINLINE int three(int n) { return note("filter of three", n == 3); }

static NOINLINE void nested_calls(int n)
{
	__try {
		if (n == 5)
			raise_code(0xE0000003, 0);
		if (n < 9)
			nested_calls(n + 1);
	} __except (three(n)) {
		CHECK("caught at", "%d", n);
	}
}

static NOINLINE void raise_in_finally(void)
{
	__try {
		__try {
			__try {
				raise_code(0xE0000004, 0);
			} __finally {
				note("finally raises", 0);
				raise_code(0xE0000005, 0);
			}
		} __except (GetExceptionCode() == 0xE0000005 ? note("filter of the second", 1) : note("filter of the first", 0)) {
			note("the second is caught", 0);
			note("handler", 0);
		}
	} __except (note("outermost filter", 1)) {
		note("the first is caught", 0);
		note("handler", 0);
	}
}

static NOINLINE int raising_filter(DWORD code)
{
	if (note("filter", code == 0xE0000006))
		raise_code(0xE0000007, 0);
	return EXCEPTION_CONTINUE_SEARCH;
}

static NOINLINE int nested_filter(EXCEPTION_POINTERS *p)
{
	CHECK("outer filter", "%lx, flags %lx", p->ExceptionRecord->ExceptionCode, p->ExceptionRecord->ExceptionFlags);
	return p->ExceptionRecord->ExceptionCode == 0xE0000007;
}

static NOINLINE void raise_in_filter(void)
{
	__try {
		__try {
			raise_code(0xE0000006, 0);
		} __except (raising_filter(GetExceptionCode())) {
			note("never", 0);
		}
	} __except (nested_filter(GetExceptionInformation())) {
		note("handler", 0);
	}
}

static NOINLINE int what(EXCEPTION_POINTERS *p)
{
	EXCEPTION_RECORD *r = p->ExceptionRecord;
	CHECK(r->ExceptionCode == 0xE0000008 ? "first record" : "second record", "%lx, flags %lx, nested %lx", r->ExceptionCode, r->ExceptionFlags & 1, r->ExceptionRecord ? r->ExceptionRecord->ExceptionCode : 0);
	return r->ExceptionCode == 0xE0000008 ? EXCEPTION_CONTINUE_EXECUTION : EXCEPTION_EXECUTE_HANDLER;
}

static NOINLINE void noncontinuable(void)
{
	__try {
		raise_code(0xE0000008, EXCEPTION_NONCONTINUABLE);
		note("never", 0);
	} __except (what(GetExceptionInformation())) {
		note("handler", 0);
	}
}

static NOINLINE int arguments(EXCEPTION_POINTERS *p)
{
	EXCEPTION_RECORD *r = p->ExceptionRecord;
	INT(r->NumberParameters);
	for (DWORD i = 0; i < r->NumberParameters && i < 3; i++)
		CHECK("argument", "%llx", (unsigned long long)r->ExceptionInformation[i]);
	return 1;
}

static NOINLINE void with_arguments(DWORD n)
{
	ULONG_PTR a[20] = {1, 0x123456789A, 3};
	__try {
		RaiseException(0x40001234, 0, n, a);
	} __except (arguments(GetExceptionInformation())) {
		note("handler", 0);
	}
}

int main(void)
{
	order();
	normal();
	INT(with_return());
	access(0);
	access((int *)0x123456789000);
	access((int *)0x8001234500000000);
	continued();
	nested_calls(0);
	raise_in_finally();
	raise_in_filter();
	noncontinuable();
	with_arguments(0);
	with_arguments(3);
	with_arguments(15);
	with_arguments(20);
	return 0;
}
