#include "check.h"

/* Thread-local and fiber-local storage. */

static DWORD tls, fls, fls2, far_;
static char log_[256];
static int n;
static void WINAPI gone(void *v) { n += sprintf(log_ + n, "[%d]", (int)(INT_PTR)v); }
static void show(const char *label)
{
	CHECK(label, "%s", log_);
	n = 0;
	log_[0] = 0;
}

static DWORD WINAPI thread(void *p)
{
	INT_PTR bad = 0;
	if (TlsGetValue(tls) || FlsGetValue(fls) || TlsGetValue(far_))
		bad = 1;
	TlsSetValue(tls, p);
	TlsSetValue(far_, p);
	FlsSetValue(fls, p);
	FlsSetValue(fls2, (char *)p + 1);
	Sleep(1);
	if (TlsGetValue(tls) != p || FlsGetValue(fls) != p || TlsGetValue(far_) != p)
		bad = 2;
	return (DWORD)bad;
}
static DWORD run(void *p)
{
	DWORD c = 99;
	HANDLE t = CreateThread(0, 0, thread, p, 0, 0);
	WaitForSingleObject(t, INFINITE);
	GetExitCodeThread(t, &c);
	return c;
}

int main(void)
{
	tls = TlsAlloc();
	CHECK("slot", "%d", tls < 64);
	INT((INT_PTR)TlsGetValue(tls));
	INT(TlsSetValue(tls, (void *)11));
	SetLastError(5);
	CHECK("value", "%d, error %lu", (int)(INT_PTR)TlsGetValue(tls), GetLastError());
	/* Where the TEB has it. */
	void **slots = (void **)((char *)NtCurrentTeb() + 0x1480);
	CHECK("in the TEB", "%d", (int)(INT_PTR)slots[tls]);
	/* As many as Windows promises, in two arrays. */
	DWORD last = 0;
	int count = 1;
	for (;;) {
		DWORD i = TlsAlloc();
		if (i == TLS_OUT_OF_INDEXES)
			break;
		last = i;
		count++;
	}
	CHECK("error at the end", "%lu", GetLastError());
	CHECK("last slot", "%lu, more than 1000 %d", last, count > 1000);
	far_ = last;
	INT(TlsSetValue(far_, (void *)22));
	void **expansion = *(void ***)((char *)NtCurrentTeb() + 0x1780);
	CHECK("in the expansion", "%d", (int)(INT_PTR)expansion[far_ - 64]);
	CHECK("far value", "%d", (int)(INT_PTR)TlsGetValue(far_));
	FAILS(TlsSetValue(1088, 0));
	FAILS((INT_PTR)TlsGetValue(1088));
	FAILS(TlsFree(1088));
	INT(TlsFree(last - 1));
	FAILS(TlsFree(last - 1));

	fls = FlsAlloc(gone), fls2 = FlsAlloc(gone);
	CHECK("fls slots", "%d", fls != fls2 && fls > 0);
	INT((INT_PTR)FlsGetValue(fls));
	INT(FlsSetValue(fls, (void *)100));
	FAILS(FlsSetValue(0, 0));
	FAILS(FlsSetValue(9999, 0));
	FAILS((INT_PTR)FlsGetValue(9999));
	CHECK("thread", "%lu", run((void *)200));
	show("its values");
	CHECK("ours", "%d %d", (int)(INT_PTR)FlsGetValue(fls), (int)(INT_PTR)TlsGetValue(tls));
	INT(FlsFree(fls));
	show("freed");
	FAILS(FlsFree(fls));
	FAILS(FlsFree(9999));
	DWORD again = FlsAlloc(0);
	CHECK("cleared", "%d", (int)(INT_PTR)FlsGetValue(again));
	CHECK("without a function", "%d", FlsSetValue(again, (void *)7));
	FlsFree(again);
	show("nothing");
	/* A freed slot is cleared for all threads. */
	TlsFree(tls);
	DWORD t2 = TlsAlloc();
	CHECK("same slot", "%d, value %d", t2 == tls, (int)(INT_PTR)TlsGetValue(t2));
	/* What a thread leaves in a slot without value is not told. */
	fls = FlsAlloc(gone);
	CHECK("thread again", "%lu", run(0));
	show("no values");
	return 0;
}
