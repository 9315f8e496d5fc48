package user32

import (
	"slices"

	"sidetrace/emulator/win"
)

var hookRows = win.Rows{
	win.Func4("CallNextHookEx", callNextHookEx, "hhk nCode wParam lParam"),
	win.Partial(win.Func4("SetWindowsHookEx{A,W}", setWindowsHookEx, "idHook lpfn hmod dwThreadId"), "nothing happens that hooks are told of"),
	win.Partial(win.Func7("SetWinEventHook", setWinEventHook, "eventMin eventMax hmodWinEventProc pfnWinEventProc idProcess idThread dwFlags"), "no event is reported"),
	win.Func1("UnhookWindowsHookEx", unhookWindowsHookEx, "hhk"),
	win.Func1("UnhookWinEvent", unhookWindowsHookEx, "hWinEventHook"),
}

// hook is an installed hook.
type hook struct {
	handle    win.Handle
	kind      int32
	procedure win.Ptr
}

const maxHooks = 1000

// setWindowsHookEx installs a hook. No key is pressed and no window of others
// opened that it could be told of.
//
// https://learn.microsoft.com/windows/win32/api/winuser/nf-winuser-setwindowshookexw
func setWindowsHookEx(c *win.Call, idHook win.Int, lpfn win.Ptr, hmod win.Handle, dwThreadId win.DWORD) (win.Handle, win.Error) {
	const (
		lowest, highest = -1, 14
		errFilterProc   = 1427 // ERROR_INVALID_FILTER_PROC
		errNoModule     = 1428 // ERROR_HOOK_NEEDS_HMOD
		errHookID       = 1426 // ERROR_INVALID_HOOK_FILTER
	)
	switch {
	case idHook < lowest || idHook > highest:
		return 0, errHookID
	case lpfn == 0:
		return 0, errFilterProc
	case dwThreadId == 0 && hmod == 0 && idHook != 13 && idHook != 14: // WH_KEYBOARD_LL, WH_MOUSE_LL
		return 0, errNoModule
	}
	return install(c, int32(idHook), lpfn)
}

func install(c *win.Call, kind int32, procedure win.Ptr) (win.Handle, win.Error) {
	d := of(c)
	if len(d.hooks) >= maxHooks {
		return 0, win.ErrNotEnoughMemory
	}
	h := &hook{d.handle(), kind, procedure}
	d.hooks = append(d.hooks, h)
	return h.handle, 0
}

// https://learn.microsoft.com/windows/win32/api/winuser/nf-winuser-setwineventhook
func setWinEventHook(c *win.Call, eventMin, eventMax win.DWORD, hmodWinEventProc win.Handle, pfnWinEventProc win.Ptr, idProcess, idThread win.DWORD, dwFlags win.Hex) (win.Handle, win.Error) {
	if pfnWinEventProc == 0 || eventMin > eventMax {
		return 0, win.ErrInvalidParameter
	}
	return install(c, -2, pfnWinEventProc)
}

// https://learn.microsoft.com/windows/win32/api/winuser/nf-winuser-unhookwindowshookex
func unhookWindowsHookEx(c *win.Call, hhk win.Handle) (win.Bool, win.Error) {
	const errInvalidHook = 1404 // ERROR_INVALID_HOOK_HANDLE
	d := of(c)
	i := slices.IndexFunc(d.hooks, func(h *hook) bool { return h.handle == hhk })
	if i < 0 {
		return false, errInvalidHook
	}
	d.hooks = slices.Delete(d.hooks, i, i+1)
	return true, 0
}

// callNextHookEx calls the hook of the same kind that was installed before.
//
// https://learn.microsoft.com/windows/win32/api/winuser/nf-winuser-callnexthookex
func callNextHookEx(c *win.Call, hhk win.Handle, nCode win.Int, wParam, lParam win.Size) (win.Size, win.Error) {
	d := of(c)
	i := slices.IndexFunc(d.hooks, func(h *hook) bool { return h.handle == hhk })
	for i--; i >= 0; i-- {
		if d.hooks[i].kind == d.hooks[i+1].kind {
			return win.Size(c.CallGuest(d.hooks[i].procedure, uint64(nCode), uint64(wParam), uint64(lParam))), 0
		}
	}
	return 0, 0
}
