package gdi32

import (
	"maps"

	"sidetrace/emulator/win"
)

var contextRows = win.Rows{
	win.Func1("CreateCompatibleDC", createCompatibleDC, "hdc"),
	win.Func4("CreateDC{A,W}", createDC, "pwszDriver pwszDevice pszPort pdm"),
	win.Func4("CreateIC{A,W}", createDC, "pszDriver pszDevice pszPort pdm"),
	win.Func1("DeleteDC", deleteDC, "hdc"),
	win.Func2("GetCurrentObject", getCurrentObject, "hdc kind"),
	win.Func2("GetDeviceCaps", getDeviceCaps, "hdc index"),
	win.Func1("GetBkColor", getBkColor, "hdc"),
	win.Func1("GetBkMode", getBkMode, "hdc"),
	win.Func1("GetStretchBltMode", getStretchBltMode, "hdc"),
	win.Func1("GetTextAlign", getTextAlign, "hdc"),
	win.Func1("GetTextColor", getTextColor, "hdc"),
	win.Func2("RestoreDC", restoreDC, "hdc nSavedDC"),
	win.Func1("SaveDC", saveDC, "hdc"),
	win.Func2("SelectObject", selectObject, "hdc h"),
	win.Func2("SetBkColor", setBkColor, "hdc color"),
	win.Func2("SetBkMode", setBkMode, "hdc mode"),
	win.Func2("SetStretchBltMode", setStretchBltMode, "hdc mode"),
	win.Func2("SetTextAlign", setTextAlign, "hdc align"),
	win.Func2("SetTextColor", setTextColor, "hdc color"),
}

// createCompatibleDC makes a device context in memory, with a bitmap of one
// pixel.
//
// https://learn.microsoft.com/windows/win32/api/wingdi/nf-wingdi-createcompatibledc
func createCompatibleDC(c *win.Call, hdc win.Handle) (win.Handle, win.Error) {
	if hdc != 0 && contextOf(c, hdc) == nil {
		return 0, win.ErrInvalidHandle
	}
	return add(c, newContext(kindMemoryDC)), 0
}

// createDC makes a context of the screen. There are no other devices.
//
// https://learn.microsoft.com/windows/win32/api/wingdi/nf-wingdi-createdcw
func createDC(c *win.Call, pwszDriver, pwszDevice, pszPort win.TStr, pdm win.Ptr) (win.Handle, win.Error) {
	if name := pwszDriver.Text; name != "DISPLAY" && (!pwszDriver.Null() || pwszDevice.Null()) {
		return 0, 0
	}
	return add(c, newContext(kindDC)), 0
}

// https://learn.microsoft.com/windows/win32/api/wingdi/nf-wingdi-deletedc
func deleteDC(c *win.Call, hdc win.Handle) (win.Bool, win.Error) {
	g := of(c)
	if contextOf(c, hdc) == nil {
		return false, win.ErrInvalidHandle
	}
	if g.dc[hdc] == nil { // a window's stays
		g.table.Close(hdc.Guest())
	}
	return true, 0
}

// selectObject makes a context use an object and gives the one it used before.
// A bitmap goes into a context in memory, and into one at a time.
//
// https://learn.microsoft.com/windows/win32/api/wingdi/nf-wingdi-selectobject
func selectObject(c *win.Call, hdc, h win.Handle) (win.Handle, win.Error) {
	const simpleRegion = 2
	d, o := get(c, hdc), get(c, h)
	if d == nil || d.dc == nil || o == nil {
		return 0, win.ErrInvalidHandle
	}
	switch o.kind {
	case kindRegion:
		return simpleRegion, 0
	case kindPen, kindBrush, kindFont:
	case kindBitmap:
		if d.kind != kindMemoryDC || !o.stock && d.dc.selected[kindBitmap] != h && inUse(c, h) {
			return 0, 0
		}
	default:
		return 0, 0
	}
	before := d.dc.selected[o.kind]
	d.dc.selected[o.kind] = h
	return before, 0
}

// inUse reports whether a bitmap is selected into some context.
func inUse(c *win.Call, h win.Handle) bool {
	t := of(c).table
	for i := range uint64(maxHandles) {
		if o, ok := t.Get(win.Handle(firstHandle + i*handleStep).Guest()).(*object); ok && o.dc != nil && o.dc.selected[kindBitmap] == h {
			return true
		}
	}
	return false
}

// https://learn.microsoft.com/windows/win32/api/wingdi/nf-wingdi-getcurrentobject
func getCurrentObject(c *win.Call, hdc win.Handle, kind win.DWORD) (win.Handle, win.Error) {
	d := contextOf(c, hdc)
	if d == nil {
		return 0, win.ErrInvalidHandle
	}
	return d.selected[int(kind)], 0
}

// saveDC remembers the context's state and gives its number.
//
// https://learn.microsoft.com/windows/win32/api/wingdi/nf-wingdi-savedc
func saveDC(c *win.Call, hdc win.Handle) (win.Int, win.Error) {
	const most = 1024
	d := contextOf(c, hdc)
	if d == nil || len(d.saved) >= most {
		return 0, win.ErrInvalidHandle
	}
	copied := *d
	copied.selected, copied.saved = maps.Clone(d.selected), nil
	d.saved = append(d.saved, copied)
	return win.Int(len(d.saved)), 0
}

