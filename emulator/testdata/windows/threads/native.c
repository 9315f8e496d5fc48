#include "check.h"
#include <winternl.h>

/* The native forms: objects, queries, keyed events, waits, the pool. */

#define FN(ret, name, ...) typedef ret(NTAPI *name##_t)(__VA_ARGS__); static name##_t name
FN(NTSTATUS, NtCreateSemaphore, HANDLE *, ACCESS_MASK, void *, LONG, LONG);
FN(NTSTATUS, NtReleaseSemaphore, HANDLE, ULONG, ULONG *);
FN(NTSTATUS, NtQuerySemaphore, HANDLE, int, void *, ULONG, ULONG *);
FN(NTSTATUS, NtCreateEvent_, HANDLE *, ACCESS_MASK, void *, int, BOOLEAN);
FN(NTSTATUS, NtQueryEvent, HANDLE, int, void *, ULONG, ULONG *);
FN(NTSTATUS, NtPulseEvent, HANDLE, LONG *);
FN(NTSTATUS, NtCreateMutant, HANDLE *, ACCESS_MASK, void *, BOOLEAN);
FN(NTSTATUS, NtReleaseMutant, HANDLE, LONG *);
FN(NTSTATUS, NtQueryMutant, HANDLE, int, void *, ULONG, ULONG *);
FN(NTSTATUS, NtCreateTimer, HANDLE *, ACCESS_MASK, void *, int);
FN(NTSTATUS, NtSetTimer, HANDLE, LARGE_INTEGER *, void *, void *, BOOLEAN, LONG, BOOLEAN *);
FN(NTSTATUS, NtCancelTimer, HANDLE, BOOLEAN *);
FN(NTSTATUS, NtQueryTimer, HANDLE, int, void *, ULONG, ULONG *);
FN(NTSTATUS, NtWaitForSingleObject_, HANDLE, BOOLEAN, LARGE_INTEGER *);
FN(NTSTATUS, NtWaitForMultipleObjects, ULONG, HANDLE *, int, BOOLEAN, LARGE_INTEGER *);
FN(NTSTATUS, NtSignalAndWaitForSingleObject, HANDLE, HANDLE, BOOLEAN, LARGE_INTEGER *);
FN(NTSTATUS, NtDelayExecution, BOOLEAN, const LARGE_INTEGER *);
FN(NTSTATUS, NtCreateKeyedEvent, HANDLE *, ACCESS_MASK, void *, ULONG);
FN(NTSTATUS, NtWaitForKeyedEvent, HANDLE, void *, BOOLEAN, LARGE_INTEGER *);
FN(NTSTATUS, NtReleaseKeyedEvent, HANDLE, void *, BOOLEAN, LARGE_INTEGER *);
FN(NTSTATUS, TpAllocWork, TP_WORK **, void *, void *, void *);
FN(void, TpPostWork, TP_WORK *);
FN(void, TpWaitForWork, TP_WORK *, BOOL);
FN(void, TpReleaseWork, TP_WORK *);
FN(NTSTATUS, TpSimpleTryPost, void *, void *, void *);
FN(NTSTATUS, TpAllocTimer, TP_TIMER **, void *, void *, void *);
FN(void, TpSetTimer, TP_TIMER *, LARGE_INTEGER *, LONG, LONG);
FN(void, TpReleaseTimer, TP_TIMER *);
FN(NTSTATUS, RtlQueueWorkItem, void *, void *, ULONG);
FN(NTSTATUS, RtlCreateTimerQueue, HANDLE *);
FN(NTSTATUS, RtlCreateTimer, HANDLE, HANDLE *, void *, void *, DWORD, DWORD, ULONG);
FN(NTSTATUS, RtlDeleteTimerQueueEx, HANDLE, HANDLE);
FN(NTSTATUS, RtlRegisterWait, HANDLE *, HANDLE, void *, void *, ULONG, ULONG);
FN(NTSTATUS, RtlDeregisterWaitEx, HANDLE, HANDLE);
FN(NTSTATUS, RtlCreateUserThread, HANDLE, void *, BOOLEAN, ULONG, SIZE_T, SIZE_T, void *, void *, HANDLE *, void *);
FN(NTSTATUS, NtQueryInformationThread_, HANDLE, int, void *, ULONG, ULONG *);
FN(NTSTATUS, NtSetInformationThread_, HANDLE, int, void *, ULONG);
FN(NTSTATUS, NtSuspendThread, HANDLE, ULONG *);
FN(NTSTATUS, NtResumeThread, HANDLE, ULONG *);

#define ST(x) CHECK(#x, "%lx", (unsigned long)(x))

