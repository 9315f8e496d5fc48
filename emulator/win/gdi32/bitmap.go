package gdi32

import (
	"sidetrace/emulator/win"
)

const contents = "no pixels are kept but those the program itself has"

var bitmapRows = win.Rows{
	win.Partial(win.Func5("CreateBitmap", createBitmap, "nWidth nHeight nPlanes nBitCount lpBits"), contents),
	win.Partial(win.Func3("CreateCompatibleBitmap", createCompatibleBitmap, "hdc cx cy"), contents),
	win.Func6("CreateDIBSection", createDIBSection, "hdc pbmi usage ppvBits hSection offset"),
	win.Partial(win.Func3("GetBitmapBits", getBitmapBits, "hbit cb lpvBits"), contents),
	win.Partial(win.Func7("GetDIBits", getDIBits, "hdc hbm start cLines lpvBits lpbmi usage"), contents),
}

const (
	bitmapSize  = 32 // BITMAP
	sectionSize = 104
	headerSize  = 40        // BITMAPINFOHEADER
	maxPixels   = 256 << 20 // bytes
	screenBits  = 32
)

// stride is how many bytes a row has, rounded up to whole units.
func stride(width, bits, unit int64) int64 {
	return (width*bits + 8*unit - 1) / (8 * unit) * unit
}

// bitmap makes a BITMAP.
func bitmap(width, height int32, planes, bits uint16, at uint64) []byte {
	b := le.AppendUint32(nil, 0)
	b = le.AppendUint32(b, uint32(width))
	b = le.AppendUint32(b, uint32(height))
	b = le.AppendUint32(b, uint32(stride(int64(width), int64(bits), 2)))
	b = le.AppendUint16(b, planes)
	b = le.AppendUint16(b, bits)
	return le.AppendUint64(append(b, 0, 0, 0, 0), at)
}

// fits reports whether a bitmap may be so large.
func fits(width, height, bits int64) bool {
	return width > 0 && height > 0 && width < 1<<27 && height < 1<<27 && stride(width, bits, 4) <= maxPixels/height
}

// createBitmap makes a bitmap. Its bits are looked at and not kept.
//
// https://learn.microsoft.com/windows/win32/api/wingdi/nf-wingdi-createbitmap
func createBitmap(c *win.Call, nWidth, nHeight win.Int, nPlanes, nBitCount win.DWORD, lpBits win.Ptr) (win.Handle, win.Error) {
	if nWidth == 0 || nHeight == 0 {
		return stockHandle(stockBitmap), 0
	}
	nWidth, nHeight = max(nWidth, -nWidth), max(nHeight, -nHeight)
	bits := depth(uint64(nPlanes) * uint64(nBitCount))
	if bits == 0 || !fits(int64(nWidth), int64(nHeight), bits) {
		return 0, win.ErrInvalidParameter
	}
	if lpBits != 0 {
		c.Bytes(lpBits, uint64(stride(int64(nWidth), bits, 2)*int64(nHeight)))
	}
	return add(c, &object{kind: kindBitmap, data: bitmap(int32(nWidth), int32(nHeight), 1, uint16(bits), 0)}), 0
}

// depth is the number of bits a pixel gets that is to have so many, 0 if there
// is none.
func depth(bits uint64) int64 {
	for _, n := range []int64{1, 4, 8, 16, 24, 32} {
		if bits <= uint64(n) {
			return n
		}
	}
	return 0
}

// createCompatibleBitmap makes a bitmap of the screen's format, or of that of
// the bitmap which a context in memory has.
//
// https://learn.microsoft.com/windows/win32/api/wingdi/nf-wingdi-createcompatiblebitmap
func createCompatibleBitmap(c *win.Call, hdc win.Handle, cx, cy win.Int) (win.Handle, win.Error) {
	d := get(c, hdc)
	if d == nil || d.dc == nil {
		return 0, win.ErrInvalidHandle
	}
	if cx == 0 || cy == 0 {
		return stockHandle(stockBitmap), 0
	}
	bits := uint16(screenBits)
	if d.kind == kindMemoryDC {
		if o := get(c, d.dc.selected[kindBitmap]); o != nil {
			bits = le.Uint16(o.data[18:])
		}
	}
	if !fits(int64(cx), int64(cy), int64(bits)) {
		return 0, win.ErrInvalidParameter
	}
	return add(c, &object{kind: kindBitmap, data: bitmap(int32(cx), int32(cy), 1, bits, 0)}), 0
}

