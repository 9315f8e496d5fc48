package advapi32

import (
	"slices"
	"strings"

	"sidetrace/emulator/guest"
	"sidetrace/emulator/win"
)

var enumRows = win.Rows{
	win.Func4("RegEnumKey{A,W}", regEnumKey, "hKey dwIndex lpName cchName"),
	win.Func8("RegEnumKeyEx{A,W}", regEnumKeyEx, "hKey dwIndex lpName lpcchName lpReserved lpClass lpcchClass lpftLastWriteTime"),
	win.Func8("RegEnumValue{A,W}", regEnumValue, "hKey dwIndex lpValueName lpcchValueName lpReserved lpType lpData lpcbData"),
	win.Func12("RegQueryInfoKey{A,W}", regQueryInfoKey,
		"hKey lpClass lpcchClass lpReserved lpcSubKeys lpcbMaxSubKeyLen lpcbMaxClassLen lpcValues lpcbMaxValueNameLen lpcbMaxValueLen lpcbSecurityDescriptor lpftLastWriteTime"),
}

// subkey is the subkey at an index: Windows keeps them in the order of their
// names.
func subkey(k *guest.Key, index win.DWORD) *guest.Key {
	if uint64(index) >= uint64(len(k.Keys)) {
		return nil
	}
	keys := slices.Clone(k.Keys)
	slices.SortStableFunc(keys, func(a, b *guest.Key) int {
		return strings.Compare(strings.ToUpper(a.Name()), strings.ToUpper(b.Name()))
	})
	return keys[index]
}

// name hands out a name by the rules of enumerations: the size is in
// characters, with the terminator going in and without it coming out.
func name(c *win.Call, text string, buffer win.Ptr, size win.Out[uint32]) win.LSTATUS {
	b := c.Encode(text)
	n := uint64(len(b)) / c.CharSize()
	if uint64(size.Get(c)) < n {
		return failed(win.ErrMoreData)
	}
	c.Write(buffer, b)
	size.Set(c, uint32(n-1))
	return success
}

// started is the time keys were last written at: that of the machine's start.
func started(c *win.Call) uint64 { return guest.FileTime(c.Config.Clock) }

// regEnumKeyEx gives the name of a subkey.
//
// https://learn.microsoft.com/windows/win32/api/winreg/nf-winreg-regenumkeyexw
func regEnumKeyEx(c *win.Call, hKey win.HKEY, dwIndex win.DWORD, lpName win.Ptr, lpcchName win.Out[uint32], lpReserved, lpClass win.Ptr, lpcchClass win.Out[uint32], lpftLastWriteTime win.Out[uint64]) (win.LSTATUS, win.Error) {
	if lpReserved != 0 || lpName == 0 || lpcchName.Null() {
		return failed(win.ErrInvalidParameter), 0
	}
	k, status := keyOf(c, hKey)
	if status != success {
		return status, 0
	}
	sub := subkey(k, dwIndex)
	if sub == nil {
		return failed(win.ErrNoMoreItems), 0
	}
	if status := name(c, sub.Name(), lpName, lpcchName); status != success {
		return status, 0
	}
	noClass(c, lpClass, lpcchClass)
	lpftLastWriteTime.Set(c, started(c))
	return success, 0
}

// noClass hands out the class of a key, which is empty.
func noClass(c *win.Call, lpClass win.Ptr, lpcchClass win.Out[uint32]) {
	if lpClass != 0 && lpcchClass.Get(c) > 0 {
		c.Write(lpClass, c.Encode(""))
	}
	lpcchClass.Set(c, 0)
}

// regEnumKey is RegEnumKeyEx of 16-bit Windows.
//
// https://learn.microsoft.com/windows/win32/api/winreg/nf-winreg-regenumkeyw
func regEnumKey(c *win.Call, hKey win.HKEY, dwIndex win.DWORD, lpName win.Ptr, cchName win.DWORD) (win.LSTATUS, win.Error) {
	k, status := keyOf(c, hKey)
	if status != success {
		return status, 0
	}
	sub := subkey(k, dwIndex)
	if sub == nil {
		return failed(win.ErrNoMoreItems), 0
	}
	b := c.Encode(sub.Name())
	if uint64(cchName)*c.CharSize() < uint64(len(b)) {
		return failed(win.ErrMoreData), 0
	}
	c.Write(lpName, b)
	return success, 0
}

// regEnumValue gives the name of a value and, if asked, the value.
//
// https://learn.microsoft.com/windows/win32/api/winreg/nf-winreg-regenumvaluew
func regEnumValue(c *win.Call, hKey win.HKEY, dwIndex win.DWORD, lpValueName win.Ptr, lpcchValueName win.Out[uint32], lpReserved win.Ptr, lpType win.Out[uint32], lpData win.Ptr, lpcbData win.Out[uint32]) (win.LSTATUS, win.Error) {
	if lpReserved != 0 || lpValueName == 0 || lpcchValueName.Null() || lpData != 0 && lpcbData.Null() {
		return failed(win.ErrInvalidParameter), 0
	}
	k, status := keyOf(c, hKey)
	if status != success {
		return status, 0
	}
	if uint64(dwIndex) >= uint64(len(k.Values)) {
		return failed(win.ErrNoMoreItems), 0
	}
	v := k.Values[dwIndex]
	if status := name(c, v.Name, lpValueName, lpcchValueName); status != success {
		return status, 0
	}
	lpType.Set(c, v.Type)
	status = deliver(c, dataOf(c, v), lpData, lpcbData)
	if status == success && lpData != 0 && !c.Faulted() {
		recordRead(c, k, v.Name, v)
	}
	return status, 0
}

// regQueryInfoKey counts what is in a key.
//
// https://learn.microsoft.com/windows/win32/api/winreg/nf-winreg-regqueryinfokeyw
func regQueryInfoKey(c *win.Call, hKey win.HKEY, lpClass win.Ptr, lpcchClass win.Out[uint32], lpReserved win.Ptr,
	lpcSubKeys, lpcbMaxSubKeyLen, lpcbMaxClassLen, lpcValues, lpcbMaxValueNameLen, lpcbMaxValueLen, lpcbSecurityDescriptor win.Out[uint32], lpftLastWriteTime win.Out[uint64]) (win.LSTATUS, win.Error) {
	if lpReserved != 0 {
		return failed(win.ErrInvalidParameter), 0
	}
	k, status := keyOf(c, hKey)
	if status != success {
		return status, 0
	}
	characters := func(s string) uint32 { return uint32(uint64(len(c.Encode(s)))/c.CharSize()) - 1 }
	var longestKey, longestName, longestData uint32
	for _, sub := range k.Keys {
		longestKey = max(longestKey, characters(sub.Name()))
	}
	for _, v := range k.Values {
		longestName = max(longestName, characters(v.Name))
		longestData = max(longestData, uint32(len(dataOf(c, v))))
	}
	noClass(c, lpClass, lpcchClass)
	lpcSubKeys.Set(c, uint32(len(k.Keys)))
	lpcbMaxSubKeyLen.Set(c, longestKey)
	lpcbMaxClassLen.Set(c, 0)
	lpcValues.Set(c, uint32(len(k.Values)))
	lpcbMaxValueNameLen.Set(c, longestName)
	lpcbMaxValueLen.Set(c, longestData)
	lpcbSecurityDescriptor.Set(c, securityDescriptor)
	lpftLastWriteTime.Set(c, started(c))
	return success, 0
}

// securityDescriptor is the size of the one that keys of HKEY_CURRENT_USER
// usually have. There is none behind it.
const securityDescriptor = 164
