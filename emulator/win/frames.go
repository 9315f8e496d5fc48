package win

import (
	"encoding/binary"
	"sort"

	"sidetrace/emulator/guest"
)

// frames makes the unwind data of the system area: RUNTIME_FUNCTION entries,
// sorted, then their UNWIND_INFO; at is where it will lie. Return stubs and the
// dispatcher of exceptions have a frame of a fixed size below a machine frame,
// which leads to what was interrupted.
//
// https://learn.microsoft.com/cpp/build/exception-handling-x64
func frames(returnStubs, dispatcher, at uint64) (data []byte, functions uint32) {
	type function struct{ start, size uint64 }
	var list []function
	for n := range uint64(guest.ReturnStubs) {
		list = append(list, function{returnStubs + n*guest.StubSize, 8 * (4 << n)})
	}
	if dispatcher != 0 {
		list = append(list, function{dispatcher, guest.DispatcherFrame})
	}
	sort.Slice(list, func(i, j int) bool { return list[i].start < list[j].start })
	const entrySize, infoSize = 12, 12
	le := binary.LittleEndian
	info := at - guest.SystemBase + entrySize*uint64(len(list))
	for i, f := range list {
		rva := f.start - guest.SystemBase
		data = le.AppendUint32(data, uint32(rva))
		data = le.AppendUint32(data, uint32(rva+guest.StubSize))
		data = le.AppendUint32(data, uint32(info+infoSize*uint64(i)))
	}
	const allocLarge, pushMachineFrame = 1, 10 // UWOP_*
	for _, f := range list {
		data = append(data, 1, 0, 4, 0) // version 1, no prologue, four slots
		data = append(data, 0, 1<<4|allocLarge)
		data = le.AppendUint32(data, uint32(f.size))
		data = append(data, 0, pushMachineFrame)
	}
	return data, uint32(len(list))
}
