package ciphers

import (
	"encoding/binary"
	"hash"
	"math/bits"
)

// md4 is the hash of RFC 1320.
type md4 struct {
	state  [4]uint32
	block  [64]byte
	filled int
	length uint64
}

// NewMD4 starts a hash of RFC 1320, which Windows still has.
func NewMD4() hash.Hash {
	m := &md4{}
	m.Reset()
	return m
}

func (m *md4) Reset() {
	*m = md4{state: [4]uint32{0x67452301, 0xEFCDAB89, 0x98BADCFE, 0x10325476}}
}
func (m *md4) Size() int      { return 16 }
func (m *md4) BlockSize() int { return 64 }

// Clone makes a copy with its state.
func (m *md4) Clone() (hash.Cloner, error) {
	twin := *m
	return &twin, nil
}

func (m *md4) Write(p []byte) (int, error) {
	n := len(p)
	m.length += uint64(n)
	for len(p) > 0 {
		k := copy(m.block[m.filled:], p)
		m.filled, p = m.filled+k, p[k:]
		if m.filled == len(m.block) {
			m.mix()
			m.filled = 0
		}
	}
	return n, nil
}

func (m *md4) Sum(in []byte) []byte {
	twin := *m
	padding := make([]byte, 1+(119-twin.length%64)%64, 72)
	padding[0] = 0x80
	_, _ = twin.Write(binary.LittleEndian.AppendUint64(padding, 8*m.length)) // cannot fail
	for _, v := range twin.state {
		in = binary.LittleEndian.AppendUint32(in, v)
	}
	return in
}

// mix takes in a block: three rounds of sixteen steps.
func (m *md4) mix() {
	var x [16]uint32
	for i := range x {
		x[i] = binary.LittleEndian.Uint32(m.block[4*i:])
	}
	a, b, c, d := m.state[0], m.state[1], m.state[2], m.state[3]
	step := func(f, word, constant uint32, shift int) {
		a, b, c, d = d, bits.RotateLeft32(a+f+word+constant, shift), b, c
	}
	for i := range 16 {
		step(b&c|^b&d, x[i], 0, [...]int{3, 7, 11, 19}[i%4])
	}
	for i := range 16 {
		step(b&c|b&d|c&d, x[i%4*4+i/4], 0x5A827999, [...]int{3, 5, 9, 13}[i%4])
	}
	for _, i := range [...]int{0, 8, 4, 12, 2, 10, 6, 14, 1, 9, 5, 13, 3, 11, 7, 15} {
		step(b^c^d, x[i], 0x6ED9EBA1, [...]int{3, 9, 11, 15}[third(i)])
	}
	m.state[0] += a
	m.state[1] += b
	m.state[2] += c
	m.state[3] += d
}

// third is the place of a word's step in a group of four of the third round.
func third(word int) int { return word>>3&1 | word>>1&2 }
