package yara

import (
	"cmp"
	"path"
	"slices"
	"strconv"
	"strings"

	"sidetrace/harness/detect"
)

// variable is an external variable: a string, int64, float64 or bool.
type variable struct {
	name  string
	value any
}

// fixed makes the variables that a user gave, in the order of their names. A
// value is read as the yara program reads one: a truth value, a number, or else
// a string.
func fixed(given map[string]string) []variable {
	var list []variable
	for name, text := range given {
		list = append(list, variable{name, typed(text)})
	}
	slices.SortFunc(list, func(a, b variable) int { return cmp.Compare(a.name, b.name) })
	return list
}

func typed(text string) any {
	switch text {
	case "true":
		return true
	case "false":
		return false
	}
	if n, err := strconv.ParseInt(text, 10, 64); err == nil {
		return n
	}
	if strings.Contains(text, ".") {
		if f, err := strconv.ParseFloat(text, 64); err == nil {
			return f
		}
	}
	return text
}

// ofObject are the variables that public rules expect of a scanner, with what
// THOR and Loki put into them: the name alone, the folder alone, the extension
// in lower case with its dot, the type by the first bytes, and the owner, which
// emulated files have none of.
func ofObject(o detect.Object) []variable {
	where := o.Path
	if where == "" {
		where = o.Name
	}
	folder, name := "", where
	if i := strings.LastIndexAny(where, `\/`); i >= 0 {
		folder, name = where[:i], where[i+1:]
	}
	return []variable{
		{"filename", uncut(name)},
		{"filepath", uncut(folder)},
		{"extension", uncut(strings.ToLower(path.Ext(name)))},
		{"filetype", fileType(o.Data)},
		{"owner", ""},
	}
}

// uncut takes the NUL bytes out of a value, which would end it in C.
func uncut(s string) string { return strings.ReplaceAll(s, "\x00", "") }

// fileTypes are the first bytes of files, by the names that Loki gives them.
var fileTypes = []struct{ magic, name string }{
	{"MZ", "EXE"},
	{"PK\x03\x04", "ZIP"},
	{"%PDF", "PDF"},
	{"Rar!\x1a\x07", "RAR"},
	{"7z\xbc\xaf\x27\x1c", "7ZIP"},
	{"\x1f\x8b", "GZIP"},
	{"MSCF", "CAB"},
	{"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "OLE"},
	{"L\x00\x00\x00\x01\x14\x02\x00", "LNK"},
	{"\x7fELF", "ELF"},
	{"\x89PNG", "PNG"},
	{"\xff\xd8\xff", "JPG"},
	{"GIF8", "GIF"},
	{"BM", "BMP"},
	{"{\\rtf", "RTF"},
}

func fileType(data []byte) string {
	for _, t := range fileTypes {
		if strings.HasPrefix(string(data[:min(len(data), 16)]), t.magic) {
			return t.name
		}
	}
	return "UNKNOWN"
}
