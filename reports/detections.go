package reports

// Detections is what the rules of a scenario said of its run.
type Detections struct {
	Engines  []Engine      `json:"engines"`            // that rules were loaded for
	Problems []RuleProblem `json:"problems,omitempty"` // of loading rules and of running them
	Checks   []RuleCheck   `json:"checks,omitempty"`   // what the scenario says of rules
	Rules    []RuleResult  `json:"rules"`              // each rule, in the order of engines and files
}

// Engine is how many rules of a language there are.
type Engine struct {
	Name        string `json:"name"` // "yara", "sigma", "ioc", "hunt"
	Rules       int    `json:"rules"`
	Unsupported int    `json:"unsupported"` // valid, and left out for want of what they need
	Broken      int    `json:"broken"`      // not valid, and left out
}

// RuleProblem is something wrong with a rule or with running it.
type RuleProblem struct {
	Problem
	Severity string `json:"severity"`       // "broken", "unsupported", "warning"
	Rule     string `json:"rule,omitempty"` // id; "" where there is none
}

// RuleResult is what one rule said. A rule that did not fire has Silence, unless
// there are too many rules to explain each.
type RuleResult struct {
	Rule
	Fires   []Fire   `json:"fires,omitempty"`
	Silence *Silence `json:"silence,omitempty"`
}

// Fired says whether the rule fired at all.
func (r *RuleResult) Fired() bool { return len(r.Fires) > 0 }

// RuleCheckKind says which list of a scenario a check of rules is from.
type RuleCheckKind string

// The kinds.
const (
	MustFire       RuleCheckKind = "must_fire"
	MustStaySilent RuleCheckKind = "must_stay_silent"
	NotApplicable  RuleCheckKind = "not_applicable"
	Undeclared     RuleCheckKind = "others" // a rule that fired and that the scenario does not speak of
)

// RuleCheck is one thing a scenario says of a rule, or a fire that it does not
// speak of.
type RuleCheck struct {
	Kind      RuleCheckKind `json:"kind"`
	Line      int           `json:"line"`           // in the scenario's file; for others of the list of rules
	Rule      string        `json:"rule"`           // id@revision
	Index     int           `json:"index"`          // of the rule in Rules; -1 where no rule has that name
	Want      string        `json:"want"`           // "at least 1 fire on *\ffmpeg.dll", "silence", "hash_only"
	Got       string        `json:"got"`            // "2 fires", "silence", what refutes the reason
	Why       string        `json:"why,omitempty"`  // the scenario's note
	Hint      string        `json:"hint,omitempty"` // what the user can do
	Status    Status        `json:"status"`
	Warning   bool          `json:"warning,omitempty"` // it fails and does not fail the scenario
	Doubt     *Doubt        `json:"doubt,omitempty"`
	Revisions []string      `json:"revisions,omitempty"` // other revisions of the rule and what they say: "old: silent"
}
