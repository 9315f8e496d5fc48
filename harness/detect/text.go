package detect

import (
	"bytes"
	"encoding/binary"
	"unicode/utf16"
	"unicode/utf8"
)

// Encoding is how a file of text was written.
type Encoding string

// The encodings that Decode tells apart.
const (
	UTF8    Encoding = "UTF-8"
	UTF16LE Encoding = "UTF-16LE"
	UTF16BE Encoding = "UTF-16BE"
	Windows Encoding = "Windows-1252" // what is left: bytes that are not valid UTF-8
)

// Decode turns the bytes of a file into text without a byte order mark, with
// lines that end in \n. UTF-16 is recognised by its mark, or by the zeros that
// text in Latin letters has in it. Bytes that are no text in UTF-8 are taken for
// Windows-1252, which is what spreadsheets write.
func Decode(data []byte) (string, Encoding) {
	text, encoding := decode(data)
	text = bytes.ReplaceAll(text, []byte("\r\n"), []byte("\n"))
	return string(bytes.ReplaceAll(text, []byte("\r"), []byte("\n"))), encoding
}

func decode(data []byte) ([]byte, Encoding) {
	switch {
	case bytes.HasPrefix(data, []byte("\xef\xbb\xbf")):
		data = data[3:]
	case bytes.HasPrefix(data, []byte("\xff\xfe")):
		return from16(data[2:], binary.LittleEndian), UTF16LE
	case bytes.HasPrefix(data, []byte("\xfe\xff")):
		return from16(data[2:], binary.BigEndian), UTF16BE
	case len(data) >= 4 && data[0] != 0 && data[1] == 0 && data[2] != 0 && data[3] == 0:
		return from16(data, binary.LittleEndian), UTF16LE
	case len(data) >= 4 && data[0] == 0 && data[1] != 0 && data[2] == 0 && data[3] != 0:
		return from16(data, binary.BigEndian), UTF16BE
	}
	if utf8.Valid(data) {
		return bytes.Clone(data), UTF8
	}
	var out []byte
	for _, b := range data {
		r := rune(b)
		if b >= 0x80 && b < 0xa0 {
			r = windows1252[b-0x80]
		}
		out = utf8.AppendRune(out, r)
	}
	return out, Windows
}

func from16(data []byte, order binary.ByteOrder) []byte {
	units := make([]uint16, len(data)/2)
	for i := range units {
		units[i] = order.Uint16(data[2*i:])
	}
	return []byte(string(utf16.Decode(units)))
}

// windows1252 is what 0x80 to 0x9F stand for.
// https://encoding.spec.whatwg.org/index-windows-1252.txt
var windows1252 = [32]rune{
	0x20AC, 0x81, 0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160, 0x2039, 0x0152, 0x8D, 0x017D, 0x8F,
	0x90, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0x9D, 0x017E, 0x0178,
}
