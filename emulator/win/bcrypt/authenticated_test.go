package bcrypt_test

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"encoding/binary"
	"testing"

	"github.com/google/go-cmp/cmp"

	"sidetrace/emulator/win"
)

// authInfo is what a test puts into BCRYPT_AUTHENTICATED_CIPHER_MODE_INFO.
type authInfo struct {
	nonce, authData, tag []byte
	size, flags          uint32
}

func (a *api) authInfo(i authInfo) (at, tag uint64) {
	b := make([]byte, 88)
	put := func(at int, data []byte) uint64 {
		if data == nil {
			return 0
		}
		p := a.Bytes(data)
		binary.LittleEndian.PutUint64(b[at:], p)
		binary.LittleEndian.PutUint32(b[at+8:], uint32(len(data)))
		return p
	}
	binary.LittleEndian.PutUint32(b, i.size)
	binary.LittleEndian.PutUint32(b[4:], 1)
	put(8, i.nonce)
	put(24, i.authData)
	tag = put(40, i.tag)
	binary.LittleEndian.PutUint32(b[80:], i.flags)
	return a.Bytes(b), tag
}

func TestGCM(t *testing.T) {
	key, nonce, extra := bytes.Repeat([]byte{7}, 32), []byte("twelve bytes"), []byte("header")
	plain := []byte("https://c2.test/queue")
	block, err := aes.NewCipher(key)
	if err != nil {
		t.Fatal(err)
	}
	aead, err := cipher.NewGCM(block)
	if err != nil {
		t.Fatal(err)
	}
	sealed := aead.Seal(nil, nonce, plain, extra)
	text, tag := sealed[:len(plain)], sealed[len(plain):]
	wrong := bytes.Clone(tag)
	wrong[0] ^= 1
	for _, tt := range []struct {
		name   string
		info   authInfo
		space  uint64
		status win.Status
	}{
		{"right", authInfo{nonce, extra, tag, 88, 0}, 21, 0},
		{"wrong tag", authInfo{nonce, extra, wrong, 88, 0}, 21, win.StatusAuthTagMismatch},
		{"wrong header", authInfo{nonce, []byte("Header"), tag, 88, 0}, 21, win.StatusAuthTagMismatch},
		{"no header", authInfo{nonce, nil, tag, 88, 0}, 21, win.StatusAuthTagMismatch},
		{"short tag", authInfo{nonce, extra, tag[:12], 88, 0}, 21, 0},
		{"shorter tag", authInfo{nonce, extra, tag[:11], 88, 0}, 21, win.StatusInvalidParameter},
		{"no tag", authInfo{nonce, extra, nil, 88, 0}, 21, win.StatusInvalidParameter},
		{"long nonce", authInfo{append(bytes.Clone(nonce), 1), extra, tag, 88, 0}, 21, win.StatusInvalidParameter},
		{"wrong structure", authInfo{nonce, extra, tag, 80, 0}, 21, win.StatusInvalidParameter},
		{"chained", authInfo{nonce, extra, tag, 88, 1}, 21, win.StatusNotSupported},
		{"no room", authInfo{nonce, extra, tag, 88, 0}, 20, win.StatusBufferTooSmall},
	} {
		t.Run(tt.name, func(t *testing.T) {
			a := newAPI(t)
			k, n, out := a.key("AES", "ChainingModeGCM", key), a.Alloc(4), a.Alloc(len(plain))
			info, _ := a.authInfo(tt.info)
			a.want(tt.status, "BCryptDecrypt", k, a.Bytes(text), uint64(len(text)), info, 0, 0, out, tt.space, n, 0)
			want := plain
			if tt.status != 0 {
				want = bytes.Repeat([]byte{'?'}, len(plain))
			}
			if got := a.Get(out, len(plain)); !bytes.Equal(got, want) {
				t.Errorf("got %q, want %q", got, want)
			}
			if got := len(a.Gaps()); (got == 1) != (tt.status == win.StatusNotSupported) {
				t.Errorf("%d gaps", got)
			}
		})
	}
}

func TestGCMEncrypt(t *testing.T) {
	// Test case 4 of McGrew and Viega's submission, with AES-128.
	a := newAPI(t)
	plain := unhex(t, "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39")
	info, tag := a.authInfo(authInfo{unhex(t, "cafebabefacedbaddecaf888"), unhex(t, "feedfacedeadbeeffeedfacedeadbeefabaddad2"), make([]byte, 16), 88, 0})
	buffer, n := a.Bytes(plain), a.Alloc(4)
	k := a.key("AES", "ChainingModeGCM", unhex(t, "feffe9928665731c6d6a8f9467308308"))
	a.want(0, "BCryptEncrypt", k, buffer, 60, info, 0, 0, buffer, 60, n, 0)
	if got, want := a.Get(buffer, 60), unhex(t, "42831ec2217774244b7221b784d0d49ce3aa212f2c02a4e035c17e2329aca12e21d514b25466931c7d8f6a5aac84aa051ba30b396a0aac973d58e091"); !bytes.Equal(got, want) {
		t.Errorf("got %x, want %x", got, want)
	}
	if got, want := a.Get(tag, 16), unhex(t, "5bc94fbc3221a5db94fae95ae7121a47"); !bytes.Equal(got, want) {
		t.Errorf("tag: got %x, want %x", got, want)
	}
}

func TestGCMRecorded(t *testing.T) {
	a := newAPI(t)
	k, n := a.key("AES", "ChainingModeGCM", bytes.Repeat([]byte{1}, 16)), a.Alloc(4)
	info, _ := a.authInfo(authInfo{make([]byte, 12), nil, make([]byte, 16), 88, 0})
	buffer := a.Bytes([]byte("https://c2.test/"))
	a.want(win.StatusAuthTagMismatch, "BCryptDecrypt", k, buffer, 16, info, 0, 0, buffer, 16, n, 0)
	a.want(0, "BCryptEncrypt", k, buffer, 16, info, 0, 0, buffer, 16, n, 0)
	a.want(0, "BCryptDecrypt", k, buffer, 16, info, 0, 0, buffer, 16, n, 0)
	const head = "crypto.decrypt api=BCryptDecrypt algorithm=AES mode=GCM key_hex=01010101010101010101010101010101 iv_hex=000000000000000000000000 input_size=16 "
	want := []string{
		head + "verified=false",
		head + "size=16 verified=true text=https://c2.test/ sha256=" + sha256Hex("https://c2.test/") + " artifact=01-plaintext.bin",
	}
	if diff := cmp.Diff(want, a.Behaviours("crypto.decrypt")); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
