package trace

// Payload is the kind of a behaviour and its fields. The types of this file
// are all there are; their JSON names are the field names that scenarios and
// reports use, and docs/behaviours.md is generated from their comments.
type Payload interface {
	Kind() string
}

// ModuleLoad says that an image was mapped: by the loader, which links it, or
// by hand, from a section (SEC_IMAGE), of which Windows tells in the same way.
type ModuleLoad struct {
	Path         string   `json:"path"`          // guest path it was loaded from
	Name         string   `json:"name"`          // file name, as asked for
	Base         uint64   `json:"base"`          // address it was mapped at
	Size         uint32   `json:"size"`          // bytes mapped
	Reason       string   `json:"reason"`        // "process", "import", "delay import", "LoadLibrary", "section"
	Found        string   `json:"found"`         // step of the search order that won: "full path", "api set", "known dll", "manifest", "dot local", "application directory", "dll load directory", "dll directory", "user directory", "search path", "system directory", "16-bit system directory", "windows directory", "current directory", "path"; "process image"; "missing" for an empty stand-in
	ExpectedPath string   `json:"expected_path"` // where a system DLL, or a known vendor's, of that name would be; "" if none is known
	SideLoaded   bool     `json:"side_loaded"`   // the name of such a DLL, found elsewhere
	Searched     []string `json:"searched"`      // places looked at, in order, each "step: path: outcome"; the outcome is "found", "not there" or "a directory"
	Signed       bool     `json:"signed"`        // a certificate table is present and parses; not a statement of trust
	Signer       string   `json:"signer"`        // common name of the signing certificate
	SHA256       string   `json:"sha256"`        // of the file
	System       bool     `json:"system"`        // one of the emulator's own synthetic DLLs
	LoadedBy     string   `json:"loaded_by"`     // file name of the module that asked
}

// ModuleMissing says that a module was looked for and found nowhere: any of the
// places would have served.
type ModuleMissing struct {
	Name         string   `json:"name"`          // as asked for, with the extension it was given
	Reason       string   `json:"reason"`        // "import", "delay import", "LoadLibrary"
	Searched     []string `json:"searched"`      // places looked at, in order, as in module.load
	ExpectedPath string   `json:"expected_path"` // as in module.load
	LoadedBy     string   `json:"loaded_by"`     // file name of the module that asked
}

// DllMainEnter says that a DLL's entry point is about to be called.
type DllMainEnter struct {
	Path   string `json:"path"`   // of the module
	Reason string `json:"reason"` // "process_attach", "process_detach", "thread_attach", "thread_detach"
}

// DllMainReturn says that a DLL's entry point came back.
type DllMainReturn struct {
	Path   string `json:"path"`   // of the module
	Reason string `json:"reason"` // as in dllmain.enter
	Result bool   `json:"result"` // what it returned
}

// ExportCall says that an export of a guest DLL was called from another module
// for the first time.
type ExportCall struct {
	Path   string `json:"path"`   // of the module that exports it
	Export string `json:"export"` // name, or "#ordinal"
	Caller string `json:"caller"` // module+offset, or "sidetrace" when asked for by the user
}

// FileCreate says that a file came into being or was emptied.
type FileCreate struct {
	Path    string `json:"path"`    // guest path
	Existed bool   `json:"existed"` // there was a file of that name
}

// FileRead says that bytes of a file were read. Reads that continue one
// another, with nothing between them, are one behaviour.
type FileRead struct {
	Path   string `json:"path"`   // guest path
	Offset int64  `json:"offset"` // of the first byte
	Size   int64  `json:"size"`   // bytes read
}

// FileWrite says that bytes were written to a file. Writes that continue one
// another, with nothing between them, are one behaviour.
type FileWrite struct {
	Path   string `json:"path"`   // guest path
	Offset int64  `json:"offset"` // of the first byte
	Size   int64  `json:"size"`   // bytes written
}

// FileDelete says that a file was removed.
type FileDelete struct {
	Path string `json:"path"` // guest path
}

// ConsoleWrite says that the guest wrote to its standard output or error.
type ConsoleWrite struct {
	Stream string `json:"stream"` // "stdout" or "stderr"
	Text   string `json:"text"`   // bounded, not trusted
}

// PipeCreate says that a pipe was made.
type PipeCreate struct {
	Name string `json:"name"` // as in Sysmon's PipeName: "\\name"; "" for an anonymous pipe
}

