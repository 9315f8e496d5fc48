package bcrypt

import (
	"encoding/binary"
	"math/bits"
	"slices"
	"strings"

	"sidetrace/emulator/guest"
	"sidetrace/emulator/win"
)

var listRows = win.Rows{
	win.Func4("BCryptEnumAlgorithms", enumAlgorithms, "dwAlgOperations pAlgCount ppAlgList dwFlags"),
	win.Func1("BCryptFreeBuffer", freeBuffer, "pvBuffer"),
	win.Func1("BCryptGetFipsAlgorithmMode", getFIPSAlgorithmMode, "pfEnabled"),
}

// What an algorithm does: BCRYPT_*_OPERATION.
const (
	cipherOperation  = 0x01
	hashOperation    = 0x02
	encryptOperation = 0x04
	agreeOperation   = 0x08
	signOperation    = 0x10
	randomOperation  = 0x20
	deriveOperation  = 0x40
)

func (a *algorithm) operation() uint32 {
	switch {
	case a.name == "PBKDF2":
		return deriveOperation
	case a.name == "RNG":
		return randomOperation
	case a.symmetric():
		return cipherOperation
	case a.hashes():
		return hashOperation
	case a.public.rsa && a.public.other:
		return encryptOperation
	case a.public.signs:
		return signOperation
	}
	return agreeOperation
}

// enumAlgorithms lists the algorithms of some kinds, in the order of their
// names; those that are not modelled too.
//
// https://learn.microsoft.com/windows/win32/api/bcrypt/nf-bcrypt-bcryptenumalgorithms
func enumAlgorithms(c *win.Call, dwAlgOperations win.Hex, pAlgCount win.Out[uint32], ppAlgList win.Out[uint64], dwFlags win.Hex) (win.Status, win.Error) {
	const entry = 16
	if dwAlgOperations == 0 || dwAlgOperations&^0x7F != 0 || pAlgCount.Null() || ppAlgList.Null() {
		return win.StatusInvalidParameter, 0
	}
	type listed struct {
		name string
		kind uint32
	}
	var found []listed
	names := 0
	add := func(name string, kind uint32) {
		if uint32(dwAlgOperations)&kind != 0 {
			found = append(found, listed{name, kind})
			names += 2*len(name) + 16
		}
	}
	for i := range algorithms {
		add(algorithms[i].name, algorithms[i].operation())
	}
	for _, u := range unmodelled {
		add(u.name, u.kind)
	}
	slices.SortFunc(found, func(a, b listed) int { return strings.Compare(a.name, b.name) })
	base := win.Ptr(c.Heap.Alloc(uint64(entry*len(found) + names)))
	if base == 0 {
		return win.StatusNoMemory, 0
	}
	b := win.NewBlock(base, entry*len(found))
	for i, a := range found {
		b.Put(entry*i, 8, b.Add(guest.UTF16(a.name)))
		b.Put(entry*i+8, 8, uint64(bits.Len32(a.kind))) // the interface: BCRYPT_CIPHER_INTERFACE is 1
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
