package shlwapi

import "sidetrace/emulator/win"

// The registry in one call each, through advapi32's functions.

var registryRows = win.Rows{
	win.Func2("SHDeleteEmptyKey{A,W}", shDeleteEmptyKey, "hkey pszSubKey"),
	win.Func3("SHDeleteValue{A,W}", shDeleteValue, "hkey pszSubKey pszValue"),
	win.Func6("SHGetValue{A,W}", shGetValue, "hkey pszSubKey pszValue pdwType pvData pcbData"),
	win.Func7("SHRegGetValue{A,W}", shRegGetValue, "hkey pszSubKey pszValue srrfFlags pdwType pvData pcbData"),
	win.Func6("SHSetValue{A,W}", shSetValue, "hkey pszSubKey pszValue dwType pvData cbData"),
}

const (
	rrfAny        = 0xFFFF
	keyQueryValue = 1
	keySetValue   = 2
	keyRead       = 0x20019
)

// registry calls a function of advapi32 in the version of the export.
func registry(c *win.Call, name string, args ...uint64) win.LSTATUS {
	suffix := "W"
	if c.ANSI() {
		suffix = "A"
	}
	result, _ := c.Invoke("advapi32.dll", name+suffix, args...)
	return win.LSTATUS(result)
}

// withKey opens, or makes, a key for as long as f runs.
func withKey(c *win.Call, hkey win.HKEY, subKey win.TText, access uint64, create bool, f func(key uint64) win.LSTATUS) win.LSTATUS {
	if subKey == 0 {
		return f(uint64(hkey))
	}
	at := c.Heap.Alloc(8)
	if at == 0 {
		return win.LSTATUS(win.ErrNotEnoughMemory)
	}
	defer c.Heap.Free(at)
	var status win.LSTATUS
	if create {
		status = registry(c, "RegCreateKeyEx", uint64(hkey), uint64(subKey), 0, 0, 0, access, 0, at, 0)
	} else {
		status = registry(c, "RegOpenKeyEx", uint64(hkey), uint64(subKey), 0, access, at)
	}
	if status != 0 {
		return status
	}
	key := c.ReadUint(win.Ptr(at), 8)
	status = f(key)
	c.Invoke("advapi32.dll", "RegCloseKey", key)
	return status
}

// https://learn.microsoft.com/windows/win32/api/shlwapi/nf-shlwapi-shgetvaluew
func shGetValue(c *win.Call, hkey win.HKEY, pszSubKey, pszValue win.TText, pdwType, pvData, pcbData win.Ptr) (win.LSTATUS, win.Error) {
	return registry(c, "RegGetValue", uint64(hkey), uint64(pszSubKey), uint64(pszValue), rrfAny, uint64(pdwType), uint64(pvData), uint64(pcbData)), 0
}

// https://learn.microsoft.com/windows/win32/api/shlwapi/nf-shlwapi-shreggetvaluew
func shRegGetValue(c *win.Call, hkey win.HKEY, pszSubKey, pszValue win.TText, srrfFlags win.Hex, pdwType, pvData, pcbData win.Ptr) (win.LSTATUS, win.Error) {
	return registry(c, "RegGetValue", uint64(hkey), uint64(pszSubKey), uint64(pszValue), uint64(srrfFlags), uint64(pdwType), uint64(pvData), uint64(pcbData)), 0
}

// shSetValue makes the key if there is none.
//
// https://learn.microsoft.com/windows/win32/api/shlwapi/nf-shlwapi-shsetvaluew
func shSetValue(c *win.Call, hkey win.HKEY, pszSubKey, pszValue win.TText, dwType win.RegType, pvData win.Ptr, cbData win.DWORD) (win.LSTATUS, win.Error) {
	return withKey(c, hkey, pszSubKey, keySetValue, true, func(key uint64) win.LSTATUS {
		return registry(c, "RegSetValueEx", key, uint64(pszValue), 0, uint64(dwType), uint64(pvData), uint64(cbData))
	}), 0
}

// https://learn.microsoft.com/windows/win32/api/shlwapi/nf-shlwapi-shdeletevaluew
func shDeleteValue(c *win.Call, hkey win.HKEY, pszSubKey, pszValue win.TText) (win.LSTATUS, win.Error) {
	return withKey(c, hkey, pszSubKey, keySetValue, false, func(key uint64) win.LSTATUS {
		return registry(c, "RegDeleteValue", key, uint64(pszValue))
	}), 0
}

// shDeleteEmptyKey refuses a key that has subkeys.
//
// https://learn.microsoft.com/windows/win32/api/shlwapi/nf-shlwapi-shdeleteemptykeyw
func shDeleteEmptyKey(c *win.Call, hkey win.HKEY, pszSubKey win.TText) (win.LSTATUS, win.Error) {
	return registry(c, "RegDeleteKey", uint64(hkey), uint64(pszSubKey)), 0
}
