package wintrust_test

import (
	"encoding/binary"
	"os"
	"testing"

	"sidetrace/emulator/guest"
	"sidetrace/emulator/win"
	"sidetrace/emulator/win/authenticode"
	"sidetrace/emulator/win/wintest"
	"sidetrace/emulator/win/wintrust"
)

func TestHostileArguments(t *testing.T) {
	wintest.Monkey(t, guest.Config{}, 20, wintrust.Table())
}

// The replica of the container is signed by a certificate of its own.
func signed(t *testing.T) []byte {
	b, err := os.ReadFile("../../../replicas/prebuilt/d3dcompiler_47.dll")
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestVerdicts(t *testing.T) {
	file := signed(t)
	s, err := authenticode.FromFile(file)
	if err != nil {
		t.Fatal(err)
	}
	chain, complete := s.Chain()
	if !complete || !s.Covers(file) {
		t.Fatalf("complete %v, covers %v", complete, s.Covers(file))
	}
	root := chain[len(chain)-1].Thumbprint()
	changed := append([]byte(nil), file...)
	changed[0x200] ^= 1
	config := guest.Config{Files: map[string][]byte{
		`C:\a\signed.dll`: file, `C:\a\changed.dll`: changed, `C:\a\text.txt`: []byte("text"), `C:\a\plain.dll`: unsigned(t),
	}}
	trusting := config
	trusting.Registry = []guest.RegistryValue{{Key: `HKLM\SOFTWARE\Microsoft\SystemCertificates\ROOT\Certificates\` + root}}
	for _, tt := range []struct {
		config guest.Config
		path   string
		want   authenticode.Verdict
	}{
		{config, `C:\a\signed.dll`, authenticode.UntrustedRoot}, {trusting, `C:\a\signed.dll`, authenticode.Trusted},
		{trusting, `C:\a\changed.dll`, authenticode.BadDigest}, {config, `C:\a\plain.dll`, authenticode.NoSignature},
		{config, `C:\a\text.txt`, authenticode.FormUnknown}, {config, `C:\a\none.dll`, 0x80092003},
	} {
		m := wintest.New(t, tt.config, wintrust.Table())
		file := m.Bytes(make([]byte, 32))
		m.Put(file+8, binary.LittleEndian.AppendUint64(nil, m.WString(tt.path)))
		data := m.Bytes(make([]byte, 88))
		m.Put(data+32, []byte{1})
		m.Put(data+40, binary.LittleEndian.AppendUint64(nil, file))
		action := win.IID("00AAC56B-CD44-11D0-8CC2-00C04FC295EE")
		if got, _, line := m.Call("wintrust.dll", "WinVerifyTrust", 0, m.Bytes(action[:]), data); authenticode.Verdict(got) != tt.want {
			t.Errorf("%s: got %#x, want %#x: %s", tt.path, got, tt.want, line)
		}
		if m.Gaps() != nil {
			t.Errorf("gaps: %q", m.Gaps())
		}
	}
}

func unsigned(t *testing.T) []byte {
	b, err := os.ReadFile("../../../replicas/prebuilt/ffmpeg.clean.dll")
	if err != nil {
		t.Fatal(err)
	}
	return b
}
