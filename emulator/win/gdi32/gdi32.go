// Package gdi32 has the handlers of gdi32.dll that programs need to get on:
// device contexts, bitmaps, pens, brushes and fonts that are made, selected and
// deleted as on Windows. Nothing is drawn: the screen is black, and a bitmap
// keeps the bits it was made with.
package gdi32

import (
	"encoding/binary"

	"sidetrace/emulator/guest"
	"sidetrace/emulator/win"
	"sidetrace/emulator/win/user32"
)

// Table returns gdi32.dll.
func Table() win.Table {
	return win.DLL("gdi32.dll", contextRows, objectRows, bitmapRows, drawRows, textRows)
}

// Kinds of objects: OBJ_*.
const (
	kindPen      = 1
	kindBrush    = 2
	kindDC       = 3
	kindPalette  = 5
	kindFont     = 6
	kindBitmap   = 7
	kindRegion   = 8
	kindMemoryDC = 10
)

// object is what a handle stands for.
type object struct {
	kind  int
	stock bool
	data  []byte // what GetObject tells, but of fonts
	face  string // of a font
	dc    *context
	bits  uint64 // of a bitmap whose bits the guest has, on the heap
}

func (*object) Type() string { return "GDI" }

// context is the state of a device context.
type context struct {
	selected             map[int]win.Handle // by kind
	text, back           uint32             // colours
	mode, align, stretch uint32
	x, y                 int32
	saved                []context
}

// Handles are low numbers that others may have found before, those of the
// stock objects fixed.
const (
	firstHandle = 0x0105_0100
	handleStep  = 4 // the low bits of a handle do not count
	firstStock  = 0x0190_0010
	maxHandles  = 10_000 // of a process, as on Windows
	white       = 0xFFFFFF
	opaque      = 2
)

// gdi is the process's objects.
type gdi struct {
	table *guest.Table
	stock map[win.Handle]*object
	dc    map[win.Handle]*object // those of windows
}

type gdiKey struct{}

func of(c *win.Call) *gdi {
	g, ok := c.State[gdiKey{}].(*gdi)
	if !ok {
		g = &gdi{table: guest.NewTable(firstHandle, handleStep), stock: stockObjects(), dc: map[win.Handle]*object{}}
		g.dc[user32.DeviceContext] = newContext(kindDC)
		c.State[gdiKey{}] = g
	}
	return g
}

// get finds an object, nil if the handle is none's.
func get(c *win.Call, h win.Handle) *object {
	g := of(c)
	if o := g.stock[h]; o != nil {
		return o
	}
	if o := g.dc[h]; o != nil {
		return o
	}
	o, _ := guest.Lookup[*object](g.table, h.Guest())
	return o
}

// contextOf finds a device context.
func contextOf(c *win.Call, h win.Handle) *context {
	if o := get(c, h); o != nil {
		return o.dc
	}
	return nil
}

// add gives an object a handle, 0 if there are too many.
func add(c *win.Call, o *object) win.Handle {
	t := of(c).table
	if t.Len() >= maxHandles {
		return 0
	}
	return win.Handle(t.Add(o))
}

// The stock objects, by their number.
const (
	stockWhiteBrush  = 0
	stockBlackPen    = 7
	stockSystemFont  = 13
	stockPalette     = 15
	stockBitmap      = 21 // no number leads to it: what a new memory context has
	lastStockNumber  = 19
	unusedStock      = 9
	stockPenFirst    = 6
	stockPenLast     = 8
	stockDCBrush     = 18
	stockDCPen       = 19
	brushHollow      = 1 // BS_NULL
	penNull          = 5
	stockNullBrush   = 5
	stockDefaultFont = 17
)

func stockHandle(number int) win.Handle { return win.Handle(firstStock + number) }

var le = binary.LittleEndian

func brush(style, colour uint32) []byte {
	b := le.AppendUint32(nil, style)
	b = le.AppendUint32(b, colour)
	return le.AppendUint64(b, 0)
}

func pen(style, width, colour uint32) []byte {
	b := le.AppendUint32(nil, style)
	b = le.AppendUint32(b, width)
	b = le.AppendUint32(b, 0)
	return le.AppendUint32(b, colour)
}

// stockObjects makes what GetStockObject gives.
func stockObjects() map[win.Handle]*object {
	m := map[win.Handle]*object{}
	greys := [5]uint32{white, 0xC0C0C0, 0x808080, 0x404040, 0}
	for number := range lastStockNumber + 1 {
		o := &object{stock: true}
		switch {
		case number == unusedStock:
			continue
		case number < len(greys):
			o.kind, o.data = kindBrush, brush(0, greys[number])
		case number == stockNullBrush:
			o.kind, o.data = kindBrush, brush(brushHollow, 0)
		case number == stockPenFirst:
			o.kind, o.data = kindPen, pen(0, 0, white)
		case number == stockBlackPen:
			o.kind, o.data = kindPen, pen(0, 0, 0)
		case number == stockPenLast:
			o.kind, o.data = kindPen, pen(penNull, 0, 0)
		case number == stockPalette:
			o.kind, o.data = kindPalette, []byte{20, 0}
		case number == stockDCBrush:
			o.kind, o.data = kindBrush, brush(0, white)
		case number == stockDCPen:
			o.kind, o.data = kindPen, pen(0, 0, 0)
		default:
			o.kind, o.face, o.data = kindFont, "System", make([]byte, fontHead)
			le.PutUint32(o.data, 16)
			le.PutUint32(o.data[16:], 700)
		}
		m[stockHandle(number)] = o
	}
	m[stockHandle(stockBitmap)] = &object{kind: kindBitmap, stock: true, data: bitmap(1, 1, 1, 1, 0)}
	return m
}

func newContext(kind int) *object {
	return &object{kind: kind, dc: &context{
		selected: map[int]win.Handle{
			kindPen: stockHandle(stockBlackPen), kindBrush: stockHandle(stockWhiteBrush), kindFont: stockHandle(stockSystemFont),
			kindPalette: stockHandle(stockPalette), kindBitmap: stockHandle(stockBitmap),
		},
		back: white, mode: opaque, stretch: 1,
	}}
}
