package bcrypt_test

import (
	"encoding/binary"
	"encoding/hex"
	"strings"
	"testing"

	"sidetrace/emulator/guest"
	"sidetrace/emulator/win"
	"sidetrace/emulator/win/bcrypt"
	"sidetrace/emulator/win/wintest"
)

const dll = "bcrypt.dll"

func unhex(t *testing.T, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(strings.ReplaceAll(s, " ", ""))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// api is a machine with bcrypt.dll and the calls every test makes.
type api struct {
	*wintest.Machine
	t *testing.T
}

func newAPI(t *testing.T) *api {
	return &api{wintest.New(t, guest.Config{}, bcrypt.Table()), t}
}

// want calls and requires a status.
func (a *api) want(status win.Status, name string, args ...uint64) {
	a.t.Helper()
	if got, _, line := a.Call(dll, name, args...); win.Status(got) != status {
		a.t.Fatalf("got %#x, want %#x: %s", got, status, line)
	}
}

// open opens an algorithm, in a mode unless that is empty.
func (a *api) open(algorithm, mode string, flags uint64) uint64 {
	a.t.Helper()
	out := a.Alloc(8)
	a.want(0, "BCryptOpenAlgorithmProvider", out, a.WString(algorithm), 0, flags)
	h := a.Uint(out, 8)
	if mode != "" {
		a.want(0, "BCryptSetProperty", h, a.WString("ChainingMode"), a.WString(mode), 0, 0)
	}
	return h
}

func (a *api) key(algorithm, mode string, secret []byte) uint64 {
	a.t.Helper()
	out := a.Alloc(8)
	a.want(0, "BCryptGenerateSymmetricKey", a.open(algorithm, mode, 0), out, 0, 0, a.Bytes(secret), uint64(len(secret)), 0)
	return a.Uint(out, 8)
}

func TestOpenAlgorithmProvider(t *testing.T) {
	for _, tt := range []struct {
		name, id string
		impl     string
		flags    uint64
		want     win.Status
		gap      string
	}{
		{"AES", "AES", "", 0, 0, ""},
		{"case does not matter", "aes", "", 0, 0, ""},
		{"provider named", "SHA256", "Microsoft Primitive Provider", 0, 0, ""},
		{"keyed hash", "SHA256", "", 8, 0, ""},
		{"keyed cipher", "AES", "", 8, win.StatusInvalidParameter, ""},
		{"unknown flag", "AES", "", 0x1000, win.StatusInvalidParameter, ""},
		{"no such algorithm", "ROT13", "", 0, win.StatusNotFound, ""},
		{"not modelled", "DSA", "", 0, win.StatusNotFound, "bcrypt.dll!BCryptOpenAlgorithmProvider: algorithm DSA"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			a := newAPI(t)
			impl := uint64(0)
			if tt.impl != "" {
				impl = a.WString(tt.impl)
			}
			a.want(tt.want, "BCryptOpenAlgorithmProvider", a.Alloc(8), a.WString(tt.id), impl, tt.flags)
			if got := strings.Join(a.Gaps(), ","); got != tt.gap {
				t.Errorf("gaps: got %q, want %q", got, tt.gap)
			}
		})
	}
}

func TestTrace(t *testing.T) {
	a := newAPI(t)
	out := a.Alloc(8)
	_, _, line := a.Call(dll, "BCryptOpenAlgorithmProvider", out, a.WString("AES"), 0, 0)
	if got, want := line[strings.Index(line, "pszAlgId"):], "pszAlgId=AES, pszImplementation=NULL, dwFlags=0x0) = 0x00000000"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got := string(a.Get(out+8, wintest.Margin)); strings.Trim(got, "?") != "" {
		t.Errorf("margin: got %q", got)
	}
}

func TestHandles(t *testing.T) {
	a := newAPI(t)
	h := a.open("AES", "", 0)
	a.want(win.StatusInvalidHandle, "BCryptDestroyKey", h)
	a.want(0, "BCryptCloseAlgorithmProvider", h, 0)
	a.want(win.StatusInvalidHandle, "BCryptCloseAlgorithmProvider", h, 0)
	a.want(win.StatusInvalidHandle, "BCryptGenerateSymmetricKey", h, a.Alloc(8), 0, 0, a.Alloc(16), 16, 0)
}

