package cape

import (
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha3"
	"crypto/sha512"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"sidetrace/emulator/trace"
	"sidetrace/harness/detect"
	"sidetrace/loaders"
	"sidetrace/loaders/pe"
)

// File is a file, or bytes that were taken from a process.
type File struct {
	Type       string   `json:"type"`
	Name       string   `json:"name"`
	Path       string   `json:"path"`
	GuestPaths []string `json:"guest_paths"`
	Size       int      `json:"size"`
	CRC32      string   `json:"crc32"`
	MD5        string   `json:"md5"`
	SHA1       string   `json:"sha1"`
	SHA256     string   `json:"sha256"`
	SHA512     string   `json:"sha512"`
	SHA3384    string   `json:"sha3_384"`
	SSDeep     string   `json:"ssdeep"` // fuzzy digests are not computed
	TLSH       string   `json:"tlsh"`
	*ProcessFile
}

// ProcessFile says where in which process bytes come from.
type ProcessFile struct {
	PID         uint32 `json:"pid"`
	ProcessPath string `json:"process_path"`
	ProcessName string `json:"process_name"`
	ModulePath  string `json:"module_path"`
}

func newFile(o detect.Object) File {
	return File{
		Type: fileType(o.Data), Name: trace.BaseName(o.Name), Path: o.Path, GuestPaths: []string{o.Path}, Size: len(o.Data),
		CRC32: fmt.Sprintf("%08X", crc32.ChecksumIEEE(o.Data)), MD5: fmt.Sprintf("%x", md5.Sum(o.Data)),
		SHA1: fmt.Sprintf("%x", sha1.Sum(o.Data)), SHA256: fmt.Sprintf("%x", sha256.Sum256(o.Data)),
		SHA512: fmt.Sprintf("%x", sha512.Sum512(o.Data)), SHA3384: fmt.Sprintf("%x", sha3.Sum384(o.Data)),
	}
}

func fromProcess(f File, run *trace.Run) File {
	f.ProcessFile = &ProcessFile{run.PID, run.Image, trace.BaseName(run.Image), f.Path}
	return f
}

// fileType is what the command file would say; capa takes the architecture and the
// operating system of it.
func fileType(data []byte) string {
	img, err := pe.Parse(data)
	if err != nil {
		return "data"
	}
	kind := ""
	if img.DLL {
		kind += "(DLL) "
	}
	if img.Subsystem == 3 {
		kind += "(console) "
	} else {
		kind += "(GUI) "
	}
	return "PE32+ executable " + kind + "x86-64, for MS Windows"
}

// Static is what the program's file says of itself.
type Static struct {
	PE PE `json:"pe"`
}

// PE is a program's file.
type PE struct {
	PEiD           *struct{}         `json:"peid_signatures"` // null, as what follows of its kind
	ImageBase      string            `json:"imagebase"`
	EntryPoint     string            `json:"entrypoint"`
	Checksum       string            `json:"reported_checksum"`
	ActualChecksum string            `json:"actual_checksum"`
	OSVersion      string            `json:"osversion"`
	Timestamp      string            `json:"timestamp"`
	Imports        map[string]Import `json:"imports"` // by the DLL's name without extension
	ImportedDLLs   int               `json:"imported_dll_count"`
	ImportHash     string            `json:"imphash"`
	ExportedName   string            `json:"exported_dll_name,omitempty"`
	Exports        []Export          `json:"exports"`
	Directories    []struct{}        `json:"dirents"` // not kept by the loader
	Sections       []Section         `json:"sections"`
	Overlay        *Overlay          `json:"overlay"`
	Resources      []Resource        `json:"resources"`
	VersionInfo    []NameValue       `json:"versioninfo"`
	Icon           *string           `json:"icon"`
	IconHash       *string           `json:"icon_hash"`
	IconFuzzy      *string           `json:"icon_fuzzy"`
	IconDHash      *string           `json:"icon_dhash"`
	DigitalSigners []struct{}        `json:"digital_signers"` // sidetrace's own reports say who signed
	GuestSigners   struct{}          `json:"guest_signers"`
}

// Import is a DLL that is imported from.
type Import struct {
	DLL     string           `json:"dll"`
	Symbols []ImportedSymbol `json:"imports"`
}

// ImportedSymbol is one import.
type ImportedSymbol struct {
	Address string  `json:"address"`
	Name    *string `json:"name"` // null for an ordinal
}

// Export is one export that has a name.
type Export struct {
	Address string `json:"address"`
	Name    string `json:"name"`
	Ordinal uint32 `json:"ordinal"`
}

// Section is a section.
type Section struct {
	Name            string  `json:"name"`
	RawAddress      string  `json:"raw_address"`
	VirtualAddress  string  `json:"virtual_address"`
	VirtualSize     string  `json:"virtual_size"`
	SizeOfData      string  `json:"size_of_data"`
	Characteristics string  `json:"characteristics"`
	Raw             string  `json:"characteristics_raw"`
	Entropy         float64 `json:"entropy"`
}

// Overlay is what lies behind the last section.
type Overlay struct {
	Offset string `json:"offset"`
	Size   string `json:"size"`
}

// Resource is a resource.
type Resource struct {
	Name        string  `json:"name"` // of its type, as in CAPE
	Language    string  `json:"language"`
	Sublanguage string  `json:"sublanguage"`
	FileType    *string `json:"filetype"`
	Offset      string  `json:"offset"`
	Size        string  `json:"size"`
	Entropy     float64 `json:"entropy"`
}

