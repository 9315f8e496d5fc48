// Package loaders turns the bytes of a sample into an [Image]: what an
// operating system's loader needs to know to put the program into memory, and
// what an analyst asks of the file before it runs.
//
// The package itself is the vocabulary and a recogniser ([Recognise]); the
// formats live below it, loaders/pe for Portable Executables and
// loaders/shellcode for raw position-independent code. Nothing here executes,
// maps or relocates anything: that is the emulator's work.
//
// Samples are hostile. Every malformed input gives an [*Error] with the file
// offset and the field that was wrong; no input makes a loader panic, loop or
// allocate more than a small multiple of its own size.
package loaders

// MaxImageSize is the largest SizeOfImage, in bytes, that is accepted. The
// largest system DLLs are below 64 MiB; a claim of gigabytes is an attack on
// the loader.
const MaxImageSize = 512 << 20

// Image is a parsed program. Addresses are relative to the image base (RVAs)
// unless a field says otherwise; sizes are bytes.
type Image struct {
	Format Format // PE or Shellcode
	Raw    []byte // the whole file; shared with the caller, never modified

	DLL                       bool   // IMAGE_FILE_DLL
	Machine                   uint16 // IMAGE_FILE_MACHINE_*; always AMD64 in an accepted image
	Subsystem                 uint16 // IMAGE_SUBSYSTEM_*
	Timestamp                 uint32 // TimeDateStamp, seconds since 1970, or a build hash
	Base                      uint64 // preferred load address
	Size                      uint32 // SizeOfImage, a multiple of the page size
	HeaderSize                uint32 // SizeOfHeaders, clipped to the file
	Entry                     uint32 // AddressOfEntryPoint; 0 means none in a PE, the first byte in raw code
	Characteristics           uint16 // file header
	DLLCharacteristics        uint16 // optional header
	Flat                      bool   // sections are not aligned to pages: the file is mapped as it is, readable, writable and executable
	StackReserve, StackCommit uint64
	HeapReserve, HeapCommit   uint64

	Sections     []Section
	Imports      []Import // in directory order
	DelayImports []Import // in directory order
	Exports      *Exports // nil if there is no export directory
	Relocations  []Relocation
	TLS          *TLS          // nil if there is no TLS directory
	Unwind       []Unwind      // .pdata, sorted by Begin
	Resources    []Resource    // flattened tree, in directory order
	Version      *Version      // the first VS_VERSIONINFO; nil if there is none
	Certificates *Certificates // nil if there is no certificate table
	Overlay      Range         // bytes behind the last section and before the certificate table, else behind it; Size 0 if none
	ImportHash   string        // pefile's imphash, lower-case hex; "" without imports
	Anomalies    []string      // oddities that Windows tolerates, for people to read
}

// Range is a span of the file.
type Range struct {
	Offset uint32 // from the start of the file
	Size   uint32
}

// Section is one section as it is mapped.
type Section struct {
	Name                 string // at most 8 bytes, not trusted
	RVA                  uint32
	VirtualSize          uint32 // rounded up to the section alignment when mapped
	File                 Range  // the raw data, clipped to the file
	Read, Write, Execute bool
	Characteristics      uint32 // IMAGE_SCN_*
}

// Import is one DLL an image asks for and the names it wants of it.
type Import struct {
	DLL     string
	Symbols []Symbol
	Bound   bool // the table was bound (TimeDateStamp set); addresses are re-resolved all the same
	// Delay imports only: where the helper keeps the module handle.
	ModuleHandle uint32
}

// Symbol is one imported name or ordinal and the slot its address goes to.
type Symbol struct {
	Name    string // "" when imported by ordinal
	Ordinal uint16 // the ordinal, or the hint when Name is set
	Slot    uint32 // RVA of the import address table entry (8 bytes)
}

// Exports is the export directory.
type Exports struct {
	Name    string   // the DLL's own idea of its name
	Base    uint32   // ordinal of the first entry of the address table
	Symbols []Export // by ordinal; entries without an address are left out
	ByName  []uint32 // indexes of the named Symbols, ordered by name; see Index
}

// Export is one exported address. An entry exported under several names
// appears once for each.
type Export struct {
	Name    string // "" when exported by ordinal alone
	Ordinal uint32 // biased: as GetProcAddress takes it
	RVA     uint32 // 0 for a forwarder
	Forward string // "DLL.Name" or "DLL.#12"; "" unless this is a forwarder
}

// Relocation is one address to adjust by the load delta.
type Relocation struct {
	RVA  uint32
	Type uint8 // IMAGE_REL_BASED_HIGHLOW (3) or _DIR64 (10)
}

// TLS is the thread-local storage directory.
type TLS struct {
	Start, End uint32   // RVA range of the template
	ZeroFill   uint32   // bytes of zeros behind the template
	Index      uint32   // RVA of the DWORD that gets the slot number
	Callbacks  []uint32 // RVAs, in call order
}

// Unwind is one RUNTIME_FUNCTION.
type Unwind struct {
	Begin, End uint32 // RVAs, End exclusive
	Info       uint32 // RVA of the UNWIND_INFO
}

// Resource is one leaf of the resource tree.
type Resource struct {
	Type, Name string // decimal for numeric identifiers ("16"), else the name
	Language   uint16
	RVA        uint32
	File       Range
}

// Version is the version resource.
type Version struct {
	FileVersion    string            // from the fixed part: "18.12.416.0"
	ProductVersion string            // from the fixed part
	Strings        map[string]string // StringFileInfo of the first language: CompanyName, OriginalFilename, …
}

// Certificates is the attribute certificate table (Authenticode). Presence and
// shape are reported; whether the signature holds is for a verifier to say.
type Certificates struct {
	File    Range // the table as the data directory gives it
	Entries []Certificate
	Behind  Range // bytes between the table and the end of the file; Size 0 if none
}

// Certificate is one WIN_CERTIFICATE.
type Certificate struct {
	File     Range // the whole entry, header included
	Revision uint16
	Type     uint16 // 2 is PKCS#7
	Parses   bool   // the content starts with one well-formed PKCS#7 SignedData
	Signer   string // common name of the signing certificate; "" if it does not parse
	// Appended is what lies inside the entry behind the end of the PKCS#7
	// structure, alignment padding of fewer than 8 zero bytes excepted. Bytes
	// there are not covered by the signature.
	Appended Range
}
