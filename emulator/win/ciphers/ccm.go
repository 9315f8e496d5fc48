package ciphers

import (
	"crypto/cipher"
	"crypto/subtle"
	"encoding/binary"
	"errors"
)

// ccm is counter mode with CBC-MAC, RFC 3610.
type ccm struct {
	block      cipher.Block
	nonce, tag int
}

// NewCCM makes an authenticated cipher of one with blocks of 16 bytes. The
// nonce has 7 to 13 bytes, the tag an even number from 4 to 16.
func NewCCM(block cipher.Block, nonce, tag int) (cipher.AEAD, error) {
	if block.BlockSize() != 16 || nonce < 7 || nonce > 13 || tag < 4 || tag > 16 || tag%2 != 0 {
		return nil, errors.New("sizes that CCM has not")
	}
	return &ccm{block, nonce, tag}, nil
}

func (c *ccm) NonceSize() int { return c.nonce }
func (c *ccm) Overhead() int  { return c.tag }

// counter is block A_0, which the length field's bytes count up from.
func (c *ccm) counter(nonce []byte) (a [16]byte) {
	a[0] = byte(14 - c.nonce)
	copy(a[1:], nonce)
	return a
}

// authenticate computes the tag before it is encrypted.
func (c *ccm) authenticate(nonce, plain, extra []byte) [16]byte {
	x := c.counter(nonce)
	x[0] |= byte((c.tag-2)/2) << 3
	if len(extra) > 0 {
		x[0] |= 0x40
	}
	for i, n := 15, len(plain); n > 0 && i > c.nonce; i, n = i-1, n>>8 {
		x[i] = byte(n)
	}
	c.block.Encrypt(x[:], x[:])
	absorb := func(data []byte) {
		for len(data) > 0 {
			n := subtle.XORBytes(x[:], x[:], data[:min(16, len(data))])
			c.block.Encrypt(x[:], x[:])
			data = data[n:]
		}
	}
	const shortest = 0xFF00 // from here on the length has six bytes
	switch n := len(extra); {
	case n == 0:
	case n < shortest:
		absorb(append(binary.BigEndian.AppendUint16(nil, uint16(n)), extra...))
	default:
		absorb(append(binary.BigEndian.AppendUint32([]byte{0xFF, 0xFE}, uint32(n)), extra...))
	}
	absorb(plain)
	return x
}

// crypt encrypts a tag with block 0 of the key stream and data with what follows.
func (c *ccm) crypt(nonce []byte, tag *[16]byte, data []byte) {
	a := c.counter(nonce)
	stream := cipher.NewCTR(c.block, a[:])
	stream.XORKeyStream(tag[:], tag[:])
	stream.XORKeyStream(data, data)
}

// tooLong reports whether a message has more bytes than its length field holds.
func (c *ccm) tooLong(n int) bool {
	field := 15 - c.nonce
	return field < 8 && uint64(n) >= 1<<(8*field)
}

func (c *ccm) Seal(dst, nonce, plaintext, additionalData []byte) []byte {
	tag := c.authenticate(nonce, plaintext, additionalData)
	text := append([]byte{}, plaintext...)
	c.crypt(nonce, &tag, text)
	return append(append(dst, text...), tag[:c.tag]...)
}

func (c *ccm) Open(dst, nonce, ciphertext, additionalData []byte) ([]byte, error) {
	n := len(ciphertext) - c.tag
	if n < 0 || c.tooLong(n) {
		return nil, errors.New("wrong length")
	}
	text := append([]byte{}, ciphertext[:n]...)
	var mask [16]byte
	c.crypt(nonce, &mask, text)
	tag := c.authenticate(nonce, text, additionalData)
	subtle.XORBytes(tag[:], tag[:], mask[:])
	if subtle.ConstantTimeCompare(tag[:c.tag], ciphertext[n:]) != 1 {
		return nil, errors.New("the tag does not match")
	}
	return append(dst, text...), nil
}
