package guest

import (
	"io/fs"
	"time"

	"sidetrace/emulator/trace"
)

// Config is everything a guest can see of its machine, and how far it may go.
// The zero value of every field is usable; the defaults are those of a plain
// Windows 10 22H2 workstation. Guest paths are absolute ("C:\App\a.dll"); their
// case is kept and does not matter.
type Config struct {
	Image            string            // guest path of the program; a DLL or raw code is run by a stand-in host process
	Arguments        string            // command line behind the program's own path
	CurrentDirectory string            // default: the program's folder
	Files            map[string][]byte // contents by guest path; not modified
	Registry         []RegistryValue
	Environment      map[string]string   // added to, or replacing, the defaults
	Events           []string            // named events that already exist
	Mutexes          []string            // named mutexes that already exist
	Processes        []Running           // other processes; default: those of a workstation that is in use
	DNS              map[string][]string // addresses by host name; a host of Web without an entry gets an address of its own
	Web              []WebAnswer
	Net              []NetAnswer

	User     string    // default "user"
	Computer string    // default "WORKSTATION"
	Version  OSVersion // default 10.0.19045
	Clock    time.Time // default 2023-03-29T09:00:00Z
	Seed     uint64    // of everything random; default 0

	Unresolved Unresolved // what becomes of an import that nothing exports; default UnresolvedStrict
	Sysroot    fs.FS      // a folder of system DLLs, Windows' or Wine's; see sysroot.go

	Calls  []ExportCall   // exports of Image to call once it is loaded
	Images []trace.Moment // when the memory of the process is kept; default never
	Limits Limits
	Trace  trace.Limits

	// Observe, if set, is called with each behaviour as it is recorded. It is for
	// who must know should the run not come to an end.
	Observe func(*trace.Behaviour)
}

// RegistryValue is one value. A value with an empty Name is the key's default;
// one with a nil Data makes just the key.
type RegistryValue struct {
	Key  string // "HKLM\SOFTWARE\Microsoft\Cryptography"; long root names are accepted too
	Name string
	Type uint32 // REG_SZ (1), REG_EXPAND_SZ (2), REG_BINARY (3), REG_DWORD (4), REG_MULTI_SZ (7), REG_QWORD (11)
	Data []byte // as stored: text is UTF-16LE with its terminator
}

// WebAnswer is what one URL gives.
type WebAnswer struct {
	Method  string // "" for any
	URL     string // scheme, host and path as requested; the scheme's default port may be left out
	Status  int    // default 200
	Headers map[string]string
	Body    []byte
}

// OSVersion is the version, or its default.
func (c *Config) OSVersion() OSVersion {
	if c.Version == (OSVersion{}) {
		return OSVersion{10, 0, 19045}
	}
	return c.Version
}

// NetAnswer is what a server does that is no web server. A host without an
// entry in DNS gets an address of its own.
type NetAnswer struct {
	Protocol string // "tcp", "udp"
	Host     string // name or address
	Port     int
	Steps    []NetStep // after the last one the server closes the connection
}

// NetStep is one turn: the server waits for what it expects and sends.
type NetStep struct {
	Expect []byte // empty for nothing
	Send   []byte
}

// OSVersion is what version queries tell. The build decides, too, which
// system services there are and what numbers they have.
type OSVersion struct {
	Major, Minor, Build uint32
}

// ExportCall asks for one export of the image to be called.
type ExportCall struct {
	Name string   // or "#12"
	Args []uint64 // at most four
}

// Limits bound a run. A zero field means its default.
type Limits struct {
	Blocks  uint64        // basic blocks executed, default 500 million; an API call counts as a hundred
	Virtual time.Duration // virtual time, default 366 days
	Memory  uint64        // committed guest memory in bytes, default 1 GiB
	Threads int           // alive at once, default 256
	Quantum uint64        // blocks a thread runs before another ready one does, default 100,000
}

// translations is how many instructions may be translated. Code that rewrites
// itself costs the translation of a block each time one runs, a thousand times
// what the block does. Other code stays below a fraction of this.
func (l Limits) translations() uint64 { return 200_000 + l.Blocks/10 }

func (l Limits) withDefaults() Limits {
	if l.Blocks == 0 {
		l.Blocks = 500_000_000
	}
	if l.Virtual == 0 {
		l.Virtual = 366 * 24 * time.Hour
	}
	if l.Memory == 0 {
		l.Memory = 1 << 30
	}
	if l.Threads == 0 {
		l.Threads = 256
	}
	if l.Quantum == 0 {
		l.Quantum = 100_000
	}
	return l
}
