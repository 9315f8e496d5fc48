package ciphers

import (
	"crypto/cipher"
	"crypto/subtle"
	"hash"
)

// cmac is the message authentication code of RFC 4493.
type cmac struct {
	block    cipher.Block
	k1, k2   [16]byte
	state    [16]byte
	pending  [16]byte // the last block is kept back: its key differs
	buffered int
}

// NewCMAC starts a CMAC of a cipher with blocks of 16 bytes.
func NewCMAC(block cipher.Block) hash.Hash {
	m := &cmac{block: block}
	var l [16]byte
	block.Encrypt(l[:], l[:])
	m.k1 = double(l)
	m.k2 = double(m.k1)
	return m
}

// double multiplies by x in the field of 128 bits.
func double(v [16]byte) (out [16]byte) {
	const polynomial = 0x87
	for i := range 15 {
		out[i] = v[i]<<1 | v[i+1]>>7
	}
	out[15] = v[15] << 1
	if v[0]&0x80 != 0 {
		out[15] ^= polynomial
	}
	return out
}

func (m *cmac) Size() int      { return 16 }
func (m *cmac) BlockSize() int { return 16 }
func (m *cmac) Reset()         { m.state, m.pending, m.buffered = [16]byte{}, [16]byte{}, 0 }

// Clone makes a copy with its state.
func (m *cmac) Clone() (hash.Cloner, error) {
	twin := *m
	return &twin, nil
}

func (m *cmac) Write(p []byte) (int, error) {
	n := len(p)
	for len(p) > 0 {
		if m.buffered == len(m.pending) {
			m.mix(m.pending)
			m.buffered = 0
		}
		k := copy(m.pending[m.buffered:], p)
		m.buffered += k
		p = p[k:]
	}
	return n, nil
}

func (m *cmac) mix(b [16]byte) {
	subtle.XORBytes(m.state[:], m.state[:], b[:])
	m.block.Encrypt(m.state[:], m.state[:])
}

func (m *cmac) Sum(b []byte) []byte {
	end := *m
	key := end.k1
	if end.buffered < len(end.pending) {
		key = end.k2
		clear(end.pending[end.buffered:])
		end.pending[end.buffered] = 0x80
	}
	subtle.XORBytes(end.pending[:], end.pending[:], key[:])
	end.mix(end.pending)
	return append(b, end.state[:]...)
}
