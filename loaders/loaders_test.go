package loaders

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestErrorText(t *testing.T) {
	for _, tt := range []struct {
		err  error
		want string
	}{
		{&Error{Format: PE, Offset: 0x3c, Field: "e_lfanew", Reason: "odd", Hint: "not shown"}, "pe: offset 0x3c: e_lfanew: odd"},
		{&Error{Format: PE, Offset: -1, Field: "Import[0]", Reason: "without an end"}, "pe: Import[0]: without an end"},
		{&UnsupportedError{What: "an ARM64 PE"}, "not supported: this is an ARM64 PE"},
	} {
		if got := tt.err.Error(); got != tt.want {
			t.Errorf("got %q, want %q", got, tt.want)
		}
	}
}

func TestRecognise(t *testing.T) {
	for data, want := range map[string]Format{"": Shellcode, "M": Shellcode, "MZ": PE, "ZM": Shellcode, "mz": Shellcode, "MZ\x90\x00": PE} {
		if got := Recognise([]byte(data)); got != want {
			t.Errorf("Recognise(%q): got %s, want %s", data, got, want)
		}
	}
}

func TestMappedRaw(t *testing.T) {
	for _, tt := range []struct{ virtual, raw, want uint32 }{
		{0x10, 0x200, 0x200},   // the padding in the file shows up in the page
		{0x10, 0x2000, 0x1000}, // but no further than the page
		{0x3000, 0x200, 0x200}, // the rest is zero-filled
		{0x1001, 0x3000, 0x2000},
		{0xffffffff, 0x200, 0x200},
		{0x1000, 0, 0},
	} {
		s := Section{VirtualSize: tt.virtual, File: Range{Size: tt.raw}}
		if got := s.MappedRaw(); got != tt.want {
			t.Errorf("virtual %#x, raw %#x: got %#x, want %#x", tt.virtual, tt.raw, got, tt.want)
		}
	}
}

func TestExportsIndex(t *testing.T) {
	e := &Exports{Symbols: []Export{{Name: "b", Ordinal: 3}, {Ordinal: 1}, {Name: "a", Ordinal: 3}, {Name: "c", Ordinal: 2}}}
	e.Index()
	want := &Exports{
		Symbols: []Export{{Ordinal: 1}, {Name: "c", Ordinal: 2}, {Name: "b", Ordinal: 3}, {Name: "a", Ordinal: 3}},
		ByName:  []uint32{3, 2, 1},
	}
	if diff := cmp.Diff(want, e); diff != "" {
		t.Errorf("Index (-want +got):\n%s", diff)
	}
	e.Index()
	if diff := cmp.Diff(want, e); diff != "" {
		t.Errorf("Index twice (-want +got):\n%s", diff)
	}
}
