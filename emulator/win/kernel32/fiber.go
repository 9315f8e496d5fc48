package kernel32

import (
	"sidetrace/emulator/guest"
	"sidetrace/emulator/win"
)

var fiberRows = win.Rows{
	win.Func0("ConvertFiberToThread", convertFiberToThread),
	win.Func1("ConvertThreadToFiber", convertThreadToFiber, "lpParameter"),
	win.Func2("ConvertThreadToFiberEx", convertThreadToFiberEx, "lpParameter dwFlags"),
	win.Func3("CreateFiber", createFiber, "dwStackSize lpStartAddress lpParameter"),
	win.Func5("CreateFiberEx", createFiberEx, "dwStackCommitSize dwStackReserveSize dwFlags lpStartAddress lpParameter"),
	win.Func1("DeleteFiber", deleteFiber, "lpFiber"),
	win.Func0("IsThreadAFiber", isThreadAFiber),
	win.Func1("SwitchToFiber", switchToFiber, "lpFiber"),
}

// A FIBER is opaque but for its first member, the parameter, which inlined
// code reads (GetFiberData). The stack's bounds follow as on Windows, the
// registers are not in it.
const (
	fiberSize         = 0x530
	fiberStackBase    = 0x10
	fiberStackLimit   = 0x18
	fiberDeallocation = 0x20

	fiberFlag       = 4 // of SameTebFlags
	errAlreadyFiber = win.Error(1280)
	errNotFiber     = win.Error(1281) // ERROR_ALREADY_THREAD
)

// fiberKey is where the fiber of a FIBER structure is kept.
type fiberKey struct{ at win.Ptr }

func newFiberStructure(c *win.Call, f *guest.Fiber, parameter win.Ptr) bool {
	at := c.Heap.Alloc(fiberSize)
	if at == 0 {
		return false
	}
	f.Address = at
	clear(c.Buffer(win.Ptr(at), fiberSize))
	c.WriteUint(win.Ptr(at), 8, uint64(parameter))
	lo, hi := f.StackRange()
	c.WriteUint(win.Ptr(at)+fiberStackBase, 8, hi)
	c.WriteUint(win.Ptr(at)+fiberStackLimit, 8, lo)
	c.WriteUint(win.Ptr(at)+fiberDeallocation, 8, lo)
	c.State[fiberKey{win.Ptr(at)}] = f
	return true
}

func dropFiberStructure(c *win.Call, f *guest.Fiber) {
	delete(c.State, fiberKey{win.Ptr(f.Address)})
	c.Heap.Free(f.Address)
	f.Address = 0
}

// convertThreadToFiber makes the thread a fiber, so that it can switch to
// others.
//
// https://learn.microsoft.com/windows/win32/api/winbase/nf-winbase-convertthreadtofiber
func convertThreadToFiber(c *win.Call, lpParameter win.Ptr) (win.Ptr, win.Error) {
	f := c.T.Fiber()
	if f.Address != 0 {
		return 0, errAlreadyFiber
	}
	if !newFiberStructure(c, f, lpParameter) {
		return 0, win.ErrNotEnoughMemory
	}
	c.WriteUint(win.Ptr(c.T.TEB+guest.TEBFiber), 8, f.Address)
	setFiberFlag(c, true)
	return win.Ptr(f.Address), 0
}

// convertThreadToFiberEx is the same; that fibers keep the floating-point
// state needs no flag here.
func convertThreadToFiberEx(c *win.Call, lpParameter win.Ptr, dwFlags win.Hex) (win.Ptr, win.Error) {
	if dwFlags&^1 != 0 {
		return 0, win.ErrInvalidParameter
	}
	return convertThreadToFiber(c, lpParameter)
}

func setFiberFlag(c *win.Call, on bool) {
	at := win.Ptr(c.T.TEB + guest.TEBFlags)
	flags := c.ReadUint(at, 2) &^ fiberFlag
	if on {
		flags |= fiberFlag
	}
	c.WriteUint(at, 2, flags)
}

// convertFiberToThread is the way back.
//
// https://learn.microsoft.com/windows/win32/api/winbase/nf-winbase-convertfibertothread
func convertFiberToThread(c *win.Call) (win.Bool, win.Error) {
	f := c.T.Fiber()
	if f.Address == 0 {
		return false, errNotFiber
	}
	dropFiberStructure(c, f)
	c.WriteUint(win.Ptr(c.T.TEB+guest.TEBFiber), 8, 0)
	setFiberFlag(c, false)
	return true, 0
}

// isThreadAFiber tells whether the thread has been converted.
//
// https://learn.microsoft.com/windows/win32/api/winbase/nf-winbase-isthreadafiber
func isThreadAFiber(c *win.Call) (win.Bool, win.Error) { return c.T.Fiber().Address != 0, 0 }

// createFiber makes a fiber. It runs when a thread switches to it.
//
// https://learn.microsoft.com/windows/win32/api/winbase/nf-winbase-createfiber
func createFiber(c *win.Call, dwStackSize win.Size, lpStartAddress, lpParameter win.Ptr) (win.Ptr, win.Error) {
	return createFiberEx(c, dwStackSize, 0, 0, lpStartAddress, lpParameter)
}

func createFiberEx(c *win.Call, dwStackCommitSize, dwStackReserveSize win.Size, dwFlags win.Hex, lpStartAddress, lpParameter win.Ptr) (win.Ptr, win.Error) {
	f, err := c.NewFiber(uint64(lpStartAddress), uint64(lpParameter), uint64(dwStackReserveSize))
	if err != nil {
		return 0, win.ErrNotEnoughMemory
	}
	if !newFiberStructure(c, f, lpParameter) {
		c.Process.DeleteFiber(f)
		return 0, win.ErrNotEnoughMemory
	}
	return win.Ptr(f.Address), 0
}

// fiberAt finds a fiber; what is none is used as Windows uses it, which ends
// in an access violation.
func fiberAt(c *win.Call, at win.Ptr) *guest.Fiber {
	f, ok := c.State[fiberKey{at}].(*guest.Fiber)
	if !ok {
		c.Gap("the address is not a fiber's")
		c.T.RaiseCode(guest.StatusAccessViolation)
	}
	return f
}

// switchToFiber lets a fiber run. It returns when another one switches back.
//
// https://learn.microsoft.com/windows/win32/api/winbase/nf-winbase-switchtofiber
func switchToFiber(c *win.Call, lpFiber win.Ptr) (win.Void, win.Error) {
	f := fiberAt(c, lpFiber)
	switch owner := f.Thread(); {
	case c.T.Fiber().Address == 0:
		c.Gap("a thread that was not converted switches")
		c.T.RaiseCode(guest.StatusAccessViolation)
	case owner != nil && owner != c.T:
		c.Gap("the fiber runs on another thread")
		c.T.RaiseCode(guest.StatusAccessViolation)
	}
	c.T = c.T.SwitchFiber(f)
	return win.Void{}, 0
}

// deleteFiber takes a fiber away; the one that runs ends its thread.
//
// https://learn.microsoft.com/windows/win32/api/winbase/nf-winbase-deletefiber
func deleteFiber(c *win.Call, lpFiber win.Ptr) (win.Void, win.Error) {
	f := fiberAt(c, lpFiber)
	if f == c.T.Fiber() {
		c.ExitThread(c.T, 1)
	}
	if f.Thread() != nil {
		c.Gap("the fiber runs on another thread")
		return win.Void{}, 0
	}
	f.EndLocal(c.T)
	dropFiberStructure(c, f)
	c.Process.DeleteFiber(f)
	return win.Void{}, 0
}
