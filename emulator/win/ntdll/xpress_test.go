package ntdll

import (
	"bytes"
	"strings"
	"testing"
)

// The examples of [MS-XCA], section 3.
func TestXpress(t *testing.T) {
	alphabet := "abcdefghijklmnopqrstuvwxyz"
	letters := make([]byte, xpressTable)
	copy(letters[48:], "\x50\x55\x55\x55\x55\x55\x55\x55\x55\x55\x55\x45\x44\x04")
	letters[128] = 4
	abc := make([]byte, xpressTable)
	abc[48], abc[49], abc[128], abc[143] = 0x30, 0x23, 0x02, 0x20
	for _, test := range []struct {
		name   string
		expand func(dst, src []byte) (int, error)
		src    []byte
		want   string
	}{
		{"plain, literals", expandXpress, append([]byte{0x3f, 0, 0, 0}, alphabet...), alphabet},
		{"plain, a match", expandXpress, []byte{0xff, 0xff, 0xff, 0x1f, 'a', 'b', 'c', 0x17, 0x00, 0x0f, 0xff, 0x26, 0x01}, strings.Repeat("abc", 100)},
		{"Huffman, literals", expandHuffman, append(letters, "\xd8\x52\x3e\xd7\x94\x11\x5b\xe9\x19\x5f\xf9\xd6\x7c\xdf\x8d\x04\x00\x00\x00\x00"...), alphabet},
		{"Huffman, a match", expandHuffman, append(abc, "\xa8\xdc\x00\x00\xff\x26\x01"...), strings.Repeat("abc", 100)},
	} {
		dst := make([]byte, len(test.want))
		n, err := test.expand(dst, test.src)
		if err != nil || string(dst[:n]) != test.want {
			t.Errorf("%s: got %q, %v", test.name, dst[:n], err)
		}
		if n, err := test.expand(make([]byte, 5), test.src); n != 5 || err != nil {
			t.Errorf("%s: %d, %v in a small buffer", test.name, n, err)
		}
	}
	for _, bad := range [][]byte{{0xff, 0xff, 0xff, 0xff, 0x17, 0}, bytes.Repeat([]byte{0x11}, xpressTable), {1, 2, 3}} {
		if _, err := expandXpress(make([]byte, 100), bad[:min(len(bad), 6)]); err == nil && len(bad) == 6 {
			t.Errorf("% x expanded", bad)
		}
		if _, err := expandHuffman(make([]byte, 100), bad); err == nil {
			t.Errorf("% x expanded", bad)
		}
	}
}

func FuzzXpress(f *testing.F) {
	f.Add([]byte{0xff, 0xff, 0xff, 0x1f, 'a', 'b', 'c', 0x17, 0x00, 0x0f, 0xff, 0x26, 0x01})
	f.Fuzz(func(t *testing.T, src []byte) {
		dst := make([]byte, 4096)
		if n, _ := expandXpress(dst, src); n > len(dst) {
			t.Error(n)
		}
		if n, _ := expandHuffman(dst, src); n > len(dst) {
			t.Error(n)
		}
	})
}

func TestCompressLZNT1(t *testing.T) {
	var drift []byte
	for i := range 9000 {
		drift = append(drift, "the quick brown fox "[i%20]+byte(i/3000))
	}
	for _, text := range []string{string(drift), "", "a", strings.Repeat("abc", 3000), strings.Repeat("a", 4096), strings.Repeat("The quick brown fox. ", 700) + "end"} {
		packed := compressLZNT1([]byte(text))
		dst := make([]byte, len(text)+10)
		n := 0
		var err error
		if text != "" {
			n, err = expandLZNT1(dst, packed)
		}
		if err != nil || string(dst[:n]) != text {
			t.Errorf("%.20q of %d bytes: got %d, %v", text, len(text), n, err)
		}
		if len(text) > 4096 && len(packed) > len(text)/4 {
			t.Errorf("%.20q: %d bytes of %d", text, len(packed), len(text))
		}
	}
}
