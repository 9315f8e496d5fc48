package guest

import (
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
)

func appendRune(dst []byte, r rune) []byte { return utf8.AppendRune(dst, r) }

// AppendANSI decodes text in the ANSI code page, Windows-1252, onto dst. The
// five bytes that it leaves undefined become controls, as on Windows, so that
// no byte is lost on the way there and back.
func AppendANSI(dst, ansi []byte) []byte {
	for _, c := range ansi {
		r := rune(c)
		if c >= 0x80 {
			if known := charmap.Windows1252.DecodeByte(c); known != utf8.RuneError {
				r = known
			}
		}
		dst = utf8.AppendRune(dst, r)
	}
	return dst
}

// ANSI encodes text in the ANSI code page with a terminator; characters it
// lacks become question marks, as WideCharToMultiByte does by default.
func ANSI(s string) []byte {
	b := make([]byte, 0, len(s)+1)
	for _, r := range s {
		c, ok := charmap.Windows1252.EncodeRune(r)
		switch {
		case ok:
		case r >= 0x80 && r < 0xA0 && charmap.Windows1252.DecodeByte(byte(r)) == utf8.RuneError:
			c = byte(r)
		default:
			c = '?'
		}
		b = append(b, c)
	}
	return append(b, 0)
}
