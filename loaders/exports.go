package loaders

import (
	"cmp"
	"slices"
	"strings"
)

// Index orders Symbols by ordinal and fills ByName. Loaders call it once; after
// that the exports may be read from several goroutines.
func (e *Exports) Index() {
	slices.SortStableFunc(e.Symbols, func(a, b Export) int { return cmp.Compare(a.Ordinal, b.Ordinal) })
	e.ByName = e.ByName[:0]
	for i := range e.Symbols {
		if e.Symbols[i].Name != "" {
			e.ByName = append(e.ByName, uint32(i))
		}
	}
	slices.SortStableFunc(e.ByName, func(a, b uint32) int {
		return strings.Compare(e.Symbols[a].Name, e.Symbols[b].Name)
	})
}

// Lookup finds an export by its name, case and all, as GetProcAddress does.
func (e *Exports) Lookup(name string) (*Export, bool) {
	i, ok := slices.BinarySearchFunc(e.ByName, name, func(i uint32, name string) int {
		return strings.Compare(e.Symbols[i].Name, name)
	})
	if !ok {
		return nil, false
	}
	return &e.Symbols[e.ByName[i]], true
}

// ByOrdinal finds an export by its biased ordinal. Of an address exported
// under several names it gives the first.
func (e *Exports) ByOrdinal(ordinal uint32) (*Export, bool) {
	i, ok := slices.BinarySearchFunc(e.Symbols, ordinal, func(s Export, ordinal uint32) int {
		return cmp.Compare(s.Ordinal, ordinal)
	})
	if !ok {
		return nil, false
	}
	return &e.Symbols[i], true
}
