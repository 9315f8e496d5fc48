// Package sample loads a sample of any kind: it recognises the format by
// content and calls the loader for it.
package sample

import (
	"bytes"

	"sidetrace/loaders"
	"sidetrace/loaders/pe"
	"sidetrace/loaders/shellcode"
)

// Load reads data as what it is. Containers that are certainly not x86-64 code
// are refused by name, rather than run as if they were. Errors are
// [*loaders.Error] or [*loaders.UnsupportedError].
func Load(data []byte) (*loaders.Image, error) {
	if loaders.Recognise(data) == loaders.PE {
		return pe.Parse(data)
	}
	if what := container(data); what != "" {
		return nil, &loaders.UnsupportedError{What: what, Hint: "give the PE or the raw code that is inside it"}
	}
	return shellcode.Load(data)
}

// container names the file formats that samples commonly arrive in; "" if data
// starts like none of them.
func container(data []byte) string {
	for _, c := range []struct{ magic, what string }{
		{"\x7fELF", "an ELF file"},
		{"\xcf\xfa\xed\xfe", "a Mach-O file"},
		{"\xca\xfe\xba\xbe", "a universal Mach-O or Java class file"},
		{"PK\x03\x04", "a ZIP archive"},
		{"Rar!\x1a\x07", "a RAR archive"},
		{"7z\xbc\xaf\x27\x1c", "a 7-Zip archive"},
		{"MSCF", "a cabinet archive"},
		{"\x1f\x8b\x08", "a gzip file"},
		{"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an OLE file (MSI package or Office document)"},
		{"%PDF-", "a PDF document"},
	} {
		if bytes.HasPrefix(data, []byte(c.magic)) {
			return c.what
		}
	}
	return ""
}
