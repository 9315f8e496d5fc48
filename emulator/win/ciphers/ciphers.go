// Package ciphers is what the cryptographic DLLs share: the modes of block
// ciphers with Windows' rules on initialisation vectors and padding, and the
// record of a decryption. It has no handlers.
package ciphers

import (
	"crypto/cipher"
	"crypto/subtle"
)

// Mode is how a block cipher is chained.
type Mode string

const (
	None Mode = "" // a stream cipher
	ECB  Mode = "ECB"
	CBC  Mode = "CBC"
	CFB  Mode = "CFB"
	GCM  Mode = "GCM"
	CCM  Mode = "CCM"
)

// Chained is a block cipher in ECB, CBC or CFB mode, going on from call to
// call: IV is the next initialisation vector.
type Chained struct {
	Block   cipher.Block
	Mode    Mode
	IV      []byte // as long as a block
	Segment int    // bytes of feedback in CFB mode, 1 or a block
}

// Encrypt encrypts whole blocks (in CFB mode whole segments) in place.
func (c *Chained) Encrypt(data []byte) {
	n := c.Block.BlockSize()
	switch c.Mode {
	case CBC:
		cipher.NewCBCEncrypter(c.Block, c.IV).CryptBlocks(data, data)
		c.keep(data)
	case CFB:
		c.feedback(data, false)
	default:
		for ; len(data) >= n; data = data[n:] {
			c.Block.Encrypt(data, data)
		}
	}
}

// Decrypt decrypts whole blocks (in CFB mode whole segments) in place.
func (c *Chained) Decrypt(data []byte) {
	n := c.Block.BlockSize()
	switch c.Mode {
	case CBC:
		last := append([]byte{}, data[max(len(data)-n, 0):]...)
		cipher.NewCBCDecrypter(c.Block, c.IV).CryptBlocks(data, data)
		c.keep(last)
	case CFB:
		c.feedback(data, true)
	default:
		for ; len(data) >= n; data = data[n:] {
			c.Block.Decrypt(data, data)
		}
	}
}

// keep makes the last block of ciphertext the next initialisation vector.
func (c *Chained) keep(ciphertext []byte) {
	if n := len(c.IV); len(ciphertext) >= n {
		copy(c.IV, ciphertext[len(ciphertext)-n:])
	}
}

// feedback is NIST SP 800-38A section 6.3. The standard library has it for
// segments of a whole block only, and Windows' default is one byte.
func (c *Chained) feedback(data []byte, decrypt bool) {
	stream := make([]byte, len(c.IV))
	for s := c.Segment; len(data) >= s; data = data[s:] {
		c.Block.Encrypt(stream, c.IV)
		copy(c.IV, c.IV[s:])
		tail := c.IV[len(c.IV)-s:]
		if decrypt {
			copy(tail, data[:s])
		}
		subtle.XORBytes(data[:s], data[:s], stream[:s])
		if !decrypt {
			copy(tail, data[:s])
		}
	}
}

// Pad appends the padding of PKCS #7: between one byte and a block of it (RFC
// 5652, section 6.3). The result is a copy.
func Pad(data []byte, block int) []byte {
	n := block - len(data)%block
	out := append(make([]byte, 0, len(data)+n), data...)
	for range n {
		out = append(out, byte(n))
	}
	return out
}

// Unpad takes the padding away; false means that there is none.
func Unpad(data []byte, block int) ([]byte, bool) {
	if len(data) == 0 {
		return nil, false
	}
	n := int(data[len(data)-1])
	if n == 0 || n > block || n > len(data) {
		return nil, false
	}
	for _, b := range data[len(data)-n:] {
		if int(b) != n {
			return nil, false
		}
	}
	return data[:len(data)-n], true
}
