package bcrypt_test

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/rc4"
	"testing"

	"sidetrace/emulator/win"
	"sidetrace/emulator/win/ciphers"
)

// The key, plaintext and ciphertexts of NIST SP 800-38A, appendix F.
const (
	nistKey   = "2b7e151628aed2a6abf7158809cf4f3c"
	nistIV    = "000102030405060708090a0b0c0d0e0f"
	nistPlain = "6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51"
	nistCBC   = "7649abac8119b246cee98e9b12e9197d5086cb9b507219ee95db113a917678b2"
	nistECB   = "3ad77bb40d7a3660a89ecaf32466ef97f5d3d58503b9699de785895a96fdbaaf"
	nistCFB8  = "3b79424c9c0dd436bace9e0ed4586a4f32b9"
)

func TestModes(t *testing.T) {
	for _, tt := range []struct {
		mode          string
		plain, cipher string
		iv            bool
	}{
		{"ChainingModeCBC", nistPlain, nistCBC, true},
		{"ChainingModeECB", nistPlain, nistECB, false},
		{"ChainingModeCFB", nistPlain[:36], nistCFB8, true},
	} {
		t.Run(tt.mode, func(t *testing.T) {
			a := newAPI(t)
			k := a.key("AES", tt.mode, unhex(t, nistKey))
			plain, sealed := unhex(t, tt.plain), unhex(t, tt.cipher)
			size, n := uint64(len(plain)), a.Alloc(4)
			run := func(api string, from []byte) []byte {
				iv, ivSize := uint64(0), uint64(0)
				if tt.iv {
					iv, ivSize = a.Bytes(unhex(t, nistIV)), 16
				}
				buffer := a.Bytes(from) // in place
				a.want(0, api, k, buffer, size, 0, iv, ivSize, buffer, size, n, 0)
				if got := a.Uint(n, 4); got != size {
					t.Errorf("%s: wrote %d bytes, want %d", api, got, size)
				}
				if got, want := a.Get(buffer+size, 4), []byte("????"); !bytes.Equal(got, want) {
					t.Errorf("%s: wrote behind the buffer: %q", api, got)
				}
				return a.Get(buffer, int(size))
			}
			if got := run("BCryptEncrypt", plain); !bytes.Equal(got, sealed) {
				t.Errorf("encrypted: got %x, want %x", got, sealed)
			}
			if got := run("BCryptDecrypt", sealed); !bytes.Equal(got, plain) {
				t.Errorf("decrypted: got %x, want %x", got, plain)
			}
		})
	}
}

// The initialisation vector is the last block of ciphertext afterwards, in the
// caller's buffer and, without one, in the key.
func TestVectorGoesOn(t *testing.T) {
	sealed, plain := unhex(t, nistCBC), unhex(t, nistPlain)
	a := newAPI(t)
	k, n, out := a.key("AES", "", unhex(t, nistKey)), a.Alloc(4), a.Alloc(16)
	iv := a.Bytes(unhex(t, nistIV))
	in := a.Bytes(sealed)
	a.want(0, "BCryptDecrypt", k, in, 16, 0, iv, 16, out, 16, n, 0)
	if got := a.Get(iv, 16); !bytes.Equal(got, sealed[:16]) {
		t.Errorf("vector: got %x, want %x", got, sealed[:16])
	}
	a.want(0, "BCryptDecrypt", k, in+16, 16, 0, 0, 0, out, 16, n, 0)
	if got := a.Get(out, 16); !bytes.Equal(got, plain[16:]) {
		t.Errorf("second block: got %x, want %x", got, plain[16:])
	}
}

