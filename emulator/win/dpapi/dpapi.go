// Package dpapi protects data with the keys of the emulated machine and its
// user, for the DLLs that do. Blobs look as Windows' do and are encrypted for
// real; the master keys come from the machine's seed, so that a blob of
// another machine cannot be opened and one of the same scenario can.
package dpapi

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/des"
	"crypto/hmac"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/binary"
	"errors"

	"sidetrace/emulator/guest"
)

// ErrForeign says that a blob was not made by this machine's key; ErrBlob that
// it is none.
var (
	ErrForeign = errors.New("another key")
	ErrBlob    = errors.New("no blob")
)

// Scope is whose key protects: the user's or the machine's.
type Scope struct {
	Seed    uint64
	Owner   string // user or machine
	Machine bool
}

// Provider is the identifier every blob begins with, behind its version.
var Provider = []byte{0xD0, 0x8C, 0x9D, 0xDF, 0x01, 0x15, 0xD1, 0x11, 0x8C, 0x7A, 0x00, 0xC0, 0x4F, 0xC2, 0x97, 0xEB}

// master is the master key of a scope and the identifier it is found by.
func (s Scope) master() (key, id []byte) {
	seed := binary.LittleEndian.AppendUint64(nil, s.Seed)
	kind := byte(0)
	if s.Machine {
		kind = 1
	}
	sum := sha512.Sum512(append(append(seed, kind), s.Owner...))
	return sum[:], sum[:16]
}

const (
	algorithmAES256 = 0x6610
	algorithmSHA512 = 0x800E
	flagMachine     = 0x04
)

// keys derives what encrypts a blob and what signs it.
func (s Scope) keys(salt, entropy []byte) (secret, sign []byte) {
	key, _ := s.master()
	h := hmac.New(sha512.New, key)
	h.Write(salt)
	h.Write(entropy)
	secret = h.Sum(nil)[:32]
	h = hmac.New(sha512.New, key)
	h.Write([]byte("sign"))
	h.Write(salt)
	h.Write(entropy)
	return secret, h.Sum(nil)
}

// Protect makes a blob.
func (s Scope) Protect(data, entropy []byte, description string, random func([]byte)) []byte {
	salt := make([]byte, 32)
	random(salt)
	secret, sign := s.keys(salt, entropy)
	_, id := s.master()
	n := aes.BlockSize - len(data)%aes.BlockSize
	ciphertext := append(bytes.Clone(data), bytes.Repeat([]byte{byte(n)}, n)...)
	block, _ := aes.NewCipher(secret) // 32 bytes: cannot fail
	cipher.NewCBCEncrypter(block, salt[:aes.BlockSize]).CryptBlocks(ciphertext, ciphertext)

	var b []byte
	number := func(v int) { b = binary.LittleEndian.AppendUint32(b, uint32(v)) }
	counted := func(data []byte) { number(len(data)); b = append(b, data...) }
	number(1)
	b = append(b, Provider...)
	number(1)
	b = append(b, id...)
	if s.Machine {
		number(flagMachine)
	} else {
		number(0)
	}
	counted(guest.UTF16(description))
	number(algorithmAES256)
	number(256)
	counted(salt)
	counted(nil)
	number(algorithmSHA512)
	number(512)
	counted(salt)
	counted(ciphertext)
	h := hmac.New(sha512.New, sign)
	h.Write(b[20:])
	counted(h.Sum(nil))
	return b
}

// Blob is what can be read of one.
type Blob struct {
	Description []byte // UTF-16 with its terminator
	Machine     bool
	Secret      []byte // key of the plaintext
	Ciphertext  []byte
	Salt        []byte
}

// Unprotect opens a blob. The scope's owner is that of the process; whose key
// is needed the blob says.
func Unprotect(user, machine Scope, b, entropy []byte) (plain []byte, blob Blob, err error) {
	whole := b
	take := func(n uint32) []byte {
		if uint64(n) > uint64(len(b)) {
			err = ErrBlob
			return nil
		}
		part := b[:n]
		b = b[n:]
		return part
	}
	number := func() uint32 {
		if v := take(4); v != nil {
			return binary.LittleEndian.Uint32(v)
		}
		return 0
	}
	counted := func() []byte { return take(number()) }
	version := number()
	provider := take(16)
	number()
	id := take(16)
	flags := number()
	blob.Description = counted()
	cipherID, _ := number(), number()
	blob.Salt = counted()
	counted()
	hashID, _ := number(), number()
	counted()
	blob.Ciphertext = counted()
	signed := len(whole) - len(b)
	mac := counted()
	if err != nil || version != 1 || !bytes.Equal(provider, Provider) {
		return nil, blob, ErrBlob
	}
	scope := user
	if blob.Machine = flags&flagMachine != 0; blob.Machine {
		scope = machine
	}
	if _, own := scope.master(); !bytes.Equal(id, own) || cipherID != algorithmAES256 || hashID != algorithmSHA512 || len(blob.Salt) < aes.BlockSize {
		return nil, blob, ErrForeign
	}
	secret, sign := scope.keys(blob.Salt, entropy)
	h := hmac.New(sha512.New, sign)
	h.Write(whole[20:signed])
	if !hmac.Equal(h.Sum(nil), mac) || len(blob.Ciphertext) == 0 || len(blob.Ciphertext)%aes.BlockSize != 0 {
		return nil, blob, ErrBlob
	}
	plain = bytes.Clone(blob.Ciphertext)
	block, _ := aes.NewCipher(secret) // 32 bytes: cannot fail
	cipher.NewCBCDecrypter(block, blob.Salt[:aes.BlockSize]).CryptBlocks(plain, plain)
	n := int(plain[len(plain)-1])
	if n == 0 || n > aes.BlockSize {
		return nil, blob, ErrBlob
	}
	blob.Secret = secret
	return plain[:len(plain)-n], blob, nil
}

// Memory encrypts or decrypts memory, of a multiple of eight bytes, in place.
func Memory(seed uint64, purpose byte, data []byte, decrypt bool) {
	key := sha256.Sum256(append(binary.LittleEndian.AppendUint64([]byte("memory"), seed), purpose))
	block, _ := des.NewTripleDESCipher(key[:24]) // 24 bytes: cannot fail
	for ; len(data) >= block.BlockSize(); data = data[block.BlockSize():] {
		if decrypt {
			block.Decrypt(data, data)
		} else {
			block.Encrypt(data, data)
		}
	}
}
