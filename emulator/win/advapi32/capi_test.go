package advapi32_test

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/rc4"
	"encoding/binary"
	"encoding/hex"
	"strings"
	"testing"

	"sidetrace/emulator/win"
	"sidetrace/emulator/win/ciphers"
	"sidetrace/emulator/win/wintest"
)

const (
	verifyContext = 0xF0000000
	calgMD5       = 0x8003
	calgSHA1      = 0x8004
	calgSHA256    = 0x800C
	calgRC4       = 0x6801
	calgAES128    = 0x660E
	calgAES256    = 0x6610

	nteBadLength    win.Error = 0x80090004
	nteBadData      win.Error = 0x80090005
	nteBadAlgorithm win.Error = 0x80090008
	nteBadHashState win.Error = 0x8009000C
	nteExists       win.Error = 0x8009000F
	nteBadKeyset    win.Error = 0x80090016
	nteNoSuchType   win.Error = 0x80090017
)

// capi is a machine with the calls that CryptoAPI tests make.
type capi struct {
	*wintest.Machine
	t *testing.T
}

// call requires success or an error.
func (a *capi) call(want win.Error, name string, args ...uint64) {
	a.t.Helper()
	got, err, line := a.Call(dll, name, args...)
	if want != err || (want == 0) != (got != 0) {
		a.t.Fatalf("got %d, error %#x, want error %#x: %s", got, err, want, line)
	}
}

func newCAPI(t *testing.T) *capi { return &capi{machine(t), t} }

func (a *capi) provider(kind uint64) uint64 {
	a.t.Helper()
	out := a.Alloc(8)
	a.call(0, "CryptAcquireContextW", out, 0, 0, kind, verifyContext)
	return a.Uint(out, 8)
}

func (a *capi) hash(provider, algorithm uint64, data []byte) uint64 {
	a.t.Helper()
	out := a.Alloc(8)
	a.call(0, "CryptCreateHash", provider, algorithm, 0, 0, out)
	a.call(0, "CryptHashData", a.Uint(out, 8), a.Bytes(data), uint64(len(data)), 0)
	return a.Uint(out, 8)
}

// imported makes a key of a PLAINTEXTKEYBLOB.
func (a *capi) imported(want win.Error, algorithm uint32, secret []byte) uint64 {
	a.t.Helper()
	blob := binary.LittleEndian.AppendUint32([]byte{8, 2, 0, 0}, algorithm)
	blob = append(binary.LittleEndian.AppendUint32(blob, uint32(len(secret))), secret...)
	out := a.Alloc(8)
	a.call(want, "CryptImportKey", a.provider(24), a.Bytes(blob), uint64(len(blob)), 0, 0, out)
	return a.Uint(out, 8)
}

// secret exports what a key is made of.
func (a *capi) secret(key uint64) []byte {
	a.t.Helper()
	out, size := a.Alloc(64), a.Bytes(dword(64))
	a.call(0, "CryptExportKey", key, 0, 8, 0, out, size)
	return a.Get(out+12, int(a.Uint(size, 4))-12)
}

func TestCryptAcquireContext(t *testing.T) {
	a := newCAPI(t)
	out, name := a.Alloc(8), a.WString("box")
	a.call(nteBadKeyset, "CryptAcquireContextW", out, name, 0, 1, 0)
	a.call(0, "CryptAcquireContextW", out, name, 0, 1, 8)
	a.call(nteExists, "CryptAcquireContextW", out, name, 0, 1, 8)
	a.call(0, "CryptAcquireContextW", out, name, 0, 1, 0)
	a.call(0, "CryptReleaseContext", a.Uint(out, 8), 0)
	a.call(win.ErrInvalidParameter, "CryptReleaseContext", a.Uint(out, 8), 0)
	a.call(nteNoSuchType, "CryptAcquireContextW", out, 0, 0, 999, verifyContext)
	a.call(win.ErrInvalidParameter, "CryptAcquireContextW", 0, 0, 0, 1, verifyContext)
}