func TestPadding(t *testing.T) {
	a := newAPI(t)
	key, iv := unhex(t, nistKey), unhex(t, nistIV)
	k, n := a.key("AES", "", key), a.Alloc(4)
	block, err := aes.NewCipher(key)
	if err != nil {
		t.Fatal(err)
	}
	seal := func(plain []byte) []byte {
		out := ciphers.Pad(plain, 16)
		cipher.NewCBCEncrypter(block, iv).CryptBlocks(out, out)
		return out
	}
	decrypt := func(sealed []byte, space uint64, output bool, flags uint64) (win.Status, uint64, []byte) {
		out, at := a.Alloc(64), uint64(0)
		if output {
			at = out
		}
		got, _, _ := a.Call(dll, "BCryptDecrypt", k, a.Bytes(sealed), uint64(len(sealed)), 0, a.Bytes(iv), 16, at, space, n, flags)
		return win.Status(got), a.Uint(n, 4), a.Get(out, 64)
	}
	short := seal([]byte("seventeen bytes !"))
	whole := seal(bytes.Repeat([]byte{'x'}, 32))
	bad := bytes.Clone(short)
	bad[31] ^= 0x40
	for _, tt := range []struct {
		name   string
		sealed []byte
		space  uint64
		output bool
		flags  uint64
		status win.Status
		size   uint64
	}{
		{"size asked for", short, 0, false, 1, 0, 32},
		{"room for the plaintext alone", short, 17, true, 1, 0, 17},
		{"room for less", short, 16, true, 1, win.StatusBufferTooSmall, 17},
		{"room for less than a block", short, 15, true, 1, win.StatusBufferTooSmall, 32},
		{"padding kept", short, 32, true, 0, 0, 32},
		{"padding kept, no room", short, 31, true, 0, win.StatusBufferTooSmall, 32},
		{"a block of padding", whole, 32, true, 1, 0, 32},
		{"half a block", short[:17], 32, true, 1, win.StatusInvalidBufferSize, 17},
		{"wrong padding", bad, 32, true, 1, win.StatusDataError, 32},
	} {
		status, size, out := decrypt(tt.sealed, tt.space, tt.output, tt.flags)
		if status != tt.status || size != tt.size {
			t.Errorf("%s: got %#x, %d, want %#x, %d", tt.name, status, size, tt.status, tt.size)
		}
		if status != 0 && !bytes.Equal(out, bytes.Repeat([]byte{'?'}, 64)) {
			t.Errorf("%s: wrote %q", tt.name, out)
		}
	}
	if _, _, out := decrypt(short, 32, true, 1); string(out[:18]) != "seventeen bytes !?" {
		t.Errorf("got %q", out)
	}
	for size, want := range map[uint64]uint64{16: 32, 17: 32, 31: 32} {
		a.want(0, "BCryptEncrypt", k, a.Alloc(32), size, 0, a.Bytes(iv), 16, 0, 0, n, 1)
		if got := a.Uint(n, 4); got != want {
			t.Errorf("size of %d padded: got %d, want %d", size, got, want)
		}
	}
}

func TestBadVector(t *testing.T) {
	a := newAPI(t)
	n, data := a.Alloc(4), a.Alloc(32)
	for _, tt := range []struct {
		mode string
		iv   uint64
	}{{"ChainingModeCBC", 12}, {"ChainingModeCBC", 0}, {"ChainingModeECB", 16}} {
		k := a.key("AES", tt.mode, unhex(t, nistKey))
		a.want(win.StatusInvalidParameter, "BCryptDecrypt", k, data, 16, 0, a.Alloc(16), tt.iv, data, 16, n, 0)
	}
}

func TestRC4GoesOn(t *testing.T) {
	a := newAPI(t)
	key, sealed := []byte("3jB(2bsG#@c7"), make([]byte, 32)
	stream, err := rc4.NewCipher(key)
	if err != nil {
		t.Fatal(err)
	}
	want := bytes.Repeat([]byte("plain.. "), 4)
	stream.XORKeyStream(sealed, want)
	k, in, n := a.key("RC4", "", key), a.Bytes(sealed), a.Alloc(4)
	a.want(win.StatusBufferTooSmall, "BCryptDecrypt", k, in, 16, 0, 0, 0, in, 15, n, 0)
	a.want(0, "BCryptDecrypt", k, in, 10, 0, 0, 0, in, 10, n, 0)
	a.want(0, "BCryptDecrypt", k, in+10, 22, 0, 0, 0, in+10, 22, n, 0)
	if got := a.Get(in, 32); !bytes.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestDecryptRecorded(t *testing.T) {
	a := newAPI(t)
	k, in, n := a.key("RC4", "", []byte("key")), a.Bytes([]byte{0x2B, 0x8F, 0x6A, 0x18}), a.Alloc(4)
	a.want(0, "BCryptDecrypt", k, in, 4, 0, 0, 0, in, 4, n, 0)
	got := a.Behaviours("crypto.decrypt")
	if len(got) != 1 {
		t.Fatalf("got %q", got)
	}
	a.want(0, "BCryptEncrypt", k, in, 4, 0, 0, 0, in, 4, n, 0)
	a.want(0, "BCryptDecrypt", k, in, 4, 0, 0, 0, 0, 0, n, 0)
	if again := a.Behaviours("crypto.decrypt"); len(again) != 1 {
		t.Errorf("an encryption or a question for the size was recorded: %q", again)
	}
}