static HANDLE done, keyed;
static volatile LONG count;
static void NTAPI work(void *i, void *p, void *w) { (void)i, (void)w; InterlockedAdd(&count, (LONG)(INT_PTR)p); }
static void NTAPI simple(void *i, void *p) { (void)i; InterlockedAdd(&count, (LONG)(INT_PTR)p); SetEvent(done); }
static void NTAPI timer(void *i, void *p, void *t) { (void)i, (void)t, (void)p; SetEvent(done); }
static void NTAPI item(void *p) { InterlockedAdd(&count, (LONG)(INT_PTR)p); SetEvent(done); }
static void NTAPI fired(void *p, BOOLEAN b) { (void)p; count = b + 50; SetEvent(done); }
static DWORD WINAPI releaser(void *p) { LARGE_INTEGER t = {.QuadPart = -50000000}; return NtReleaseKeyedEvent(keyed, p, FALSE, &t); }
static DWORD WINAPI plain(void *p) { return (DWORD)(INT_PTR)p; }

int main(void)
{
	HMODULE n = GetModuleHandleA("ntdll");
#define GET(f) f = (f##_t)(void *)GetProcAddress(n, #f)
#define GET_(f) f##_ = (f##__t)(void *)GetProcAddress(n, #f)
	GET(NtCreateSemaphore), GET(NtReleaseSemaphore), GET(NtQuerySemaphore), GET_(NtCreateEvent), GET(NtQueryEvent), GET(NtPulseEvent);
	GET(NtCreateMutant), GET(NtReleaseMutant), GET(NtQueryMutant), GET(NtCreateTimer), GET(NtSetTimer), GET(NtCancelTimer), GET(NtQueryTimer);
	GET_(NtWaitForSingleObject), GET(NtWaitForMultipleObjects), GET(NtSignalAndWaitForSingleObject), GET(NtDelayExecution);
	GET(NtCreateKeyedEvent), GET(NtWaitForKeyedEvent), GET(NtReleaseKeyedEvent), GET(TpAllocWork), GET(TpPostWork), GET(TpWaitForWork), GET(TpReleaseWork);
	GET(TpSimpleTryPost), GET(TpAllocTimer), GET(TpSetTimer), GET(TpReleaseTimer), GET(RtlQueueWorkItem), GET(RtlCreateTimerQueue), GET(RtlCreateTimer);
	GET(RtlDeleteTimerQueueEx), GET(RtlRegisterWait), GET(RtlDeregisterWaitEx), GET(RtlCreateUserThread), GET_(NtQueryInformationThread);
	GET_(NtSetInformationThread), GET(NtSuspendThread), GET(NtResumeThread);

	LARGE_INTEGER zero = {.QuadPart = 0}, little = {.QuadPart = -100000};
	HANDLE e, s, m, t;
	LONG prev = -9;
	ULONG u = 9, info[12] = {0};
	ST(NtCreateEvent_(&e, EVENT_ALL_ACCESS, 0, 1, TRUE));
	ST(NtQueryEvent(e, 0, info, 8, &u));
	CHECK("event", "type %lu, state %lu, length %lu", info[0], info[1], u);
	ST(NtQueryEvent(e, 0, info, 4, &u));
	ST(NtQueryEvent(e, 1, info, 8, &u));
	ST(NtPulseEvent(e, &prev));
	INT(prev);
	ST(NtWaitForSingleObject_(e, FALSE, &zero));
	ST(NtWaitForSingleObject_(e, FALSE, &little));
	ST(NtWaitForSingleObject_((HANDLE)0x8880, FALSE, &little));
	ST(NtCreateSemaphore(&s, SEMAPHORE_ALL_ACCESS, 0, 1, 2));
	ST(NtCreateSemaphore(&t, SEMAPHORE_ALL_ACCESS, 0, 3, 2));
	ST(NtReleaseSemaphore(s, 1, &u));
	CHECK("count before", "%lu", u);
	ST(NtReleaseSemaphore(s, 1, 0));
	ST(NtQuerySemaphore(s, 0, info, 8, 0));
	CHECK("semaphore", "%lu of %lu", info[0], info[1]);
	ST(NtCreateMutant(&m, MUTANT_ALL_ACCESS, 0, TRUE));
	ST(NtQueryMutant(m, 0, info, 8, 0));
	CHECK("mutant", "%ld, owned %d, abandoned %d", (long)info[0], ((BYTE *)info)[4], ((BYTE *)info)[5]);
	ST(NtReleaseMutant(m, &prev));
	INT(prev);
	CHECK("again", "%lx", (ULONG)NtReleaseMutant(m, &prev));
	HANDLE both[2] = {e, s};
	CHECK("any", "%lx", (ULONG)NtWaitForMultipleObjects(2, both, 1, FALSE, &zero));
	CHECK("all", "%lx", (ULONG)NtWaitForMultipleObjects(2, both, 0, FALSE, &little));
	CHECK("signal and wait", "%lx", (ULONG)NtSignalAndWaitForSingleObject(e, e, FALSE, &zero));
	CHECK("signal of no such thing", "%lx", (ULONG)NtSignalAndWaitForSingleObject(GetCurrentThread(), e, FALSE, &zero));
	ST(NtDelayExecution(FALSE, &little));
	/* Timers. */
	BOOLEAN state = 9;
	ST(NtCreateTimer(&t, TIMER_ALL_ACCESS, 0, 0));
	ST(NtSetTimer(t, &little, 0, 0, FALSE, 0, &state));
	INT(state);
	CHECK("timer", "%lx", (ULONG)NtWaitForSingleObject_(t, FALSE, 0));
	struct { LARGE_INTEGER remaining; BOOLEAN state; } ti;
	ST(NtQueryTimer(t, 0, &ti, sizeof ti, 0));
	CHECK("its state", "%d, over %d", ti.state, ti.remaining.QuadPart <= 0);
	ST(NtCancelTimer(t, &state));
	CHECK("cancelled", "%d", state);
	/* Keyed events. */
	ST(NtCreateKeyedEvent(&keyed, GENERIC_ALL, 0, 0));
	HANDLE th = CreateThread(0, 0, releaser, (void *)0x100, 0, 0);
	ST(NtWaitForKeyedEvent(keyed, (void *)0x100, FALSE, 0));
	WaitForSingleObject(th, INFINITE);
	DWORD code = 9;
	GetExitCodeThread(th, &code);
	CHECK("released", "%lx", code);
	ST(NtWaitForKeyedEvent(keyed, (void *)0x200, FALSE, &little));
	ST(NtReleaseKeyedEvent(keyed, (void *)0x200, FALSE, &little));
	ST(NtWaitForKeyedEvent(keyed, (void *)0x201, FALSE, &little));
	ST(NtWaitForKeyedEvent(e, (void *)0x200, FALSE, &little));
	/* The pool. */
	done = CreateEventA(0, FALSE, FALSE, 0);
	TP_WORK *w = 0;
	ST(TpAllocWork(&w, (void *)work, (void *)3, 0));
	TpPostWork(w), TpPostWork(w);
	TpWaitForWork(w, FALSE);
	INT(count);
	TpReleaseWork(w);
	count = 0;
	ST(TpSimpleTryPost((void *)simple, (void *)4, 0));
	CHECK("posted", "%lx", WaitForSingleObject(done, 5000));
	INT(count);
	ST(RtlQueueWorkItem((void *)item, (void *)5, 0));
	CHECK("queued", "%lx", WaitForSingleObject(done, 5000));
	CHECK("count", "%ld", count);
	TP_TIMER *tt = 0;
	ST(TpAllocTimer(&tt, (void *)timer, 0, 0));
	TpSetTimer(tt, &little, 0, 0);
	CHECK("pool timer", "%lx", WaitForSingleObject(done, 5000));
	TpReleaseTimer(tt);
	HANDLE q, qt, r;
	ST(RtlCreateTimerQueue(&q));
	ST(RtlCreateTimer(q, &qt, (void *)fired, 0, 10, 0, 0));
	CHECK("queue timer", "%lx", WaitForSingleObject(done, 5000));
	CHECK("fired", "%ld", count);
	ST(RtlDeleteTimerQueueEx(q, INVALID_HANDLE_VALUE));
	ST(RtlRegisterWait(&r, e, (void *)fired, 0, INFINITE, WT_EXECUTEONLYONCE));
	SetEvent(e);
	CHECK("registered", "%lx", WaitForSingleObject(done, 5000));
	CHECK("by the object", "%ld", count);
	ST(RtlDeregisterWaitEx(r, INVALID_HANDLE_VALUE));
	/* Threads. */
	ST(RtlCreateUserThread(GetCurrentProcess(), 0, TRUE, 0, 0, 0, (void *)plain, (void *)6, &th, 0));
	ST(NtSuspendThread(th, &u));
	CHECK("suspended", "%lu", u);
	ST(NtResumeThread(th, &u));
	CHECK("resumed", "%lu", u);
	void *start = 0;
	ST(NtQueryInformationThread_(th, 9, &start, sizeof start, &u));
	CHECK("start", "length %lu", u);
	ST(NtSetInformationThread_(th, 17, 0, 0));
	ST(NtSetInformationThread_(th, 17, &u, 4));
	BYTE hidden = 9;
	ST(NtQueryInformationThread_(th, 17, &hidden, 1, 0));
	INT(hidden);
	ULONG lastThread = 9;
	ST(NtQueryInformationThread_(GetCurrentThread(), 12, &lastThread, 4, 0));
	INT(lastThread);
	NtResumeThread(th, 0);
	CHECK("ran", "%lx", WaitForSingleObject(th, 5000));
	GetExitCodeThread(th, &code);
	INT(code);
	return 0;
}
