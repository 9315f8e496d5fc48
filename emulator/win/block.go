package win

import "encoding/binary"

// Block lays out a structure and, behind it, what it points to, as it will lie
// at Base in the guest's memory.
type Block struct {
	Base Ptr
	Data []byte
}

// NewBlock begins a block with a structure of so many bytes, all zero.
func NewBlock(base Ptr, size int) *Block { return &Block{base, make([]byte, size)} }

// Put stores an integer of size bytes.
func (b *Block) Put(at, size int, v uint64) {
	for i := range size {
		b.Data[at+i] = byte(v >> (8 * i))
	}
}

// Add puts bytes behind what is there, aligned, and returns their address.
func (b *Block) Add(data []byte) uint64 {
	for len(b.Data)%8 != 0 {
		b.Data = append(b.Data, 0)
	}
	at := uint64(b.Base) + uint64(len(b.Data))
	b.Data = append(b.Data, data...)
	return at
}

// List adds an array of pointers with a null pointer at its end.
func (b *Block) List(pointers ...uint64) uint64 {
	var a []byte
	for _, p := range append(pointers, 0) {
		a = binary.LittleEndian.AppendUint64(a, p)
	}
	return b.Add(a)
}
