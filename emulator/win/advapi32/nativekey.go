package advapi32

import (
	"encoding/binary"
	"strings"

	"sidetrace/emulator/guest"
	"sidetrace/emulator/trace"
	"sidetrace/emulator/win"
	"sidetrace/emulator/win/ntdll"
)

// KeyServices are ntdll's system services for registry keys.
func KeyServices() win.Rows {
	return ntdll.Services(
		win.Func7("NtCreateKey", ntCreateKey, "KeyHandle DesiredAccess ObjectAttributes TitleIndex Class CreateOptions Disposition"),
		win.Func1("NtDeleteKey", ntDeleteKey, "KeyHandle"),
		win.Func2("NtDeleteValueKey", ntDeleteValueKey, "KeyHandle ValueName"),
		win.Partial(win.Func6("NtEnumerateKey", ntEnumerateKey, "KeyHandle Index KeyInformationClass KeyInformation Length ResultLength"), "basic, node"),
		win.Func6("NtEnumerateValueKey", ntEnumerateValueKey, "KeyHandle Index KeyValueInformationClass KeyValueInformation Length ResultLength"),
		win.Stub("NtFlushKey", win.Status(0), "KeyHandle"),
		win.Func3("NtOpenKey", ntOpenKey, "KeyHandle DesiredAccess ObjectAttributes"),
		win.Func4("NtOpenKeyEx", ntOpenKeyEx, "KeyHandle DesiredAccess ObjectAttributes OpenOptions"),
		win.Partial(win.Func5("NtQueryKey", ntQueryKey, "KeyHandle KeyInformationClass KeyInformation Length ResultLength"), "basic, node, full, name"),
		win.Func6("NtQueryValueKey", ntQueryValueKey, "KeyHandle ValueName KeyValueInformationClass KeyValueInformation Length ResultLength"),
		win.Func6("NtSetValueKey", ntSetValueKey, "KeyHandle ValueName TitleIndex Type Data DataSize"),
	)
}

const (
	statusBufferOverflow win.Status = 0x80000005
	statusNoMoreEntries  win.Status = 0x8000001A
	statusNameNotFound   win.Status = 0xC0000034
	statusPathNotFound   win.Status = 0xC000003A
	statusPathSyntaxBad  win.Status = 0xC000003B
	statusCannotDelete   win.Status = 0xC0000121
	statusTypeMismatch   win.Status = 0xC0000024
)

var le = binary.LittleEndian