// PipeConnect says that the client's end of a named pipe was opened.
type PipeConnect struct {
	Name string `json:"name"` // as in Sysmon's PipeName: "\\name"
}

// MemoryAlloc says that pages were reserved or committed outside of the heap.
type MemoryAlloc struct {
	Address    uint64 `json:"address"`    // first byte
	Size       uint64 `json:"size"`       // bytes, rounded to pages
	Protection string `json:"protection"` // "rwx", "r-x", "rw-", …
	Type       string `json:"type"`       // "commit", "reserve", "reserve|commit"
}

// MemoryProtect says that the protection of pages was changed.
type MemoryProtect struct {
	Address       uint64 `json:"address"`        // as asked for
	Size          uint64 `json:"size"`           // bytes, as asked for
	Protection    string `json:"protection"`     // "rwx", "r-x", …
	OldProtection string `json:"old_protection"` // of the first page
	Region        string `json:"region"`         // "heap", "private", "stack", "image"
	Module        string `json:"module"`         // file name, for region "image"
}

// CodeUnpacked is the first execution of bytes the guest itself put there:
// into private memory, or over the bytes of an image as it was loaded.
type CodeUnpacked struct {
	Address       uint64   `json:"address"`        // first byte of what was dumped
	Size          int      `json:"size"`           // bytes dumped
	Entry         uint64   `json:"entry"`          // address about to be executed
	Region        string   `json:"region"`         // "heap", "private", "stack", "image"
	Module        string   `json:"module"`         // file name, for region "image"
	Protection    string   `json:"protection"`     // of the entry's page, now
	History       []string `json:"history"`        // protections the entry's page has had, oldest first
	SHA256        string   `json:"sha256"`         // of the dump
	Entropy       float64  `json:"entropy"`        // of the dump, bits per byte
	EntropyBefore float64  `json:"entropy_before"` // of the bytes it was made from, where the source is known; else 0
	Content       string   `json:"content"`        // "pe" if the dump starts with a PE header, else "code"
	SourceFile    string   `json:"source_file"`    // file whose bytes were read to this place, or whose bytes these are; "" if not known
	SourceOffset  int64    `json:"source_offset"`  // in that file, of the dump's first byte; -1 if not known
	Layer         int      `json:"layer"`          // 1 for the first code of the run that was unpacked, and so on
	Artifact      string   `json:"artifact"`       // name of the dump
}

// CodePatched says that code of a system DLL was changed in memory: an inline
// hook, a function made to return at once, a module stomped over, or a hook taken
// away. It is recorded when the protection of the pages changes next, when the
// instruction cache is flushed, when the new bytes are about to run, or at the
// end of the run, whichever is first.
type CodePatched struct {
	Module   string   `json:"module"`   // file name
	Exports  []string `json:"exports"`  // functions whose code it is, by address; the first 16 of many
	Address  uint64   `json:"address"`  // first byte that differs
	RVA      uint32   `json:"rva"`      // of that byte in the module
	Size     int      `json:"size"`     // bytes from the first to the last that differs
	Before   string   `json:"before"`   // hexadecimal, the first 32 bytes of many
	After    string   `json:"after"`    // likewise
	Target   string   `json:"target"`   // where a jump at the beginning of the first export leads: module+offset, or an address; "" if there is none
	Restored bool     `json:"restored"` // the bytes are the module's own again
}

// ModuleManualMap is the first execution of code in a PE image that the
// program, not the loader, put into memory.
type ModuleManualMap struct {
	Address      uint64 `json:"address"`       // first byte of the image
	Size         int    `json:"size"`          // bytes it takes
	Entry        uint64 `json:"entry"`         // address about to be executed
	EntryPoint   uint64 `json:"entry_point"`   // that its headers name; 0 without one
	Name         string `json:"name"`          // in its export directory; "" without one
	Layout       string `json:"layout"`        // "image" with its sections at their addresses, "file" as on the disk
	Region       string `json:"region"`        // "private", "heap", "stack", "section"
	HeadersWiped bool   `json:"headers_wiped"` // the image has no headers; it was recognised by another copy of it in memory
	SHA256       string `json:"sha256"`        // of the image in memory
	Artifact     string `json:"artifact"`      // name of its dump
}

