package guest

import (
	"encoding/binary"
	"maps"
	"slices"
	"strings"
)

// contract is what counts of an API set's name: it stands before the last
// hyphen. Names of other modules have none.
//
// https://learn.microsoft.com/windows/win32/apiindex/windows-apisets
func contract(name string) string {
	if !strings.HasPrefix(name, "api-") && !strings.HasPrefix(name, "ext-") {
		return ""
	}
	i := strings.LastIndexByte(name, '-')
	return name[:i]
}

// apiSetHash is the factor of the hash that orders the schema's hash table.
const apiSetHash = 31

// apiSetNamespace lays out the schema as code that reads PEB.ApiSetMap expects
// it: an API_SET_NAMESPACE of version 6, as in Windows 10. Each contract has
// one host for all importers.
func apiSetNamespace(sets map[string]string) []byte {
	const (
		header, entrySize, valueSize, hashSize = 28, 24, 20, 8
		sealed                                 = 1
		suffix                                 = "-0" // the last number of a contract's name, which does not count
	)
	names := slices.Sorted(maps.Keys(sets))
	n := len(names)
	values := header + n*entrySize
	hashes := values + n*valueSize
	b := make([]byte, hashes+n*hashSize)
	put := func(at, v int) { binary.LittleEndian.PutUint32(b[at:], uint32(v)) }
	text := func(s string) (at, size int) {
		at = len(b)
		for i := range len(s) { // ASCII
			b = append(b, s[i], 0)
		}
		return at, 2 * len(s)
	}
	type hashed struct {
		hash  uint32
		index int
	}
	order := make([]hashed, n)
	for i, name := range names {
		entry, value := header+i*entrySize, values+i*valueSize
		at, size := text(name + suffix)
		put(entry, sealed)
		put(entry+4, at)
		put(entry+8, size)
		put(entry+12, 2*len(name))
		put(entry+16, value)
		put(entry+20, 1)
		at, size = text(sets[name])
		put(value+12, at)
		put(value+16, size)
		order[i].index = i
		for j := range len(name) {
			order[i].hash = order[i].hash*apiSetHash + uint32(name[j])
		}
	}
	slices.SortFunc(order, func(a, b hashed) int {
		switch {
		case a.hash < b.hash:
			return -1
		case a.hash > b.hash:
			return 1
		}
		return a.index - b.index
	})
	for i, h := range order {
		put(hashes+i*hashSize, int(h.hash))
		put(hashes+i*hashSize+4, h.index)
	}
	put(0, 6)
	put(4, len(b))
	put(12, n)
	put(16, header)
	put(20, hashes)
	put(24, apiSetHash)
	return b
}
