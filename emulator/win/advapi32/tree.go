package advapi32

import (
	"slices"
	"strings"

	"sidetrace/emulator/guest"
	"sidetrace/emulator/trace"
	"sidetrace/emulator/win"
)

var treeRows = win.Rows{
	win.Func3("RegCopyTree{A,W}", regCopyTree, "hKeySrc lpSubKey hKeyDest"),
	win.Func3("RegDeleteKeyValue{A,W}", regDeleteKeyValue, "hKey lpSubKey lpValueName"),
	win.Func2("RegDeleteTree{A,W}", regDeleteTree, "hKey lpSubKey"),
	win.Stub("RegDisablePredefinedCache", win.LSTATUS(0), ""),
	win.Stub("RegDisableReflectionKey", win.LSTATUS(0), "hBase"),
	win.Stub("RegEnableReflectionKey", win.LSTATUS(0), "hBase"),
	win.Partial(win.Func7("RegLoadMUIString{A,W}", regLoadMUIString, "hKey pszValue pszOutBuf cbOutBuf pcbData Flags pszDirectory"), "text alone, no resources"),
	win.Partial(win.Func5("RegNotifyChangeKeyValue", regNotifyChangeKeyValue, "hKey bWatchSubtree dwNotifyFilter hEvent fAsynchronous"), "changes the program makes: nobody else changes the registry"),
	win.Func5("RegQueryMultipleValues{A,W}", regQueryMultipleValues, "hKey val_list num_vals lpValueBuf ldwTotsize"),
	win.Func3("RegRenameKey", regRenameKey, "hKey lpSubKeyName lpNewKeyName"),
	win.Func3("RegSaveKey{A,W}", regSaveKey, "hKey lpFile lpSecurityAttributes"),
}

const (
	errCantRead         win.Error = 1012
	errPrivilegeNotHeld win.Error = 1314
)

// regDeleteTree removes what lies below a key, and, if it is given by name,
// the key itself.
//
// https://learn.microsoft.com/windows/win32/api/winreg/nf-winreg-regdeletetreew
func regDeleteTree(c *win.Call, hKey win.HKEY, lpSubKey win.TStr) (win.LSTATUS, win.Error) {
	k, status := keyOf(c, hKey)
	if status != success {
		return status, 0
	}
	if lpSubKey.Text != "" {
		victim := k.Open(lpSubKey.Text)
		if victim == nil {
			return failed(win.ErrFileNotFound), 0
		}
		return removeTree(c, victim), 0
	}
	for len(k.Keys) > 0 {
		if status := removeTree(c, k.Keys[0]); status != success {
			return status, 0
		}
	}
	k.Values = nil
	k.Changed(guest.ChangedValue)
	return success, 0
}

// removeTree removes a key and all below it, from the bottom.
func removeTree(c *win.Call, k *guest.Key) win.LSTATUS {
	for len(k.Keys) > 0 {
		if status := removeTree(c, k.Keys[len(k.Keys)-1]); status != success {
			return status
		}
	}
	return removeKey(c, k)
}

