#include "check.h"

/* Fibers: switching, their own stacks, registers and storage. */

static void *main_fiber, *fib[4];
static int steps[16], n;
static DWORD slot;
static void WINAPI gone(void *v) { CHECK("let go", "%d", (int)(INT_PTR)v); }

static void WINAPI ping(void *p)
{
	int id = (int)(INT_PTR)p;
	CHECK("parameter", "%d %d", id, (int)(INT_PTR)GetFiberData());
	FlsSetValue(slot, (void *)(INT_PTR)(id * 10));
	volatile double x = id + 0.5;
	for (int i = 0; i < 3; i++) {
		steps[n++] = id * 10 + i;
		SwitchToFiber(fib[(id + 1) % 2]);
		x += 1;
	}
	CHECK("kept", "%d: %d, fls %d", id, (int)(x * 10), (int)(INT_PTR)FlsGetValue(slot));
	SwitchToFiber(main_fiber);
	CHECK("not here", "0");
}

/* A generator that switches in the middle of a callback from the system. */
static BOOL CALLBACK once(PINIT_ONCE, void *p, void **)
{
	SwitchToFiber(main_fiber);
	return p != 0;
}
static INIT_ONCE init = INIT_ONCE_STATIC_INIT;
static void WINAPI in_callback(void *)
{
	BOOL b = InitOnceExecuteOnce(&init, once, (void *)1, 0);
	CHECK("the callback came back", "%d", b);
	SwitchToFiber(main_fiber);
}

struct thing {
	int v;
	thing(int v) : v(v) {}
	~thing() { CHECK("destroyed", "%d", v); }
};
static void WINAPI throws(void *)
{
	try {
		thing t(3);
		SwitchToFiber(main_fiber);
		steps[0] = t.v;
	} catch (...) {
	}
	SwitchToFiber(main_fiber);
}

static void WINAPI ends(void *) { CHECK("a fiber returns", "1"); }
static DWORD WINAPI thread(void *)
{
	CHECK("a fiber yet", "%d", IsThreadAFiber());
	ConvertThreadToFiber(0);
	CHECK("now", "%d", IsThreadAFiber());
	SwitchToFiber(CreateFiber(0, ends, 0));
	return 77;
}

/* A fiber made by one thread and run by another. */
static void *traveller;
static void *home;
static DWORD maker, runner;
static void WINAPI travels(void *)
{
	CHECK("runs on", "%s", GetCurrentThreadId() == maker ? "maker" : GetCurrentThreadId() == runner ? "runner" : "?");
	SwitchToFiber(home);
	CHECK("then on", "%s", GetCurrentThreadId() == maker ? "maker" : GetCurrentThreadId() == runner ? "runner" : "?");
	SwitchToFiber(home);
}
static DWORD WINAPI takes_over(void *)
{
	runner = GetCurrentThreadId();
	home = ConvertThreadToFiber(0);
	SwitchToFiber(traveller);
	ConvertFiberToThread();
	return 5;
}

int main()
{
	INT(IsThreadAFiber());
	FAILS(ConvertFiberToThread());
	main_fiber = ConvertThreadToFiber((void *)1234);
	CHECK("converted", "%d", main_fiber == GetCurrentFiber());
	INT(IsThreadAFiber());
	CHECK("data", "%d", (int)(INT_PTR)GetFiberData());
	FAILS((INT_PTR)ConvertThreadToFiber(0));
	slot = FlsAlloc(gone);
	FlsSetValue(slot, (void *)999);
	fib[0] = CreateFiber(0, ping, (void *)0);
	fib[1] = CreateFiberEx(4096, 65536, FIBER_FLAG_FLOAT_SWITCH, ping, (void *)1);
	CHECK("made", "%d", fib[0] != 0 && fib[1] != 0 && fib[0] != fib[1]);
	volatile double y = 2.25;
	SwitchToFiber(fib[0]);
	for (int i = 0; i < n; i++)
		CHECK("step", "%d", steps[i]);
	CHECK("our values", "%d, fls %d", (int)(y * 100), (int)(INT_PTR)FlsGetValue(slot));
	SwitchToFiber(fib[1]);
	DeleteFiber(fib[0]);
	DeleteFiber(fib[1]);

	fib[2] = CreateFiber(0, in_callback, 0);
	SwitchToFiber(fib[2]);
	CHECK("in the middle of a callback", "1");
	SwitchToFiber(fib[2]);
	DeleteFiber(fib[2]);
	fib[3] = CreateFiber(0, throws, 0);
	SwitchToFiber(fib[3]);
	steps[0] = 0;
	SwitchToFiber(fib[3]);
	INT(steps[0]);
	DeleteFiber(fib[3]);

	DWORD c = 0;
	HANDLE t = CreateThread(0, 0, thread, 0, 0, 0);
	CHECK("its thread ends", "%lx", WaitForSingleObject(t, 5000));
	GetExitCodeThread(t, &c);
	CHECK("with", "%lu", c);

	maker = GetCurrentThreadId();
	traveller = CreateFiber(0, travels, 0);
	home = main_fiber;
	SwitchToFiber(traveller);
	t = CreateThread(0, 0, takes_over, 0, 0, 0);
	WaitForSingleObject(t, INFINITE);
	GetExitCodeThread(t, &c);
	CHECK("the other thread", "%lu", c);
	DeleteFiber(traveller);
	CHECK("converted back", "%d", ConvertFiberToThread());
	INT(IsThreadAFiber());
	FlsFree(slot);
	return 0;
}
