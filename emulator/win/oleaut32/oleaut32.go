// Package oleaut32 has the handlers of oleaut32.dll that programs use without
// Automation itself: strings with their length before them, and variants.
package oleaut32

import (
	"encoding/binary"

	"sidetrace/emulator/win"
)

// Table is oleaut32.dll. The ordinals are those of its import library.
func Table() win.Table {
	return win.DLL("oleaut32.dll",
		win.Ordinal(win.Func1("SysAllocString", sysAllocString, "psz"), 2),
		win.Ordinal(win.Func2("SysReAllocString", sysReAllocString, "pbstr psz"), 3),
		win.Ordinal(win.Func2("SysAllocStringLen", sysAllocStringLen, "strIn ui"), 4),
		win.Ordinal(win.Func3("SysReAllocStringLen", sysReAllocStringLen, "pbstr psz len"), 5),
		win.Ordinal(win.Func1("SysFreeString", sysFreeString, "bstrString"), 6),
		win.Ordinal(win.Func1("SysStringLen", sysStringLen, "pbstr"), 7),
		win.Ordinal(win.Func1("VariantInit", variantInit, "pvarg"), 8),
		win.Ordinal(win.Func1("VariantClear", variantClear, "pvarg"), 9),
		win.Ordinal(win.Func2("VariantCopy", variantCopy, "pvargDest pvargSrc"), 10),
		win.Ordinal(win.Func1("SysStringByteLen", sysStringByteLen, "bstr"), 149),
		win.Ordinal(win.Func2("SysAllocStringByteLen", sysAllocStringByteLen, "psz len"), 150),
	)
}

// le is the byte order of everything the guest sees.
var le = binary.LittleEndian

// maxString bounds, in bytes, a string made here.
const maxString = 64 << 20

// newString makes a BSTR: the length in bytes, the data, a terminator. The
// pointer is to the data.
//
// https://learn.microsoft.com/previous-versions/windows/desktop/automat/bstr
func newString(c *win.Call, data []byte, size uint64) win.Ptr {
	if size > maxString {
		return 0
	}
	at := c.Heap.Alloc(size + 8)
	if at == 0 {
		return 0
	}
	b := le.AppendUint32(make([]byte, 0, size+8), uint32(size))
	b = append(b, data...)
	c.Write(win.Ptr(at), append(b, make([]byte, int(size)+8-len(b))...)[:size+8])
	return win.Ptr(at + 4)
}

// https://learn.microsoft.com/windows/win32/api/oleauto/nf-oleauto-sysallocstring
func sysAllocString(c *win.Call, psz win.WText) (win.Ptr, win.Error) {
	if psz == 0 {
		return 0, 0
	}
	b, err := c.Mem.WString(uint64(psz))
	if err != nil {
		c.Fail(err)
		return 0, 0
	}
	return newString(c, append([]byte{}, b...), uint64(len(b))), 0
}

// sysAllocStringLen leaves the characters as they are when there are none to
// copy.
//
// https://learn.microsoft.com/windows/win32/api/oleauto/nf-oleauto-sysallocstringlen
func sysAllocStringLen(c *win.Call, strIn win.Ptr, ui win.DWORD) (win.Ptr, win.Error) {
	return sysAllocStringByteLen64(c, strIn, 2*uint64(ui)), 0
}

// https://learn.microsoft.com/windows/win32/api/oleauto/nf-oleauto-sysallocstringbytelen
func sysAllocStringByteLen(c *win.Call, psz win.Ptr, len win.DWORD) (win.Ptr, win.Error) {
	return sysAllocStringByteLen64(c, psz, uint64(len)), 0
}

func sysAllocStringByteLen64(c *win.Call, from win.Ptr, size uint64) win.Ptr {
	if size > maxString {
		return 0
	}
	var data []byte
	if from != 0 {
		data = append(data, c.Bytes(from, size)...)
	}
	if c.Faulted() {
		return 0
	}
	return newString(c, data, size)
}

// https://learn.microsoft.com/windows/win32/api/oleauto/nf-oleauto-sysreallocstring
func sysReAllocString(c *win.Call, pbstr win.Ptr, psz win.WText) (win.Int, win.Error) {
	s, _ := sysAllocString(c, psz)
	return replace(c, pbstr, s), 0
}

// https://learn.microsoft.com/windows/win32/api/oleauto/nf-oleauto-sysreallocstringlen
func sysReAllocStringLen(c *win.Call, pbstr, psz win.Ptr, len win.DWORD) (win.Int, win.Error) {
	return replace(c, pbstr, sysAllocStringByteLen64(c, psz, 2*uint64(len))), 0
}

func replace(c *win.Call, pbstr, s win.Ptr) win.Int {
	old := win.Ptr(c.ReadUint(pbstr, 8))
	if c.Faulted() {
		return 0
	}
	c.WriteUint(pbstr, 8, uint64(s))
	free(c, old)
	return 1
}

func free(c *win.Call, s win.Ptr) {
	if s > 4 {
		c.Heap.Free(uint64(s - 4))
	}
}

// https://learn.microsoft.com/windows/win32/api/oleauto/nf-oleauto-sysfreestring
func sysFreeString(c *win.Call, bstrString win.Ptr) (win.Void, win.Error) {
	free(c, bstrString)
	return win.Void{}, 0
}

// https://learn.microsoft.com/windows/win32/api/oleauto/nf-oleauto-sysstringlen
func sysStringLen(c *win.Call, pbstr win.Ptr) (win.DWORD, win.Error) {
	n, err := sysStringByteLen(c, pbstr)
	return n / 2, err
}

// https://learn.microsoft.com/windows/win32/api/oleauto/nf-oleauto-sysstringbytelen
func sysStringByteLen(c *win.Call, bstr win.Ptr) (win.DWORD, win.Error) {
	if bstr == 0 {
		return 0, 0
	}
	return win.DWORD(c.ReadUint(bstr-4, 4)), 0
}
