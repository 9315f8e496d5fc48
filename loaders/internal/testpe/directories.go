package testpe

import (
	"encoding/binary"
	"fmt"
	"slices"
	"strconv"
	"unicode/utf16"
)

// set writes a field that has been left open.
func (w *writer) set(name string, v uint32) { w.Put(name, uint64(v)) }

// thunks writes the names of a DLL, its lookup table and its address table.
func (w *writer) thunks(field string, symbols []string) (lookup, slots uint32) {
	values := make([]uint64, len(symbols))
	for i, s := range symbols {
		if s[0] == '#' {
			n, err := strconv.ParseUint(s[1:], 10, 16)
			if err != nil {
				panic(err)
			}
			values[i] = 1<<63 | n
			continue
		}
		w.align(2)
		values[i] = uint64(w.rva())
		w.u16("", uint16(i)) // hint
		w.text(s)
	}
	w.align(8)
	lookup = w.rva()
	for i, v := range values {
		w.u64(fmt.Sprintf("%s.Thunk[%d]", field, i), v)
	}
	w.u64(field+".Thunk[end]", 0)
	slots = w.rva()
	for _, v := range values {
		w.u64("", v)
	}
	w.u64("", 0)
	return lookup, slots
}

func (w *writer) imports(imports []Import, dirs map[string][2]uint32) {
	if imports == nil {
		return
	}
	dirs["IMPORT"] = [2]uint32{w.rva(), uint32(20 * (len(imports) + 1))}
	for i := range imports {
		field := fmt.Sprintf("Import[%d]", i)
		w.u32(field+".OriginalFirstThunk", 0)
		w.u32(field+".TimeDateStamp", 0)
		w.u32("", 0)
		w.u32(field+".Name", 0)
		w.u32(field+".FirstThunk", 0)
	}
	w.zeros(20)
	for i, imp := range imports {
		field := fmt.Sprintf("Import[%d]", i)
		w.set(field+".Name", w.text(imp.DLL))
		lookup, slots := w.thunks(field, imp.Symbols)
		w.set(field+".OriginalFirstThunk", lookup)
		w.set(field+".FirstThunk", slots)
	}
}

func (w *writer) delayImports(imports []Import, dirs map[string][2]uint32) {
	if imports == nil {
		return
	}
	w.align(8)
	dirs["DELAY_IMPORT"] = [2]uint32{w.rva(), uint32(32 * (len(imports) + 1))}
	for i := range imports {
		field := fmt.Sprintf("DelayImport[%d].", i)
		w.u32(field+"Attributes", 1)
		w.u32(field+"Name", 0)
		w.u32(field+"ModuleHandle", uint32(w.sections[1].rva+16))
		w.u32(field+"ImportAddressTable", 0)
		w.u32(field+"ImportNameTable", 0)
		w.zeros(12)
	}
	w.zeros(32)
	for i, imp := range imports {
		field := fmt.Sprintf("DelayImport[%d]", i)
		w.set(field+".Name", w.text(imp.DLL))
		lookup, slots := w.thunks(field, imp.Symbols)
		w.set(field+".ImportNameTable", lookup)
		w.set(field+".ImportAddressTable", slots)
	}
}

func (w *writer) exports(e *Exports, dirs map[string][2]uint32) {
	if e == nil {
		return
	}
	type name struct {
		text  string
		index int
	}
	var names []name
	for i, x := range e.Table {
		for _, n := range x.Names {
			names = append(names, name{n, i})
		}
	}
	slices.SortFunc(names, func(a, b name) int {
		if a.text < b.text {
			return -1
		}
		return 1
	})

	w.align(8)
	start := w.rva()
	w.zeros(12)
	w.u32("Export.Name", 0)
	w.u32("Export.Base", e.Base)
	w.u32("Export.NumberOfFunctions", uint32(len(e.Table)))
	w.u32("Export.NumberOfNames", uint32(len(names)))
	w.u32("Export.AddressOfFunctions", w.rva()+12)
	w.u32("Export.AddressOfNames", w.rva()+8+uint32(4*len(e.Table)))
	w.u32("Export.AddressOfNameOrdinals", w.rva()+4+uint32(4*(len(e.Table)+len(names))))
	for i, x := range e.Table {
		w.u32(fmt.Sprintf("Export.Function[%d]", i), x.RVA)
	}
	for i := range names {
		w.u32(fmt.Sprintf("Export[%d].Name", i), 0)
	}
	for i, n := range names {
		w.u16(fmt.Sprintf("Export.Ordinal[%d]", i), uint16(n.index))
	}
	w.set("Export.Name", w.text(e.Name))
	for i, n := range names {
		w.set(fmt.Sprintf("Export[%d].Name", i), w.text(n.text))
	}
	for i, x := range e.Table {
		if x.Forward != "" {
			w.set(fmt.Sprintf("Export.Function[%d]", i), w.text(x.Forward))
		}
	}
	dirs["EXPORT"] = [2]uint32{start, w.rva() - start}
}

func (w *writer) tls(callbacks []uint32, dirs map[string][2]uint32) {
	if callbacks == nil {
		return
	}
	w.align(8)
	data := Base + uint64(w.sections[1].rva)
	dirs["TLS"] = [2]uint32{w.rva(), 40}
	w.u64("TLS.StartAddressOfRawData", data)
	w.u64("TLS.EndAddressOfRawData", data+8)
	w.u64("TLS.AddressOfIndex", data+8)
	w.u64("TLS.AddressOfCallBacks", Base+uint64(w.rva())+16)
	w.u32("TLS.SizeOfZeroFill", 0)
	w.u32("TLS.Characteristics", 0)
	for i, c := range callbacks {
		w.u64(fmt.Sprintf("TLS.Callback[%d]", i), Base+uint64(c))
	}
	w.u64("TLS.Callback[end]", 0)
}

