package telemetry

import (
	"bytes"
	"cmp"
	"crypto/md5"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode/utf16"

	"sidetrace/emulator/trace"
	"sidetrace/emulator/win/authenticode"
	"sidetrace/loaders"
	"sidetrace/loaders/pe"
)

// Host is what sensors know of the machine and a record does not say. The zero
// Host works: what it lacks is "-" in events, as Sysmon writes it.
type Host struct {
	Computer    string   // default: that of the run
	Domain      string   // of the user's account; default: the computer
	User        string   // without domain; default: that of the run
	SID         string   // of the user; default [DefaultSID]
	MachineGUID string   // HKLM\SOFTWARE\Microsoft\Cryptography\MachineGuid; default: one made of the computer's name
	Address     string   // of the network adapter; default [DefaultAddress]
	Roots       []string // thumbprints of the authorities that the machine trusts beside those of every Windows
	Files       *Files   // nil if there is nothing to look at
}

// What the emulated machine tells of itself.
const (
	DefaultSID     = "S-1-5-21-1004336348-1177238915-682003330-1001" // of the user
	DefaultAddress = "192.0.2.10"                                    // of the network adapter
)

// Files are files by guest path, each looked at once. It may be used from
// several goroutines.
type Files struct {
	read func(path string) []byte

	mu    sync.Mutex
	facts map[string]*Facts
}

// NewFiles makes Files of a function that gives a file's bytes, or nil if there
// is no such file. Its argument is in lower case.
func NewFiles(read func(lower string) []byte) *Files {
	return &Files{read: read, facts: map[string]*Facts{}}
}

// FileMap makes Files of contents by guest path.
func FileMap(contents map[string][]byte) *Files {
	lower := make(map[string][]byte, len(contents))
	for path, data := range contents {
		lower[strings.ToLower(path)] = data
	}
	return NewFiles(func(path string) []byte { return lower[path] })
}

// Facts tells what is to know of a file; nil if there is none, or no bytes.
func (f *Files) Facts(path string) *Facts {
	if f == nil {
		return nil
	}
	key := strings.ToLower(path)
	f.mu.Lock()
	defer f.mu.Unlock()
	if facts, ok := f.facts[key]; ok {
		return facts
	}
	var facts *Facts
	if data := f.read(key); len(data) > 0 {
		facts = NewFacts(data)
	}
	f.facts[key] = facts
	return facts
}

// Facts is what a file's bytes tell of it. Digests are upper-case hexadecimal.
type Facts struct {
	MD5, SHA256, ImportHash string
	PE                      bool           // starts as a PE does
	Image                   *loaders.Image // nil if it is no x64 PE

	// Of the version resource; "" if there is none.
	FileVersion, Description, Product, Company, OriginalFileName string

	head      []byte                  // the first bytes
	signature *authenticode.Signature // nil if there is none
	verdict   authenticode.Verdict    // at a time when the signer's certificate may be used
}

// maxContents is how many bytes of a stream Sysmon shows, about.
const maxContents = 1024

// NewFacts looks at a file's bytes.
func NewFacts(data []byte) *Facts {
	f := &Facts{
		MD5: fmt.Sprintf("%X", md5.Sum(data)), SHA256: fmt.Sprintf("%X", sha256.Sum256(data)), ImportHash: strings.Repeat("0", 32),
		PE: IsPE(data), head: data[:min(len(data), maxContents)],
	}
	if s, err := authenticode.FromFile(data); err == nil && s.Signer != nil {
		f.signature, f.verdict = authenticode.Judge(data, s.Signer.NotBefore, authenticode.Known)
	}
	img, err := pe.Parse(data)
	if err != nil {
		return f
	}
	f.Image = img
	if img.ImportHash != "" {
		f.ImportHash = strings.ToUpper(img.ImportHash)
	}
	if v := img.Version; v != nil {
		f.FileVersion, f.Description, f.Product = v.Strings["FileVersion"], v.Strings["FileDescription"], v.Strings["ProductName"]
		f.Company, f.OriginalFileName = v.Strings["CompanyName"], v.Strings["OriginalFilename"]
	}
	return f
}

// Signature says who signed the file, and what Sysmon says of that at a time, on
// a machine that trusts further authorities, by the thumbprints of roots. The
// digest is computed and the signer's key used; the authority at the end is known
// by its certificate or, where the file lacks that, by its name. Nothing is asked
// of a network, so that nothing is "Revoked".
func (f *Facts) Signature(at time.Time, roots []string) (signed bool, signer, status string) {
	if f == nil || f.signature == nil {
		return false, "", "Unavailable"
	}
	chain, _ := f.signature.Chain()
	trusted := f.verdict == authenticode.UntrustedRoot && slices.Contains(roots, chain[len(chain)-1].Thumbprint())
	if f.verdict != authenticode.Trusted && !trusted {
		return false, "", "Error"
	}
	name := authenticode.Name(f.signature.Signer.Subject).CommonName
	if !f.signature.Timestamped && !f.signature.Signer.Valid(at) {
		return true, name, "Expired"
	}
	return true, name, "Valid"
}

// IsPE says that bytes start as those of a PE do.
func IsPE(data []byte) bool {
	if len(data) < 0x40 || data[0] != 'M' || data[1] != 'Z' {
		return false
	}
	at := uint64(binary.LittleEndian.Uint32(data[0x3C:]))
	return at+4 <= uint64(len(data)) && string(data[at:at+4]) == "PE\x00\x00"
}

// Hashes is the digests as Sysmon writes them.
func (f *Facts) Hashes() string {
	if f == nil {
		return none
	}
	return "MD5=" + f.MD5 + ",SHA256=" + f.SHA256 + ",IMPHASH=" + f.ImportHash
}

// text is the start of a file as Sysmon shows that of a stream: bytes as
// characters of the ANSI code page, which are those of Latin 1 but for a few,
// and UTF-16 where its mark is there.
func (f *Facts) text() string {
	if f == nil {
		return ""
	}
	if rest, ok := bytes.CutPrefix(f.head, []byte{0xFF, 0xFE}); ok {
		units := make([]uint16, len(rest)/2)
		for i := range units {
			units[i] = binary.LittleEndian.Uint16(rest[2*i:])
		}
		return string(utf16.Decode(units))
	}
	characters := make([]rune, len(f.head))
	for i, c := range f.head {
		characters[i] = rune(c)
	}
	return string(characters)
}

// none is what Sysmon writes where it has nothing to say.
const none = "-"

// with fills in what a run says.
func (h Host) with(run *trace.Run) Host {
	h.Computer = cmp.Or(h.Computer, run.Computer, "WORKSTATION")
	h.Domain = cmp.Or(h.Domain, h.Computer)
	h.User = cmp.Or(h.User, run.User, "user")
	h.SID = cmp.Or(h.SID, DefaultSID)
	h.Address = cmp.Or(h.Address, DefaultAddress)
	return h
}

// account is the user's name with its domain.
func (h *Host) account() string { return h.Domain + `\` + h.User }

// machinePart is the first part of the machine's GUID.
func (h *Host) machinePart() uint32 {
	var first uint32
	if _, err := fmt.Sscanf(h.MachineGUID, "%8x-", &first); err == nil {
		return first
	}
	sum := sha256.Sum256([]byte(strings.ToLower(h.Computer)))
	return binary.BigEndian.Uint32(sum[:])
}
