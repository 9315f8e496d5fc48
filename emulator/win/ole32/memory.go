package ole32

import "sidetrace/emulator/win"

var memoryRows = win.Rows{
	win.Func1("CoTaskMemAlloc", coTaskMemAlloc, "cb"),
	win.Func1("CoTaskMemFree", coTaskMemFree, "pv"),
	win.Func2("CoTaskMemRealloc", coTaskMemRealloc, "pv cb"),
}

// https://learn.microsoft.com/windows/win32/api/combaseapi/nf-combaseapi-cotaskmemalloc
func coTaskMemAlloc(c *win.Call, cb win.Size) (win.Ptr, win.Error) {
	return win.Ptr(c.Heap.Alloc(max(uint64(cb), 1))), 0
}

// https://learn.microsoft.com/windows/win32/api/combaseapi/nf-combaseapi-cotaskmemfree
func coTaskMemFree(c *win.Call, pv win.Ptr) (win.Void, win.Error) {
	if pv != 0 {
		c.Heap.Free(uint64(pv))
	}
	return win.Void{}, 0
}

// https://learn.microsoft.com/windows/win32/api/combaseapi/nf-combaseapi-cotaskmemrealloc
func coTaskMemRealloc(c *win.Call, pv win.Ptr, cb win.Size) (win.Ptr, win.Error) {
	if pv == 0 {
		return coTaskMemAlloc(c, cb)
	}
	if cb == 0 {
		c.Heap.Free(uint64(pv))
		return 0, 0
	}
	size, ok := c.Heap.Size(uint64(pv))
	if !ok {
		return 0, 0
	}
	at := c.Heap.Alloc(uint64(cb))
	if at == 0 {
		return 0, 0
	}
	c.Write(win.Ptr(at), c.Bytes(pv, min(size, uint64(cb))))
	c.Heap.Free(uint64(pv))
	return win.Ptr(at), 0
}
