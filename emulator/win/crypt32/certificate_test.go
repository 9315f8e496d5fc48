package crypt32_test

import (
	"os"
	"testing"

	"sidetrace/emulator/guest"
	"sidetrace/emulator/win/crypt32"
	"sidetrace/emulator/win/wintest"
)

// What a loader asks of a signed file: who signed it.
func TestSigner(t *testing.T) {
	file, err := os.ReadFile("../../../replicas/prebuilt/d3dcompiler_47.dll")
	if err != nil {
		t.Fatal(err)
	}
	m := wintest.New(t, guest.Config{Files: map[string][]byte{`C:\a\signed.dll`: file}}, crypt32.Table())
	call := func(name string, args ...uint64) uint64 {
		t.Helper()
		got, _, line := m.Call("crypt32.dll", name, args...)
		if got == 0 {
			t.Fatalf("failed: %s", line)
		}
		return got
	}
	store, message, size := m.Alloc(8), m.Alloc(8), m.Bytes(make([]byte, 4))
	const embedded, binary = 1 << 10, 2
	call("CryptQueryObject", 1, m.WString(`C:\a\signed.dll`), embedded, binary, 0, m.Alloc(4), m.Alloc(4), m.Alloc(4), store, message, 0)
	call("CryptMsgGetParam", m.Uint(message, 8), 6, 0, 0, size)
	info := m.Alloc(int(m.Uint(size, 4)))
	call("CryptMsgGetParam", m.Uint(message, 8), 6, 0, info, size)
	wanted := make([]byte, 208) // CERT_INFO
	copy(wanted[8:], m.Get(info+24, 16))
	copy(wanted[48:], m.Get(info+8, 16))
	cert := call("CertFindCertificateInStore", m.Uint(store, 8), 1, 0, 0xB0000, m.Bytes(wanted), 0)
	name := m.Alloc(200)
	n := call("CertGetNameStringA", cert, 4, 0, 0, name, 200)
	if got := string(m.Get(name, int(n)-1)); got == "" || m.Gaps() != nil {
		t.Errorf("got %q, gaps %q", got, m.Gaps())
	} else {
		t.Log(got)
	}
}
