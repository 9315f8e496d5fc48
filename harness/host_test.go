package harness_test

import (
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"sidetrace/emulator/guest"
	"sidetrace/harness"
)

// TestHost reads what sensors know out of a machine's configuration.
func TestHost(t *testing.T) {
	h := harness.Host(&guest.Config{
		User: "anna", Computer: "PC",
		Files: map[string][]byte{`C:\App\A.dll`: []byte("a"), `C:/App/B.dll`: []byte("b"), `C:\Windows\System32\own.dll`: []byte("own")},
		Registry: []guest.RegistryValue{
			{Key: `HKEY_LOCAL_MACHINE\SOFTWARE\Microsoft\Cryptography`, Name: "MachineGuid", Type: guest.RegSZ, Data: guest.UTF16("4f6e2c1a-0000")},
			{Key: `HKCU\Software\Microsoft\SystemCertificates\Root\Certificates\00ffaa`},
		},
		Sysroot: fstest.MapFS{"Real.DLL": {Data: []byte("real")}, "own.dll": {Data: []byte("other")}},
	})
	if h.User != "anna" || h.Computer != "PC" || h.MachineGUID != "4f6e2c1a-0000" {
		t.Errorf("got %+v", h)
	}
	if d := cmp.Diff([]string{"00FFAA"}, h.Roots); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
	md5 := map[string]string{
		`c:\app\a.DLL`: "0CC175B9C0F1B6A831C399E269772661", `C:\App\B.dll`: "92EB5FFEE6AE2FEC3AD71C777531578F",
		`C:\Windows\System32\real.dll`: "4BCA24304861ACDE5770FDBE3CC2503B", `C:\Windows\System32\own.dll`: "B515E18AA3FBE7D264D7CA5A95EF73E1",
	}
	for path, want := range md5 {
		if f := h.Files.Facts(path); f == nil || f.MD5 != want {
			t.Errorf("%s: got %+v, want MD5 %s", path, f, want)
		}
	}
	if f := h.Files.Facts(`C:\Windows\System32\kernel32.dll`); f != nil {
		t.Errorf("a synthetic DLL has facts: %+v", f)
	}
}