// ProcessImage says that memory was kept, because the configuration asks for it
// at the moment: an image as it is mapped, or what lies around code in other
// memory. Memory that is as it was when it was last kept is not told of again.
type ProcessImage struct {
	Moment   string `json:"moment"`   // "dllmain", "unpacked", "end"
	Path     string `json:"path"`     // of the image; "" for other memory
	Region   string `json:"region"`   // "image", "private", "heap", "stack", "section"
	Address  uint64 `json:"address"`  // first byte
	Size     int    `json:"size"`     // bytes kept
	SHA256   string `json:"sha256"`   // of them
	Artifact string `json:"artifact"` // name of the dump
}

// PayloadDecrypted names the cipher and key that turn bytes of a file into
// code that was executed. It is recorded only when recomputing the plaintext
// from the file gave the executed bytes.
type PayloadDecrypted struct {
	SourceFile   string `json:"source_file"`   // guest path of the container
	SourceOffset int64  `json:"source_offset"` // of the first byte of ciphertext
	Size         int    `json:"size"`          // bytes verified
	Cipher       string `json:"cipher"`        // "rc4", "xor", "aes-cbc"
	Key          string `json:"key"`           // as text if printable, else in hexadecimal
	KeyHex       string `json:"key_hex"`       // hexadecimal
	KeySource    string `json:"key_source"`    // where the key was found: "image strings of ffmpeg.dll", "key stream period", "BCryptDecrypt"
	SHA256       string `json:"sha256"`        // of the plaintext
	Artifact     string `json:"artifact"`      // name of the plaintext dump
}

// CryptoDecrypt says that a decryption was asked of the operating system.
type CryptoDecrypt struct {
	API       string `json:"api"`        // "BCryptDecrypt", "CryptDecrypt", "SystemFunction032"
	Algorithm string `json:"algorithm"`  // "AES", "RC4"
	Mode      string `json:"mode"`       // "GCM", "CBC", "ECB", "" for stream ciphers
	KeyHex    string `json:"key_hex"`    // hexadecimal
	IVHex     string `json:"iv_hex"`     // initialisation vector or nonce, hexadecimal
	InputSize int    `json:"input_size"` // bytes of ciphertext
	Size      int    `json:"size"`       // bytes of plaintext
	Verified  bool   `json:"verified"`   // the authentication tag matched; false for modes that have none
	Text      string `json:"text"`       // the plaintext where it is short and printable
	SHA256    string `json:"sha256"`     // of the plaintext
	Artifact  string `json:"artifact"`   // name of the plaintext dump
}

// RegistryRead says that a value was asked for.
type RegistryRead struct {
	Path  string `json:"path"`  // key and value: HKLM\SOFTWARE\…\MachineGuid
	Found bool   `json:"found"` // the value exists
	Type  string `json:"type"`  // "REG_SZ", …
	Data  string `json:"data"`  // as text
}

// RegistryWrite says that a value was set.
type RegistryWrite struct {
	Path string `json:"path"` // key and value
	Type string `json:"type"` // "REG_SZ", …
	Data string `json:"data"` // as text
}

// RegistryCreate says that a key was made.
type RegistryCreate struct {
	Path string `json:"path"` // key
}

// RegistryDelete says that a key or a value was removed.
type RegistryDelete struct {
	Path string `json:"path"` // key, or key and value
	Item string `json:"item"` // "key", "value"
}

// ServiceCreate says that a service was installed, or would have been if the
// user had the right to.
type ServiceCreate struct {
	Name        string `json:"name"`         // service name
	DisplayName string `json:"display_name"` // as shown to people
	Path        string `json:"path"`         // command line of its program
	StartType   string `json:"start_type"`   // "boot", "system", "auto", "demand", "disabled"
	Type        string `json:"type"`         // "kernel driver", "own process", …
	Account     string `json:"account"`      // "" for LocalSystem
	Created     bool   `json:"created"`      // it was installed
}

// EventCreate says that an event object was made or opened by name.
type EventCreate struct {
	Name    string `json:"name"`    // "" for an unnamed event
	Existed bool   `json:"existed"` // ERROR_ALREADY_EXISTS
}

// MutexCreate says that a mutex was made or opened by name.
type MutexCreate struct {
	Name    string `json:"name"`    // "" for an unnamed mutex
	Existed bool   `json:"existed"` // ERROR_ALREADY_EXISTS
}

// ThreadCreate says that a thread was made.
type ThreadCreate struct {
	ID        uint32 `json:"id"`        // thread identifier
	Start     uint64 `json:"start"`     // start address
	Module    string `json:"module"`    // file name of the module the start address lies in; "" for private memory
	Parameter uint64 `json:"parameter"` // as passed
	Suspended bool   `json:"suspended"` // CREATE_SUSPENDED
}

