package oleaut32

import "sidetrace/emulator/win"

// VARIANT: a type, six bytes of nothing, sixteen of a value.
//
// https://learn.microsoft.com/windows/win32/api/oaidl/ns-oaidl-variant
const (
	variantSize = 24
	valueAt     = 8

	vtString   = 8  // VT_BSTR
	vtDispatch = 9  // VT_DISPATCH
	vtUnknown  = 13 // VT_UNKNOWN
	vtRecord   = 36
	vtArray    = 0x2000
	vtByRef    = 0x4000
	vtLast     = 72

	badType win.Status = 0x80020008 // DISP_E_BADVARTYPE
)

// https://learn.microsoft.com/windows/win32/api/oleauto/nf-oleauto-variantinit
func variantInit(c *win.Call, pvarg win.Ptr) (win.Void, win.Error) {
	c.WriteUint(pvarg, 2, 0)
	return win.Void{}, 0
}

// variantClear frees what the variant owns.
//
// https://learn.microsoft.com/windows/win32/api/oleauto/nf-oleauto-variantclear
func variantClear(c *win.Call, pvarg win.Ptr) (win.Status, win.Error) {
	return clearVariant(c, pvarg), 0
}

func clearVariant(c *win.Call, v win.Ptr) win.Status {
	const release = 2
	kind, value := c.ReadUint(v, 2), win.Ptr(c.ReadUint(v+valueAt, 8))
	switch {
	case c.Faulted():
		return win.ResultInvalidArg
	case kind&^uint64(vtByRef|vtArray) > vtLast:
		return badType
	case kind&vtByRef != 0:
	case kind == vtString:
		free(c, value)
	case (kind == vtDispatch || kind == vtUnknown) && value != 0:
		c.Method(value, release)
	case kind&vtArray != 0 || kind == vtRecord:
		c.Gap("variants of arrays and records")
	}
	c.WriteUint(v, 2, 0)
	return win.ResultOK
}

// variantCopy copies a string, and adds a reference to an object.
//
// https://learn.microsoft.com/windows/win32/api/oleauto/nf-oleauto-variantcopy
func variantCopy(c *win.Call, pvargDest, pvargSrc win.Ptr) (win.Status, win.Error) {
	const addRef = 1
	if pvargDest == pvargSrc {
		return win.ResultOK, 0
	}
	b := append([]byte{}, c.Bytes(pvargSrc, variantSize)...)
	if c.Faulted() {
		return win.ResultInvalidArg, 0
	}
	if status := clearVariant(c, pvargDest); status != win.ResultOK {
		return status, 0
	}
	kind, value := uint64(le.Uint16(b)), win.Ptr(le.Uint64(b[valueAt:]))
	switch {
	case kind == vtString && value != 0:
		size := c.ReadUint(value-4, 4)
		s := sysAllocStringByteLen64(c, value, size)
		if s == 0 {
			return win.ResultOutOfMemory, 0
		}
		le.PutUint64(b[valueAt:], uint64(s))
	case (kind == vtDispatch || kind == vtUnknown) && value != 0:
		c.Method(value, addRef)
	case kind&vtArray != 0 && kind&vtByRef == 0 || kind == vtRecord:
		c.Gap("variants of arrays and records")
	}
	c.Write(pvargDest, b)
	return win.ResultOK, 0
}
