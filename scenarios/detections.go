package scenarios

// Detections is what rules are run over what the scenario leaves behind, and what
// they must say.
type Detections struct {
	Rules          []RuleSource
	Mappings       []RuleSource // field and logsource mappings for Sigma rules
	Variables      []Variable   // of hunts ($$name$$), of Sigma's placeholders and of YARA's externals
	MustFire       []MustFire
	MustStaySilent []MustStaySilent
	NotApplicable  []NotApplicable
	Others         string // what a fire that nothing speaks of is: [OthersFail], …; "" for the default
}

// What becomes of a scenario in which a rule fires that it does not speak of.
const (
	OthersFail  = "fail" // the default
	OthersWarn  = "warn"
	OthersAllow = "allow"
)

// RuleSource is a file or folder of rules of the host.
type RuleSource struct {
	Place
	Path     string // absolute, or relative to the scenario's folder
	Revision string // tells apart several states of the same rules; "" for the only one
}

// MustFire is a rule that has to fire. Everything said must hold of as many of
// its fires as are wanted.
type MustFire struct {
	Place
	Rule  string   // id, id@revision, engine:id or title; * and ? are wildcards, and then each rule of that name has to
	On    []string // names of objects, or events in short, with wildcards; one must fit; empty for any
	Kind  string   // "event", "row", "file", or a kind of behaviour; "" for any
	Stage string   // of the chain; "" for any

	Evidence []string // what is found, each "term: text" with wildcards: a column of a hunt's row, a field, a string; all must be there
	Min      int
	Max      int // -1 for no upper bound
	Why      string
}

// MustStaySilent is a rule that must not fire, with the reason why it must not.
type MustStaySilent struct {
	Place
	Rule string
	Why  string
}

// NotApplicable is a rule that cannot fire on a replica, with the reason, which
// is checked: see [Reasons].
type NotApplicable struct {
	Place
	Rule   string
	Reason string
	Why    string
}

// Reasons for which a rule does not apply to a replica.
const (
	HashOnly      = "hash_only"       // it asks for nothing but digests of files, which a replica cannot have
	CodeBytesOnly = "code_bytes_only" // it asks for nothing but bytes of the original code
	NoTelemetry   = "no_telemetry"    // it reads telemetry that the chain does not make
)

// Reasons lists the reasons there are.
func Reasons() []string { return []string{HashOnly, CodeBytesOnly, NoTelemetry} }
