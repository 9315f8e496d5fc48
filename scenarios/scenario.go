// Package scenarios is the model of a scenario: a machine, a program to run on
// it, and what is expected of the run. It reads scenarios from YAML and does
// not run them.
//
// A scenario is a folder with a file named scenario.yaml and the files it
// refers to:
//
//	id: softphone
//	title: Signed softphone side-loads a DLL
//	why: The smallest chain there is.
//	run:
//	  image: '{app}\softphone.exe'
//	machine:
//	  files:
//	    '{app}\softphone.exe': softphone.exe
//	    '{app}\ffmpeg.dll': ffmpeg.dll
//	expect:
//	  in_order:
//	    - module.load: {path|endswith: '\ffmpeg.dll'}
//	  exit: 0
//
// Reading is strict: an unknown or repeated key, a value of the wrong type, an
// unknown behaviour kind, field or modifier, and a guest path that is not
// absolute are all errors that name the line, and one reading reports all of
// them. See [Parse] for the bounds, package match for conditions, and
// schema.json, generated from the same tables, for editors.
//
// {app} stands for the program's folder ([Run.App]) in guest paths and in the
// text of conditions.
package scenarios

import (
	"time"

	"sidetrace/emulator/trace"
	"sidetrace/scenarios/match"
)

// FileName is the name of a scenario's file in its folder.
const FileName = "scenario.yaml"

// Scenario is one scenario as it was read.
type Scenario struct {
	File     string   // path of the YAML file
	Dir      string   // folder that relative sources belong to
	ID       string   // unique: lower-case words joined by hyphens
	Title    string   // one line
	Why      string   // what the scenario stands for and where that is from
	Attack   []string // ATT&CK techniques, such as "T1574.001"
	Tags     []string // for choosing scenarios
	Run      Run
	Machine  Machine
	Gaps     Gaps
	Replicas *Replicas // nil if none are used
	Expect   Expect

	Detections *Detections // nil if no rules are run
}

// Run is what to run, and how far.
type Run struct {
	App              string // what {app} stands for
	Image            string // guest path of the program; one of Machine.Files
	Arguments        string // command line behind the program's path
	CurrentDirectory string // "" for the program's folder
	Limits           Limits
	Calls            []Call         // exports to call once the image is loaded
	Images           []trace.Moment // when the memory of the process is kept for rules
}

// Limits bound a run. A zero field means the default: for Wall
// [DefaultWall], for the others the emulator's.
type Limits struct {
	Blocks  uint64        // basic blocks executed
	Virtual time.Duration // virtual time
	Memory  uint64        // committed guest memory in bytes
	Wall    time.Duration // real time; reaching it is the verdict "timeout"
}

// DefaultWall is the real time a scenario may take where it does not say.
const DefaultWall = 60 * time.Second

// Call is one export to call.
type Call struct {
	Export string   // name, or "#12"
	Args   []uint64 // at most four
}

// Machine is everything that the guest can see. Lists are in the order of the
// file. A zero field means the emulator's default.
type Machine struct {
	Clock    time.Time // virtual clock at the start
	OS       Version
	User     string
	Computer string
	Seed     uint64 // of everything random
	Registry []RegistryValue
	Files    []File
	Web      []WebAnswer
	DNS      []DNSAnswer
	Net      []NetAnswer
	Env      []Variable
	Events   []string // named events that exist already
	Mutexes  []string // named mutexes that exist already

	Unresolved string // "strict", "gap" or "" for the default, strict
	Sysroot    Folder // of system DLLs; the zero Folder for none
}

// Folder is a folder of the host that a scenario names.
type Folder struct {
	Place
	Path string // absolute, or below the scenario's folder
}

// Version is a version of Windows, such as 10.0.19045.
type Version struct {
	Major, Minor, Build uint32
}

// RegistryValue is one value of the registry, or just a key.
type RegistryValue struct {
	Key  string // `HKLM\SOFTWARE\Microsoft\Cryptography`
	Name string // "" for the default value
	Type uint32 // REG_SZ (1) and so on
	Data []byte // as Windows stores it; nil to make just the key
}

// File is one file of the guest.
type File struct {
	Path   string // guest path
	Source Source
}

// WebAnswer is what one URL gives.
type WebAnswer struct {
	URL     string // with scheme and host
	Method  string // "" for any
	Status  int    // 200 if not said
	Headers []Variable
	Body    Source
}

// DNSAnswer is what one name resolves to.
type DNSAnswer struct {
	Host      string
	Addresses []string
}

// Variable is a name with a value.
type Variable struct {
	Name, Value string
}

// Gaps says which gaps of the emulation do not make a verdict inconclusive.
type Gaps struct {
	All   bool
	Names []string // names of gaps, with wildcards
}

// Allows reports whether a gap of that name is allowed. Names are compared
// without regard to case.
func (g *Gaps) Allows(name string) bool {
	if g.All {
		return true
	}
	for _, n := range g.Names {
		if match.Glob(n)(name) {
			return true
		}
	}
	return false
}

// Replicas names a set of replicas to build, with the parameters that differ
// from its defaults.
type Replicas struct {
	Place // of the name
	Name  string
	Set   []Parameter
}

// Parameter is one parameter of a set of replicas.
type Parameter struct {
	Place
	Key, Value string
}

// Expect is what is expected of a run. Everything in it must hold.
type Expect struct {
	InOrder   []Step     // behaviours in this order; others may lie between
	Never     []Never    // behaviours that must not be
	Count     []Count    // how often behaviours must be
	Artifacts []Artifact // what the data bound by steps must be
	Exit      *Exit      // nil for any
	Stop      string     // a stop reason of package trace; "" for any but "load" and "internal"
	StopLine  int
	Console   []Condition // on what the program printed
	Golden    Source      // file of all behaviours, which must be the same; no path for none
}

// Step is one entry of in_order.
type Step struct {
	Line   int
	Set    match.Set
	SaveAs string // name for the behaviour and the artifact it made; may be empty
	Stage  string // of the chain, which begins here and lasts until the next that is named; may be empty
	Why    string
}

// Never is one entry of never.
type Never struct {
	Line int
	Set  match.Set
	Why  string
}

// Count is one entry of count.
type Count struct {
	Line int
	Set  match.Set
	Min  int
	Max  int // -1 for no upper bound
}

// Artifact says what the artifact of a saved step must be.
type Artifact struct {
	Line       int
	Name       string // the name a step gave with save_as
	Conditions []Condition
}

// Condition is a condition with its place, for checks that are reported one
// by one.
type Condition struct {
	Line int
	*match.Condition
}

// Exit is the exit code expected of the process.
type Exit struct {
	Line int
	Code uint32
}
