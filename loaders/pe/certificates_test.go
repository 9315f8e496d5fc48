package pe

import (
	"bytes"
	"encoding/binary"
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"sidetrace/loaders"
	"sidetrace/loaders/internal/testpe"
)

var update = flag.Bool("update", false, "make testdata/signed.dll anew; needs openssl and osslsigncode")

const fixture = "testdata/signed.dll"

// signer is the common name in the fixture's certificate, which is signed by
// an authority of its own, so that there are two certificates to tell apart.
const signer = "sidetrace test signer (benign, worthless)"

// signed gives the fixture: testpe.Full, signed.
func signed(t *testing.T) []byte {
	t.Helper()
	if *update {
		makeFixture(t)
	}
	data, err := os.ReadFile(fixture)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// makeFixture signs with keys that are thrown away.
func makeFixture(t *testing.T) {
	dir := t.TempDir()
	path := func(name string) string { return filepath.Join(dir, name) }
	run := func(name string, args ...string) {
		t.Helper()
		if out, err := exec.Command(name, args...).CombinedOutput(); err != nil {
			t.Fatalf("%s: %v\n%s", name, err, out)
		}
	}
	if err := os.WriteFile(path("plain.dll"), testpe.Build(testpe.Full()).Bytes, 0o600); err != nil {
		t.Fatal(err)
	}
	run("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "36500", "-subj", "/CN=sidetrace test authority",
		"-keyout", path("ca.key"), "-out", path("ca.pem"))
	run("openssl", "req", "-newkey", "rsa:2048", "-nodes", "-subj", "/O=sidetrace/CN="+signer,
		"-keyout", path("key.pem"), "-out", path("req.pem"))
	run("openssl", "x509", "-req", "-in", path("req.pem"), "-CA", path("ca.pem"), "-CAkey", path("ca.key"),
		"-set_serial", "1234567890", "-days", "36500", "-out", path("cert.pem"))
	run("osslsigncode", "sign", "-certs", path("cert.pem"), "-ac", path("ca.pem"), "-key", path("key.pem"), "-time", "1679443200",
		"-in", path("plain.dll"), "-out", path("signed.dll"))
	data, err := os.ReadFile(path("signed.dll"))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(fixture, data, 0o644); err != nil {
		t.Fatal(err)
	}
}

// securityEntry is the file offset of the certificate directory's entry.
func securityEntry() int {
	return testpe.Build(testpe.Spec{}).At["DataDirectory[SECURITY]"].Offset
}

// grow puts bytes behind the signature, inside the entry and the table, as the
// 3CX chain did.
func grow(data, payload []byte) []byte {
	data = append(append([]byte(nil), data...), payload...)
	for len(data)%8 != 0 {
		data = append(data, 0)
	}
	entry := securityEntry()
	start := binary.LittleEndian.Uint32(data[entry:])
	size := uint32(len(data)) - start
	binary.LittleEndian.PutUint32(data[entry+4:], size)
	binary.LittleEndian.PutUint32(data[start:], size)
	return data
}

func TestCertificates(t *testing.T) {
	data := signed(t)
	got := parse(t, data).Certificates
	if got == nil || len(got.Entries) != 1 {
		t.Fatalf("got %+v, want one certificate", got)
	}
	start := binary.LittleEndian.Uint32(data[securityEntry():])
	table := loaders.Range{Offset: start, Size: uint32(len(data)) - start}
	want := &loaders.Certificates{File: table, Entries: []loaders.Certificate{
		{File: table, Revision: 0x200, Type: 2, Parses: true, Signer: signer},
	}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("signed (-want +got):\n%s", diff)
	}

	// The end of the DER structure, from its own header: 30 82 hi lo.
	der := data[start+8:]
	derEnd := start + 8 + 4 + uint32(binary.BigEndian.Uint16(der[2:]))
	payload := bytes.Repeat([]byte{0xfe, 0xed, 0xfa, 0xce}, 100)
	grown := grow(data, payload)
	got = parse(t, grown).Certificates
	want.File.Size += uint32(len(payload))
	want.Entries[0].File = want.File
	want.Entries[0].Appended = loaders.Range{Offset: derEnd, Size: uint32(len(grown)) - derEnd}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("with appended bytes (-want +got):\n%s", diff)
	}
	appended := got.Entries[0].Appended
	if !bytes.Contains(grown[appended.Offset:][:appended.Size], payload) {
		t.Error("Appended does not hold the payload")
	}
	if len(parse(t, grown).Anomalies) != 1 {
		t.Errorf("got anomalies %q, want one", parse(t, grown).Anomalies)
	}
}

