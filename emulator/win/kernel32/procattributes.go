package kernel32

import (
	"sidetrace/emulator/guest"
	"sidetrace/emulator/win"
	"sidetrace/emulator/win/ntdll"
)

// Attribute lists of new processes and threads. A list is a header and an
// entry for each attribute: its number, the size of its value and where that
// lies.

var procAttributeRows = win.Rows{
	win.Func1("DeleteProcThreadAttributeList", deleteProcThreadAttributeList, "lpAttributeList"),
	win.Func4("InitializeProcThreadAttributeList", initializeProcThreadAttributeList, "lpAttributeList dwAttributeCount dwFlags lpSize"),
	win.Partial(win.Func7("UpdateProcThreadAttribute", updateProcThreadAttribute, "lpAttributeList dwFlags Attribute lpValue cbSize lpPreviousValue lpReturnSize"),
		"of what is set, the parent process counts"),
}

const (
	attributeListHeader = 24
	attributeListEntry  = 24
	attributeListCount  = 8 // entries used; the room is at 4

	attributeParentProcess = 0x00020000
	mostAttributes         = 27

	errBadLength win.Error = 24
)

// initializeProcThreadAttributeList makes an empty list, or tells the size of
// one.
//
// https://learn.microsoft.com/windows/win32/api/processthreadsapi/nf-processthreadsapi-initializeprocthreadattributelist
func initializeProcThreadAttributeList(c *win.Call, lpAttributeList win.Ptr, dwAttributeCount win.DWORD, dwFlags win.Hex, lpSize win.Out[uint64]) (win.Bool, win.Error) {
	if dwFlags != 0 || dwAttributeCount > mostAttributes {
		return false, win.ErrInvalidParameter
	}
	need := uint64(attributeListHeader + attributeListEntry*dwAttributeCount)
	room := lpSize.Get(c)
	lpSize.Set(c, need)
	if lpAttributeList == 0 || room < need {
		return false, win.ErrInsufficientBuffer
	}
	b := c.Buffer(lpAttributeList, need)
	if b == nil {
		return false, 0
	}
	clear(b)
	le.PutUint32(b[4:], uint32(dwAttributeCount))
	return true, 0
}

// deleteProcThreadAttributeList has nothing to give back.
//
// https://learn.microsoft.com/windows/win32/api/processthreadsapi/nf-processthreadsapi-deleteprocthreadattributelist
func deleteProcThreadAttributeList(c *win.Call, lpAttributeList win.Ptr) (win.Void, win.Error) {
	return win.Void{}, 0
}

// updateProcThreadAttribute adds an attribute to a list.
//
// https://learn.microsoft.com/windows/win32/api/processthreadsapi/nf-processthreadsapi-updateprocthreadattribute
func updateProcThreadAttribute(c *win.Call, lpAttributeList win.Ptr, dwFlags win.Hex, Attribute win.Size, lpValue win.Ptr, cbSize win.Size, lpPreviousValue, lpReturnSize win.Ptr) (win.Bool, win.Error) {
	if dwFlags != 0 || lpPreviousValue != 0 || lpReturnSize != 0 {
		return false, win.ErrInvalidParameter
	}
	size, known := map[win.Size]win.Size{
		attributeParentProcess: 8,
		0x00020002:             0, // handles to inherit: any number
		0x00030003:             12,
		0x00020004:             2, // preferred node
		0x00030005:             8, // ideal processor
		0x00020007:             0, // mitigations
		0x00020009:             0, // capabilities
		0x0002000B:             4, // protection level
		0x0002000D:             0, // jobs
		0x0002000E:             4, // child process policy
		0x00020012:             4, // desktop application policy
		0x00020016:             8, // pseudo console
	}[Attribute]
	switch {
	case !known:
		return false, win.ErrNotSupported
	case size != 0 && cbSize != size:
		return false, errBadLength
	}
	b := c.Bytes(lpAttributeList, attributeListHeader)
	if b == nil {
		return false, 0
	}
	room, used := le.Uint32(b[4:]), le.Uint32(b[attributeListCount:])
	if used >= room {
		return false, win.ErrInvalidParameter
	}
	e := c.Buffer(lpAttributeList+attributeListHeader+win.Ptr(attributeListEntry*used), attributeListEntry)
	if e == nil {
		return false, 0
	}
	le.PutUint64(e, uint64(Attribute))
	le.PutUint64(e[8:], uint64(cbSize))
	le.PutUint64(e[16:], uint64(lpValue))
	c.WriteUint(lpAttributeList+attributeListCount, 4, uint64(used+1))
	return true, 0
}

// chosenParent is the process that a list names as the parent of a new one, or
// nil.
func chosenParent(c *win.Call, list win.Ptr) *guest.OtherProcess {
	if list == 0 {
		return nil
	}
	b := c.Bytes(list, attributeListHeader)
	if b == nil {
		return nil
	}
	for i := range min(le.Uint32(b[attributeListCount:]), mostAttributes) {
		e := c.Bytes(list+attributeListHeader+win.Ptr(attributeListEntry*i), attributeListEntry)
		if e == nil {
			return nil
		}
		if le.Uint64(e) != attributeParentProcess {
			continue
		}
		h := c.ReadUint(win.Ptr(le.Uint64(e[16:])), 8)
		o, status := ntdll.ProcessOf(c, win.Handle(h), 0)
		if status == 0 {
			return o
		}
	}
	return nil
}