// ProcessCreate says that another program was started. It is recorded and not
// run.
type ProcessCreate struct {
	Image            string `json:"image"`             // guest path of the program
	CommandLine      string `json:"command_line"`      // as passed
	ID               uint32 `json:"id"`                // process identifier handed out
	CurrentDirectory string `json:"current_directory"` // of the new process
	Hidden           bool   `json:"hidden"`            // SW_HIDE or CREATE_NO_WINDOW
	Redirected       bool   `json:"redirected"`        // standard handles are pipes: an interactive shell's plumbing
	ParentImage      string `json:"parent_image"`      // guest path of its parent's program
	CreatorImage     string `json:"creator_image"`     // where the parent was chosen (PROC_THREAD_ATTRIBUTE_PARENT_PROCESS), the program that really started it; else ""
	Suspended        bool   `json:"suspended"`         // CREATE_SUSPENDED
}

// ProcessAccess says that another process was opened, or that this was
// refused.
type ProcessAccess struct {
	Image   string `json:"image"`   // guest path of its program, or its name
	ID      uint32 `json:"id"`      // process identifier
	Access  uint32 `json:"access"`  // rights asked for, PROCESS_*
	Granted bool   `json:"granted"` // a handle was given
}

// ProcessTerminate says that another process was ended.
type ProcessTerminate struct {
	Image    string `json:"image"`     // guest path of its program, or its name
	ID       uint32 `json:"id"`        // process identifier
	ExitCode uint32 `json:"exit_code"` // as passed
}

// ProcessMemory says that memory of another process was taken, changed or
// given back.
type ProcessMemory struct {
	Image      string `json:"image"`      // guest path of its program, or its name
	ID         uint32 `json:"id"`         // process identifier
	Operation  string `json:"operation"`  // "allocate", "protect", "free", "map", "unmap"
	Address    uint64 `json:"address"`    // first byte
	Size       uint64 `json:"size"`       // bytes
	Protection string `json:"protection"` // "rwx", "r-x", …; "" where none was asked for
}

// ProcessWriteMemory says that bytes were written into another process.
type ProcessWriteMemory struct {
	Image      string `json:"image"`      // guest path of its program, or its name
	ID         uint32 `json:"id"`         // process identifier
	Address    uint64 `json:"address"`    // first byte
	Size       int    `json:"size"`       // bytes written
	Protection string `json:"protection"` // of the first page
	Content    string `json:"content"`    // "pe" if it starts with a PE header, else "data"
	SHA256     string `json:"sha256"`     // of the bytes
	Artifact   string `json:"artifact"`   // name of the dump
}

// ThreadCallback says that code was run without a thread made for it: handed to
// the system by a call whose business it is to run something later, or on
// another stack. Each function is told once for each way.
type ThreadCallback struct {
	Method   string `json:"method"`   // "apc", "thread pool", "fiber"
	API      string `json:"api"`      // that it was handed to: "QueueUserAPC", "CreateTimerQueueTimer", "SetWaitableTimer", …
	Address  uint64 `json:"address"`  // of the function
	Module   string `json:"module"`   // file name of the module the address lies in; "" for private memory
	Argument uint64 `json:"argument"` // what the program has its function called with
}

// ThreadCreateRemote says that a thread was made in another process. It is
// recorded and not run.
type ThreadCreateRemote struct {
	Image     string `json:"image"`     // guest path of the process's program, or its name
	ProcessID uint32 `json:"process"`   // process identifier
	ID        uint32 `json:"id"`        // thread identifier
	Start     uint64 `json:"start"`     // start address
	Module    string `json:"module"`    // file name of the module the start address lies in; "" for private memory
	Function  string `json:"function"`  // the module's export at the start address, such as "LoadLibraryW"; "" if there is none
	Parameter uint64 `json:"parameter"` // as passed
	Suspended bool   `json:"suspended"` // it was to wait
	API       string `json:"api"`       // "CreateRemoteThread", "NtCreateThreadEx", …
}

// ThreadHijack says that a thread of another process was made to run other
// code: by an asynchronous procedure call or by new registers.
type ThreadHijack struct {
	Image     string `json:"image"`    // guest path of the process's program, or its name
	ProcessID uint32 `json:"process"`  // process identifier
	ID        uint32 `json:"id"`       // thread identifier
	Method    string `json:"method"`   // "apc", "context"
	Address   uint64 `json:"address"`  // of the procedure, or the new instruction pointer
	Argument  uint64 `json:"argument"` // first argument of the procedure, or RCX, where a new process's entry point is
}

