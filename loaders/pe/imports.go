package pe

import (
	"sidetrace/loaders"
)

const (
	importSize      = 20 // IMAGE_IMPORT_DESCRIPTOR
	delayImportSize = 32 // IMAGE_DELAYLOAD_DESCRIPTOR
	thunkSize       = 8  // IMAGE_THUNK_DATA64

	// maxPath bounds the name of a DLL: no file can have a longer one.
	maxPath = 260
)

// imports reads the import directory. Its size is not looked at, as in Windows:
// the table ends with a descriptor that has no name or no address table.
func (p *parser) imports() error {
	dir := p.dirs[dirImport]
	if dir.rva == 0 {
		return nil
	}
	if !p.inImage(dir.rva, importSize) {
		return p.fail(dir.at, "DataDirectory[IMPORT]", "%#x is outside the image of %#x bytes", dir.rva, p.img.Size)
	}
	room := len(p.data) / thunkSize
	for i, at := 0, dir.rva; ; i, at = i+1, at+importSize {
		d, ok := p.bytes(at, importSize)
		if !ok {
			return p.failAt(at, field("Import", i, ""), "the table leaves the image without an end")
		}
		lookup, name, slots := u32(d, 0), u32(d, 12), u32(d, 16)
		if name == 0 || slots == 0 {
			break
		}
		imp := loaders.Import{Bound: u32(d, 4) != 0}
		var err error
		if imp.DLL, err = p.dllName("Import", i, at+12, name); err != nil {
			return err
		}
		// Without a lookup table the address table, not yet overwritten, serves.
		if lookup < p.img.HeaderSize || lookup >= p.img.Size {
			if lookup != 0 {
				p.note("the lookup table of %s is at %#x; Windows reads its address table", imp.DLL, lookup)
			}
			lookup = slots
		}
		if imp.Symbols, err = p.symbols("Import", i, lookup, slots, room); err != nil {
			return err
		}
		room -= len(imp.Symbols)
		if len(imp.Symbols) == 0 {
			p.note("nothing is imported of %s; Windows does not load it", imp.DLL)
			continue
		}
		p.img.Imports = append(p.img.Imports, imp)
	}
	p.img.ImportHash = importHash(p.img.Imports)
	return nil
}

// delayImports reads the delay-load directory. Windows' loader never looks at
// it, a helper inside the program does; so nothing in it is an error.
func (p *parser) delayImports() error {
	dir := p.dirs[dirDelayImport]
	if dir.rva == 0 {
		return nil
	}
	room := len(p.data) / thunkSize
	for i, at := 0, dir.rva; ; i, at = i+1, at+delayImportSize {
		d, ok := p.bytes(at, delayImportSize)
		if !ok {
			p.note("the delay import table leaves the image without an end")
			return nil
		}
		name := u32(d, 4)
		if name == 0 {
			return nil
		}
		if u32(d, 0)&1 == 0 {
			p.note("delay import %d holds addresses of 32-bit programs", i)
			return nil
		}
		imp := loaders.Import{ModuleHandle: u32(d, 8), Bound: u32(d, 28) != 0}
		var err error
		if imp.DLL, err = p.dllName("DelayImport", i, at+4, name); err == nil {
			imp.Symbols, err = p.symbols("DelayImport", i, u32(d, 16), u32(d, 12), room)
		}
		if err != nil {
			p.note("%v", err)
			return nil
		}
		room -= len(imp.Symbols)
		p.img.DelayImports = append(p.img.DelayImports, imp)
	}
}

// dllName reads the name of the DLL of descriptor i; at is the RVA of the
// field that points to it.
func (p *parser) dllName(table string, i int, at, rva uint32) (string, error) {
	name, problem := p.cstring(rva)
	switch {
	case problem != "":
	case name == "":
		problem = "empty"
	case len(name) > maxPath:
		problem = "longer than any file name"
	default:
		return name, nil
	}
	return "", p.failAt(at, field(table, i, "Name"), "%s", problem)
}

// symbols reads a lookup table and pairs its entries with address slots. room
// is how many symbols the file can still hold: descriptors may share a table,
// and a small file would otherwise ask for very many.
func (p *parser) symbols(table string, i int, lookup, slots uint32, room int) ([]loaders.Symbol, error) {
	var symbols []loaders.Symbol
	for n := 0; ; n++ {
		fail := func(format string, args ...any) error {
			return p.failAt(lookup, field(table, i, field("Thunk", n, "")), format, args...)
		}
		t, ok := p.bytes(lookup, thunkSize)
		if !ok {
			return nil, fail("the table leaves the image without an end")
		}
		value := u64(t, 0)
		if value == 0 {
			return symbols, nil
		}
		if n >= room {
			return nil, fail("more symbols than the file has room for")
		}
		if !p.inImage(slots, thunkSize) {
			return nil, fail("its address slot %#x is outside the image", slots)
		}
		symbol := loaders.Symbol{Slot: slots}
		switch {
		case value>>63 != 0:
			symbol.Ordinal = uint16(value)
		case value >= uint64(p.img.Size):
			return nil, fail("%#x is neither an ordinal nor an address in the image", value)
		default:
			hint, ok := p.bytes(uint32(value), 2)
			if !ok {
				return nil, fail("its name is outside the image")
			}
			symbol.Ordinal = u16(hint, 0)
			var problem string
			if symbol.Name, problem = p.cstring(uint32(value) + 2); problem == "" && symbol.Name == "" {
				problem = "empty"
			}
			if problem != "" {
				return nil, fail("its name: %s", problem)
			}
		}
		symbols = append(symbols, symbol)
		lookup, slots = lookup+thunkSize, slots+thunkSize
	}
}
