package ciphers

import (
	"bytes"
	"crypto/aes"
	"encoding/hex"
	"testing"
)

func TestPad(t *testing.T) {
	for n, want := range map[int]int{0: 8, 1: 8, 7: 8, 8: 16, 9: 16} {
		data := bytes.Repeat([]byte{'x'}, n)
		padded := Pad(data, 8)
		if len(padded) != want {
			t.Errorf("%d bytes: got %d padded, want %d", n, len(padded), want)
		}
		if back, ok := Unpad(padded, 8); !ok || !bytes.Equal(back, data) {
			t.Errorf("%d bytes: got %q, %v", n, back, ok)
		}
	}
}

func TestUnpadRefused(t *testing.T) {
	for _, text := range []string{"", "\x00", "xxxxxxx\x00", "xxxxxx\x01\x02", "\x09\x09\x09\x09\x09\x09\x09\x09\x09", "\x02"} {
		if got, ok := Unpad([]byte(text), 8); ok {
			t.Errorf("%q: got %q", text, got)
		}
	}
}

// The vectors of NIST SP 800-38A, sections F.3.7 and F.3.13.
func TestFeedback(t *testing.T) {
	unhex := func(s string) []byte {
		b, err := hex.DecodeString(s)
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	block, err := aes.NewCipher(unhex("2b7e151628aed2a6abf7158809cf4f3c"))
	if err != nil {
		t.Fatal(err)
	}
	const plain = "6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51"
	for _, tt := range []struct {
		segment int
		sealed  string
	}{
		{1, "3b79424c9c0dd436bace9e0ed4586a4f32b9"},
		{16, "3b3fd92eb72dad20333449f8e83cfb4ac8a64537a0b3a93fcde3cdad9f1ce58b"},
	} {
		for cut := tt.segment; cut <= len(tt.sealed)/2; cut += tt.segment { // going on after any segment
			data := unhex(plain)[:len(tt.sealed)/2]
			c := Chained{Block: block, Mode: CFB, Segment: tt.segment, IV: unhex("000102030405060708090a0b0c0d0e0f")}
			c.Encrypt(data[:cut])
			c.Encrypt(data[cut:])
			if got := hex.EncodeToString(data); got != tt.sealed {
				t.Errorf("segments of %d, cut at %d: got %s, want %s", tt.segment, cut, got, tt.sealed)
			}
			c.IV = unhex("000102030405060708090a0b0c0d0e0f")
			c.Decrypt(data[:cut])
			c.Decrypt(data[cut:])
			if got := hex.EncodeToString(data); got != plain[:len(tt.sealed)] {
				t.Errorf("segments of %d, cut at %d: got %s back", tt.segment, cut, got)
			}
		}
	}
}

func TestShortText(t *testing.T) {
	for data, want := range map[string]string{
		"https://c2.test/\n": "https://c2.test/\n",
		"text\x00":           "text",
		"t\x00e\x00x\x00":    "tex",
		"\x01\x02":           "",
		"caf\xe9":            "",
		"":                   "",
	} {
		if got := shortText([]byte(data)); got != want {
			t.Errorf("%q: got %q, want %q", data, got, want)
		}
	}
	if got := shortText(bytes.Repeat([]byte{'x'}, 513)); got != "" {
		t.Error("a long text was shown")
	}
}
