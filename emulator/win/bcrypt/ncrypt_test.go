package bcrypt_test

import (
	"bytes"
	"testing"

	"sidetrace/emulator/guest"
	"sidetrace/emulator/win"
	"sidetrace/emulator/win/bcrypt"
	"sidetrace/emulator/win/wintest"
)

// stored is a machine with ncrypt.dll and an open provider.
type stored struct {
	*wintest.Machine
	t        *testing.T
	provider uint64
}

func newStored(t *testing.T) *stored {
	s := &stored{Machine: wintest.New(t, guest.Config{}, bcrypt.NCrypt()), t: t}
	out := s.Alloc(8)
	s.want(0, "NCryptOpenStorageProvider", out, 0, 0)
	s.provider = s.Uint(out, 8)
	return s
}

func (s *stored) want(status win.Status, name string, args ...uint64) {
	s.t.Helper()
	if got, _, line := s.Call("ncrypt.dll", name, args...); win.Status(got) != status {
		s.t.Fatalf("got %#x, want %#x: %s", got, status, line)
	}
}

// create makes a key of a curve under a name.
func (s *stored) create(name string) uint64 {
	s.t.Helper()
	out := s.Alloc(8)
	s.want(0, "NCryptCreatePersistedKey", s.provider, out, s.WString("ECDSA_P256"), s.WString(name), 0, 0)
	s.want(0, "NCryptFinalizeKey", s.Uint(out, 8), 0)
	return s.Uint(out, 8)
}

// A key is found by its name as long as it is not deleted, and signs.
func TestStoredKey(t *testing.T) {
	const exists, noKeyset, badState, badSignature, noMore, invalid, unsupported = 0x8009000F, 0x80090016, 0x8009000B, 0x80090006, 0x8009002A, 0x80090026, 0x80090029
	s := newStored(t)
	out, n := s.Alloc(8), s.Alloc(4)
	s.want(noKeyset, "NCryptOpenKey", s.provider, out, s.WString("mine"), 0, 0)
	k := s.create("mine")
	s.want(badState, "NCryptFinalizeKey", k, 0)
	s.want(exists, "NCryptCreatePersistedKey", s.provider, out, s.WString("ECDSA_P256"), s.WString("mine"), 0, 0)
	s.want(0, "NCryptOpenKey", s.provider, out, s.WString("mine"), 0, 0)
	again := s.Uint(out, 8)
	s.want(noKeyset, "NCryptOpenKey", s.provider, out, s.WString("mine"), 0, 0x20) // the machine's

	hash, signature := s.Bytes(bytes.Repeat([]byte{7}, 32)), s.Alloc(64)
	s.want(0, "NCryptSignHash", k, 0, hash, 32, signature, 64, n, 0)
	s.want(0, "NCryptVerifySignature", again, 0, hash, 32, signature, 64, 0)
	s.Put(hash, []byte{8})
	s.want(badSignature, "NCryptVerifySignature", again, 0, hash, 32, signature, 64, 0)
	s.want(unsupported, "NCryptExportKey", k, 0, s.WString("ECCPRIVATEBLOB"), 0, 0, 0, n, 0)
	s.want(0, "NCryptSetProperty", k, s.WString("Export Policy"), s.Bytes([]byte{3, 0, 0, 0}), 4, 0)
	s.want(0, "NCryptExportKey", k, 0, s.WString("ECCPRIVATEBLOB"), 0, 0, 0, n, 0)
	if got := s.Uint(n, 4); got != 8+96 {
		t.Errorf("a private blob has %d bytes", got)
	}

	name, state := s.Alloc(8), s.Bytes(make([]byte, 8))
	s.want(0, "NCryptEnumKeys", s.provider, 0, name, state, 0)
	if at := s.Uint(s.Uint(name, 8), 8); !bytes.Equal(s.Get(at, 10), guest.UTF16("mine")) {
		t.Errorf("listed %q", s.Get(at, 10))
	}
	s.want(noMore, "NCryptEnumKeys", s.provider, 0, name, state, 0)
	s.want(0, "NCryptDeleteKey", again, 0)
	s.want(invalid, "NCryptFreeObject", again)
	s.want(noKeyset, "NCryptOpenKey", s.provider, out, s.WString("mine"), 0, 0)
	if s.Gaps() != nil {
		t.Errorf("gaps: %q", s.Gaps())
	}
}

// A secret comes back, and no changed one.
func TestSecret(t *testing.T) {
	const badData = 0x80090005
	s := newStored(t)
	d, out, n := s.Alloc(8), s.Alloc(8), s.Alloc(4)
	s.want(0, "NCryptCreateProtectionDescriptor", s.WString("LOCAL=user"), 0, d)
	s.want(0, "NCryptProtectSecret", s.Uint(d, 8), 0, s.Bytes([]byte("https://c2.test/")), 16, 0, 0, out, n)
	blob, size := s.Uint(out, 8), s.Uint(n, 4)
	if bytes.Contains(s.Get(blob, int(size)), []byte("c2.test")) {
		t.Error("the secret can be read")
	}
	s.want(0, "NCryptUnprotectSecret", 0, 0, blob, size, 0, 0, out, n)
	if got := s.Get(s.Uint(out, 8), int(s.Uint(n, 4))); string(got) != "https://c2.test/" {
		t.Errorf("got %q", got)
	}
	if got := s.Behaviours("crypto.decrypt"); len(got) != 1 {
		t.Errorf("recorded %q", got)
	}
	s.Put(blob+size-1, []byte{s.Get(blob+size-1, 1)[0] ^ 1})
	s.want(badData, "NCryptUnprotectSecret", 0, 0, blob, size, 0, 0, out, n)
}
