package reports

// Rule describes one rule of detection.
type Rule struct {
	Engine   string   `json:"engine"`             // "yara", "sigma", "ioc", "hunt"
	ID       string   `json:"id"`                 // what scenarios name it by: the name of a YARA rule, the id of a Sigma rule, an indicator, the name of a query
	Revision string   `json:"revision,omitempty"` // of the rules it came with, where several are compared
	Title    string   `json:"title,omitempty"`    // one line
	File     string   `json:"file"`               // as it was found, slash-separated
	Line     int      `json:"line,omitempty"`     // from 1
	Level    string   `json:"level,omitempty"`    // "informational", "low", "medium", "high", "critical"
	Attack   []string `json:"attack,omitempty"`   // ATT&CK techniques, such as "T1574.001"
	Tags     []string `json:"tags,omitempty"`     // as written
}

// Name is a rule as people know it: its title where its id says nothing.
func (r *Rule) Name() string {
	name, at := r.ID, "@"
	if r.Engine == "sigma" && r.Title != "" {
		name, at = r.Title, " @"
	}
	if r.Revision != "" {
		name += at + r.Revision
	}
	return name
}

// Fire is one firing of a rule: what on, and what proves it.
type Fire struct {
	On       string     `json:"on"`              // name of the object, or the event in short: "image_load at 00:01.250"
	Kind     string     `json:"kind"`            // "event", "file", or the kind of the behaviour that made the object
	Line     int        `json:"line,omitempty"`  // of the log it was read from; 0 for an emulated event
	Seqs     []uint64   `json:"seqs,omitempty"`  // behaviours and calls behind it
	Stage    string     `json:"stage,omitempty"` // of the chain, where its last behaviour lies; "" where the scenario names none
	Evidence []Evidence `json:"evidence"`
}

// Evidence is one thing that made a rule fire.
type Evidence struct {
	Term   string `json:"term"`             // part of the rule: "$marker", "selection", a column
	Offset *int64 `json:"offset,omitempty"` // in the object, for bytes
	Text   string `json:"text"`             // what was found, safe to print once escaped; bounded
}

// Silence says why a rule did not fire.
type Silence struct {
	Reason string `json:"reason"`          // one line
	Terms  []Term `json:"terms,omitempty"` // parts of the rule's condition, those that do not hold first
}

// Term is one part of a rule's condition, judged where it came nearest.
type Term struct {
	Name   string   `json:"name"` // "selection", "$marker", "sha256", a table
	Holds  bool     `json:"holds"`
	On     string   `json:"on,omitempty"`     // event or object that came nearest
	Seq    uint64   `json:"seq,omitempty"`    // its behaviour
	Misses []string `json:"misses,omitempty"` // what does not hold, each with what was found instead
}