// Sleep says that a thread waited for time to pass. It costs no real time.
type Sleep struct {
	Milliseconds int64  `json:"milliseconds"` // asked for; -1 for ever
	API          string `json:"api"`          // "Sleep", "SleepEx", "WaitForSingleObject"
}

// DNSQuery says that a name was looked up.
type DNSQuery struct {
	Name     string   `json:"name"`     // host name
	Answered bool     `json:"answered"` // the scenario has an answer
	Results  []string `json:"results"`  // addresses
}

// NetConnect says that a connection was asked for.
type NetConnect struct {
	Host     string `json:"host"`     // as asked for
	Address  string `json:"address"`  // IP address; "" if the name has none
	Port     int    `json:"port"`     // destination port
	Protocol string `json:"protocol"` // "tcp", "udp"
	Answered bool   `json:"answered"` // something listens there in the scenario
}

// NetListen says that the guest waits for connections.
type NetListen struct {
	Address  string `json:"address"`  // IP address; 0.0.0.0 for all
	Port     int    `json:"port"`     // local port
	Protocol string `json:"protocol"` // "tcp"
}

// NetSend says that bytes were sent to the machine's network over a socket.
type NetSend struct {
	Host     string `json:"host"`     // name of the host that has the address, or the address
	Address  string `json:"address"`  // IP address
	Port     int    `json:"port"`     // destination port
	Protocol string `json:"protocol"` // "tcp", "udp"
	Size     int    `json:"size"`     // bytes
	Data     string `json:"data"`     // the bytes in hexadecimal, bounded
	Text     string `json:"text"`     // the bytes as text, bounded; "" if they are none
}

// HTTPRequest says that a request was sent.
type HTTPRequest struct {
	Method    string `json:"method"`     // "GET", "POST"
	URL       string `json:"url"`        // complete, with scheme
	Host      string `json:"host"`       // host name
	UserAgent string `json:"user_agent"` // header User-Agent
	Cookie    string `json:"cookie"`     // header Cookie
	Headers   string `json:"headers"`    // all headers as sent, CRLF between them
	Body      string `json:"body"`       // request body, bounded, not trusted
	BodySize  int    `json:"body_size"`  // bytes
	Status    int    `json:"status"`     // of the answer; 0 if there was none
	Answered  bool   `json:"answered"`   // the scenario serves this URL
}

// HTTPResponse says that the body of an answer was read to its end.
type HTTPResponse struct {
	URL         string `json:"url"`          // of the request
	Status      int    `json:"status"`       // HTTP status
	ContentType string `json:"content_type"` // header Content-Type
	Size        int    `json:"size"`         // bytes of body
	SHA256      string `json:"sha256"`       // of the body
	Artifact    string `json:"artifact"`     // name of the body's dump
}

// Exception says that the processor or the guest raised an exception. It is
// recorded when it is raised; whether it was handled is filled in later.
type Exception struct {
	Code    uint32 `json:"code"`    // NTSTATUS: 0xC0000005, …
	Name    string `json:"name"`    // "STATUS_ACCESS_VIOLATION", …
	Address uint64 `json:"address"` // of the instruction
	Module  string `json:"module"`  // module+offset of the instruction; "" for private memory
	Access  string `json:"access"`  // "read", "write", "execute" for access violations
	Target  uint64 `json:"target"`  // address that could not be accessed
	Handled bool   `json:"handled"` // execution went on

	HandledBy string `json:"handled_by"` // "vectored", "frame", "filter", "loader"; "" if nobody did
	Handler   string `json:"handler"`    // module+offset of the vectored handler, the language handler that went on, or the filter
	Count     int    `json:"count"`      // exceptions of this kind that followed one another, handled in the same way
}

// Who handled an exception.
const (
	HandledVectored = "vectored" // a handler of AddVectoredExceptionHandler
	HandledFrame    = "frame"    // a function on the stack: __except, catch
	HandledFilter   = "filter"   // the filter of SetUnhandledExceptionFilter
	HandledLoader   = "loader"   // the loader, around DllMain and TLS callbacks
)

// Exit says that the process ended.
type Exit struct {
	Code   uint32 `json:"code"`   // exit code
	Reason string `json:"reason"` // "ExitProcess", "TerminateProcess", "return", "exception"
}
