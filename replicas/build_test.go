package replicas

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestBuildIsDeterministic(t *testing.T) {
	for _, p := range []Params{{}, {Cipher: AESCBC, Place: Overlay}, {Clean: true}} {
		if diff := cmp.Diff(mustBuild(t, p), mustBuild(t, p)); diff != "" {
			t.Errorf("%+v: two builds differ", p)
		}
	}
}

func TestFiles(t *testing.T) {
	want := []string{"3CXDesktopApp.exe", "ffmpeg.dll", "d3dcompiler_47.dll"}
	for i := range 16 {
		want = append(want, fmt.Sprintf("icon%d.ico", i))
	}
	for _, clean := range []bool{false, true} {
		var got []string
		for _, f := range mustBuild(t, Params{Clean: clean}).Files {
			got = append(got, f.Name)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("clean %v (-want +got):\n%s", clean, diff)
		}
	}
}

// The clean twin exports the same and has nothing to find.
func TestClean(t *testing.T) {
	dirty, clean := mustBuild(t, Params{}), mustBuild(t, Params{Clean: true})
	names := func(set *Set) (names []string) {
		for _, e := range mustParse(t, mustGet(t, set, "ffmpeg.dll")).Exports.Symbols {
			names = append(names, e.Name)
		}
		return names
	}
	if diff := cmp.Diff(names(dirty), names(clean)); diff != "" {
		t.Errorf("exports (-implant +clean):\n%s", diff)
	}
	if got := len(names(clean)); got < 6 {
		t.Errorf("%d exports, want at least 6", got)
	}
	if clean.Payload != nil {
		t.Error("the clean set has a payload")
	}
	for _, f := range clean.Files {
		for _, indicator := range []string{configurationMagic, defaultMarker, defaultKey, "IEND\xaeB`\x82$"} {
			if bytes.Contains(f.Data, []byte(indicator)) {
				t.Errorf("clean %s contains %q", f.Name, indicator)
			}
		}
	}
	if host := mustParse(t, mustGet(t, clean, "d3dcompiler_47.dll")); host.Certificates.Entries[0].Appended.Size != 0 {
		t.Error("the clean container has bytes behind its signature")
	}
}

// Whoever opens a replica in any tool is told what it is.
func TestLabels(t *testing.T) {
	for name, data := range prebuiltPEs(t) {
		if !bytes.Contains(data[:0x80], []byte("A benign sidetrace replica, not for DOS.")) {
			t.Errorf("%s: the DOS stub does not say what it is", name)
		}
		v := mustParse(t, data).Version
		if v == nil || v.Strings["ProductName"] != "benign sidetrace replica" || v.Strings["CompanyName"] != "sidetrace" {
			t.Errorf("%s: the version resource does not say what it is: %+v", name, v)
		}
	}
}

