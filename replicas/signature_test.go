package replicas

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// verify asks osslsigncode whether the file's signature holds.
func verify(t *testing.T, data []byte) (string, bool) {
	t.Helper()
	name := filepath.Join(t.TempDir(), "signed.dll")
	if err := os.WriteFile(name, data, 0o644); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command("osslsigncode", "verify", "-CAfile", "src/signing/TEST-certificate.pem", "-in", name).CombinedOutput()
	return string(out), err == nil
}

// Bytes behind the PKCS #7 are outside of what is signed, as in the published
// case; the code is not.
func TestSignature(t *testing.T) {
	if _, err := exec.LookPath("osslsigncode"); err != nil {
		t.Skip("osslsigncode is not installed")
	}
	signed := mustGet(t, mustBuild(t, Params{}), "d3dcompiler_47.dll")
	code := mustParse(t, signed).Sections[0].File.Offset
	flip := func(at int) []byte {
		data := bytes.Clone(signed)
		data[at] ^= 1
		return data
	}
	for _, test := range []struct {
		name string
		data []byte
		want bool
	}{
		{"with the payload", signed, true},
		{"clean", mustGet(t, mustBuild(t, Params{Clean: true}), "d3dcompiler_47.dll"), true},
		{"payload byte changed", flip(len(signed) - 64), true},
		{"code byte changed", flip(int(code)), false},
		{"with an installer's tag", mustGet(t, mustBuildOrdinary(t), "setup.exe"), true},
		{"unsigned", mustGet(t, mustBuild(t, Params{Place: Overlay}), "d3dcompiler_47.dll"), false},
	} {
		if out, got := verify(t, test.data); got != test.want {
			t.Errorf("%s: verified %v, want %v\n%s", test.name, got, test.want, out)
		}
	}
}

func TestSigner(t *testing.T) {
	image := mustParse(t, mustGet(t, mustBuild(t, Params{}), "d3dcompiler_47.dll"))
	c := image.Certificates.Entries[0]
	if !c.Parses || !strings.Contains(c.Signer, "TEST") || !strings.Contains(c.Signer, "not Microsoft") {
		t.Errorf("signer %q, parses %v: the certificate must say that it is for tests", c.Signer, c.Parses)
	}
	if c.File != image.Certificates.File {
		t.Errorf("entry %+v, table %+v: both must have grown", c.File, image.Certificates.File)
	}
}
