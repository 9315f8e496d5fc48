package ntdll

import (
	"slices"

	"sidetrace/emulator/guest"
	"sidetrace/emulator/win"
)

// TP_CALLBACK_ENVIRON, which inlined functions of the SDK fill.
const (
	envPool         = 0x08
	envGroup        = 0x10
	envGroupCancel  = 0x18
	envFinalization = 0x30
)

// newItem makes an item for a callback environment, which may be null.
func newItem(c *win.Call, kind string, fn, context, environment win.Ptr) *item {
	x := &item{kind: kind, fn: fn, context: context, maker: c.Name()}
	if environment == 0 {
		x.pool = poolOf(c, 0)
		return x
	}
	x.pool = poolOf(c, win.Ptr(c.ReadUint(environment+envPool, 8)))
	x.finalization = win.Ptr(c.ReadUint(environment+envFinalization, 8))
	if g := c.ReadUint(environment+envGroup, 8); g != 0 {
		if x.group = groupOf(c, win.Ptr(g)); x.group != nil {
			x.cancelled = win.Ptr(c.ReadUint(environment+envGroupCancel, 8))
		}
	}
	return x
}

// cleanupGroup is a cleanup group.
type cleanupGroup struct{ members []*item }

type groupKey struct{ at win.Ptr }

func groupOf(c *win.Call, at win.Ptr) *cleanupGroup {
	g, ok := c.State[groupKey{at}].(*cleanupGroup)
	if !ok {
		c.Gap("the address is not a cleanup group's")
	}
	return g
}

// instance is one call that is being made.
type instance struct {
	at      win.Ptr
	of      *item
	apart   bool // TpDisassociateCallback
	event   *guest.Event
	mutex   *guest.Mutex
	sem     *guest.Semaphore
	count   int32
	section win.Ptr
	unload  win.Ptr
}

type instanceKey struct{ at win.Ptr }

func newInstance(c *win.Call, x *item) *instance {
	i := &instance{of: x}
	if at, status := structure(c); status == 0 {
		i.at = at
		c.State[instanceKey{at}] = i
	}
	return i
}

// end does what the call has asked for after its return, in Windows' order.
func (i *instance) end(c *win.Call) {
	if i.section != 0 {
		LeaveCriticalSection(c, i.section)
	}
	if i.mutex != nil {
		i.mutex.Release(c.T)
	}
	if i.sem != nil {
		i.sem.Release(i.count)
	}
	if i.event != nil {
		i.event.Set = true
	}
	if i.unload != 0 {
		if m := c.ModuleByBase(uint64(i.unload)); m != nil {
			c.FreeLibrary(c.T, m)
		}
	}
	if i.at != 0 {
		delete(c.State, instanceKey{i.at})
		c.Heap.Free(uint64(i.at))
	}
	c.Signal()
}

var poolRows = win.Rows{
	win.Hidden(win.Func1(workerThread, tppWorkerThread, "Pool")),
	win.Func1("TpAllocCleanupGroup", tpAllocCleanupGroup, "CleanupGroup"),
	win.Func2("TpAllocPool", tpAllocPool, "Pool Reserved"),
	win.Func2("TpCallbackLeaveCriticalSectionOnCompletion", tpCallbackLeaveCriticalSectionOnCompletion, "Instance CriticalSection"),
	win.Func1("TpCallbackMayRunLong", tpCallbackMayRunLong, "Instance"),
	win.Func2("TpCallbackReleaseMutexOnCompletion", tpCallbackReleaseMutexOnCompletion, "Instance Mutex"),
	win.Func3("TpCallbackReleaseSemaphoreOnCompletion", tpCallbackReleaseSemaphoreOnCompletion, "Instance Semaphore ReleaseCount"),
	win.Func2("TpCallbackSetEventOnCompletion", tpCallbackSetEventOnCompletion, "Instance Event"),
	win.Func2("TpCallbackUnloadDllOnCompletion", tpCallbackUnloadDllOnCompletion, "Instance DllHandle"),
	win.Func1("TpDisassociateCallback", tpDisassociateCallback, "Instance"),
	win.Func1("TpReleaseCleanupGroup", tpReleaseCleanupGroup, "CleanupGroup"),
	win.Func3("TpReleaseCleanupGroupMembers", tpReleaseCleanupGroupMembers, "CleanupGroup CancelPendingCallbacks CleanupParameter"),
	win.Func1("TpReleasePool", tpReleasePool, "Pool"),
	win.Func2("TpSetPoolMaxThreads", tpSetPoolMaxThreads, "Pool MaxThreads"),
	win.Partial(win.Func2("TpSetPoolMinThreads", tpSetPoolMinThreads, "Pool MinThreads"), "workers are made when there is work"),
}

// tpAllocPool makes a pool of its own.
//
// https://learn.microsoft.com/windows/win32/api/threadpoolapiset/nf-threadpoolapiset-createthreadpool
func tpAllocPool(c *win.Call, Pool win.Out[uint64], Reserved win.Ptr) (win.Status, win.Error) {
	return store(c, Pool, func() (win.Ptr, win.Status) { return NewPool(c) }), 0
}

// NewPool makes a pool.
func NewPool(c *win.Call) (win.Ptr, win.Status) {
	at, status := structure(c)
	if status == 0 {
		c.State[poolKey{at}] = &pool{at: at, most: defaultMost}
	}
	return at, status
}

// tpReleasePool lets a pool go. Its workers end once they have nothing to do.
//
// https://learn.microsoft.com/windows/win32/api/threadpoolapiset/nf-threadpoolapiset-closethreadpool
func tpReleasePool(c *win.Call, Pool win.Ptr) (win.Void, win.Error) {
	if Pool != 0 {
		poolOf(c, Pool)
	}
	return win.Void{}, 0
}