// restoreDC goes back to a state, by its number or counted from the last.
//
// https://learn.microsoft.com/windows/win32/api/wingdi/nf-wingdi-restoredc
func restoreDC(c *win.Call, hdc win.Handle, nSavedDC win.Int) (win.Bool, win.Error) {
	d := contextOf(c, hdc)
	if d == nil {
		return false, win.ErrInvalidHandle
	}
	n := int(nSavedDC)
	if n < 0 {
		n += len(d.saved) + 1
	}
	if n < 1 || n > len(d.saved) {
		return false, win.ErrInvalidParameter
	}
	state, rest := d.saved[n-1], d.saved[:n-1]
	*d = state
	d.saved = rest
	return true, 0
}

// capabilities of the screen, by their numbers: 1920 by 1080 pixels of 32 bits.
//
// https://learn.microsoft.com/windows/win32/api/wingdi/nf-wingdi-getdevicecaps
var capabilities = map[int32]int32{
	0: 0x4000, 2: 1, 4: 508, 6: 286, 8: 1920, 10: 1080, 12: 32, 14: 1, 16: -1, 18: -1, 24: -1, 28: 0x1FF, 30: 0x7F, 32: 0xFE, 34: 0x7807, 36: 1, 38: 0x7E99,
	40: 36, 42: 36, 44: 51, 88: 96, 90: 96, 108: 24, 116: 60, 117: 1080, 118: 1920,
}

func getDeviceCaps(c *win.Call, hdc win.Handle, index win.Int) (win.Int, win.Error) {
	if contextOf(c, hdc) == nil {
		return 0, win.ErrInvalidHandle
	}
	return win.Int(capabilities[int32(index)]), 0
}

// invalidColour is what the functions of colours fail with: CLR_INVALID.
const invalidColour = 0xFFFFFFFF

// exchange changes a value of a context and gives the old one.
func exchange(c *win.Call, hdc win.Handle, value, failed uint32, field func(*context) *uint32) (win.DWORD, win.Error) {
	d := contextOf(c, hdc)
	if d == nil {
		c.SetLastError(win.ErrInvalidHandle)
		return win.DWORD(failed), 0
	}
	p := field(d)
	before := *p
	*p = value
	return win.DWORD(before), 0
}

// value reads a value of a context.
func value(c *win.Call, hdc win.Handle, failed uint32, field func(*context) *uint32) (win.DWORD, win.Error) {
	if d := contextOf(c, hdc); d != nil {
		return win.DWORD(*field(d)), 0
	}
	c.SetLastError(win.ErrInvalidHandle)
	return win.DWORD(failed), 0
}

func textField(d *context) *uint32    { return &d.text }
func backField(d *context) *uint32    { return &d.back }
func modeField(d *context) *uint32    { return &d.mode }
func alignField(d *context) *uint32   { return &d.align }
func stretchField(d *context) *uint32 { return &d.stretch }

// https://learn.microsoft.com/windows/win32/api/wingdi/nf-wingdi-settextcolor
func setTextColor(c *win.Call, hdc win.Handle, color win.Hex) (win.DWORD, win.Error) {
	return exchange(c, hdc, uint32(color), invalidColour, textField)
}

// https://learn.microsoft.com/windows/win32/api/wingdi/nf-wingdi-setbkcolor
func setBkColor(c *win.Call, hdc win.Handle, color win.Hex) (win.DWORD, win.Error) {
	return exchange(c, hdc, uint32(color), invalidColour, backField)
}

// https://learn.microsoft.com/windows/win32/api/wingdi/nf-wingdi-setbkmode
func setBkMode(c *win.Call, hdc win.Handle, mode win.DWORD) (win.DWORD, win.Error) {
	if mode < 1 || mode > opaque {
		return 0, win.ErrInvalidParameter
	}
	return exchange(c, hdc, uint32(mode), 0, modeField)
}

// https://learn.microsoft.com/windows/win32/api/wingdi/nf-wingdi-settextalign
func setTextAlign(c *win.Call, hdc win.Handle, align win.DWORD) (win.DWORD, win.Error) {
	return exchange(c, hdc, uint32(align), invalidColour, alignField)
}

// https://learn.microsoft.com/windows/win32/api/wingdi/nf-wingdi-setstretchbltmode
func setStretchBltMode(c *win.Call, hdc win.Handle, mode win.DWORD) (win.DWORD, win.Error) {
	if mode < 1 || mode > 4 {
		return 0, win.ErrInvalidParameter
	}
	return exchange(c, hdc, uint32(mode), 0, stretchField)
}

func getTextColor(c *win.Call, hdc win.Handle) (win.DWORD, win.Error) {
	return value(c, hdc, invalidColour, textField)
}

func getBkColor(c *win.Call, hdc win.Handle) (win.DWORD, win.Error) {
	return value(c, hdc, invalidColour, backField)
}

func getBkMode(c *win.Call, hdc win.Handle) (win.DWORD, win.Error) {
	return value(c, hdc, 0, modeField)
}

func getTextAlign(c *win.Call, hdc win.Handle) (win.DWORD, win.Error) {
	return value(c, hdc, invalidColour, alignField)
}

func getStretchBltMode(c *win.Call, hdc win.Handle) (win.DWORD, win.Error) {
	return value(c, hdc, 0, stretchField)
}
