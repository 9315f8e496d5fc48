package crypt32

import (
	"bytes"
	"encoding/base64"
	"testing"
)

// FuzzDecode holds the lenient decoder against the standard one, where that
// takes the text at all.
func FuzzDecode(f *testing.F) {
	for _, seed := range []string{"", "VVVV", "VV==", "V===", "VV=", "V\nV=\t=", "-----BEGIN x-----VVVV-----END x-----", "48 65 6c", "=", "\xff"} {
		for format := range uint32(16) {
			f.Add(seed, format)
		}
	}
	f.Fuzz(func(t *testing.T, text string, format uint32) {
		d, ok := decode(text, format)
		if ok && len(d.data) > len(text) {
			t.Errorf("%d bytes of %d characters", len(d.data), len(text))
		}
		if d.skip > len(text) {
			t.Errorf("skipped %d of %d characters", d.skip, len(text))
		}
		if want, err := base64.StdEncoding.DecodeString(text); err == nil {
			if got, ok := decodeBase64(text); !ok || !bytes.Equal(got, want) {
				t.Errorf("got %q, %v, want %q", got, ok, want)
			}
		}
	})
}
