package advapi32

import (
	"sidetrace/emulator/guest"
	"sidetrace/emulator/win"
)

var policyRows = win.Rows{
	win.Func1("LsaClose", lsaClose, "ObjectHandle"),
	win.Func1("LsaFreeMemory", lsaFreeMemory, "Buffer"),
	win.Forward("LsaNtStatusToWinError", "ntdll.RtlNtStatusToDosError"),
	win.Partial(win.Func4("LsaOpenPolicy", lsaOpenPolicy, "SystemName ObjectAttributes DesiredAccess PolicyHandle"), "of this machine"),
	win.Partial(win.Func3("LsaQueryInformationPolicy", lsaQueryInformationPolicy, "PolicyHandle InformationClass Buffer"), "the domains' names"),
	win.Func3("LsaRetrievePrivateData", lsaRetrievePrivateData, "PolicyHandle KeyName PrivateData"),
}

// policy is an open policy of the machine.
type policy struct{}

func (*policy) Type() string { return "LsaPolicy" }

func isPolicy(c *win.Call, h win.Handle) bool {
	_, ok := guest.Lookup[*policy](c.Handles, h.Guest())
	return ok
}

// lsaOpenPolicy opens the machine's policy, to look at: to change it is for
// administrators.
//
// https://learn.microsoft.com/windows/win32/api/ntsecapi/nf-ntsecapi-lsaopenpolicy
func lsaOpenPolicy(c *win.Call, SystemName, ObjectAttributes win.Ptr, DesiredAccess win.Hex, PolicyHandle win.Out[uint64]) (win.Status, win.Error) {
	const change = 0x07F8 // POLICY_TRUST_ADMIN and above, but POLICY_LOOKUP_NAMES
	switch {
	case ObjectAttributes == 0 || PolicyHandle.Null():
		return win.StatusInvalidParameter, 0
	case DesiredAccess&change != 0:
		return win.StatusAccessDenied, 0
	}
	if SystemName != 0 && c.ReadUint(SystemName, 2) != 0 {
		c.Gap("another machine")
	}
	PolicyHandle.Set(c, uint64(c.Handles.Add(&policy{})))
	return win.StatusSuccess, 0
}

// https://learn.microsoft.com/windows/win32/api/ntsecapi/nf-ntsecapi-lsaclose
func lsaClose(c *win.Call, ObjectHandle win.Handle) (win.Status, win.Error) {
	if !isPolicy(c, ObjectHandle) {
		return win.StatusInvalidHandle, 0
	}
	c.Handles.Close(ObjectHandle.Guest())
	return win.StatusSuccess, 0
}

// https://learn.microsoft.com/windows/win32/api/ntsecapi/nf-ntsecapi-lsafreememory
func lsaFreeMemory(c *win.Call, Buffer win.Ptr) (win.Status, win.Error) {
	if Buffer != 0 && !c.Heap.Free(uint64(Buffer)) {
		return win.StatusInvalidParameter, 0
	}
	return win.StatusSuccess, 0
}

// lsaQueryInformationPolicy tells what the machine belongs to: a workgroup.
//
// https://learn.microsoft.com/windows/win32/api/ntsecapi/nf-ntsecapi-lsaqueryinformationpolicy
func lsaQueryInformationPolicy(c *win.Call, PolicyHandle win.Handle, InformationClass win.DWORD, Buffer win.Out[uint64]) (win.Status, win.Error) {
	const primaryDomain, accountDomain = 3, 5
	switch {
	case !isPolicy(c, PolicyHandle):
		return win.StatusInvalidHandle, 0
	case Buffer.Null():
		return win.StatusInvalidParameter, 0
	}
	name, id := "WORKGROUP", []byte(nil)
	switch InformationClass {
	case primaryDomain:
	case accountDomain:
		const subs = 4 // of the user's identifier, but the last
		name, id = c.Config.Computer, append([]byte{}, userSID[:8+4*subs]...)
		id[1] = subs
	default:
		c.Gap("this class of information")
		return win.StatusNotSupported, 0
	}
	text := guest.UTF16(name)
	at := c.Heap.Alloc(uint64(24 + len(text) + 16 + len(id)))
	if at == 0 {
		return win.StatusNoMemory, 0
	}
	b := win.NewBlock(win.Ptr(at), 24)
	b.Put(0, 2, uint64(len(text)-2))
	b.Put(2, 2, uint64(len(text)))
	b.Put(8, 8, b.Add(text))
	if id != nil {
		b.Put(16, 8, b.Add(id))
	}
	c.Write(win.Ptr(at), b.Data)
	Buffer.Set(c, at)
	return win.StatusSuccess, 0
}

// lsaRetrievePrivateData is refused: the machine's secrets are for
// administrators.
//
// https://learn.microsoft.com/windows/win32/api/ntsecapi/nf-ntsecapi-lsaretrieveprivatedata
func lsaRetrievePrivateData(c *win.Call, PolicyHandle win.Handle, KeyName win.UnicodeString, PrivateData win.Out[uint64]) (win.Status, win.Error) {
	if !isPolicy(c, PolicyHandle) {
		return win.StatusInvalidHandle, 0
	}
	return win.StatusAccessDenied, 0
}
