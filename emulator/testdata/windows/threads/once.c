#include "check.h"

/* One-time initialisation, singly linked lists, waits on an address. */

static INIT_ONCE once = INIT_ONCE_STATIC_INIT;
static int calls;
static BOOL CALLBACK init(INIT_ONCE *o, void *p, void **context)
{
	(void)o;
	calls++;
	if (p == (void *)1)
		return FALSE;
	Sleep(20);
	if (context)
		*context = p;
	return TRUE;
}
static DWORD WINAPI user(void *p)
{
	void *context = 0;
	BOOL b = InitOnceExecuteOnce(&once, init, p, &context);
	return b << 16 | (DWORD)(ULONG_PTR)context;
}

struct item {
	SLIST_ENTRY e;
	int v;
};

typedef BOOL(WINAPI *wait_fn)(volatile void *, void *, SIZE_T, DWORD);
typedef void(WINAPI *wake_fn)(void *);
static wait_fn wait_on;
static volatile LONG word;
static HANDLE ready;
static DWORD WINAPI sleeper(void *p)
{
	LONG zero = 0;
	SetEvent(ready);
	(void)p;
	return wait_on(&word, &zero, 4, 5000);
}

int main(void)
{
	void *context = (void *)99;
	INT(sizeof once);
	CHECK("callback fails", "%d", InitOnceExecuteOnce(&once, init, (void *)1, &context));
	CHECK("state", "%p, calls %d", once.Ptr, calls);
	HANDLE t[3];
	for (int i = 0; i < 3; i++)
		t[i] = CreateThread(0, 0, user, (void *)0x1230, 0, 0);
	WaitForMultipleObjects(3, t, TRUE, INFINITE);
	for (int i = 0; i < 3; i++) {
		DWORD c;
		GetExitCodeThread(t[i], &c);
		CHECK("thread", "%lx", c);
	}
	INT(calls);
	CHECK("done", "%p", once.Ptr);
	context = 0;
	INT(InitOnceExecuteOnce(&once, init, (void *)0x5550, &context));
	CHECK("context", "%p", context);
	INT(InitOnceExecuteOnce(&once, init, 0, 0));

	INIT_ONCE o;
	BOOL pending = 9;
	InitOnceInitialize(&o);
	CHECK("new", "%p", o.Ptr);
	FAILS(InitOnceBeginInitialize(&o, INIT_ONCE_CHECK_ONLY, &pending, &context));
	INT(InitOnceBeginInitialize(&o, 0, &pending, &context));
	INT(pending);
	CHECK("running", "%p", o.Ptr);
	FAILS(InitOnceBeginInitialize(&o, INIT_ONCE_ASYNC, &pending, &context));
	FAILS(InitOnceComplete(&o, 0, (void *)1));
	FAILS(InitOnceComplete(&o, INIT_ONCE_INIT_FAILED, (void *)8));
	CHECK("fail", "%d %p", InitOnceComplete(&o, INIT_ONCE_INIT_FAILED, 0), o.Ptr);
	FAILS(InitOnceComplete(&o, 0, 0));
	CHECK("async begin", "%d", InitOnceBeginInitialize(&o, INIT_ONCE_ASYNC, &pending, &context));
	CHECK("async second", "%d, pending %d, %p", InitOnceBeginInitialize(&o, INIT_ONCE_ASYNC, &pending, &context), pending, o.Ptr);
	FAILS(InitOnceBeginInitialize(&o, 0, &pending, &context));
	CHECK("async complete", "%d %p", InitOnceComplete(&o, INIT_ONCE_ASYNC, (void *)0x40), o.Ptr);
	FAILS(InitOnceComplete(&o, INIT_ONCE_ASYNC, (void *)0x80));
	CHECK("check", "%d, pending %d, %p", InitOnceBeginInitialize(&o, INIT_ONCE_CHECK_ONLY, &pending, &context), pending, context);

	/* Lists. */
	__attribute__((aligned(16))) SLIST_HEADER list;
	__attribute__((aligned(16))) struct item item[5] = {0};
	InitializeSListHead(&list);
	INT(QueryDepthSList(&list));
	CHECK("pop of none", "%p", InterlockedPopEntrySList(&list));
	CHECK("flush of none", "%p", InterlockedFlushSList(&list));
	for (int i = 0; i < 4; i++) {
		item[i].v = i;
		CHECK("first before", "%d", InterlockedPushEntrySList(&list, &item[i].e) == (i ? &item[i - 1].e : 0));
	}
	CHECK("depth", "%d", QueryDepthSList(&list));
	CHECK("pop", "%d", ((struct item *)InterlockedPopEntrySList(&list))->v);
	CHECK("depth now", "%d", QueryDepthSList(&list));
	SLIST_ENTRY *e = InterlockedFlushSList(&list);
	CHECK("flushed", "%d %d %d %d", ((struct item *)e)->v, ((struct item *)e->Next)->v, ((struct item *)e->Next->Next)->v, e->Next->Next->Next == 0);
	CHECK("empty", "%d %p", QueryDepthSList(&list), InterlockedPopEntrySList(&list));

	/* Waits on an address. */
	HMODULE base = GetModuleHandleA("kernelbase");
	wait_on = (wait_fn)(void *)GetProcAddress(base, "WaitOnAddress");
	wake_fn one = (wake_fn)(void *)GetProcAddress(base, "WakeByAddressSingle"), all = (wake_fn)(void *)GetProcAddress(base, "WakeByAddressAll");
	LONG compare = 1;
	CHECK("differs", "%d", wait_on(&word, &compare, 4, INFINITE));
	compare = 0;
	FAILS(wait_on(&word, &compare, 4, 20));
	FAILS(wait_on(&word, &compare, 3, 20));
	FAILS(wait_on(&word, &compare, 1, 0));
	ready = CreateEventA(0, FALSE, FALSE, 0);
	for (int i = 0; i < 2; i++) {
		t[i] = CreateThread(0, 0, sleeper, 0, 0, 0);
		WaitForSingleObject(ready, INFINITE);
	}
	Sleep(50);
	word = 1;
	one((void *)&word);
	DWORD r = WaitForMultipleObjects(2, t, FALSE, 1000);
	CHECK("one woke", "%lu", WaitForSingleObject(t[r ^ 1], 20));
	all((void *)&word);
	CHECK("all woke", "%lx", WaitForMultipleObjects(2, t, TRUE, 1000));
	for (int i = 0; i < 2; i++) {
		DWORD c;
		GetExitCodeThread(t[i], &c);
		CHECK("result", "%lu", c);
	}
	return 0;
}