func TestCryptHash(t *testing.T) {
	for algorithm, text := range map[uint64]string{ // of "abc"
		calgMD5:    "900150983cd24fb0d6963f7d28e17f72",
		calgSHA1:   "a9993e364706816aba3e25717850c26c9cd0d89d",
		calgSHA256: "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
	} {
		a := newCAPI(t)
		h, n := a.hash(a.provider(24), algorithm, []byte("abc")), uint64(len(text)/2)
		out, size := a.Alloc(int(n)), a.Alloc(4)
		a.call(0, "CryptGetHashParam", h, 2, 0, size, 0)
		if got := a.Uint(size, 4); got != n {
			t.Errorf("size: got %d, want %d", got, n)
		}
		a.Put(size, dword(uint32(n-1)))
		a.call(win.ErrMoreData, "CryptGetHashParam", h, 2, out, size, 0)
		a.call(0, "CryptGetHashParam", h, 2, out, size, 0)
		if got := hex.EncodeToString(a.Get(out, int(n))); got != text {
			t.Errorf("got %s, want %s", got, text)
		}
		a.call(nteBadHashState, "CryptHashData", h, out, 1, 0)
		a.call(0, "CryptDestroyHash", h)
		a.call(win.ErrInvalidParameter, "CryptDestroyHash", h)
	}
	a := newCAPI(t)
	a.call(nteBadAlgorithm, "CryptCreateHash", a.provider(1), calgSHA256, 0, 0, a.Alloc(8)) // the base provider has no SHA-2
	if a.Gaps() != nil {
		t.Errorf("gaps: %v", a.Gaps())
	}
	a.call(nteBadAlgorithm, "CryptCreateHash", a.provider(1), 0x8001, 0, 0, a.Alloc(8))
	if len(a.Gaps()) != 1 {
		t.Error("MD2 left no gap")
	}
}