// tpSetPoolMaxThreads limits the workers.
//
// https://learn.microsoft.com/windows/win32/api/threadpoolapiset/nf-threadpoolapiset-setthreadpoolthreadmaximum
func tpSetPoolMaxThreads(c *win.Call, Pool win.Ptr, MaxThreads win.DWORD) (win.Void, win.Error) {
	p := poolOf(c, Pool)
	p.most = int(max(MaxThreads, 1))
	p.staff(c)
	return win.Void{}, 0
}

func tpSetPoolMinThreads(c *win.Call, Pool win.Ptr, MinThreads win.DWORD) (win.Bool, win.Error) {
	poolOf(c, Pool)
	return true, 0
}

// tpAllocCleanupGroup makes a group, whose members are closed together.
//
// https://learn.microsoft.com/windows/win32/api/threadpoolapiset/nf-threadpoolapiset-createthreadpoolcleanupgroup
func tpAllocCleanupGroup(c *win.Call, CleanupGroup win.Out[uint64]) (win.Status, win.Error) {
	return store(c, CleanupGroup, func() (win.Ptr, win.Status) { return NewCleanupGroup(c) }), 0
}

// NewCleanupGroup makes a cleanup group.
func NewCleanupGroup(c *win.Call) (win.Ptr, win.Status) {
	at, status := structure(c)
	if status == 0 {
		c.State[groupKey{at}] = &cleanupGroup{}
	}
	return at, status
}

func tpReleaseCleanupGroup(c *win.Call, CleanupGroup win.Ptr) (win.Void, win.Error) {
	if groupOf(c, CleanupGroup) != nil {
		delete(c.State, groupKey{CleanupGroup})
		c.Heap.Free(uint64(CleanupGroup))
	}
	return win.Void{}, 0
}

// tpReleaseCleanupGroupMembers waits for the members' calls, or takes them back
// and tells the program so, and closes the members.
//
// https://learn.microsoft.com/windows/win32/api/threadpoolapiset/nf-threadpoolapiset-closethreadpoolcleanupgroupmembers
func tpReleaseCleanupGroupMembers(c *win.Call, CleanupGroup win.Ptr, CancelPendingCallbacks win.Int, CleanupParameter win.Ptr) (win.Void, win.Error) {
	g := groupOf(c, CleanupGroup)
	if g == nil {
		return win.Void{}, 0
	}
	members := slices.Clone(g.members)
	for _, x := range members {
		x.pool.unwatch(x)
		x.repeat = false
		if CancelPendingCallbacks != 0 {
			x.cancel()
		}
	}
	for _, x := range members {
		x.wait(c)
		if CancelPendingCallbacks != 0 && x.cancelled != 0 {
			c.CallGuest(x.cancelled, uint64(x.context), uint64(CleanupParameter))
		}
		x.close(c)
	}
	return win.Void{}, 0
}

// instanceOf finds the call that an instance stands for.
func instanceOf(c *win.Call, at win.Ptr) *instance {
	i, ok := c.State[instanceKey{at}].(*instance)
	if !ok {
		c.Gap("the address is not a callback instance's")
		return &instance{of: &item{}}
	}
	return i
}

// tpCallbackSetEventOnCompletion has an event set when the call has returned.
//
// https://learn.microsoft.com/windows/win32/api/threadpoolapiset/nf-threadpoolapiset-seteventwhencallbackreturns
func tpCallbackSetEventOnCompletion(c *win.Call, Instance win.Ptr, Event win.Handle) (win.Void, win.Error) {
	instanceOf(c, Instance).event, _ = object[*guest.Event](c, Event)
	return win.Void{}, 0
}

func tpCallbackReleaseMutexOnCompletion(c *win.Call, Instance win.Ptr, Mutex win.Handle) (win.Void, win.Error) {
	instanceOf(c, Instance).mutex, _ = object[*guest.Mutex](c, Mutex)
	return win.Void{}, 0
}

func tpCallbackReleaseSemaphoreOnCompletion(c *win.Call, Instance win.Ptr, Semaphore win.Handle, ReleaseCount win.DWORD) (win.Void, win.Error) {
	i := instanceOf(c, Instance)
	i.sem, _ = object[*guest.Semaphore](c, Semaphore)
	i.count = int32(ReleaseCount)
	return win.Void{}, 0
}

func tpCallbackLeaveCriticalSectionOnCompletion(c *win.Call, Instance, CriticalSection win.Ptr) (win.Void, win.Error) {
	instanceOf(c, Instance).section = CriticalSection
	return win.Void{}, 0
}

func tpCallbackUnloadDllOnCompletion(c *win.Call, Instance, DllHandle win.Ptr) (win.Void, win.Error) {
	instanceOf(c, Instance).unload = DllHandle
	return win.Void{}, 0
}

// tpCallbackMayRunLong tells that the call may take long. There is always
// another worker for what comes then.
//
// https://learn.microsoft.com/windows/win32/api/threadpoolapiset/nf-threadpoolapiset-callbackmayrunlong
func tpCallbackMayRunLong(c *win.Call, Instance win.Ptr) (win.Bool, win.Error) {
	instanceOf(c, Instance)
	return true, 0
}

// tpDisassociateCallback lets those who wait for the call go on before it has
// returned.
//
// https://learn.microsoft.com/windows/win32/api/threadpoolapiset/nf-threadpoolapiset-disassociatecurrentthreadfromcallback
func tpDisassociateCallback(c *win.Call, Instance win.Ptr) (win.Void, win.Error) {
	if i := instanceOf(c, Instance); !i.apart {
		i.apart = true
		i.of.running--
		c.Signal()
	}
	return win.Void{}, 0
}
