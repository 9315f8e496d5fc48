package ntdll

import "sidetrace/emulator/win"

var slistRows = win.Rows{
	win.Func1("RtlFirstEntrySList", rtlFirstEntrySList, "ListHead"),
	win.Func1("RtlInitializeSListHead", rtlInitializeSListHead, "ListHead"),
	win.Func1("RtlInterlockedFlushSList", rtlInterlockedFlushSList, "ListHead"),
	win.Func1("RtlInterlockedPopEntrySList", rtlInterlockedPopEntrySList, "ListHead"),
	win.Func2("RtlInterlockedPushEntrySList", rtlInterlockedPushEntrySList, "ListHead ListEntry"),
	win.Func4("RtlInterlockedPushListSListEx", rtlInterlockedPushListSListEx, "ListHead List ListEnd Count"),
	win.Func1("RtlQueryDepthSList", rtlQueryDepthSList, "ListHead"),
}

// SLIST_HEADER: 16 bits of depth and 48 that count changes, then the address of
// the first entry.
//
// https://learn.microsoft.com/windows-hardware/drivers/kernel/singly-and-doubly-linked-lists
type listHead struct{ depth, sequence, first uint64 }

const listNext = 8 // of the first entry in the header, whose low four bits are reserved

func readList(c *win.Call, at win.Ptr) listHead {
	v := c.ReadUint(at, 8)
	return listHead{v & 0xFFFF, v >> 16, c.ReadUint(at+listNext, 8) &^ 15}
}

func (h listHead) write(c *win.Call, at win.Ptr) {
	c.WriteUint(at, 8, h.depth&0xFFFF|(h.sequence+1)<<16)
	c.WriteUint(at+listNext, 8, h.first)
}

// rtlInitializeSListHead empties a singly linked list: 16 zero bytes.
//
// https://learn.microsoft.com/windows/win32/api/interlockedapi/nf-interlockedapi-initializeslisthead
func rtlInitializeSListHead(c *win.Call, ListHead win.Ptr) (win.Void, win.Error) {
	clear(c.Buffer(ListHead, 16))
	return win.Void{}, 0
}

// rtlInterlockedPushEntrySList puts an entry before the others and returns the
// one that was first.
//
// https://learn.microsoft.com/windows/win32/api/interlockedapi/nf-interlockedapi-interlockedpushentryslist
func rtlInterlockedPushEntrySList(c *win.Call, ListHead, ListEntry win.Ptr) (win.Ptr, win.Error) {
	return rtlInterlockedPushListSListEx(c, ListHead, ListEntry, ListEntry, 1)
}

// rtlInterlockedPushListSListEx puts a chain of entries before the others.
//
// https://learn.microsoft.com/windows/win32/api/interlockedapi/nf-interlockedapi-interlockedpushlistslistex
func rtlInterlockedPushListSListEx(c *win.Call, ListHead, List, ListEnd win.Ptr, Count win.DWORD) (win.Ptr, win.Error) {
	h := readList(c, ListHead)
	before := h.first
	c.WriteUint(ListEnd, 8, before)
	if c.Faulted() {
		return 0, 0
	}
	h.first = uint64(List)
	h.depth += uint64(Count)
	h.write(c, ListHead)
	return win.Ptr(before), 0
}

// rtlInterlockedPopEntrySList takes the first entry off, if there is one.
//
// https://learn.microsoft.com/windows/win32/api/interlockedapi/nf-interlockedapi-interlockedpopentryslist
func rtlInterlockedPopEntrySList(c *win.Call, ListHead win.Ptr) (win.Ptr, win.Error) {
	h := readList(c, ListHead)
	if h.first == 0 {
		return 0, 0
	}
	entry := h.first
	h.first = c.ReadUint(win.Ptr(entry), 8)
	if c.Faulted() {
		return 0, 0
	}
	h.depth--
	h.write(c, ListHead)
	return win.Ptr(entry), 0
}

// rtlInterlockedFlushSList takes all entries off and returns the first.
//
// https://learn.microsoft.com/windows/win32/api/interlockedapi/nf-interlockedapi-interlockedflushslist
func rtlInterlockedFlushSList(c *win.Call, ListHead win.Ptr) (win.Ptr, win.Error) {
	h := readList(c, ListHead)
	entry := h.first
	if entry != 0 {
		h.first, h.depth = 0, 0
		h.write(c, ListHead)
	}
	return win.Ptr(entry), 0
}

func rtlFirstEntrySList(c *win.Call, ListHead win.Ptr) (win.Ptr, win.Error) {
	return win.Ptr(readList(c, ListHead).first), 0
}

// rtlQueryDepthSList counts the entries, modulo 65,536.
//
// https://learn.microsoft.com/windows/win32/api/interlockedapi/nf-interlockedapi-querydepthslist
func rtlQueryDepthSList(c *win.Call, ListHead win.Ptr) (win.WORD, win.Error) {
	return win.WORD(readList(c, ListHead).depth), 0
}
