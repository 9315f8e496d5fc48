package pe

import (
	"crypto/md5"
	"encoding/hex"
	"strconv"
	"strings"

	"sidetrace/loaders"
)

// importHash is the import hash as Mandiant published it and pefile computes
// it: MD5 over the comma-joined, lower-case "dll.function" pairs in directory
// order, where the extensions dll, ocx and sys are dropped, and ordinals are
// written as the function's name for ws2_32, wsock32 and oleaut32 and as
// "ord<number>" for other DLLs. Delay imports do not count.
func importHash(imports []loaders.Import) string {
	if len(imports) == 0 {
		return ""
	}
	hash := md5.New()
	pair := make([]byte, 0, 256)
	for _, imp := range imports {
		library := strings.ToLower(imp.DLL)
		dll := library
		if stem, extension, ok := cutLast(library, '.'); ok && (extension == "dll" || extension == "ocx" || extension == "sys") {
			dll = stem
		}
		for _, s := range imp.Symbols {
			pair = append(append(pair, dll...), '.')
			name := s.Name
			if name == "" {
				if name = ordinalName(library, s.Ordinal); name == "" {
					name = "ord" + strconv.Itoa(int(s.Ordinal))
				}
			}
			pair = append(pair, strings.ToLower(name)...)
			hash.Write(pair)
			pair = append(pair[:0], ',')
		}
	}
	return hex.EncodeToString(hash.Sum(nil))
}

// cutLast splits s around the last sep.
func cutLast(s string, sep byte) (before, after string, ok bool) {
	i := strings.LastIndexByte(s, sep)
	if i < 0 {
		return s, "", false
	}
	return s[:i], s[i+1:], true
}
