package guest

import (
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
)

func appendRune(dst []byte, r rune) []byte { return utf8.AppendRune(dst, r) }

// AppendANSI decodes text in the ANSI code page, Windows-1252, onto dst.
func AppendANSI(dst, ansi []byte) []byte {
	for _, c := range ansi {
		if c < 0x80 {
			dst = append(dst, c)
		} else {
			dst = utf8.AppendRune(dst, charmap.Windows1252.DecodeByte(c))
		}
	}
	return dst
}

// ANSI encodes text in the ANSI code page with a terminator; characters it
// lacks become question marks, as WideCharToMultiByte does by default.
func ANSI(s string) []byte {
	b := make([]byte, 0, len(s)+1)
	for _, r := range s {
		c, ok := charmap.Windows1252.EncodeRune(r)
		if !ok {
			c = '?'
		}
		b = append(b, c)
	}
	return append(b, 0)
}