func (w *writer) unwind(entries [][3]uint32, dirs map[string][2]uint32) {
	if entries == nil {
		return
	}
	w.align(4)
	dirs["EXCEPTION"] = [2]uint32{w.rva(), uint32(12 * len(entries))}
	for i, e := range entries {
		for j, name := range []string{"BeginAddress", "EndAddress", "UnwindData"} {
			w.u32(fmt.Sprintf("Unwind[%d].%s", i, name), e[j])
		}
	}
}

func (w *writer) relocations(rvas []uint32, dirs map[string][2]uint32) {
	start := w.rva()
	size := uint32(8+2*len(rvas)+3) &^ 3
	w.u32("Relocation[0].VirtualAddress", rvas[0]&^0xfff)
	w.u32("Relocation[0].SizeOfBlock", size)
	for i, rva := range rvas {
		w.u16(fmt.Sprintf("Relocation[0].Entry[%d]", i), 10<<12|uint16(rva&0xfff))
	}
	w.align(4)
	dirs["BASERELOC"] = [2]uint32{start, w.rva() - start}
}

// resources writes a tree with one branch per resource.
func (w *writer) resources(resources []Resource, dirs map[string][2]uint32) {
	start := w.rva()
	offset := func() uint32 { return w.rva() - start }
	directory := func(field string, named, numbered int) {
		w.zeros(12)
		w.u16(field+".NumberOfNamedEntries", uint16(named))
		w.u16(field+".NumberOfIdEntries", uint16(numbered))
	}
	named := 0
	for _, r := range resources {
		if r.TypeName != "" {
			named++
		}
	}
	directory("Resource", named, len(resources)-named)
	for i, r := range resources {
		w.u32(fmt.Sprintf("Resource[%d].Type", i), uint32(r.Type))
		w.u32(fmt.Sprintf("Resource[%d].TypeOffset", i), 0)
	}
	for i, r := range resources {
		field := fmt.Sprintf("Resource[%d]", i)
		if r.TypeName != "" {
			w.set(field+".Type", 1<<31|offset())
			units := utf16.Encode([]rune(r.TypeName))
			w.u16("", uint16(len(units)))
			for _, u := range units {
				w.u16("", u)
			}
			w.align(4)
		}
		w.set(field+".TypeOffset", 1<<31|offset())
		directory(field+".Names", 0, 1)
		w.u32(field+".Name", uint32(r.Name))
		w.u32(field+".NameOffset", 1<<31|(offset()+4))
		directory(field+".Languages", 0, 1)
		w.u32(field+".Language", uint32(r.Language))
		w.u32(field+".LanguageOffset", offset()+4)
		w.u32(field+".OffsetToData", w.rva()+16)
		w.u32(field+".Size", uint32(len(r.Data)))
		w.zeros(8)
		w.Bytes = append(w.Bytes, r.Data...)
		w.align(4)
	}
	dirs["RESOURCE"] = [2]uint32{start, w.rva() - start}
}

func (w *writer) certificates(contents [][]byte, dirs map[string][2]uint32) {
	if contents == nil {
		return
	}
	w.align(8)
	start := len(w.Bytes)
	for i, c := range contents {
		field := fmt.Sprintf("Certificate[%d].", i)
		w.u32(field+"dwLength", uint32(8+len(c)+7)&^7)
		w.u16(field+"wRevision", 0x200)
		w.u16(field+"wCertificateType", 2)
		w.Bytes = append(w.Bytes, c...)
		w.align(8)
	}
	dirs["SECURITY"] = [2]uint32{uint32(start), uint32(len(w.Bytes) - start)}
}

// Version makes a version resource with one language.
func Version(major, minor, build, patch uint16, pairs ...string) []byte {
	fixed := binary.LittleEndian.AppendUint32(nil, 0xfeef04bd)
	fixed = binary.LittleEndian.AppendUint32(fixed, 0x10000)
	for range 2 { // file and product
		fixed = binary.LittleEndian.AppendUint32(fixed, uint32(major)<<16|uint32(minor))
		fixed = binary.LittleEndian.AppendUint32(fixed, uint32(build)<<16|uint32(patch))
	}
	fixed = append(fixed, make([]byte, 52-len(fixed))...)
	var strings []byte
	for i := 0; i < len(pairs); i += 2 {
		value := utf16Bytes(pairs[i+1])
		strings = pad4(append(strings, versionBlock(pairs[i], value, uint16(len(value)/2), true, nil)...))
	}
	table := versionBlock("040904b0", nil, 0, true, strings)
	info := versionBlock("StringFileInfo", nil, 0, true, table)
	return versionBlock("VS_VERSION_INFO", fixed, uint16(len(fixed)), false, info)
}

func versionBlock(key string, value []byte, valueLength uint16, text bool, children []byte) []byte {
	b := binary.LittleEndian.AppendUint16([]byte{0, 0}, valueLength)
	kind := uint16(0)
	if text {
		kind = 1
	}
	b = binary.LittleEndian.AppendUint16(b, kind)
	b = pad4(append(b, utf16Bytes(key)...))
	b = append(b, value...)
	if len(children) > 0 {
		b = append(pad4(b), children...)
	}
	binary.LittleEndian.PutUint16(b, uint16(len(b)))
	return b
}

// utf16Bytes encodes s with a zero behind it.
func utf16Bytes(s string) []byte {
	var b []byte
	for _, u := range append(utf16.Encode([]rune(s)), 0) {
		b = binary.LittleEndian.AppendUint16(b, u)
	}
	return b
}

func pad4(b []byte) []byte {
	for len(b)%4 != 0 {
		b = append(b, 0)
	}
	return b
}
