package crypt32

import (
	"encoding/base64"
	"encoding/hex"
	"strings"
)

// encode gives data as text; false means that the format is not one to encode
// in.
func encode(data []byte, flags uint32) (string, bool) {
	eol := "\r\n"
	switch {
	case flags&noCRLF != 0:
		eol = ""
	case flags&noCR != 0:
		eol = "\n"
	}
	switch flags &^ (noCRLF | noCR | strict) {
	case base64Header:
		return armour(data, "CERTIFICATE", eol), true
	case base64RequestHeader:
		return armour(data, "NEW CERTIFICATE REQUEST", eol), true
	case base64CRLHeader:
		return armour(data, "X509 CRL", eol), true
	case base64Plain:
		return base64Lines(data, eol), true
	case base64URI:
		return base64.RawURLEncoding.EncodeToString(data) + eol, true
	case hexRaw:
		return hex.EncodeToString(data) + eol, true
	case hexPlain:
		return hexLines(data, eol), true
	}
	return "", false
}

func armour(data []byte, label, eol string) string {
	return "-----BEGIN " + label + "-----" + eol + base64Lines(data, eol) + "-----END " + label + "-----" + eol
}

// base64Lines breaks lines after 64 characters; without an end of line there
// is one line.
func base64Lines(data []byte, eol string) string {
	const width = 64
	text := base64.StdEncoding.EncodeToString(data)
	if eol == "" {
		return text
	}
	var b strings.Builder
	for ; len(text) > width; text = text[width:] {
		b.WriteString(text[:width] + eol)
	}
	b.WriteString(text + eol)
	return b.String()
}

// hexLines gives sixteen bytes a line, with a wider gap in the middle.
func hexLines(data []byte, eol string) string {
	var b strings.Builder
	for i, c := range data {
		switch {
		case i == 0:
		case i%16 == 0 && eol != "":
			b.WriteString(eol)
		case i%16 == 8 && eol != "":
			b.WriteString("  ")
		default:
			b.WriteByte(' ')
		}
		b.WriteString(hex.EncodeToString([]byte{c}))
	}
	b.WriteString(eol)
	return b.String()
}