// TestCertificatePadding has the near misses: padding is not a payload.
func TestCertificatePadding(t *testing.T) {
	data := signed(t)
	start := binary.LittleEndian.Uint32(data[securityEntry():])
	der := data[start+8:]
	der = der[:4+int(binary.BigEndian.Uint16(der[2:]))]
	for _, tt := range []struct {
		name     string
		trail    []byte
		appended bool
	}{
		{"none", nil, false},
		{"seven zeros at most", make([]byte, 7-len(der)%8), false},
		{"eight zeros", make([]byte, 8+(8-len(der)%8)%8), true},
		{"one byte", []byte{1}, true},
	} {
		img := parse(t, testpe.Build(testpe.Spec{Certificates: [][]byte{append(bytes.Clone(der), tt.trail...)}}).Bytes)
		c := img.Certificates.Entries[0]
		if !c.Parses || c.Signer != signer {
			t.Errorf("%s: got %+v, want it to parse", tt.name, c)
		}
		if got := c.Appended.Size != 0; got != tt.appended {
			t.Errorf("%s: got Appended %+v, want any %v", tt.name, c.Appended, tt.appended)
		}
	}
}

// TestCertificateBroken cuts and spoils the signature everywhere: it then does
// not parse, or still does, but is never an error of the file.
func TestCertificateBroken(t *testing.T) {
	data := signed(t)
	start := binary.LittleEndian.Uint32(data[securityEntry():])
	der := data[start+8:]
	parses := 0
	for i := range len(der) {
		cut := parse(t, testpe.Build(testpe.Spec{Certificates: [][]byte{der[:i]}}).Bytes)
		if c := cut.Certificates.Entries[0]; c.Parses && i+8 < len(der) {
			t.Fatalf("the first %d of %d bytes parse", i, len(der))
		}
		spoilt := bytes.Clone(der)
		spoilt[i] ^= 0x55
		img := parse(t, testpe.Build(testpe.Spec{Certificates: [][]byte{spoilt}}).Bytes)
		checkImage(t, img)
		if img.Certificates.Entries[0].Parses {
			parses++
		}
	}
	// Most bytes are keys and digests, which are not looked at.
	if parses == 0 || parses == len(der) {
		t.Errorf("%d of %d spoilt signatures parse", parses, len(der))
	}
}

func TestOverlay(t *testing.T) {
	bytesOf := func(img *loaders.Image, r loaders.Range) string { return string(img.Raw[r.Offset:][:r.Size]) }
	certificate := [][]byte{signedData64()}
	for _, tt := range []struct {
		name            string
		spec            testpe.Spec
		overlay, behind string
	}{
		{"none", testpe.Spec{}, "", ""},
		{"certificates alone", testpe.Spec{Certificates: certificate}, "", ""},
		{"overlay alone", testpe.Spec{Overlay: []byte("data")}, "data", ""},
		{"zeros alone", testpe.Spec{Overlay: make([]byte, 3)}, "\x00\x00\x00", ""},
		{"before the certificates", testpe.Spec{Overlay: []byte("data"), Certificates: certificate}, "data\x00\x00\x00\x00", ""},
		{"behind the certificates", testpe.Spec{Certificates: certificate, Behind: []byte("data")}, "data", "data"},
		{"both", testpe.Spec{Overlay: []byte("8 bytes."), Certificates: certificate, Behind: []byte("b")}, "8 bytes.", "b"},
	} {
		img := parse(t, testpe.Build(tt.spec).Bytes)
		if got := bytesOf(img, img.Overlay); got != tt.overlay {
			t.Errorf("%s: got overlay %q, want %q", tt.name, got, tt.overlay)
		}
		behind := ""
		if img.Certificates != nil {
			behind = bytesOf(img, img.Certificates.Behind)
		}
		if behind != tt.behind {
			t.Errorf("%s: got %q behind the table, want %q", tt.name, behind, tt.behind)
		}
	}
}
