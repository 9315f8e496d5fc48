package crypt32

import "strings"

// This file turns text into bytes as Windows does, which is more lenient than
// RFC 4648 in some places and stricter in none.

// decoded is what a text meant.
type decoded struct {
	data   []byte
	skip   int    // characters before what was decoded
	format uint32 // that fitted
}

// tries lists the formats behind those that stand for several.
func tries(format uint32) []uint32 {
	switch format {
	case base64Any:
		return []uint32{base64Header, base64Plain}
	case anyFormat:
		return []uint32{base64Header, base64Plain, formatBinary}
	case hexAny:
		return []uint32{hexPlain, hexRaw}
	}
	return []uint32{format}
}

// modelled reports whether decode knows a format.
func modelled(format uint32) bool {
	switch format {
	case hexASCII, hexAddress, hexASCIIAddress:
		return false
	}
	return format <= base64URI
}

// decode reads text in one of the formats; false means that it fits none.
func decode(text string, format uint32) (decoded, bool) {
	for _, f := range tries(format) {
		if d, ok := decodeOne(text, f); ok {
			d.format = f
			return d, true
		}
	}
	return decoded{}, false
}

func decodeOne(text string, format uint32) (d decoded, ok bool) {
	switch format {
	case base64Header, base64RequestHeader, base64CRLHeader:
		body, skip, found := armoured(text)
		if !found {
			return d, false
		}
		d.skip = skip
		d.data, ok = decodeBase64(body)
	case base64Plain:
		d.data, ok = decodeBase64(text)
	case base64URI:
		d.data, ok = decodeBase64(strings.NewReplacer("-", "+", "_", "/").Replace(text))
	case hexPlain:
		d.data, ok = decodeHex(text, true)
	case hexRaw:
		d.data, ok = decodeHex(text, false)
	case formatBinary:
		d.data, ok = []byte(text), true
	}
	return d, ok
}

// armoured finds what stands between the lines "-----BEGIN x-----" and
// "-----END x-----"; x does not matter.
func armoured(text string) (body string, skip int, ok bool) {
	const begin, end, dashes = "-----BEGIN ", "-----END ", "-----"
	skip = strings.Index(text, begin)
	if skip < 0 {
		return "", 0, false
	}
	_, body, ok = strings.Cut(text[skip+len(begin):], dashes)
	if !ok {
		return "", 0, false
	}
	body, label, ok := strings.Cut(body, end)
	if !ok || !strings.Contains(label, dashes) {
		return "", 0, false
	}
	return body, skip, true
}

// decodeBase64 skips blanks anywhere, stops behind the first padding, and does
// not need padding at the end; padding that is there must be whole.
func decodeBase64(text string) ([]byte, bool) {
	out := make([]byte, 0, len(text)/4*3+3)
	group, n := uint32(0), 0
	for i := 0; i < len(text); i++ {
		ch := text[i]
		switch {
		case isBlank(ch):
			continue
		case ch == '=':
			if n > 0 && padding(text[i:]) < 4-n {
				return nil, false
			}
			return flush(out, group, n), true
		}
		v, ok := sextet(ch)
		if !ok {
			return nil, false
		}
		group, n = group<<6|v, n+1
		if n == 4 {
			out, group, n = flush(out, group, n), 0, 0
		}
	}
	return flush(out, group, n), true
}

// padding counts the equals signs a text begins with.
func padding(text string) int {
	n := 0
	for i := 0; i < len(text) && (text[i] == '=' || isBlank(text[i])); i++ {
		if text[i] == '=' {
			n++
		}
	}
	return n
}

// flush appends the bytes of a group of n characters. One character alone
// gives a byte as well, of its six bits.
func flush(out []byte, group uint32, n int) []byte {
	group <<= 6 * (4 - n)
	for i := range min(max(n-1, min(n, 1)), 3) {
		out = append(out, byte(group>>(16-8*i)))
	}
	return out
}

func sextet(ch byte) (uint32, bool) {
	switch {
	case ch >= 'A' && ch <= 'Z':
		return uint32(ch - 'A'), true
	case ch >= 'a' && ch <= 'z':
		return uint32(ch-'a') + 26, true
	case ch >= '0' && ch <= '9':
		return uint32(ch-'0') + 52, true
	case ch == '+':
		return 62, true
	case ch == '/':
		return 63, true
	}
	return 0, false
}

func isBlank(ch byte) bool { return ch == ' ' || ch == '\t' || ch == '\r' || ch == '\n' }

// decodeHex reads pairs of hexadecimal digits, with blanks between them if
// they may be there; at the end they always may.
func decodeHex(text string, blanks bool) ([]byte, bool) {
	text = strings.TrimRight(text, "\r\n")
	out := make([]byte, 0, len(text)/2)
	for i := 0; i < len(text); {
		if blanks && isBlank(text[i]) {
			i++
			continue
		}
		if i+1 == len(text) {
			return nil, false
		}
		high, ok1 := digit(text[i])
		low, ok2 := digit(text[i+1])
		if !ok1 || !ok2 {
			return nil, false
		}
		out = append(out, high<<4|low)
		i += 2
	}
	return out, true
}

func digit(ch byte) (byte, bool) {
	switch {
	case ch >= '0' && ch <= '9':
		return ch - '0', true
	case ch >= 'a' && ch <= 'f':
		return ch - 'a' + 10, true
	case ch >= 'A' && ch <= 'F':
		return ch - 'A' + 10, true
	}
	return 0, false
}