func TestUnknownChain(t *testing.T) {
	_, err := Build("4cx", Params{})
	var unknown *UnknownError
	if !errors.As(err, &unknown) {
		t.Fatalf("got %v, want an UnknownError", err)
	}
	if diff := cmp.Diff(&UnknownError{Name: "4cx", Known: []string{"3cx", "ordinary"}}, unknown); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestManifest(t *testing.T) {
	got := Manifest(time.Unix(0x0102030405, 999))
	if diff := cmp.Diff([]byte{5, 4, 3, 2, 1, 0, 0, 0}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestBuildRefuses(t *testing.T) {
	long := strings.Repeat("x", 64)
	for _, test := range []struct {
		params Params
		want   string
	}{
		{Params{Cipher: "des"}, `replicas: cipher "des": no such cipher`},
		{Params{Place: "stream"}, `replicas: place "stream": no such place`},
		{Params{Key: []byte(long[:33])}, `replicas: key "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx": 33 bytes, at most 32 fit`},
		{Params{Cipher: AESCBC, Key: []byte(defaultKey)}, `replicas: key "3jB(2bsG#@c7": 12 bytes, AES-CBC takes 16 or 32`},
		{Params{Cipher: AESCBC, Key: []byte(long[:24])}, `replicas: key "xxxxxxxxxxxxxxxxxxxxxxxx": 24 bytes, AES-CBC takes 16 or 32`},
		{Params{Marker: []byte(long[:17])}, `replicas: marker "7878787878787878787878787878787878": 17 bytes, at most 16 fit`},
		{Params{Event: long}, `replicas: event "` + long + `": 64 UTF-16 units, at most 63 fit`},
		{Params{Event: "a\x00b"}, `replicas: event "a\x00b": contains a NUL`},
		{Params{IconURL: "https://a.example/icon.ico"}, `replicas: icon_url "https://a.example/icon.ico": must contain %d once and no other %`},
		{Params{IconURL: "https://a.example/%d%s"}, `replicas: icon_url "https://a.example/%d%s": must contain %d once and no other %`},
		{Params{C2URL: "ftp://a.example/"}, `replicas: c2_url "ftp://a.example/": neither http nor https`},
		{Params{C2URL: "https:///path"}, `replicas: c2_url "https:///path": no host`},
		{Params{C2URL: "https://[::1"}, `replicas: c2_url "https://[::1": not a URL`},
		{Params{Gate: Gate{Min: -time.Second}}, `replicas: gate "-1s+0s": negative`},
		{Params{Gate: Gate{Min: time.Millisecond}}, `replicas: gate "1ms+0s": not whole seconds`},
		{Params{Gate: Gate{None: true, Min: time.Second}}, `replicas: gate "1s+0s": no gate, and yet a time`},
		{Params{GCMKey: []byte{1}}, `replicas: gcm_key "01": 1 bytes, AES-256-GCM takes 32`},
		{Params{GCMNonce: []byte{1}}, `replicas: gcm_nonce "01": 1 bytes, a GCM nonce takes 12`},
		{Params{Answer: long}, `replicas: answer "` + long + `": 64 bytes, at most 63 are taken`},
	} {
		_, err := Build("3cx", test.params)
		var param *ParamError
		if !errors.As(err, &param) || err.Error() != test.want {
			t.Errorf("got  %v\nwant %s", err, test.want)
		}
	}
}

// Each limit's last good value is accepted.
func TestBuildAccepts(t *testing.T) {
	long := strings.Repeat("x", 64)
	for _, p := range []Params{
		{Key: []byte(long[:32])}, {Key: []byte(long[:1])}, {Marker: []byte(long[:16])}, {Event: long[:63]}, {Answer: long[:63]},
		{C2URL: "http://127.0.0.1/"}, {Gate: Gate{Min: time.Second}}, {Cipher: AESCBC, Key: []byte(long[:16])},
		{IconURL: "https://a.example/" + strings.Repeat("p", 1000) + "%d"},
	} {
		if _, err := Build("3cx", p); err != nil {
			t.Errorf("%+v: %v", p, err)
		}
	}
}

func TestSet(t *testing.T) {
	for _, test := range []struct {
		key, value string
		want       Params
	}{
		{"key", "secret", Params{Key: []byte("secret")}},
		{"key", "0x00ff", Params{Key: []byte{0, 0xFF}}},
		{"marker", "FE ED fa ce", Params{Marker: []byte{0xFE, 0xED, 0xFA, 0xCE}}},
		{"marker", "0x01", Params{Marker: []byte{1}}},
		{"event", "E", Params{Event: "E"}},
		{"icon_url", "https://a.example/%d", Params{IconURL: "https://a.example/%d"}},
		{"c2_url", "https://a.example/", Params{C2URL: "https://a.example/"}},
		{"gate", "604800s+1800000s", Params{Gate: Gate{Min: 604800 * time.Second, Spread: 1800000 * time.Second}}},
		{"gate", "60s", Params{Gate: Gate{Min: time.Minute}}},
		{"gate", "none", Params{Gate: Gate{None: true}}},
		{"gate", "0s+0s", Params{Gate: Gate{None: true}}},
		{"cipher", "aes-cbc", Params{Cipher: AESCBC}},
		{"place", "overlay", Params{Place: Overlay}},
		{"gcm_key", "0a0b", Params{GCMKey: []byte{10, 11}}},
		{"gcm_nonce", "0c", Params{GCMNonce: []byte{12}}},
		{"answer", "go", Params{Answer: "go"}},
		{"clean", "true", Params{Clean: true}},
	} {
		var got Params
		if err := got.Set(test.key, test.value); err != nil {
			t.Errorf("%s=%s: %v", test.key, test.value, err)
		}
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%s=%s (-want +got):\n%s", test.key, test.value, diff)
		}
	}
}

func TestSetRefuses(t *testing.T) {
	for _, test := range []struct{ key, value, want string }{
		{"colour", "red", `replicas: colour "red": no such parameter; there are answer, c2_url, cipher, clean, event, gate, ` +
			`gcm_key, gcm_nonce, icon_url, key, marker, place`},
		{"key", "", `replicas: key "": empty`},
		{"key", "0xF", `replicas: key "0xF": not an even number of hex digits`},
		{"marker", "feedface!", `replicas: marker "feedface!": not an even number of hex digits`},
		{"gate", "soon", `replicas: gate "soon": not a minimum and a spread in whole seconds`},
		{"gate", "1s+", `replicas: gate "1s+": not a minimum and a spread in whole seconds`},
		{"gate", "-1s+1s", `replicas: gate "-1s+1s": not a minimum and a spread in whole seconds`},
		{"cipher", "RC4", `replicas: cipher "RC4": no such cipher`},
		{"place", "here", `replicas: place "here": no such place`},
		{"clean", "maybe", `replicas: clean "maybe": neither true nor false`},
	} {
		var p Params
		err := p.Set(test.key, test.value)
		var param *ParamError
		if !errors.As(err, &param) || err.Error() != test.want {
			t.Errorf("got  %v\nwant %s", err, test.want)
		}
	}
}

func TestKeysAreSorted(t *testing.T) {
	if got := Keys(); !slices.IsSorted(got) {
		t.Errorf("got %v", got)
	}
}
