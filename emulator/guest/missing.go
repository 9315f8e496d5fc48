package guest

import (
	"encoding/binary"
	"strings"

	"sidetrace/emulator/trace"
	"sidetrace/loaders"
	"sidetrace/loaders/pe"
)

// Unresolved says what becomes of an import that nothing exports.
type Unresolved string

const (
	// UnresolvedStrict fails the load, as Windows does. It is the default.
	UnresolvedStrict Unresolved = "strict"
	// UnresolvedGap resolves the import to a stub: calling it is a gap. A DLL
	// that is missing becomes an empty one, which is a gap at once.
	UnresolvedGap Unresolved = "gap"
)

// recordMissing says where a module was looked for in vain.
func (p *Process) recordMissing(name string, l *loading, at found) {
	b := trace.ModuleMissing{Name: name, Reason: l.reason, Searched: append([]string{}, at.searched...), LoadedBy: l.byName()}
	b.ExpectedPath, _ = p.expectedPath("", trace.BaseName(strings.ReplaceAll(name, "/", `\`)))
	p.Emit(b)
}

// addMissing makes an empty DLL in the place of one that is not there, so that
// the program can be loaded; calling what it imports of it is a gap.
func (p *Process) addMissing(name string, l *loading, at found) (*Module, error) {
	img, err := emptyImage()
	if err != nil {
		return nil, err
	}
	m := &Module{Path: Join(SystemDirectory, name), Image: img, static: l.static, missing: true, tls: -1}
	if err := p.mapImage(m, nil); err != nil {
		return nil, loadError(name, l, err)
	}
	p.addModule(m)
	at.step = stepMissing
	p.recordLoad(m, name, l, at)
	p.Recorder.Gap(trace.Gap{Kind: trace.GapBehaviour, Name: "missing " + strings.ToLower(name), Detail: "imported by " + l.byName() + " and not found: an empty DLL stands for it"})
	return m, nil
}

// emptyImage is a DLL with nothing in it but headers and a page of zeros.
func emptyImage() (*loaders.Image, error) {
	const (
		header    = 0x40
		optional  = header + 24
		table     = optional + 240
		alignment = PageSize
	)
	file := make([]byte, 2*alignment)
	put := func(at, size int, v uint64) { putUint(file[at:], size, v) }
	copy(file, "MZ")
	put(0x3C, 4, header)
	copy(file[header:], "PE\x00\x00")
	put(header+4, 2, 0x8664)
	put(header+6, 2, 1)       // NumberOfSections
	put(header+20, 2, 240)    // SizeOfOptionalHeader
	put(header+22, 2, 0x2022) // EXECUTABLE_IMAGE, LARGE_ADDRESS_AWARE, DLL
	for _, f := range []struct {
		at, size int
		v        uint64
	}{
		{0, 2, 0x20B}, {24, 8, imageArea}, {32, 4, alignment}, {36, 4, alignment}, {40, 2, 10}, {48, 2, 10},
		{56, 4, 2 * alignment}, {60, 4, alignment}, {68, 2, 2}, {70, 2, 0x160}, {108, 4, 16},
	} {
		put(optional+f.at, f.size, f.v)
	}
	copy(file[table:], ".rdata")
	for i, v := range []uint32{alignment, alignment, alignment, alignment} { // sizes and places, in memory and in the file
		binary.LittleEndian.PutUint32(file[table+8+4*i:], v)
	}
	binary.LittleEndian.PutUint32(file[table+36:], 0x40000040)
	return pe.Parse(file)
}
