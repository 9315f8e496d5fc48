package sample

import (
	"errors"
	"testing"

	"sidetrace/loaders"
	"sidetrace/loaders/internal/testpe"
)

func TestLoad(t *testing.T) {
	for _, tt := range []struct {
		name string
		data string
		want loaders.Format
	}{
		{"PE", string(testpe.Build(testpe.Spec{}).Bytes), loaders.PE},
		{"code", "\xfc\x48\x83\xe4\xf0", loaders.Shellcode},
		{"one byte", "M", loaders.Shellcode},
		{"almost ELF", "\x7fELG", loaders.Shellcode},
		{"almost ZIP", "PK\x01\x02", loaders.Shellcode},
	} {
		img, err := Load([]byte(tt.data))
		if err != nil {
			t.Errorf("%s: %v", tt.name, err)
			continue
		}
		if img.Format != tt.want {
			t.Errorf("%s: got %s, want %s", tt.name, img.Format, tt.want)
		}
	}
}

func TestLoadRefused(t *testing.T) {
	for _, tt := range []struct {
		name string
		data string
		what string // of the UnsupportedError; "" for an Error
	}{
		{"nothing", "", ""},
		{"a broken PE", "MZ", ""},
		{"ELF", "\x7fELF\x02\x01\x01", "an ELF file"},
		{"ZIP", "PK\x03\x04\x14\x00", "a ZIP archive"},
		{"MSI", "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1\x00", "an OLE file (MSI package or Office document)"},
	} {
		_, err := Load([]byte(tt.data))
		var unsupported *loaders.UnsupportedError
		var broken *loaders.Error
		switch {
		case errors.As(err, &unsupported):
			if unsupported.What != tt.what {
				t.Errorf("%s: got %q, want %q", tt.name, unsupported.What, tt.what)
			}
		case !errors.As(err, &broken) || tt.what != "":
			t.Errorf("%s: got %v, want %q", tt.name, err, tt.what)
		}
	}
}