// nativeKey finds the key that attributes name, as a key and a path below it.
func nativeKey(c *win.Call, a ntdll.Attributes) (*guest.Key, string, win.Status) {
	name := a.Name()
	if a.Root() != 0 {
		k, ok := guest.Lookup[guest.KeyHandle](c.Handles, a.Root().Guest())
		if !ok {
			return nil, "", win.StatusInvalidHandle
		}
		return k.Key, name, 0
	}
	if !strings.HasPrefix(name, `\`) {
		return nil, "", statusPathSyntaxBad
	}
	user := `\Registry\User\` + sidText(userSID)
	for _, r := range []struct{ native, root string }{
		{user + `_Classes`, "HKCR"}, {user, "HKCU"}, {`\Registry\Machine`, "HKLM"}, {`\Registry\User`, "HKU"},
	} {
		if len(name) >= len(r.native) && strings.EqualFold(name[:len(r.native)], r.native) && (len(name) == len(r.native) || name[len(r.native)] == '\\') {
			return c.Registry.Root(r.root), strings.TrimPrefix(name[len(r.native):], `\`), 0
		}
	}
	return nil, "", statusPathNotFound
}

// nativePath is a key's name in the object manager's name space.
func nativePath(k *guest.Key) string {
	root, rest, below := strings.Cut(k.Path, `\`)
	name := map[string]string{
		"HKLM": `\REGISTRY\MACHINE`, "HKU": `\REGISTRY\USER`, "HKCU": `\REGISTRY\USER\` + sidText(userSID), "HKCR": `\REGISTRY\MACHINE\SOFTWARE\Classes`, "HKCC": `\REGISTRY\MACHINE\SYSTEM\CurrentControlSet\Hardware Profiles\Current`,
	}[root]
	if below {
		name += `\` + rest
	}
	return name
}

// openKey finds the key of a handle.
func openKey(c *win.Call, h win.Handle) (*guest.Key, win.Status) {
	switch o := c.Handles.Get(h.Guest()).(type) {
	case nil:
		return nil, win.StatusInvalidHandle
	case guest.KeyHandle:
		return o.Key, 0
	}
	return nil, statusTypeMismatch
}

// ntOpenKey opens a key that exists.
//
// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-zwopenkey
func ntOpenKey(c *win.Call, KeyHandle win.Out[uint64], DesiredAccess win.Hex, ObjectAttributes ntdll.Attributes) (win.Status, win.Error) {
	return ntOpenKeyEx(c, KeyHandle, DesiredAccess, ObjectAttributes, 0)
}

func ntOpenKeyEx(c *win.Call, KeyHandle win.Out[uint64], DesiredAccess win.Hex, ObjectAttributes ntdll.Attributes, OpenOptions win.Hex) (win.Status, win.Error) {
	if c.Buffer(KeyHandle.Addr, 8) == nil {
		return 0, 0
	}
	k, path, status := nativeKey(c, ObjectAttributes)
	if status != 0 {
		return status, 0
	}
	if k = k.Open(path); k == nil {
		return statusNameNotFound, 0
	}
	KeyHandle.Set(c, uint64(c.Handles.Add(guest.KeyHandle{Key: k})))
	return 0, 0
}

// ntCreateKey opens a key or makes it; that above it must exist.
//
// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-zwcreatekey
func ntCreateKey(c *win.Call, KeyHandle win.Out[uint64], DesiredAccess win.Hex, ObjectAttributes ntdll.Attributes, TitleIndex win.DWORD, Class win.Ptr, CreateOptions win.Hex, Disposition win.Out[uint32]) (win.Status, win.Error) {
	const createdNew, openedExisting = 1, 2
	if c.Buffer(KeyHandle.Addr, 8) == nil {
		return 0, 0
	}
	k, path, status := nativeKey(c, ObjectAttributes)
	if status != 0 {
		return status, 0
	}
	if i := strings.LastIndexByte(path, '\\'); i >= 0 && k.Open(path[:i]) == nil {
		return statusNameNotFound, 0
	}
	k, made, failure := create(c, k, path)
	if failure != success {
		return win.StatusInvalidParameter, 0
	}
	disposition := uint32(openedExisting)
	if made {
		disposition = createdNew
	}
	Disposition.Set(c, disposition)
	KeyHandle.Set(c, uint64(c.Handles.Add(guest.KeyHandle{Key: k})))
	return 0, 0
}

// ntDeleteKey removes a key without subkeys.
//
// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-zwdeletekey
func ntDeleteKey(c *win.Call, KeyHandle win.Handle) (win.Status, win.Error) {
	k, status := openKey(c, KeyHandle)
	if status == 0 && removeKey(c, k) != success {
		status = statusCannotDelete
	}
	return status, 0
}

func ntDeleteValueKey(c *win.Call, KeyHandle win.Handle, ValueName win.UnicodeString) (win.Status, win.Error) {
	k, status := openKey(c, KeyHandle)
	if status == 0 && removeValue(c, k, ValueName.Text) != success {
		status = statusNameNotFound
	}
	return status, 0
}

// ntSetValueKey stores a value.
//
// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-zwsetvaluekey
func ntSetValueKey(c *win.Call, KeyHandle win.Handle, ValueName win.UnicodeString, TitleIndex win.DWORD, Type win.RegType, Data win.Ptr, DataSize win.DWORD) (win.Status, win.Error) {
	k, status := openKey(c, KeyHandle)
	if status == 0 && store(c, k, ValueName.Text, uint32(Type), Data, DataSize) != success {
		status = win.StatusNoMemory
	}
	return status, 0
}

// sized stores a structure whose fixed part must fit; the rest is cut where
// it does not. The length that is needed is told in any case.
func sized(c *win.Call, b []byte, fixed int, at win.Ptr, length win.DWORD, result win.Out[uint32]) win.Status {
	result.Set(c, uint32(len(b)))
	switch {
	case int(length) < fixed:
		return win.StatusBufferTooSmall
	case int(length) < len(b):
		c.Write(at, b[:length])
		return statusBufferOverflow
	}
	c.Write(at, b)
	return 0
}

func wide(s string) []byte {
	b := guest.UTF16(s)
	return b[:len(b)-2]
}

// valueInformation lays out what one of the classes tells of a value.
func valueInformation(c *win.Call, v *guest.Value, class win.DWORD, at win.Ptr, length win.DWORD, result win.Out[uint32]) win.Status {
	const basic, full, partial = 0, 1, 2
	name := wide(v.Name)
	b := make([]byte, 4)
	b = le.AppendUint32(b, v.Type)
	switch class {
	case basic:
		b = append(le.AppendUint32(b, uint32(len(name))), name...)
		return sized(c, b, 12, at, length, result)
	case partial:
		b = append(le.AppendUint32(b, uint32(len(v.Data))), v.Data...)
		return sized(c, b, 12, at, length, result)
	case full:
		offset := (20 + len(name) + 7) &^ 7
		b = le.AppendUint32(b, uint32(offset))
		b = le.AppendUint32(b, uint32(len(v.Data)))
		b = append(le.AppendUint32(b, uint32(len(name))), name...)
		b = append(append(b, make([]byte, offset-len(b))...), v.Data...)
		return sized(c, b, 20, at, length, result)
	}
	c.Gap("value information class " + trace.Dec.Format(uint64(class)))
	return win.StatusInvalidParameter
}

// ntQueryValueKey reads a value.
//
// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-zwqueryvaluekey
func ntQueryValueKey(c *win.Call, KeyHandle win.Handle, ValueName win.UnicodeString, KeyValueInformationClass win.DWORD, KeyValueInformation win.Ptr, Length win.DWORD, ResultLength win.Out[uint32]) (win.Status, win.Error) {
	k, status := openKey(c, KeyHandle)
	if status != 0 {
		return status, 0
	}
	v := k.Get(ValueName.Text)
	if v == nil {
		recordRead(c, k, ValueName.Text, nil)
		return statusNameNotFound, 0
	}
	status = valueInformation(c, v, KeyValueInformationClass, KeyValueInformation, Length, ResultLength)
	if status == 0 && !c.Faulted() {
		recordRead(c, k, v.Name, v)
	}
	return status, 0
}

// ntEnumerateValueKey reads the value at an index.
//
// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-zwenumeratevaluekey
func ntEnumerateValueKey(c *win.Call, KeyHandle win.Handle, Index, KeyValueInformationClass win.DWORD, KeyValueInformation win.Ptr, Length win.DWORD, ResultLength win.Out[uint32]) (win.Status, win.Error) {
	k, status := openKey(c, KeyHandle)
	switch {
	case status != 0:
		return status, 0
	case int(Index) >= len(k.Values):
		return statusNoMoreEntries, 0
	}
	return valueInformation(c, k.Values[Index], KeyValueInformationClass, KeyValueInformation, Length, ResultLength), 0
}

// keyInformation lays out what one of the classes tells of a key.
func keyInformation(c *win.Call, k *guest.Key, class win.DWORD, at win.Ptr, length win.DWORD, result win.Out[uint32]) win.Status {
	const basic, node, full, name = 0, 1, 2, 3
	const none = 0xFFFFFFFF
	text := wide(k.Name())
	b := le.AppendUint64(nil, started(c))
	switch class {
	case basic:
		b = le.AppendUint32(b, 0)
		b = append(le.AppendUint32(b, uint32(len(text))), text...)
		return sized(c, b, 16, at, length, result)
	case node:
		for _, v := range []uint32{0, none, 0, uint32(len(text))} {
			b = le.AppendUint32(b, v)
		}
		return sized(c, append(b, text...), 24, at, length, result)
	case full:
		longestKey, longestName, longestData := 0, 0, 0
		for _, x := range k.Keys {
			longestKey = max(longestKey, len(wide(x.Name())))
		}
		for _, v := range k.Values {
			longestName, longestData = max(longestName, len(wide(v.Name))), max(longestData, len(v.Data))
		}
		for _, v := range []uint32{0, none, 0, uint32(len(k.Keys)), uint32(longestKey), 0, uint32(len(k.Values)), uint32(longestName), uint32(longestData), 0} {
			b = le.AppendUint32(b, v)
		}
		return sized(c, b, 44, at, length, result)
	case name:
		text = wide(nativePath(k))
		return sized(c, append(le.AppendUint32(nil, uint32(len(text))), text...), 4, at, length, result)
	}
	c.Gap("key information class " + trace.Dec.Format(uint64(class)))
	return win.StatusInvalidParameter
}

// ntQueryKey tells of a key.
//
// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-zwquerykey
func ntQueryKey(c *win.Call, KeyHandle win.Handle, KeyInformationClass win.DWORD, KeyInformation win.Ptr, Length win.DWORD, ResultLength win.Out[uint32]) (win.Status, win.Error) {
	k, status := openKey(c, KeyHandle)
	if status != 0 {
		return status, 0
	}
	return keyInformation(c, k, KeyInformationClass, KeyInformation, Length, ResultLength), 0
}

// ntEnumerateKey tells of the subkey at an index.
//
// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-zwenumeratekey
func ntEnumerateKey(c *win.Call, KeyHandle win.Handle, Index, KeyInformationClass win.DWORD, KeyInformation win.Ptr, Length win.DWORD, ResultLength win.Out[uint32]) (win.Status, win.Error) {
	k, status := openKey(c, KeyHandle)
	if status != 0 {
		return status, 0
	}
	sub := subkey(k, Index)
	if sub == nil {
		return statusNoMoreEntries, 0
	}
	return keyInformation(c, sub, KeyInformationClass, KeyInformation, Length, ResultLength), 0
}