func TestGetProperty(t *testing.T) {
	dword := func(v ...uint32) string {
		var b []byte
		for _, x := range v {
			b = binary.LittleEndian.AppendUint32(b, x)
		}
		return string(b)
	}
	for _, tt := range []struct {
		algorithm, mode, property string
		want                      string // "" if it is not supported
	}{
		{"AES", "", "ObjectLength", dword(654)},
		{"AES", "", "BlockLength", dword(16)},
		{"AES", "", "KeyLengths", dword(128, 256, 64)},
		{"AES", "", "ChainingMode", string(guest.UTF16("ChainingModeCBC")) + strings.Repeat("\x00", 32)},
		{"AES", "ChainingModeGCM", "AuthTagLength", dword(12, 16, 1)},
		{"AES", "", "AuthTagLength", ""},
		{"AES", "", "HashDigestLength", ""},
		{"AES", "", "AlgorithmName", "A\x00E\x00S\x00\x00\x00"},
		{"3DES", "", "KeyLengths", dword(192, 192, 0)},
		{"RC4", "", "BlockLength", dword(1)},
		{"SHA256", "", "HashDigestLength", dword(32)},
		{"SHA256", "", "HashBlockLength", dword(64)},
		{"SHA256", "", "ObjectLength", dword(286)},
		{"RNG", "", "ObjectLength", ""},
	} {
		t.Run(tt.algorithm+tt.mode+" "+tt.property, func(t *testing.T) {
			a := newAPI(t)
			h, name := a.open(tt.algorithm, tt.mode, 0), a.WString(tt.property)
			n, out := a.Alloc(4), a.Alloc(len(tt.want))
			if tt.want == "" {
				a.want(win.StatusNotSupported, "BCryptGetProperty", h, name, out, 4, n, 0)
				return
			}
			size := uint64(len(tt.want))
			a.want(0, "BCryptGetProperty", h, name, 0, 0, n, 0)
			a.want(win.StatusBufferTooSmall, "BCryptGetProperty", h, name, out, size-1, n, 0)
			if got := a.Uint(n, 4); got != size {
				t.Errorf("size: got %d, want %d", got, size)
			}
			a.want(0, "BCryptGetProperty", h, name, out, size, n, 0)
			if got, want := string(a.Get(out, len(tt.want)+1)), tt.want+"?"; got != want {
				t.Errorf("got %q, want %q", got, want)
			}
		})
	}
}

func TestSetProperty(t *testing.T) {
	a := newAPI(t)
	mode := a.WString("ChainingMode")
	a.want(win.StatusNotSupported, "BCryptSetProperty", a.open("3DES", "", 0), mode, a.WString("ChainingModeGCM"), 0, 0)
	a.want(win.StatusNotSupported, "BCryptSetProperty", a.open("SHA1", "", 0), mode, a.WString("ChainingModeCBC"), 0, 0)
	a.want(win.StatusNotSupported, "BCryptSetProperty", a.open("AES", "", 0), mode, a.WString("CBC"), 0, 0)
	a.want(win.StatusAccessDenied, "BCryptSetProperty", 0x1A1, mode, a.WString("ChainingModeECB"), 0, 0)
	if a.Gaps() != nil {
		t.Errorf("gaps: got %v", a.Gaps())
	}
}

func TestGenerateSymmetricKey(t *testing.T) {
	for _, tt := range []struct {
		algorithm string
		secret    int
		object    uint64 // size of the caller's buffer; 0 for none
		want      win.Status
	}{
		{"AES", 16, 0, 0},
		{"AES", 24, 0, 0},
		{"AES", 32, 654, 0},
		{"AES", 33, 0, 0}, // cut
		{"AES", 17, 0, win.StatusInvalidParameter},
		{"AES", 1, 0, win.StatusInvalidParameter},
		{"AES", 16, 653, win.StatusBufferTooSmall},
		{"RC4", 12, 0, 0},
		{"3DES", 24, 0, 0},
		{"3DES", 16, 0, win.StatusInvalidParameter},
		{"SHA256", 16, 0, win.StatusNotSupported},
	} {
		a := newAPI(t)
		object := uint64(0)
		if tt.object != 0 {
			object = a.Alloc(int(tt.object))
		}
		a.want(tt.want, "BCryptGenerateSymmetricKey", a.open(tt.algorithm, "", 0), a.Alloc(8), object, tt.object, a.Alloc(tt.secret), uint64(tt.secret), 0)
	}
}

func TestImportExport(t *testing.T) {
	a := newAPI(t)
	secret := []byte("sixteen byte key")
	blob := append(unhex(t, "4b44424d 01000000 10000000"), secret...)
	at, out := a.Bytes(blob), a.Alloc(8)
	imported := func(want win.Status, size uint64) {
		t.Helper()
		a.want(want, "BCryptImportKey", a.open("AES", "", 0), 0, a.WString("KeyDataBlob"), out, 0, 0, at, size, 0)
	}
	imported(win.StatusBufferTooSmall, 11)
	imported(win.StatusInvalidParameter, 27)
	imported(0, 28)
	back, n := a.Alloc(28), a.Alloc(4)
	a.want(win.StatusBufferTooSmall, "BCryptExportKey", a.Uint(out, 8), 0, a.WString("KeyDataBlob"), back, 27, n, 0)
	a.want(0, "BCryptExportKey", a.Uint(out, 8), 0, a.WString("KeyDataBlob"), back, 28, n, 0)
	if got := string(a.Get(back, 29)); got != string(blob)+"?" {
		t.Errorf("got %q", got)
	}
	a.Put(at, []byte("????"))
	imported(win.StatusInvalidParameter, 28)
}

func TestGenRandom(t *testing.T) {
	draw := func() string {
		a := newAPI(t)
		at := a.Alloc(8)
		a.want(0, "BCryptGenRandom", 0, at, 8, 2)
		a.want(0, "BCryptGenRandom", a.open("RNG", "", 0), at+8, 4, 0)
		return string(a.Get(at, 16))
	}
	first := draw()
	if first != draw() {
		t.Error("two machines with the same seed differ")
	}
	if strings.Contains(first[:8], "????") || first[12:] != "????" {
		t.Errorf("got %q", first)
	}
	a := newAPI(t)
	a.want(win.StatusInvalidHandle, "BCryptGenRandom", 0, a.Alloc(8), 8, 0)
	a.want(win.StatusInvalidParameter, "BCryptGenRandom", 0, 0, 8, 2)
	a.want(win.StatusInvalidHandle, "BCryptGenRandom", a.open("AES", "", 0), a.Alloc(8), 8, 0)
}
