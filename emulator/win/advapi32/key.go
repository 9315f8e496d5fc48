package advapi32

import (
	"slices"
	"strings"

	"sidetrace/emulator/guest"
	"sidetrace/emulator/trace"
	"sidetrace/emulator/win"
)

var keyRows = win.Rows{
	win.Func1("RegCloseKey", regCloseKey, "hKey"),
	win.Func3("RegCreateKey{A,W}", regCreateKey, "hKey lpSubKey phkResult"),
	win.Partial(win.Func9("RegCreateKeyEx{A,W}", regCreateKeyEx, "hKey lpSubKey Reserved lpClass dwOptions samDesired lpSecurityAttributes phkResult lpdwDisposition"),
		"access rights are not checked"),
	win.Func2("RegDeleteKey{A,W}", regDeleteKey, "hKey lpSubKey"),
	win.Func4("RegDeleteKeyEx{A,W}", regDeleteKeyEx, "hKey lpSubKey samDesired Reserved"),
	win.Stub("RegFlushKey", win.LSTATUS(0), "hKey"),
	win.Func2("RegOpenCurrentUser", regOpenCurrentUser, "samDesired phkResult"),
	win.Func3("RegOpenKey{A,W}", regOpenKey, "hKey lpSubKey phkResult"),
	win.Partial(win.Func5("RegOpenKeyEx{A,W}", regOpenKeyEx, "hKey lpSubKey ulOptions samDesired phkResult"),
		"access rights are not checked"),
}

// Bounds on what a guest may put into the registry. Names and depth are those
// of Windows.
//
// https://learn.microsoft.com/windows/win32/sysinfo/registry-element-size-limits
const (
	maxKeyName    = 255
	maxDepth      = 512
	maxAtOnce     = 32 // levels made by one call
	maxKeys       = 10_000
	maxValueName  = 16_383
	maxValueBytes = 16 << 20 // in all
)

// usage is what the guest has added so far.
type usage struct{ keys, bytes int }

type usageKey struct{}

func used(c *win.Call) *usage {
	u, ok := c.State[usageKey{}].(*usage)
	if !ok {
		u = &usage{}
		c.State[usageKey{}] = u
	}
	return u
}

// predefined are the keys that are always open, by their handles' low half;
// the high half may be its sign.
//
// https://learn.microsoft.com/windows/win32/sysinfo/predefined-keys
var predefined = [...]string{
	0: "HKCR",
	1: "HKCU",
	2: "HKLM",
	3: "HKU",
	5: "HKCC",
}

// keyOf finds the key a handle stands for.
func keyOf(c *win.Call, h win.HKEY) (*guest.Key, win.LSTATUS) {
	const first = 0x8000_0000
	if low := uint64(uint32(h)); low >= first && (uint64(h) == low || uint64(h) == uint64(int64(int32(h)))) {
		if i := low - first; i < uint64(len(predefined)) && predefined[i] != "" {
			return c.Registry.Root(predefined[i]), success
		}
	}
	k, ok := guest.Lookup[guest.KeyHandle](c.Handles, guest.Handle(h))
	if !ok {
		return nil, failed(win.ErrInvalidHandle)
	}
	return k.Key, success
}

// success is ERROR_SUCCESS.
const success win.LSTATUS = 0

// failed is an error as these functions return it; they leave the last error
// alone.
func failed(e win.Error) win.LSTATUS { return win.LSTATUS(e) }