// createDIBSection makes a bitmap whose bits the program has.
//
// https://learn.microsoft.com/windows/win32/api/wingdi/nf-wingdi-createdibsection
func createDIBSection(c *win.Call, hdc win.Handle, pbmi win.Ptr, usage win.DWORD, ppvBits win.Out[uint64], hSection win.Handle, offset win.DWORD) (win.Handle, win.Error) {
	ppvBits.Set(c, 0)
	if pbmi == 0 || c.ReadUint(pbmi, 4) < headerSize {
		return 0, win.ErrInvalidParameter
	}
	if hSection != 0 {
		c.Gap("a section for the bits")
		return 0, win.ErrNotSupported
	}
	header := append([]byte{}, c.Bytes(pbmi, headerSize)...)
	if c.Faulted() {
		return 0, 0
	}
	width, height, bits := int64(int32(le.Uint32(header[4:]))), int64(int32(le.Uint32(header[8:]))), int64(le.Uint16(header[14:]))
	tall := max(height, -height)
	if depth(uint64(bits)) != bits || !fits(width, tall, bits) {
		return 0, win.ErrInvalidParameter
	}
	size := stride(width, bits, 4) * tall
	at := c.Heap.Alloc(uint64(size))
	if at == 0 {
		return 0, win.ErrNotEnoughMemory
	}
	clear(c.Buffer(win.Ptr(at), uint64(size)))
	data := bitmap(int32(width), int32(tall), 1, uint16(bits), at)
	le.PutUint32(data[12:], uint32(stride(width, bits, 4)))
	le.PutUint32(header, headerSize)
	le.PutUint32(header[20:], uint32(size))
	data = append(append(data, header...), make([]byte, sectionSize-bitmapSize-headerSize)...)
	h := add(c, &object{kind: kindBitmap, data: data, bits: at})
	if h == 0 {
		c.Heap.Free(at)
		return 0, 0
	}
	ppvBits.Set(c, at)
	return h, 0
}

// getBitmapBits tells the bits of a bitmap: black, but where the program has
// them itself.
//
// https://learn.microsoft.com/windows/win32/api/wingdi/nf-wingdi-getbitmapbits
func getBitmapBits(c *win.Call, hbit win.Handle, cb win.Int, lpvBits win.Ptr) (win.Int, win.Error) {
	o := get(c, hbit)
	if o == nil || o.kind != kindBitmap {
		return 0, win.ErrInvalidHandle
	}
	size := int64(le.Uint32(o.data[12:])) * int64(le.Uint32(o.data[8:]))
	if lpvBits == 0 {
		return win.Int(size), 0
	}
	n := uint64(max(min(int64(cb), size), 0))
	o.copyTo(c, lpvBits, 0, n)
	return win.Int(n), 0
}

// copyTo stores a part of a bitmap's bits.
func (o *object) copyTo(c *win.Call, to win.Ptr, from, n uint64) {
	if b := c.Buffer(to, n); b != nil {
		clear(b)
		if o.bits != 0 {
			copy(b, c.Bytes(win.Ptr(o.bits+from), n))
		}
	}
}

// getDIBits tells rows of a bitmap in a format of the caller's, or fills the
// format in.
//
// https://learn.microsoft.com/windows/win32/api/wingdi/nf-wingdi-getdibits
func getDIBits(c *win.Call, hdc, hbm win.Handle, start, cLines win.DWORD, lpvBits, lpbmi win.Ptr, usage win.DWORD) (win.Int, win.Error) {
	o := get(c, hbm)
	if contextOf(c, hdc) == nil || o == nil || o.kind != kindBitmap {
		return 0, win.ErrInvalidHandle
	}
	if lpbmi == 0 || c.ReadUint(lpbmi, 4) < headerSize {
		return 0, win.ErrInvalidParameter
	}
	width, height, own := int64(le.Uint32(o.data[4:])), int64(le.Uint32(o.data[8:])), int64(le.Uint16(o.data[18:]))
	b := c.Buffer(lpbmi, headerSize)
	if b == nil {
		return 0, 0
	}
	bits := int64(le.Uint16(b[14:]))
	if bits == 0 { // what is the format?
		le.PutUint32(b[4:], uint32(width))
		le.PutUint32(b[8:], uint32(height))
		le.PutUint16(b[12:], 1)
		le.PutUint16(b[14:], uint16(own))
		le.PutUint32(b[16:], 0)
		le.PutUint32(b[20:], uint32(stride(width, own, 4)*height))
		return 1, 0
	}
	wide, tall := int64(int32(le.Uint32(b[4:]))), int64(int32(le.Uint32(b[8:])))
	tall = max(tall, -tall)
	if depth(uint64(bits)) != bits || !fits(wide, tall, bits) {
		return 0, win.ErrInvalidParameter
	}
	le.PutUint32(b[20:], uint32(stride(wide, bits, 4)*tall))
	if lpvBits == 0 {
		return 1, 0
	}
	row := stride(wide, bits, 4)
	lines := max(min(int64(cLines), height-int64(start), tall), 0)
	out := c.Buffer(lpvBits, uint64(row*lines))
	if out == nil {
		return 0, 0
	}
	clear(out)
	if o.bits != 0 && bits == own && wide == width {
		copy(out, c.Bytes(win.Ptr(o.bits+uint64(start)*uint64(row)), uint64(row*lines)))
	}
	return win.Int(lines), 0
}