// NameValue is a string of the version resource.
type NameValue struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

func newStatic(data []byte) *Static {
	img, err := pe.Parse(data)
	if err != nil {
		return nil
	}
	p := PE{
		ImageBase: hexadecimal(img.Base), EntryPoint: hexadecimal(uint64(img.Entry)),
		Timestamp: time.Unix(int64(img.Timestamp), 0).UTC().Format(time.DateTime), ImportHash: img.ImportHash,
		Imports: map[string]Import{}, Exports: []Export{}, Directories: []struct{}{}, Sections: []Section{},
		Resources: []Resource{}, VersionInfo: []NameValue{}, DigitalSigners: []struct{}{},
	}
	p.header(data)
	for _, i := range slices.Concat(img.Imports, img.DelayImports) {
		p.imports(img, i)
	}
	p.ImportedDLLs = len(p.Imports)
	if img.Exports != nil {
		p.ExportedName = img.Exports.Name
		for _, e := range img.Exports.Symbols {
			if e.Name != "" {
				p.Exports = append(p.Exports, Export{hexadecimal(img.Base + uint64(e.RVA)), e.Name, e.Ordinal})
			}
		}
	}
	for _, s := range img.Sections {
		p.Sections = append(p.Sections, Section{
			s.Name, hexadecimal(uint64(s.File.Offset)), hexadecimal(uint64(s.RVA)), hexadecimal(uint64(s.VirtualSize)), hexadecimal(uint64(s.File.Size)),
			characteristics(s.Characteristics), hexadecimal(uint64(s.Characteristics)), trace.Entropy(part(data, s.File)),
		})
	}
	if img.Overlay.Size > 0 {
		p.Overlay = &Overlay{hexadecimal(uint64(img.Overlay.Offset)), hexadecimal(uint64(img.Overlay.Size))}
	}
	for _, r := range img.Resources {
		p.Resources = append(p.Resources, Resource{
			Name: r.Type, Language: strconv.Itoa(int(r.Language & 0x3FF)), Sublanguage: strconv.Itoa(int(r.Language >> 10)),
			Offset: hexadecimal(uint64(r.RVA)), Size: hexadecimal(uint64(r.File.Size)), Entropy: trace.Entropy(part(data, r.File)),
		})
	}
	if img.Version != nil {
		for _, name := range slices.Sorted(maps.Keys(img.Version.Strings)) {
			p.VersionInfo = append(p.VersionInfo, NameValue{name, img.Version.Strings[name]})
		}
	}
	return &Static{p}
}

// header reads the fields of the optional header that the loader has no use for.
// The file has been parsed, so that they are there.
//
// https://learn.microsoft.com/windows/win32/debug/pe-format#optional-header-image-only
func (p *PE) header(data []byte) {
	const optional, version, sum = 24, 40, 64
	at := binary.LittleEndian.Uint32(data[0x3C:]) + optional
	p.OSVersion = fmt.Sprintf("%d.%d", binary.LittleEndian.Uint16(data[at+version:]), binary.LittleEndian.Uint16(data[at+version+2:]))
	p.Checksum = hexadecimal(uint64(binary.LittleEndian.Uint32(data[at+sum:])))
	p.ActualChecksum = hexadecimal(uint64(checksum(data, int(at)+sum)))
}

// checksum is what the field at a place should be: the sum of the file's words
// without the field, the carry added, and the file's length.
func checksum(data []byte, field int) uint32 {
	words := uint64(0)
	for i := 0; i < len(data); i += 2 {
		word := uint64(data[i])
		if i+1 < len(data) {
			word |= uint64(data[i+1]) << 8
		}
		if i != field && i != field+2 {
			words += word
		}
		words = words&0xFFFF + words>>16
	}
	return uint32(words) + uint32(len(data))
}

func (p *PE) imports(img *loaders.Image, i loaders.Import) {
	name, _, _ := strings.Cut(strings.ToLower(i.DLL), ".")
	out := p.Imports[name]
	out.DLL = i.DLL
	if out.Symbols == nil {
		out.Symbols = []ImportedSymbol{}
	}
	for _, s := range i.Symbols {
		symbol := ImportedSymbol{Address: hexadecimal(img.Base + uint64(s.Slot))}
		if s.Name != "" {
			symbol.Name = &s.Name
		}
		out.Symbols = append(out.Symbols, symbol)
	}
	p.Imports[name] = out
}

// part is a range of a file, as much of it as there is.
func part(data []byte, r loaders.Range) []byte {
	start := min(uint64(r.Offset), uint64(len(data)))
	return data[start:min(start+uint64(r.Size), uint64(len(data)))]
}

// characteristics are those flags of a section that CAPE's readers look at.
func characteristics(v uint32) string {
	var names []string
	for _, f := range [...]struct {
		bit  uint32
		name string
	}{
		{0x20, "IMAGE_SCN_CNT_CODE"}, {0x40, "IMAGE_SCN_CNT_INITIALIZED_DATA"}, {0x80, "IMAGE_SCN_CNT_UNINITIALIZED_DATA"},
		{0x20000000, "IMAGE_SCN_MEM_EXECUTE"}, {0x40000000, "IMAGE_SCN_MEM_READ"}, {0x80000000, "IMAGE_SCN_MEM_WRITE"},
	} {
		if v&f.bit != 0 {
			names = append(names, f.name)
		}
	}
	return strings.Join(names, "|")
}
