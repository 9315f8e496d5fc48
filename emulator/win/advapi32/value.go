package advapi32

import (
	"bytes"

	"sidetrace/emulator/guest"
	"sidetrace/emulator/trace"
	"sidetrace/emulator/win"
)

var valueRows = win.Rows{
	win.Func2("RegDeleteValue{A,W}", regDeleteValue, "hKey lpValueName"),
	win.Func6("RegQueryValueEx{A,W}", regQueryValueEx, "hKey lpValueName lpReserved lpType lpData lpcbData"),
	win.Func6("RegSetKeyValue{A,W}", regSetKeyValue, "hKey lpSubKey lpValueName dwType lpData cbData"),
	win.Func6("RegSetValueEx{A,W}", regSetValueEx, "hKey lpValueName Reserved dwType lpData cbData"),
}

// isText reports whether values of a type are strings, which the ANSI versions
// convert.
func isText(typ uint32) bool {
	return typ == guest.RegSZ || typ == guest.RegExpandSZ || typ == guest.RegMultiSZ
}

// dataOf is a value's data as the export's version gives it.
func dataOf(c *win.Call, v *guest.Value) []byte {
	if !c.ANSI() || !isText(v.Type) {
		return v.Data
	}
	ansi := guest.ANSI(string(guest.AppendUTF8(nil, v.Data)))
	return ansi[:len(ansi)-1] // the data has its own terminator, or none
}

// recordRead tells that a value was asked for; v is nil if there is none.
func recordRead(c *win.Call, k *guest.Key, name string, v *guest.Value) {
	b := trace.RegistryRead{Path: k.ValuePath(name)}
	if v != nil {
		b.Found, b.Type, b.Data = true, v.TypeName(), shown(v)
	}
	c.Emit(b)
}

// shown is the beginning of a value as text.
func shown(v *guest.Value) string {
	const most = 4 << 10
	head := guest.Value{Type: v.Type, Data: v.Data[:min(len(v.Data), most)]}
	return head.Text()
}

// deliver hands out data by the rules of registry functions: without a buffer
// the size alone, and ERROR_MORE_DATA with the size if it is too small.
func deliver(c *win.Call, data []byte, buffer win.Ptr, size win.Out[uint32]) win.LSTATUS {
	status := success
	switch {
	case buffer == 0:
	case uint64(size.Get(c)) < uint64(len(data)):
		status = failed(win.ErrMoreData)
	default:
		c.Write(buffer, data)
	}
	size.Set(c, uint32(len(data)))
	return status
}

// regQueryValueEx reads a value. What was stored without a terminator is
// returned without one.
//
// https://learn.microsoft.com/windows/win32/api/winreg/nf-winreg-regqueryvalueexw
func regQueryValueEx(c *win.Call, hKey win.HKEY, lpValueName win.TStr, lpReserved win.Ptr, lpType win.Out[uint32], lpData win.Ptr, lpcbData win.Out[uint32]) (win.LSTATUS, win.Error) {
	if lpReserved != 0 || lpData != 0 && lpcbData.Null() {
		return failed(win.ErrInvalidParameter), 0
	}
	k, status := keyOf(c, hKey)
	if status != success {
		return status, 0
	}
	v := k.Get(lpValueName.Text)
	if v == nil {
		recordRead(c, k, lpValueName.Text, nil)
		return failed(win.ErrFileNotFound), 0
	}
	lpType.Set(c, v.Type)
	status = deliver(c, dataOf(c, v), lpData, lpcbData)
	if status == success && !c.Faulted() {
		recordRead(c, k, v.Name, v)
	}
	return status, 0
}

// regSetValueEx stores a value.
//
// https://learn.microsoft.com/windows/win32/api/winreg/nf-winreg-regsetvalueexw
func regSetValueEx(c *win.Call, hKey win.HKEY, lpValueName win.TStr, Reserved win.DWORD, dwType win.RegType, lpData win.Ptr, cbData win.DWORD) (win.LSTATUS, win.Error) {
	k, status := keyOf(c, hKey)
	if status != success {
		return status, 0
	}
	if Reserved != 0 || lpData == 0 && cbData != 0 {
		return failed(win.ErrInvalidParameter), 0
	}
	return store(c, k, lpValueName.Text, uint32(dwType), lpData, cbData), 0
}

// regSetKeyValue stores a value of a subkey, which it makes if need be.
//
// https://learn.microsoft.com/windows/win32/api/winreg/nf-winreg-regsetkeyvaluew
func regSetKeyValue(c *win.Call, hKey win.HKEY, lpSubKey, lpValueName win.TStr, dwType win.RegType, lpData win.Ptr, cbData win.DWORD) (win.LSTATUS, win.Error) {
	k, status := keyOf(c, hKey)
	if status != success {
		return status, 0
	}
	if lpData == 0 && cbData != 0 {
		return failed(win.ErrInvalidParameter), 0
	}
	if k, _, status = create(c, k, lpSubKey.Text); status != success {
		return status, 0
	}
	return store(c, k, lpValueName.Text, uint32(dwType), lpData, cbData), 0
}

// store keeps a value as Windows does: text as UTF-16.
func store(c *win.Call, k *guest.Key, name string, typ uint32, lpData win.Ptr, cbData win.DWORD) win.LSTATUS {
	data := bytes.Clone(c.Bytes(lpData, uint64(cbData)))
	if c.Faulted() {
		return success
	}
	if c.ANSI() && isText(typ) {
		wide := guest.UTF16(string(guest.AppendANSI(nil, data)))
		data = wide[:len(wide)-2] // the data has its own terminator, or none
	}
	u := used(c)
	if len(name) > maxValueName || u.bytes+len(data)+len(name) > maxValueBytes {
		return failed(win.ErrNotEnoughMemory)
	}
	u.bytes += len(data) + len(name)
	k.Set(name, typ, data)
	v := k.Get(name)
	c.Emit(trace.RegistryWrite{Path: k.ValuePath(v.Name), Type: v.TypeName(), Data: shown(v)})
	return success
}

// regDeleteValue removes a value.
//
// https://learn.microsoft.com/windows/win32/api/winreg/nf-winreg-regdeletevaluew
func regDeleteValue(c *win.Call, hKey win.HKEY, lpValueName win.TStr) (win.LSTATUS, win.Error) {
	k, status := keyOf(c, hKey)
	if status != success {
		return status, 0
	}
	return removeValue(c, k, lpValueName.Text), 0
}
