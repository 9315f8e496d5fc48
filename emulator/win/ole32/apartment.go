package ole32

import "sidetrace/emulator/win"

var apartmentRows = win.Rows{
	win.Func1("CoInitialize", coInitialize, "pvReserved"),
	win.Func2("CoInitializeEx", coInitializeEx, "pvReserved dwCoInit"),
	win.Stub("CoInitializeSecurity", win.Status(0), "pSecDesc cAuthSvc asAuthSvc pReserved1 dwAuthnLevel dwImpLevel pAuthList dwCapabilities pReserved3"),
	win.Stub("CoFreeUnusedLibraries", win.Void{}, ""),
	win.Func0("CoUninitialize", coUninitialize),
	win.Func1("OleInitialize", coInitialize, "pvReserved"),
	win.Func0("OleUninitialize", coUninitialize),
}

// apartment is what a thread has made of itself.
type apartment struct {
	count int
	multi bool // multithreaded
}

type apartmentsKey struct{}

func apartments(c *win.Call) map[uint32]*apartment {
	m, ok := c.State[apartmentsKey{}].(map[uint32]*apartment)
	if !ok {
		m = map[uint32]*apartment{}
		c.State[apartmentsKey{}] = m
	}
	return m
}

const (
	changedMode    win.Status = 0x80010106 // RPC_E_CHANGED_MODE
	notInitialized win.Status = 0x800401F0 // CO_E_NOTINITIALIZED
	singleThreaded            = 2          // COINIT_APARTMENTTHREADED
	knownInitFlags            = 0xF
)

// https://learn.microsoft.com/windows/win32/api/objbase/nf-objbase-coinitialize
func coInitialize(c *win.Call, pvReserved win.Ptr) (win.Status, win.Error) {
	return coInitializeEx(c, pvReserved, singleThreaded)
}

// coInitializeEx counts; S_FALSE says that the thread had been initialized.
//
// https://learn.microsoft.com/windows/win32/api/combaseapi/nf-combaseapi-coinitializeex
func coInitializeEx(c *win.Call, pvReserved win.Ptr, dwCoInit win.Hex) (win.Status, win.Error) {
	all := apartments(c)
	a := all[c.T.ID]
	multi := dwCoInit&singleThreaded == 0
	switch {
	case pvReserved != 0 || dwCoInit&^knownInitFlags != 0:
		return win.ResultInvalidArg, 0
	case a == nil:
		all[c.T.ID] = &apartment{count: 1, multi: multi}
		return win.ResultOK, 0
	case a.multi != multi:
		return changedMode, 0
	}
	a.count++
	return win.ResultFalse, 0
}

// https://learn.microsoft.com/windows/win32/api/combaseapi/nf-combaseapi-couninitialize
func coUninitialize(c *win.Call) (win.Void, win.Error) {
	all := apartments(c)
	if a := all[c.T.ID]; a != nil {
		if a.count--; a.count == 0 {
			delete(all, c.T.ID)
		}
	}
	return win.Void{}, 0
}

// initialized reports whether the thread may use COM: by itself, or because
// another one has made the multithreaded apartment.
func initialized(c *win.Call) bool {
	all := apartments(c)
	if all[c.T.ID] != nil {
		return true
	}
	for _, a := range all {
		if a.multi {
			return true
		}
	}
	return false
}