// removeKey takes a key without subkeys away.
func removeKey(c *win.Call, victim *guest.Key) win.LSTATUS {
	root, rest, below := strings.Cut(victim.Path, `\`)
	above := c.Registry.Root(root)
	if i := strings.LastIndexByte(rest, '\\'); i >= 0 {
		above = above.Open(rest[:i])
	}
	switch {
	case !below || len(victim.Keys) > 0:
		return failed(win.ErrAccessDenied)
	case above == nil: // the key above was removed before
		return failed(win.ErrFileNotFound)
	}
	above.Keys = slices.DeleteFunc(above.Keys, func(x *guest.Key) bool { return x == victim })
	above.Changed(guest.ChangedName)
	c.Emit(trace.RegistryDelete{Path: victim.Path, Item: "key"})
	return success
}

// removeValue takes a value away.
func removeValue(c *win.Call, k *guest.Key, name string) win.LSTATUS {
	v := k.Get(name)
	if v == nil {
		return failed(win.ErrFileNotFound)
	}
	k.Values = slices.DeleteFunc(k.Values, func(x *guest.Value) bool { return x == v })
	k.Changed(guest.ChangedValue)
	c.Emit(trace.RegistryDelete{Path: k.ValuePath(v.Name), Item: "value"})
	return success
}

// regDeleteKeyValue removes a value of a subkey.
//
// https://learn.microsoft.com/windows/win32/api/winreg/nf-winreg-regdeletekeyvaluew
func regDeleteKeyValue(c *win.Call, hKey win.HKEY, lpSubKey, lpValueName win.TStr) (win.LSTATUS, win.Error) {
	k, status := keyOf(c, hKey)
	if status != success {
		return status, 0
	}
	if k = k.Open(lpSubKey.Text); k == nil {
		return failed(win.ErrFileNotFound), 0
	}
	return removeValue(c, k, lpValueName.Text), 0
}

// regCopyTree copies values and keys below a key.
//
// https://learn.microsoft.com/windows/win32/api/winreg/nf-winreg-regcopytreew
func regCopyTree(c *win.Call, hKeySrc win.HKEY, lpSubKey win.TStr, hKeyDest win.HKEY) (win.LSTATUS, win.Error) {
	from, status := keyOf(c, hKeySrc)
	if status != success {
		return status, 0
	}
	to, status := keyOf(c, hKeyDest)
	if status != success {
		return status, 0
	}
	if from = from.Open(lpSubKey.Text); from == nil {
		return failed(win.ErrFileNotFound), 0
	}
	if to == from || strings.HasPrefix(strings.ToLower(to.Path)+`\`, strings.ToLower(from.Path)+`\`) {
		return failed(win.ErrInvalidParameter), 0
	}
	return copyTree(c, from, to), 0
}

func copyTree(c *win.Call, from, to *guest.Key) win.LSTATUS {
	u := used(c)
	for _, v := range from.Values {
		if u.bytes+len(v.Data)+len(v.Name) > maxValueBytes {
			return failed(win.ErrNotEnoughMemory)
		}
		u.bytes += len(v.Data) + len(v.Name)
		to.Set(v.Name, v.Type, v.Data)
		c.Emit(trace.RegistryWrite{Path: to.ValuePath(v.Name), Type: v.TypeName(), Data: shown(v)})
	}
	for _, k := range from.Keys {
		made, _, status := create(c, to, k.Name())
		if status != success {
			return status
		}
		if status := copyTree(c, k, made); status != success {
			return status
		}
	}
	return success
}

// regLoadMUIString reads text that may be a reference into a DLL's resources,
// "@file,-number"; those are not followed.
//
// https://learn.microsoft.com/windows/win32/api/winreg/nf-winreg-regloadmuistringw
func regLoadMUIString(c *win.Call, hKey win.HKEY, pszValue win.TStr, pszOutBuf win.Ptr, cbOutBuf win.DWORD, pcbData win.Out[uint32], Flags win.Hex, pszDirectory win.TStr) (win.LSTATUS, win.Error) {
	k, status := keyOf(c, hKey)
	if status != success {
		return status, 0
	}
	v := k.Get(pszValue.Text)
	if v == nil || !isText(v.Type) {
		return failed(win.ErrFileNotFound), 0
	}
	recordRead(c, k, v.Name, v)
	text := guest.FromUTF16(v.Data)
	if strings.HasPrefix(text, "@") {
		c.Gap("text of a resource " + trace.Quote(text))
		return failed(win.ErrFileNotFound), 0
	}
	b := c.Encode(text)
	pcbData.Set(c, uint32(len(b)))
	if int(cbOutBuf) < len(b) {
		return failed(win.ErrMoreData), 0
	}
	c.Write(pszOutBuf, b)
	return success, 0
}

// regNotifyChangeKeyValue sets an event at the next change that the program
// makes to a key, or waits for it.
//
// https://learn.microsoft.com/windows/win32/api/winreg/nf-winreg-regnotifychangekeyvalue
func regNotifyChangeKeyValue(c *win.Call, hKey win.HKEY, bWatchSubtree win.Int, dwNotifyFilter win.Hex, hEvent win.Handle, fAsynchronous win.Int) (win.LSTATUS, win.Error) {
	const most, name, attributes, value, security, agnostic = 1024, 1, 2, 4, 8, 0x1000_0000
	k, status := keyOf(c, hKey)
	if status != success {
		return status, 0
	}
	if dwNotifyFilter == 0 || dwNotifyFilter&^(name|attributes|value|security|agnostic) != 0 {
		return failed(win.ErrInvalidParameter), 0
	}
	event, ok := guest.Lookup[*guest.Event](c.Handles, hEvent.Guest())
	switch {
	case fAsynchronous == 0:
		event = &guest.Event{Name: "a change of " + k.Path}
	case !ok:
		return failed(win.ErrInvalidHandle), 0
	case k.Watches() >= most:
		return failed(win.ErrNotEnoughMemory), 0
	default:
		event.Set = false
	}
	k.Watch(guest.Watch{Handle: guest.Handle(hKey), Subtree: bWatchSubtree != 0, Filter: uint32(dwNotifyFilter), Event: event})
	if fAsynchronous == 0 {
		c.T.Wait([]guest.Waitable{event}, false, -1)
	}
	return success, 0
}

// regQueryMultipleValues reads several values into one buffer.
//
// https://learn.microsoft.com/windows/win32/api/winreg/nf-winreg-regquerymultiplevaluesw
func regQueryMultipleValues(c *win.Call, hKey win.HKEY, val_list win.Ptr, num_vals win.DWORD, lpValueBuf win.Ptr, ldwTotsize win.Out[uint32]) (win.LSTATUS, win.Error) {
	const size, most = 32, 4096 // of a VALENT
	k, status := keyOf(c, hKey)
	if status != success {
		return status, 0
	}
	if num_vals > most {
		return failed(win.ErrInvalidParameter), 0
	}
	room := ldwTotsize.Get(c)
	total := uint32(0)
	for i := range num_vals {
		at := val_list + win.Ptr(size*i)
		name := c.TString(win.Ptr(c.ReadUint(at, 8)))
		v := k.Get(name)
		if c.Faulted() {
			return success, 0
		}
		if v == nil {
			return failed(errCantRead), 0
		}
		data := dataOf(c, v)
		if total+uint32(len(data)) <= room && lpValueBuf != 0 {
			c.Write(lpValueBuf+win.Ptr(total), data)
			c.WriteUint(at+8, 4, uint64(len(data)))
			c.WriteUint(at+16, 8, uint64(lpValueBuf)+uint64(total))
			c.WriteUint(at+24, 4, uint64(v.Type))
			recordRead(c, k, v.Name, v)
		}
		total += uint32(len(data))
	}
	ldwTotsize.Set(c, total)
	if total > room || lpValueBuf == 0 {
		return failed(win.ErrMoreData), 0
	}
	return success, 0
}

// regRenameKey gives a subkey another name.
//
// https://learn.microsoft.com/windows/win32/api/winreg/nf-winreg-regrenamekey
func regRenameKey(c *win.Call, hKey win.HKEY, lpSubKeyName, lpNewKeyName win.WStr) (win.LSTATUS, win.Error) {
	k, status := keyOf(c, hKey)
	if status != success {
		return status, 0
	}
	victim := k.Open(lpSubKeyName.Text)
	switch {
	case victim == nil:
		return failed(win.ErrFileNotFound), 0
	case lpNewKeyName.Text == "" || strings.Contains(lpNewKeyName.Text, `\`) || len(lpNewKeyName.Text) > maxKeyName:
		return failed(win.ErrInvalidParameter), 0
	}
	i := strings.LastIndexByte(victim.Path, '\\')
	if i < 0 {
		return failed(win.ErrAccessDenied), 0
	}
	root, rest, _ := strings.Cut(victim.Path[:i], `\`)
	if above := c.Registry.Root(root).Open(rest); above == nil || above.Open(lpNewKeyName.Text) != nil {
		return failed(win.ErrAccessDenied), 0
	}
	old := victim.Path
	rename(victim, old[:i+1]+lpNewKeyName.Text)
	c.Emit(trace.RegistryCreate{Path: victim.Path})
	c.Emit(trace.RegistryDelete{Path: old, Item: "key"})
	return success, 0
}

func rename(k *guest.Key, path string) {
	for _, sub := range k.Keys {
		rename(sub, path+`\`+sub.Name())
	}
	k.Path = path
}

// regSaveKey is refused: the user has no SeBackupPrivilege.
//
// https://learn.microsoft.com/windows/win32/api/winreg/nf-winreg-regsavekeyw
func regSaveKey(c *win.Call, hKey win.HKEY, lpFile win.TStr, lpSecurityAttributes win.Ptr) (win.LSTATUS, win.Error) {
	if _, status := keyOf(c, hKey); status != success {
		return status, 0
	}
	return failed(errPrivilegeNotHeld), 0
}
