package advapi32

import (
	"bytes"

	"sidetrace/emulator/guest"
	"sidetrace/emulator/win"
)

var getValueRows = win.Rows{
	win.Func7("RegGetValue{A,W}", regGetValue, "hkey lpSubKey lpValue dwFlags pdwType pvData pcbData"),
}

// Flags of RegGetValue: a bit for each type it may return, and RRF_*.
const (
	rrfNone    = 0x01
	rrfSZ      = 0x02
	rrfExpand  = 0x04
	rrfBinary  = 0x08
	rrfDWORD   = 0x10
	rrfMulti   = 0x20
	rrfQWORD   = 0x40
	rrfAny     = 0xFFFF
	rrfTypes   = 0xFFFF
	rrfRTDWORD = rrfBinary | rrfDWORD
	rrfRTQWORD = rrfBinary | rrfQWORD

	rrfWOW6432     = 0x0002_0000
	rrfNoExpand    = 0x1000_0000
	rrfZeroFailure = 0x2000_0000
)

// bitOf is the flag that allows a type.
func bitOf(typ uint32) uint32 {
	switch typ {
	case guest.RegNone:
		return rrfNone
	case guest.RegSZ:
		return rrfSZ
	case guest.RegExpandSZ:
		return rrfExpand
	case guest.RegBinary:
		return rrfBinary
	case guest.RegDWORD:
		return rrfDWORD
	case guest.RegMultiSZ:
		return rrfMulti
	case guest.RegQWORD:
		return rrfQWORD
	}
	return 0
}

// regGetValue reads a value of a key or of its subkey, of the types asked for:
// text is terminated and, unless told not to be, expanded.
//
// https://learn.microsoft.com/windows/win32/api/winreg/nf-winreg-reggetvaluew
func regGetValue(c *win.Call, hkey win.HKEY, lpSubKey, lpValue win.TStr, dwFlags win.Hex, pdwType win.Out[uint32], pvData win.Ptr, pcbData win.Out[uint32]) (win.LSTATUS, win.Error) {
	status := getValue(c, hkey, lpSubKey, lpValue, uint32(dwFlags), pdwType, pvData, pcbData)
	if status != success && dwFlags&rrfZeroFailure != 0 && pvData != 0 && !pcbData.Null() && status != failed(win.ErrMoreData) {
		clear(c.Buffer(pvData, uint64(pcbData.Get(c))))
	}
	return status, 0
}

func getValue(c *win.Call, hkey win.HKEY, lpSubKey, lpValue win.TStr, flags uint32, pdwType win.Out[uint32], pvData win.Ptr, pcbData win.Out[uint32]) win.LSTATUS {
	types := flags & rrfTypes
	if pvData != 0 && pcbData.Null() || types == 0 || types != rrfAny && types&rrfExpand != 0 && flags&rrfNoExpand == 0 {
		return failed(win.ErrInvalidParameter)
	}
	if flags&rrfWOW6432 != 0 {
		c.Gap("the 32-bit view of the registry")
	}
	k, status := keyOf(c, hkey)
	if status != success {
		return status
	}
	if k = k.Open(lpSubKey.Text); k == nil {
		return failed(win.ErrFileNotFound)
	}
	v := k.Get(lpValue.Text)
	if v == nil {
		recordRead(c, k, lpValue.Text, nil)
		return failed(win.ErrFileNotFound)
	}
	shown := shownAs(c, v, flags)
	pdwType.Set(c, shown.Type)
	if types != rrfAny && bitOf(shown.Type)&types == 0 {
		return errUnsupportedType
	}
	if shown.Type == guest.RegBinary && (types == rrfRTDWORD && len(v.Data) != 4 || types == rrfRTQWORD && len(v.Data) != 8) {
		return failed(win.ErrInvalidData)
	}
	status = deliver(c, dataOf(c, shown), pvData, pcbData)
	if status == success && !c.Faulted() {
		recordRead(c, k, v.Name, v)
	}
	return status
}

const errUnsupportedType win.LSTATUS = 1630 // ERROR_UNSUPPORTED_TYPE

// shownAs is a value as RegGetValue sees it: expanded, and terminated.
func shownAs(c *win.Call, v *guest.Value, flags uint32) *guest.Value {
	switch {
	case v.Type == guest.RegExpandSZ && flags&rrfNoExpand == 0:
		text, ok := c.ExpandVariables(guest.FromUTF16(v.Data))
		if !ok {
			text = guest.FromUTF16(v.Data)
		}
		return &guest.Value{Type: guest.RegSZ, Data: guest.UTF16(text)}
	case v.Type == guest.RegMultiSZ:
		return &guest.Value{Type: v.Type, Data: terminated(v.Data, []byte{0, 0, 0, 0})}
	case isText(v.Type):
		return &guest.Value{Type: v.Type, Data: terminated(v.Data, []byte{0, 0})}
	}
	return v
}

// terminated is data with an end behind it, of which a part may be there.
func terminated(data, end []byte) []byte {
	data = data[:len(data)&^1]
	for !bytes.HasSuffix(data, end) {
		data = append(data[:len(data):len(data)], 0, 0)
	}
	return data
}
