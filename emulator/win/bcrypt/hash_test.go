package bcrypt_test

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"testing"

	"sidetrace/emulator/win"
)

func sha256Hex(s string) string {
	sum := sha256.Sum256([]byte(s))
	return hex.EncodeToString(sum[:])
}

func TestHashes(t *testing.T) {
	for _, tt := range []struct{ algorithm, want string }{ // of "abc"
		{"MD2", "da853b0d3f88d99b30283a69e6ded6bb"},
		{"MD4", "a448017aaf21d8525fc10ae87aa6729d"},
		{"MD5", "900150983cd24fb0d6963f7d28e17f72"},
		{"SHA1", "a9993e364706816aba3e25717850c26c9cd0d89d"},
		{"SHA256", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
		{"SHA384", "cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed8086072ba1e7cc2358baeca134c825a7"},
		{"SHA512", "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f"},
	} {
		a := newAPI(t)
		want, p, h := unhex(t, tt.want), a.open(tt.algorithm, "", 0), a.Alloc(8)
		a.want(0, "BCryptCreateHash", p, h, 0, 0, 0, 0, 0)
		hash, abc, out := a.Uint(h, 8), a.Bytes([]byte("abc")), a.Alloc(len(want))
		a.want(0, "BCryptHashData", hash, abc, 1, 0)
		a.want(0, "BCryptDuplicateHash", hash, h, 0, 0, 0)
		a.want(0, "BCryptHashData", hash, abc+1, 2, 0)
		a.want(win.StatusInvalidParameter, "BCryptFinishHash", hash, out, uint64(len(want)-1), 0)
		a.want(0, "BCryptFinishHash", hash, out, uint64(len(want)), 0)
		if got := a.Get(out, len(want)+1); !bytes.Equal(got, append(want, '?')) {
			t.Errorf("%s: got %x, want %x", tt.algorithm, got, want)
		}
		a.want(win.StatusInvalidHandle, "BCryptHashData", hash, abc, 3, 0)
		a.want(0, "BCryptDestroyHash", hash)
		a.want(win.StatusInvalidHandle, "BCryptDestroyHash", hash)

		again := a.Alloc(len(want))
		a.want(0, "BCryptHashData", a.Uint(h, 8), abc+1, 2, 0)
		a.want(0, "BCryptFinishHash", a.Uint(h, 8), again, uint64(len(want)), 0)
		if got := a.Get(again, len(want)); !bytes.Equal(got, want[:len(got)]) {
			t.Errorf("%s, copied: got %x", tt.algorithm, got)
		}
	}
}

func TestKeyedHash(t *testing.T) {
	a := newAPI(t)
	mac := hmac.New(sha256.New, []byte("secret"))
	mac.Write([]byte("abc"))
	want := mac.Sum(nil)
	key, abc := a.Bytes([]byte("secret")), a.Bytes([]byte("abc"))
	for _, p := range []uint64{a.open("SHA256", "", 8), 0xB1} { // opened, and the constant handle
		out := a.Alloc(32)
		a.want(0, "BCryptHash", p, key, 6, abc, 3, out, 32)
		if got := a.Get(out, 32); !bytes.Equal(got, want) {
			t.Errorf("got %x, want %x", got, want)
		}
	}
}

func TestReusableHash(t *testing.T) {
	a := newAPI(t)
	h, out, abc := a.Alloc(8), a.Alloc(32), a.Bytes([]byte("abc"))
	a.want(0, "BCryptCreateHash", a.open("SHA256", "", 0x20), h, 0, 0, 0, 0, 0)
	for range 2 {
		a.want(0, "BCryptHashData", a.Uint(h, 8), abc, 3, 0)
		a.want(0, "BCryptFinishHash", a.Uint(h, 8), out, 32, 0)
		if got, want := hex.EncodeToString(a.Get(out, 32)), sha256Hex("abc"); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

func TestPBKDF2(t *testing.T) {
	a := newAPI(t)
	p, out := a.open("SHA1", "", 8), a.Alloc(20)
	password, salt := a.Bytes([]byte("password")), a.Bytes([]byte("salt"))
	a.want(0, "BCryptDeriveKeyPBKDF2", p, password, 8, salt, 4, 2, out, 20, 0)
	if got, want := a.Get(out, 20), unhex(t, "ea6c014dc72d6f8ccd1ed92ace1d41f0d8de8957"); !bytes.Equal(got, want) { // RFC 6070
		t.Errorf("got %x, want %x", got, want)
	}
	a.want(win.StatusInvalidParameter, "BCryptDeriveKeyPBKDF2", p, password, 8, salt, 4, 0, out, 20, 0)
	a.want(win.StatusNotSupported, "BCryptDeriveKeyPBKDF2", p, password, 8, salt, 4, 1<<40, out, 20, 0)
	if len(a.Gaps()) != 1 {
		t.Error("too many iterations left no gap")
	}
}
