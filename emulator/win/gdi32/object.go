package gdi32

import (
	"sidetrace/emulator/win"
)

var objectRows = win.Rows{
	win.Func1("CreateBrushIndirect", createBrushIndirect, "plbrush"),
	win.Func3("CreatePen", createPen, "iStyle cWidth color"),
	win.Func4("CreateRectRgn", createRectRgn, "x1 y1 x2 y2"),
	win.Func1("CreateSolidBrush", createSolidBrush, "color"),
	win.Func1("DeleteObject", deleteObject, "ho"),
	win.Func3("GetObject{A,W}", getObject, "h size pv"),
	win.Func1("GetObjectType", getObjectType, "h"),
	win.Func1("GetStockObject", getStockObject, "i"),
}

// https://learn.microsoft.com/windows/win32/api/wingdi/nf-wingdi-createsolidbrush
func createSolidBrush(c *win.Call, color win.Hex) (win.Handle, win.Error) {
	return add(c, &object{kind: kindBrush, data: brush(0, uint32(color))}), 0
}

// https://learn.microsoft.com/windows/win32/api/wingdi/nf-wingdi-createbrushindirect
func createBrushIndirect(c *win.Call, plbrush win.Ptr) (win.Handle, win.Error) {
	const size = 16 // LOGBRUSH
	b := append([]byte{}, c.Bytes(plbrush, size)...)
	if c.Faulted() {
		return 0, 0
	}
	return add(c, &object{kind: kindBrush, data: b}), 0
}

// https://learn.microsoft.com/windows/win32/api/wingdi/nf-wingdi-createpen
func createPen(c *win.Call, iStyle, cWidth win.Int, color win.Hex) (win.Handle, win.Error) {
	const last = 8
	style := uint32(iStyle)
	if style > last {
		style = 0 // solid
	}
	if style == penNull {
		return stockHandle(stockPenLast), 0
	}
	return add(c, &object{kind: kindPen, data: pen(style, uint32(max(cWidth, -cWidth)), uint32(color))}), 0
}

// https://learn.microsoft.com/windows/win32/api/wingdi/nf-wingdi-createrectrgn
func createRectRgn(c *win.Call, x1, y1, x2, y2 win.Int) (win.Handle, win.Error) {
	return add(c, &object{kind: kindRegion}), 0
}

// deleteObject deletes an object; a stock object stays, and so does a bitmap
// that a context uses.
//
// https://learn.microsoft.com/windows/win32/api/wingdi/nf-wingdi-deleteobject
func deleteObject(c *win.Call, ho win.Handle) (win.Bool, win.Error) {
	o := get(c, ho)
	switch {
	case o == nil:
		return false, 0
	case o.stock:
		return true, 0
	case o.dc != nil:
		return deleteDC(c, ho)
	}
	if o.bits != 0 {
		c.Heap.Free(o.bits)
	}
	of(c).table.Close(ho.Guest())
	return true, 0
}

// https://learn.microsoft.com/windows/win32/api/wingdi/nf-wingdi-getobjecttype
func getObjectType(c *win.Call, h win.Handle) (win.DWORD, win.Error) {
	if o := get(c, h); o != nil {
		return win.DWORD(o.kind), 0
	}
	return 0, win.ErrInvalidHandle
}

// https://learn.microsoft.com/windows/win32/api/wingdi/nf-wingdi-getstockobject
func getStockObject(c *win.Call, i win.Int) (win.Handle, win.Error) {
	if i < 0 || i > lastStockNumber || i == unusedStock {
		return 0, 0
	}
	return stockHandle(int(i)), 0
}

// getObject tells of an object as much as there is room for; of a bitmap, pen
// or brush nothing if that is not all. Without a buffer it tells the size.
//
// https://learn.microsoft.com/windows/win32/api/wingdi/nf-wingdi-getobjectw
func getObject(c *win.Call, h win.Handle, size win.Int, pv win.Ptr) (win.Int, win.Error) {
	o := get(c, h)
	if o == nil || o.dc != nil || o.kind == kindRegion {
		return 0, win.ErrInvalidHandle
	}
	data := o.data
	if o.kind == kindFont {
		data = o.font(c)
	}
	if o.kind == kindBitmap && (pv == 0 || int(size) < len(data)) && len(data) > bitmapSize {
		data = data[:bitmapSize]
	}
	switch {
	case pv == 0:
		return win.Int(len(data)), 0
	case size < 0 || int(size) < len(data) && o.kind != kindFont:
		return 0, 0
	}
	n := min(int(size), len(data))
	c.Write(pv, data[:n])
	return win.Int(n), 0
}