func TestCryptDeriveKey(t *testing.T) {
	// The AES case is from ECMA-376 standard encryption as Office writes it,
	// with the password "Password1234_".
	office := "a00d5360ec463ee782df8c267525ae9ac66cd60500000000"
	abc := hex.EncodeToString([]byte("abc"))
	for _, tt := range []struct {
		name             string
		hash, key, flags uint64
		data, want       string
		err              win.Error
	}{
		{"AES of SHA-1 is stretched", calgSHA1, calgAES128, 0, office, "40b13a71f90b966e375408f2d181a1aa", 0},
		{"AES of SHA-256 is not", calgSHA256, calgAES256, 0, abc, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad", 0},
		{"RC4", calgMD5, calgRC4, 0, abc, "900150983cd24fb0d6963f7d28e17f72", 0},
		{"RC4 of 128 bits", calgSHA1, calgRC4, 128 << 16, abc, "a9993e364706816aba3e25717850c26c", 0},
		{"RC4 of 40 bits", calgSHA1, calgRC4, 40 << 16, abc, "a9993e3647", 0},
		{"RC4 of 8 bits", calgSHA1, calgRC4, 8 << 16, abc, "", nteBadLength},
		{"AES of a wrong length", calgSHA1, calgAES128, 256 << 16, abc, "", nteBadLength},
		{"no such cipher", calgSHA1, 0x1234, 0, abc, "", nteBadAlgorithm},
	} {
		t.Run(tt.name, func(t *testing.T) {
			a := newCAPI(t)
			data, err := hex.DecodeString(tt.data)
			if err != nil {
				t.Fatal(err)
			}
			p, out := a.provider(24), a.Alloc(8)
			h := a.hash(p, tt.hash, data)
			a.call(tt.err, "CryptDeriveKey", p, tt.key, h, tt.flags, out)
			if tt.err != 0 {
				return
			}
			if got := hex.EncodeToString(a.secret(a.Uint(out, 8))); got != tt.want {
				t.Errorf("got %s, want %s", got, tt.want)
			}
			a.call(nteBadHashState, "CryptHashData", h, out, 1, 0)
		})
	}
}

func TestCryptRC4(t *testing.T) {
	secret, want := []byte("3jB(2bsG#@c7"), bytes.Repeat([]byte("plain.. "), 4)
	sealed := make([]byte, len(want))
	stream, err := rc4.NewCipher(secret)
	if err != nil {
		t.Fatal(err)
	}
	stream.XORKeyStream(sealed, want)
	a := newCAPI(t)
	k := a.imported(0, calgRC4, secret)
	in := a.Bytes(sealed)
	a.call(0, "CryptDecrypt", k, 0, 0, 0, in, a.Bytes(dword(10)))
	a.call(0, "CryptDecrypt", k, 0, 1, 0, in+10, a.Bytes(dword(22)))
	if got := a.Get(in, 32); !bytes.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	a.call(0, "CryptEncrypt", k, 0, 1, 0, in, a.Bytes(dword(32)), 32) // from the beginning again
	if got := a.Get(in, 32); !bytes.Equal(got, sealed) {
		t.Errorf("encrypted: got %x, want %x", got, sealed)
	}
}

// A key of 40 bits is followed by a salt of eleven zeros.
func TestCryptSalt(t *testing.T) {
	secret, want := []byte("12345"), []byte("text")
	a := newCAPI(t)
	stream, err := rc4.NewCipher(append(bytes.Clone(secret), make([]byte, 11)...))
	if err != nil {
		t.Fatal(err)
	}
	sealed := make([]byte, len(want))
	stream.XORKeyStream(sealed, want)
	in := a.Bytes(sealed)
	a.call(0, "CryptDecrypt", a.imported(0, calgRC4, secret), 0, 1, 0, in, a.Bytes(dword(4)))
	if got := a.Get(in, 4); !bytes.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestCryptAES(t *testing.T) {
	secret, iv := bytes.Repeat([]byte{9}, 32), []byte("initial vector!!")
	plain := []byte("a message of thirty-one letters")
	block, err := aes.NewCipher(secret)
	if err != nil {
		t.Fatal(err)
	}
	sealed := ciphers.Pad(plain, 16)
	cipher.NewCBCEncrypter(block, iv).CryptBlocks(sealed, sealed)

	a := newCAPI(t)
	k := a.imported(0, calgAES256, secret)
	a.call(0, "CryptSetKeyParam", k, 1, a.Bytes(iv), 0)
	for range 2 { // each message begins with the vector that was set
		in, size := a.Bytes(sealed), a.Bytes(dword(16))
		a.call(0, "CryptDecrypt", k, 0, 0, 0, in, size)
		a.call(0, "CryptDecrypt", k, 0, 1, 0, in+16, size)
		if got := a.Get(in, len(plain)); !bytes.Equal(got, plain) || a.Uint(size, 4) != 15 {
			t.Errorf("got %q, last piece %d", got, a.Uint(size, 4))
		}
	}
	text, size := a.Bytes(append(bytes.Clone(plain), '?')), a.Bytes(dword(31))
	a.call(0, "CryptEncrypt", k, 0, 1, 0, 0, size, 0)
	if got := a.Uint(size, 4); got != 32 {
		t.Errorf("size: got %d, want 32", got)
	}
	a.Put(size, dword(31))
	a.call(win.ErrMoreData, "CryptEncrypt", k, 0, 1, 0, text, size, 31)
	a.Put(size, dword(31))
	a.call(0, "CryptEncrypt", k, 0, 1, 0, text, size, 32)
	if got := a.Get(text, 32); !bytes.Equal(got, sealed) {
		t.Errorf("encrypted: got %x, want %x", got, sealed)
	}

	bad := bytes.Clone(sealed)
	bad[31] ^= 1
	a.call(nteBadData, "CryptDecrypt", k, 0, 1, 0, a.Bytes(bad), a.Bytes(dword(32)))
	a.call(nteBadData, "CryptDecrypt", k, 0, 0, 0, a.Bytes(bad), a.Bytes(dword(17)))
	a.call(0, "CryptSetKeyParam", k, 4, a.Bytes(dword(2)), 0)
	one := bytes.Clone(plain[:16])
	block.Encrypt(one, one)
	in := a.Bytes(one)
	a.call(0, "CryptDecrypt", k, 0, 0, 0, in, a.Bytes(dword(16)))
	if got := a.Get(in, 16); !bytes.Equal(got, plain[:16]) {
		t.Errorf("ECB: got %q", got)
	}
}

func TestCryptImportKeyRefused(t *testing.T) {
	a := newCAPI(t)
	a.imported(nteBadLength, calgAES128, make([]byte, 17))
	a.imported(nteBadLength, calgRC4, make([]byte, 17))
	p, out := a.provider(24), a.Alloc(8)
	a.call(nteBadData, "CryptImportKey", p, a.Bytes([]byte{8, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}), 12, 0, 0, out)
	a.call(nteBadData, "CryptImportKey", p, a.Bytes([]byte{8, 2, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0}), 12, 0, 0, out)
	a.call(nteBadData, "CryptImportKey", p, a.Alloc(12), 11, 0, 0, out)
	if a.Gaps() != nil {
		t.Errorf("gaps: %v", a.Gaps())
	}
	a.call(0x8009000A, "CryptImportKey", p, a.Bytes([]byte{5, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}), 12, 0, 0, out)
	if len(a.Gaps()) != 1 {
		t.Error("an opaque key left no gap")
	}
}

func TestCryptDecryptRecorded(t *testing.T) {
	a := newCAPI(t)
	k := a.imported(0, calgRC4, []byte("secret key"))
	data, size := a.Bytes([]byte("https://c2.test/")), a.Bytes(dword(16))
	a.call(0, "CryptEncrypt", k, 0, 1, 0, data, size, 16)
	a.call(0, "CryptDecrypt", k, 0, 1, 0, data, size)
	got := a.Behaviours("crypto.decrypt")
	if len(got) != 1 || !strings.HasPrefix(got[0], "crypto.decrypt api=CryptDecrypt algorithm=RC4 key_hex=736563726574206b6579 input_size=16 size=16 verified=false text=https://c2.test/ ") {
		t.Errorf("got %q", got)
	}
}
