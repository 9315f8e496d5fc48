package pe

import (
	"strings"

	"sidetrace/loaders"
)

const (
	exportSize = 40 // IMAGE_EXPORT_DIRECTORY

	// maxExports is the number of ordinals: GetProcAddress takes 16 bits.
	maxExports = 65536
)

// exports reads the export directory.
func (p *parser) exports() error {
	dir := p.dirs[dirExport]
	if dir.rva == 0 {
		return nil
	}
	h, ok := p.bytes(dir.rva, exportSize)
	if !ok {
		return p.fail(dir.at, "DataDirectory[EXPORT]", "%#x is outside the image of %#x bytes", dir.rva, p.img.Size)
	}
	e := &loaders.Exports{Base: u32(h, 16)}
	var problem string
	if e.Name, problem = p.cstring(u32(h, 12)); problem != "" {
		p.note("the name in the export directory: %s", problem)
	}
	functions, err := p.exportTable(dir.rva, h, "AddressOfFunctions", 20, 28, 4)
	if err != nil {
		return err
	}
	names, err := p.exportTable(dir.rva, h, "AddressOfNames", 24, 32, 4)
	if err != nil {
		return err
	}
	ordinals, err := p.exportTable(dir.rva, h, "AddressOfNameOrdinals", 24, 36, 2)
	if err != nil {
		return err
	}
	if uint64(e.Base)+uint64(len(functions)/4) > maxExports {
		p.note("exports have ordinals beyond %d; they can only be reached by name", maxExports-1)
	}
	return p.exportSymbols(dir, e, functions, names, ordinals)
}

// exportTable reads one of the three tables: its length from the directory's
// field at count, its address from the one at addr.
func (p *parser) exportTable(rva uint32, h []byte, name string, count, addr int, size uint32) ([]byte, error) {
	n, at := u32(h, count), u32(h, addr)
	if n == 0 {
		return nil, nil
	}
	if n > maxExports {
		return nil, p.failAt(rva+uint32(count), "Export.NumberOf"+strings.TrimPrefix(strings.TrimSuffix(name, "Ordinals"), "AddressOf"), "%d exports, but there are only %d ordinals", n, maxExports)
	}
	if !p.inImage(at, n*size) {
		return nil, p.failAt(rva+uint32(addr), "Export."+name, "%d entries at %#x are outside the image of %#x bytes", n, at, p.img.Size)
	}
	table, _ := p.bytes(at, int(n*size))
	return table, nil
}

// exportSymbols joins the three tables.
func (p *parser) exportSymbols(dir directory, e *loaders.Exports, functions, names, ordinals []byte) error {
	e.Symbols = make([]loaders.Export, 0, max(len(functions), len(names))/4)
	named := make([]bool, len(functions)/4)
	previous, unsorted, strays := "", false, 0
	for i := range len(names) / 4 {
		at := u32(names, 4*i)
		name, problem := p.cstring(at)
		if problem != "" {
			table, _ := p.bytes(dir.rva+32, 4)
			return p.failAt(u32(table, 0)+uint32(4*i), field("Export", i, "Name"), "%s", problem)
		}
		unsorted = unsorted || name < previous
		previous = name
		index := int(u16(ordinals, 2*i))
		if index >= len(named) {
			strays++
			continue
		}
		named[index] = true
		if symbol, ok := p.export(dir, e.Base, functions, index); ok {
			symbol.Name = name
			e.Symbols = append(e.Symbols, symbol)
		}
	}
	for index := range named {
		if named[index] {
			continue
		}
		if symbol, ok := p.export(dir, e.Base, functions, index); ok {
			e.Symbols = append(e.Symbols, symbol)
		}
	}
	if unsorted {
		p.note("the export names are not sorted; Windows does not find all of them")
	}
	if strays != 0 {
		p.note("%d export names have no address", strays)
	}
	e.Index()
	p.img.Exports = e
	return nil
}

// export reads entry i of the address table. It is false if there is nothing
// to call.
func (p *parser) export(dir directory, base uint32, functions []byte, i int) (loaders.Export, bool) {
	rva := u32(functions, 4*i)
	symbol := loaders.Export{Ordinal: base + uint32(i), RVA: rva}
	switch {
	case rva == 0:
		return symbol, false
	case rva >= p.img.Size:
		p.note("export %d is at %#x, outside the image", symbol.Ordinal, rva)
		return symbol, false
	case rva < dir.rva || uint64(rva) >= uint64(dir.rva)+uint64(dir.size):
		return symbol, true
	}
	// An address inside the directory is that of a forwarder's text.
	text, problem := p.cstring(rva)
	if problem == "" && !strings.Contains(text, ".") {
		problem = "no DLL is named"
	}
	if problem != "" {
		p.note("forwarder of export %d: %s", symbol.Ordinal, problem)
		return symbol, false
	}
	symbol.RVA, symbol.Forward = 0, text
	return symbol, true
}
