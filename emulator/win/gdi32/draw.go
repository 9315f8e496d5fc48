package gdi32

import "sidetrace/emulator/win"

const undrawn = "nothing is drawn"

var drawRows = win.Rows{
	win.Partial(win.Func9("BitBlt", bitBlt, "hdc x y cx cy hdcSrc x1 y1 rop"), undrawn),
	win.Partial(win.Func5("Ellipse", shape, "hdc left top right bottom"), undrawn),
	win.Stub("GdiFlush", win.Bool(true), ""),
	win.Partial(win.Func3("LineTo", lineTo, "hdc x y"), undrawn),
	win.Func4("MoveToEx", moveToEx, "hdc x y lppt"),
	win.Partial(win.Func6("PatBlt", patBlt, "hdc x y w h rop"), undrawn),
	win.Partial(win.Func5("Rectangle", shape, "hdc left top right bottom"), undrawn),
	win.Partial(win.Func11("StretchBlt", stretchBlt, "hdcDest xDest yDest wDest hDest hdcSrc xSrc ySrc wSrc hSrc rop"), undrawn),
}

// readsSource reports whether an operation looks at a source.
func readsSource(rop win.Hex) bool { return (rop>>2^rop)&0x330000 != 0 }

// bitBlt copies pixels between contexts.
//
// https://learn.microsoft.com/windows/win32/api/wingdi/nf-wingdi-bitblt
func bitBlt(c *win.Call, hdc win.Handle, x, y, cx, cy win.Int, hdcSrc win.Handle, x1, y1 win.Int, rop win.Hex) (win.Bool, win.Error) {
	return blit(c, hdc, hdcSrc, rop)
}

// https://learn.microsoft.com/windows/win32/api/wingdi/nf-wingdi-stretchblt
func stretchBlt(c *win.Call, hdcDest win.Handle, xDest, yDest, wDest, hDest win.Int, hdcSrc win.Handle, xSrc, ySrc, wSrc, hSrc win.Int, rop win.Hex) (win.Bool, win.Error) {
	return blit(c, hdcDest, hdcSrc, rop)
}

func blit(c *win.Call, to, from win.Handle, rop win.Hex) (win.Bool, win.Error) {
	if contextOf(c, to) == nil || readsSource(rop) && contextOf(c, from) == nil {
		return false, win.ErrInvalidHandle
	}
	return true, 0
}

// https://learn.microsoft.com/windows/win32/api/wingdi/nf-wingdi-patblt
func patBlt(c *win.Call, hdc win.Handle, x, y, w, h win.Int, rop win.Hex) (win.Bool, win.Error) {
	if contextOf(c, hdc) == nil {
		return false, win.ErrInvalidHandle
	}
	return win.Bool(!readsSource(rop)), 0
}

// https://learn.microsoft.com/windows/win32/api/wingdi/nf-wingdi-rectangle
func shape(c *win.Call, hdc win.Handle, left, top, right, bottom win.Int) (win.Bool, win.Error) {
	if contextOf(c, hdc) == nil {
		return false, win.ErrInvalidHandle
	}
	return true, 0
}

// https://learn.microsoft.com/windows/win32/api/wingdi/nf-wingdi-lineto
func lineTo(c *win.Call, hdc win.Handle, x, y win.Int) (win.Bool, win.Error) {
	d := contextOf(c, hdc)
	if d == nil {
		return false, win.ErrInvalidHandle
	}
	d.x, d.y = int32(x), int32(y)
	return true, 0
}

// https://learn.microsoft.com/windows/win32/api/wingdi/nf-wingdi-movetoex
func moveToEx(c *win.Call, hdc win.Handle, x, y win.Int, lppt win.Ptr) (win.Bool, win.Error) {
	d := contextOf(c, hdc)
	if d == nil {
		return false, win.ErrInvalidHandle
	}
	if lppt != 0 {
		c.WriteUint(lppt, 4, uint64(uint32(d.x)))
		c.WriteUint(lppt+4, 4, uint64(uint32(d.y)))
	}
	d.x, d.y = int32(x), int32(y)
	return true, 0
}