// regOpenKeyEx opens a key that exists.
//
// https://learn.microsoft.com/windows/win32/api/winreg/nf-winreg-regopenkeyexw
func regOpenKeyEx(c *win.Call, hKey win.HKEY, lpSubKey win.TStr, ulOptions, samDesired win.Hex, phkResult win.Out[uint64]) (win.LSTATUS, win.Error) {
	if phkResult.Null() {
		return failed(win.ErrInvalidParameter), 0
	}
	k, status := keyOf(c, hKey)
	if status != success {
		return status, 0
	}
	if strings.HasPrefix(lpSubKey.Text, `\`) {
		return failed(win.ErrBadPathname), 0
	}
	from, path, other := view(c, k, lpSubKey.Text, samDesired)
	found := from.Open(path)
	if found == nil {
		if other && k.Open(lpSubKey.Text) != nil {
			c.Gap("the 32-bit view of a key that the machine has in the other one")
		}
		return failed(win.ErrFileNotFound), 0
	}
	k = found
	phkResult.Set(c, uint64(c.Handles.Add(guest.KeyHandle{Key: k})))
	return success, 0
}

// view redirects the 32-bit view of HKLM\SOFTWARE to WOW6432Node. Keys that
// both views share are not told apart.
//
// https://learn.microsoft.com/windows/win32/winprog64/registry-redirector
func view(c *win.Call, k *guest.Key, path string, samDesired win.Hex) (from *guest.Key, rest string, other bool) {
	const wow6432, software, node = 0x200, `HKLM\SOFTWARE\`, `WOW6432Node\`
	if samDesired&wow6432 == 0 {
		return k, path, false
	}
	full := k.Path + `\` + strings.Trim(path, `\`) + `\`
	if len(full) < len(software) || !strings.EqualFold(full[:len(software)], software) {
		return k, path, false
	}
	below := full[len(software):]
	if len(below) >= len(node) && strings.EqualFold(below[:len(node)], node) {
		return k, path, false
	}
	return c.Registry.Root("HKLM"), strings.Clone(`SOFTWARE\` + node + strings.Trim(below, `\`)), true
}

// regOpenKey is RegOpenKeyEx of 16-bit Windows. Without a name it gives the
// handle itself.
//
// https://learn.microsoft.com/windows/win32/api/winreg/nf-winreg-regopenkeyw
func regOpenKey(c *win.Call, hKey win.HKEY, lpSubKey win.TStr, phkResult win.Out[uint64]) (win.LSTATUS, win.Error) {
	if lpSubKey.Text == "" && !phkResult.Null() {
		phkResult.Set(c, uint64(hKey))
		return success, 0
	}
	return regOpenKeyEx(c, hKey, lpSubKey, 0, 0, phkResult)
}

// regOpenCurrentUser opens HKEY_CURRENT_USER.
//
// https://learn.microsoft.com/windows/win32/api/winreg/nf-winreg-regopencurrentuser
func regOpenCurrentUser(c *win.Call, samDesired win.Hex, phkResult win.Out[uint64]) (win.LSTATUS, win.Error) {
	phkResult.Set(c, uint64(c.Handles.Add(guest.KeyHandle{Key: c.Registry.Root("HKCU")})))
	return success, 0
}

// regCreateKeyEx opens a key or makes it, with those above it. A class and a
// security descriptor are not kept; volatile keys and links are like others.
//
// https://learn.microsoft.com/windows/win32/api/winreg/nf-winreg-regcreatekeyexw
func regCreateKeyEx(c *win.Call, hKey win.HKEY, lpSubKey win.TStr, Reserved win.DWORD, lpClass win.TStr, dwOptions, samDesired win.Hex, lpSecurityAttributes win.Ptr, phkResult win.Out[uint64], lpdwDisposition win.Out[uint32]) (win.LSTATUS, win.Error) {
	if lpSubKey.Null() || phkResult.Null() || Reserved != 0 {
		return failed(win.ErrInvalidParameter), 0
	}
	k, status := keyOf(c, hKey)
	if status != success {
		return status, 0
	}
	if strings.HasPrefix(lpSubKey.Text, `\`) {
		return failed(win.ErrBadPathname), 0
	}
	k, path, _ := view(c, k, lpSubKey.Text, samDesired)
	k, created, status := create(c, k, path)
	if status != success {
		return status, 0
	}
	phkResult.Set(c, uint64(c.Handles.Add(guest.KeyHandle{Key: k})))
	const createdNew, openedExisting = 1, 2
	disposition := uint32(openedExisting)
	if created {
		disposition = createdNew
	}
	lpdwDisposition.Set(c, disposition)
	return success, 0
}

// create makes a key within the bounds.
func create(c *win.Call, k *guest.Key, path string) (*guest.Key, bool, win.LSTATUS) {
	if found := k.Open(path); found != nil {
		return found, false, success
	}
	names := strings.FieldsFunc(path, func(r rune) bool { return r == '\\' })
	depth := len(names) + strings.Count(k.Path, `\`)
	if len(names) > maxAtOnce || depth > maxDepth || slices.ContainsFunc(names, func(n string) bool { return len(n) > maxKeyName }) {
		return nil, false, failed(win.ErrInvalidParameter)
	}
	u := used(c)
	if u.keys+len(names) > maxKeys {
		return nil, false, failed(win.ErrNotEnoughMemory)
	}
	u.keys += len(names)
	made, created := k.Create(path)
	c.Emit(trace.RegistryCreate{Path: made.Path})
	return made, created, success
}

// regCreateKey is RegCreateKeyEx of 16-bit Windows.
//
// https://learn.microsoft.com/windows/win32/api/winreg/nf-winreg-regcreatekeyw
func regCreateKey(c *win.Call, hKey win.HKEY, lpSubKey win.TStr, phkResult win.Out[uint64]) (win.LSTATUS, win.Error) {
	if lpSubKey.Text == "" && !phkResult.Null() {
		phkResult.Set(c, uint64(hKey))
		return success, 0
	}
	return regCreateKeyEx(c, hKey, lpSubKey, 0, win.TStr{}, 0, 0, 0, phkResult, win.Out[uint32]{})
}

// regCloseKey closes a key. A predefined one stays open.
//
// https://learn.microsoft.com/windows/win32/api/winreg/nf-winreg-regclosekey
func regCloseKey(c *win.Call, hKey win.HKEY) (win.LSTATUS, win.Error) {
	k, status := keyOf(c, hKey)
	if status != success {
		return status, 0
	}
	k.Unwatch(guest.Handle(hKey))
	c.Handles.Close(guest.Handle(hKey)) // nothing happens to a predefined one, which is not in the table
	return success, 0
}

// regDeleteKey removes a key that has no subkeys. Handles of it stay usable,
// which on Windows they do not.
//
// https://learn.microsoft.com/windows/win32/api/winreg/nf-winreg-regdeletekeyw
func regDeleteKey(c *win.Call, hKey win.HKEY, lpSubKey win.TStr) (win.LSTATUS, win.Error) {
	return deleteKey(c, hKey, lpSubKey, 0)
}

func deleteKey(c *win.Call, hKey win.HKEY, lpSubKey win.TStr, samDesired win.Hex) (win.LSTATUS, win.Error) {
	k, status := keyOf(c, hKey)
	if status != success {
		return status, 0
	}
	if lpSubKey.Null() {
		return failed(win.ErrInvalidParameter), 0
	}
	k, path, _ := view(c, k, lpSubKey.Text, samDesired)
	victim := k.Open(path)
	switch {
	case victim == nil:
		return failed(win.ErrFileNotFound), 0
	case len(victim.Keys) > 0 || !strings.Contains(victim.Path, `\`):
		return failed(win.ErrAccessDenied), 0
	}
	return removeKey(c, victim), 0
}

// regDeleteKeyEx removes a key; see regDeleteKey.
//
// https://learn.microsoft.com/windows/win32/api/winreg/nf-winreg-regdeletekeyexw
func regDeleteKeyEx(c *win.Call, hKey win.HKEY, lpSubKey win.TStr, samDesired win.Hex, Reserved win.DWORD) (win.LSTATUS, win.Error) {
	if Reserved != 0 {
		return failed(win.ErrInvalidParameter), 0
	}
	return deleteKey(c, hKey, lpSubKey, samDesired)
}
