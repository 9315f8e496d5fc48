package shellcode

import (
	"bytes"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"sidetrace/loaders"
)

func TestLoad(t *testing.T) {
	for _, tt := range []struct{ size, pages int }{
		{1, 0x1000}, {0xfff, 0x1000}, {0x1000, 0x1000}, {0x1001, 0x2000}, {MaxSize, MaxSize},
	} {
		code := bytes.Repeat([]byte{0x90}, tt.size)
		got, err := Load(code)
		if err != nil {
			t.Fatalf("%d bytes: %v", tt.size, err)
		}
		want := &loaders.Image{
			Format: loaders.Shellcode, Machine: Machine, Size: uint32(tt.pages),
			Sections: []loaders.Section{{
				Name: "code", VirtualSize: uint32(tt.pages), File: loaders.Range{Size: uint32(tt.size)},
				Read: true, Write: true, Execute: true,
			}},
		}
		raw := got.Raw
		got.Raw = nil
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%d bytes (-want +got):\n%s", tt.size, diff)
		}
		if &raw[0] != &code[0] || len(raw) != len(code) {
			t.Errorf("%d bytes: Raw is not the caller's slice", tt.size)
		}
	}
}

func TestLoadRefused(t *testing.T) {
	for _, tt := range []struct {
		name   string
		code   []byte
		offset int64
	}{
		{"empty", nil, 0},
		{"a byte too many", make([]byte, MaxSize+1), MaxSize},
	} {
		_, err := Load(tt.code)
		var e *loaders.Error
		if !errors.As(err, &e) {
			t.Errorf("%s: got %v, want an Error", tt.name, err)
			continue
		}
		if e.Format != loaders.Shellcode || e.Offset != tt.offset || e.Field == "" || e.Reason == "" {
			t.Errorf("%s: got %+v, want offset %#x", tt.name, e, tt.offset)
		}
	}
}

func TestMap(t *testing.T) {
	img, err := Load([]byte{0xcc, 0xc3})
	if err != nil {
		t.Fatal(err)
	}
	mapped := make([]byte, img.Size)
	img.MapInto(mapped)
	want := append([]byte{0xcc, 0xc3}, make([]byte, img.Size-2)...)
	if !bytes.Equal(mapped, want) {
		t.Errorf("got % x …, want % x …", mapped[:4], want[:4])
	}
	if offset, ok := img.RVAToOffset(1); offset != 1 || !ok {
		t.Errorf("RVAToOffset(1): got %d, %v", offset, ok)
	}
	if _, ok := img.RVAToOffset(2); ok {
		t.Error("RVAToOffset(2): got a place behind the code")
	}
}

// FuzzShellcode wants every input of a fair size to become an image that maps.
func FuzzShellcode(f *testing.F) {
	f.Add([]byte{})
	f.Add([]byte{0xc3})
	f.Add([]byte("MZ\x90\x00"))
	f.Add(bytes.Repeat([]byte{0x90}, loaders.PageSize+1))
	f.Fuzz(func(t *testing.T, code []byte) {
		img, err := Load(code)
		if (err != nil) != (len(code) == 0) {
			t.Fatalf("%d bytes: %v", len(code), err)
		}
		if err != nil {
			return
		}
		mapped := make([]byte, img.Size)
		img.MapInto(mapped)
		if !bytes.HasPrefix(mapped, code) || img.Size%loaders.PageSize != 0 {
			t.Errorf("%d bytes are not mapped at 0 of %#x", len(code), img.Size)
		}
	})
}
