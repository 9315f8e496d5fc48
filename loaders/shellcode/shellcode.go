// Package shellcode wraps raw, position-independent x86-64 code as an image
// with one section and its entry point at the first byte.
package shellcode

import (
	"fmt"

	"sidetrace/loaders"
)

// MaxSize is the largest code, in bytes, that is accepted.
const MaxSize = 64 << 20

// Machine is the machine that raw code is taken to be for,
// IMAGE_FILE_MACHINE_AMD64.
const Machine = 0x8664

// Load makes an image of raw code. The one section is readable, writable and
// executable, as code that decodes itself in place needs it, and its size is
// rounded up to whole pages. data is kept as Image.Raw and not modified. The
// error is a [*loaders.Error].
func Load(data []byte) (*loaders.Image, error) {
	switch {
	case len(data) == 0:
		return nil, &loaders.Error{Format: loaders.Shellcode, Field: "code", Reason: "the file is empty"}
	case len(data) > MaxSize:
		return nil, &loaders.Error{
			Format: loaders.Shellcode, Offset: MaxSize, Field: "code",
			Reason: fmt.Sprintf("%d bytes are more than the %d MiB that are accepted", len(data), MaxSize>>20),
			Hint:   "cut the code out of the file that carries it",
		}
	}
	size := uint32(len(data))
	pages := (size + loaders.PageSize - 1) &^ (loaders.PageSize - 1)
	return &loaders.Image{
		Format:  loaders.Shellcode,
		Raw:     data,
		Machine: Machine,
		Size:    pages,
		Sections: []loaders.Section{{
			Name:        "code",
			VirtualSize: pages,
			File:        loaders.Range{Size: size},
			Read:        true, Write: true, Execute: true,
		}},
	}, nil
}
