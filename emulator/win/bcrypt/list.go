package bcrypt

import (
	"encoding/binary"

	"sidetrace/emulator/guest"
	"sidetrace/emulator/win"
)

var listRows = win.Rows{
	win.Partial(win.Func4("BCryptEnumAlgorithms", enumAlgorithms, "dwAlgOperations pAlgCount ppAlgList dwFlags"), "those there are handlers for"),
	win.Func1("BCryptFreeBuffer", freeBuffer, "pvBuffer"),
	win.Func1("BCryptGetFipsAlgorithmMode", getFIPSAlgorithmMode, "pfEnabled"),
}

// operation is what an algorithm does: BCRYPT_*_OPERATION, and its number
// among the interfaces.
func (a *algorithm) operation() (bit, class uint32) {
	switch {
	case a.symmetric():
		return 0x01, 1
	case a.newHash != nil:
		return 0x02, 2
	case a.public.rsa && a.public.other:
		return 0x04, 3
	case a.public.signs:
		return 0x10, 5
	case a.asymmetric():
		return 0x08, 4
	case a.name == "RNG":
		return 0x20, 6
	}
	return 0x40, 7
}

// enumAlgorithms lists the algorithms of some kinds.
//
// https://learn.microsoft.com/windows/win32/api/bcrypt/nf-bcrypt-bcryptenumalgorithms
func enumAlgorithms(c *win.Call, dwAlgOperations win.Hex, pAlgCount win.Out[uint32], ppAlgList win.Out[uint64], dwFlags win.Hex) (win.Status, win.Error) {
	const entry = 16
	if dwAlgOperations == 0 || dwAlgOperations&^0x7F != 0 || pAlgCount.Null() || ppAlgList.Null() {
		return win.StatusInvalidParameter, 0
	}
	var found []*algorithm
	names := 0
	for i := range algorithms {
		if bit, _ := algorithms[i].operation(); uint32(dwAlgOperations)&bit != 0 {
			found = append(found, &algorithms[i])
			names += 2*len(algorithms[i].name) + 16
		}
	}
	base := win.Ptr(c.Heap.Alloc(uint64(entry*len(found) + names)))
	if base == 0 {
		return win.StatusNoMemory, 0
	}
	b := win.NewBlock(base, entry*len(found))
	for i, a := range found {
		_, class := a.operation()
		b.Put(entry*i, 8, b.Add(guest.UTF16(a.name)))
		b.Put(entry*i+8, 8, uint64(class))
	}
	c.Write(base, b.Data)
	pAlgCount.Set(c, uint32(len(found)))
	ppAlgList.Set(c, uint64(base))
	return win.StatusSuccess, 0
}

// freeBuffer gives back what another function returned.
//
// https://learn.microsoft.com/windows/win32/api/bcrypt/nf-bcrypt-bcryptfreebuffer
func freeBuffer(c *win.Call, pvBuffer win.Ptr) (win.Void, win.Error) {
	c.Heap.Free(uint64(pvBuffer))
	return win.Void{}, 0
}

// getFIPSAlgorithmMode says that the machine does not insist on certified
// algorithms.
//
// https://learn.microsoft.com/windows/win32/api/bcrypt/nf-bcrypt-bcryptgetfipsalgorithmmode
func getFIPSAlgorithmMode(c *win.Call, pfEnabled win.Ptr) (win.Status, win.Error) {
	if pfEnabled == 0 {
		return win.StatusInvalidParameter, 0
	}
	c.Write(pfEnabled, binary.LittleEndian.AppendUint16(nil, 0)[:1])
	return win.StatusSuccess, 0
}
