package scenarios

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/goccy/go-yaml/ast"

	"sidetrace/emulator/trace"
	"sidetrace/scenarios/match"
)

// expectKeys is the table of expect's keys. Conditions on what the program
// printed, console|contains and the like, stand beside them.
func (r *reader) expectKeys(s *Scenario) []key {
	x := &s.Expect
	return []key{
		{name: "in_order", doc: "behaviours that must come in this order; others may lie between", schema: behaviourList("step"),
			read: func(n ast.Node) { x.InOrder = r.steps(n) }},
		{name: "never", doc: "behaviours that must not be", schema: behaviourList("never"),
			read: func(n ast.Node) { x.Never = r.nevers(n) }},
		{name: "count", doc: "how often behaviours must be", schema: behaviourList("count"),
			read: func(n ast.Node) { x.Count = r.counts(n) }},
		{name: "artifacts", doc: "what the data of a saved step must be, by its save_as name", schema: mapOf(conditionsSchema(ArtifactFields(), nil)),
			read: func(n ast.Node) { x.Artifacts = r.artifacts(n, x.InOrder) }},
		{name: "exit", doc: "exit code of the process", schema: integerSchema(),
			read: func(n ast.Node) {
				if v, ok := r.unsigned(n, "exit", math.MaxUint32); ok {
					x.Exit = &Exit{Line: place(n).Position.Line, Code: uint32(v)}
				}
			}},
		{name: "stop", doc: "why the run ends, if not by an exit: " + strings.Join(stopReasons(), ", "), schema: oneOf(stopReasons()),
			read: func(n ast.Node) { x.Stop, x.StopLine = r.stop(n), place(n).Position.Line }},
		{name: "golden", doc: "file beside the scenario that has every behaviour; run --update writes it", schema: stringSchema(),
			read: func(n ast.Node) { x.Golden = r.golden(n, s) }},
	}
}

func (r *reader) golden(n ast.Node, s *Scenario) Source {
	src, ok := r.source(n, "expect.golden", s)
	if ok && src.Path == "" {
		r.problem(place(n), "such as golden.txt", "expect.golden must be a file beside the scenario")
		return Source{}
	}
	return src
}

// stopReasons lists the ends of a run that a scenario may expect.
func stopReasons() []string {
	return []string{
		string(trace.StopExit), string(trace.StopException), string(trace.StopBlocks), string(trace.StopTime),
		string(trace.StopDeadlock), string(trace.StopLoad),
	}
}

func (r *reader) stop(n ast.Node) string {
	s, ok := r.text(n, "stop")
	if ok && !slices.Contains(stopReasons(), s) {
		r.problem(place(n), "one of "+strings.Join(stopReasons(), ", "), "unknown stop reason %q", s)
	}
	return s
}

// expect reads the section with its console conditions.
func (r *reader) expect(n ast.Node, s *Scenario) {
	if !isMapping(n) {
		r.wrongType(n, "expect", "a mapping of keys to values", "")
		return
	}
	before := len(r.problems)
	keys := r.expectKeys(s)
	for _, e := range r.entries(n, "expect") {
		if e.key == "console" || strings.HasPrefix(e.key, "console|") {
			if c := r.condition("expect", consoleFields(), e); c != nil {
				s.Expect.Console = append(s.Expect.Console, *c)
			}
			keys = append(keys, key{name: e.key, read: func(ast.Node) {}})
		}
	}
	present := r.object(n, "expect", keys)
	x := &s.Expect
	nothing := len(x.InOrder)+len(x.Never)+len(x.Count)+len(x.Artifacts)+len(x.Console) == 0 && x.Exit == nil && x.Stop == "" && x.Golden.Path == ""
	if nothing && len(r.problems) == before {
		r.problem(place(n), "say what must be seen", "expect is empty: the scenario would pass whatever happened")
	}
	if x.Exit != nil && x.Stop != "" && x.Stop != string(trace.StopExit) {
		r.problem(present["exit"], "drop one of them", "expect.exit contradicts expect.stop: %s", x.Stop)
	}
}

func consoleFields() []trace.FieldInfo {
	return []trace.FieldInfo{{Name: "console", Type: trace.String}}
}

// ArtifactFields are the properties of an artifact that conditions speak of.
func ArtifactFields() []trace.FieldInfo {
	return []trace.FieldInfo{
		{Name: "kind", Type: trace.String},    // kind of the behaviour that made it
		{Name: "sha256", Type: trace.String},  // lower-case hexadecimal
		{Name: "size", Type: trace.Integer},   // bytes
		{Name: "entropy", Type: trace.Number}, // bits per byte
		{Name: "pe", Type: trace.Boolean},     // starts with a PE header
		{Name: "content", Type: match.Bytes},
	}
}

// option is a key of a step, beside the conditions on its fields.
type option struct {
	name string
	read func(e entry)
}

func (r *reader) steps(n ast.Node) []Step {
	var steps []Step
	for _, item := range r.items(n, "in_order") {
		var s Step
		ok := r.behaviour(item, "a step", &s.Line, &s.Set, []option{
			{"save_as", func(e entry) {
				s.SaveAs = r.matching(e.value, "save_as", namePattern)
				if i := slices.IndexFunc(steps, func(o Step) bool { return o.SaveAs == s.SaveAs }); i >= 0 && s.SaveAs != "" {
					r.problem(e.at, fmt.Sprintf("it stands first on line %d", steps[i].Line), "save_as %q stands twice", s.SaveAs)
				}
			}},
			{"stage", func(e entry) { s.Stage = r.matching(e.value, "stage", idPattern) }},
			{"why", func(e entry) { s.Why, _ = r.text(e.value, "why") }},
		})
		if ok {
			steps = append(steps, s)
		}
	}
	return steps
}

func (r *reader) nevers(n ast.Node) []Never {
	var nevers []Never
	for _, item := range r.items(n, "never") {
		var v Never
		ok := r.behaviour(item, "an entry of never", &v.Line, &v.Set, []option{
			{"why", func(e entry) { v.Why, _ = r.text(e.value, "why") }},
		})
		if ok {
			nevers = append(nevers, v)
		}
	}
	return nevers
}

func (r *reader) counts(n ast.Node) []Count {
	var counts []Count
	for _, item := range r.items(n, "count") {
		c := Count{Max: -1}
		var exactly, low, high bool
		number := func(e entry) int {
			v, _ := r.unsigned(e.value, e.key, math.MaxInt32)
			return int(v)
		}
		ok := r.behaviour(item, "an entry of count", &c.Line, &c.Set, []option{
			{"exactly", func(e entry) { c.Min = number(e); c.Max = c.Min; exactly = true }},
			{"min", func(e entry) { c.Min = number(e); low = true }},
			{"max", func(e entry) { c.Max = number(e); high = true }},
		})
		at := place(item)
		switch {
		case !ok:
			continue
		case exactly && (low || high):
			r.problem(at, "", "exactly excludes min and max")
		case !exactly && !low && !high:
			r.problem(at, "exactly: 1, min: 1 or max: 1", "an entry of count needs exactly, min or max")
		case low && high && c.Min > c.Max:
			r.problem(at, "", "min %d is more than max %d", c.Min, c.Max)
		case c.Min == 0 && c.Max < 0:
			r.problem(at, "", "min: 0 holds always")
		}
		counts = append(counts, c)
	}
	return counts
}

// behaviour reads a mapping with one key, a behaviour kind, whose value is a
// mapping of conditions and options.
func (r *reader) behaviour(n ast.Node, what string, line *int, set *match.Set, options []option) bool {
	if !isMapping(n) {
		r.wrongType(n, what, "a behaviour with its conditions", "such as file.read: {size|gt: 100}")
		return false
	}
	entries := r.entries(n, what)
	if len(entries) != 1 {
		r.problem(place(n), "start each with - and indent its conditions below it", "%s must have one behaviour, not %d", what, len(entries))
		return false
	}
	e := entries[0]
	kind, ok := r.kind(e)
	if !ok {
		return false
	}
	*line, set.Kind = e.at.Position.Line, kind.Kind
	if isNull(e.value) {
		r.problem(e.at, "write "+kind.Kind+": {} for any", "%s has no conditions", kind.Kind)
		return false
	}
	if !isMapping(e.value) {
		r.wrongType(e.value, kind.Kind, "a mapping of conditions", "")
		return false
	}
	for _, c := range r.entries(e.value, kind.Kind) {
		if i := slices.IndexFunc(options, func(o option) bool { return o.name == c.key }); i >= 0 {
			options[i].read(c)
			continue
		}
		if condition := r.condition(kind.Kind, kind.Fields, c); condition != nil {
			set.Conditions = append(set.Conditions, condition.Condition)
		}
	}
	return true
}

func (r *reader) kind(e entry) (trace.KindInfo, bool) {
	var names []string
	for _, k := range trace.Kinds() {
		if k.Kind == e.key {
			return k, true
		}
		names = append(names, k.Kind)
	}
	hint := "the kinds are " + strings.Join(names, ", ")
	if near := match.Closest(e.key, names); near != "" {
		hint = fmt.Sprintf("did you mean %q?", near)
	}
	r.problem(e.at, hint, "unknown behaviour kind %q", e.key)
	return trace.KindInfo{}, false
}

func (r *reader) condition(owner string, fields []trace.FieldInfo, e entry) *Condition {
	value, ok := r.value(e.value)
	if !ok {
		return nil
	}
	c, err := match.Compile(owner, fields, e.key, value)
	if err != nil {
		var m *match.Error
		if errors.As(err, &m) {
			r.problem(e.at, m.Hint, "%s", m.Message)
		}
		return nil
	}
	return &Condition{e.at.Position.Line, c}
}

func (r *reader) artifacts(n ast.Node, steps []Step) []Artifact {
	var out []Artifact
	for _, e := range r.entries(n, "artifacts") {
		i := slices.IndexFunc(steps, func(s Step) bool { return s.SaveAs == e.key })
		if i < 0 {
			r.problem(e.at, r.savedHint(e.key, steps), "no step saves its artifact as %q", e.key)
		} else if kind := steps[i].Set.Kind; !makesArtifact(kind) {
			r.problem(e.at, "", "step %d saves a %s, which has no artifact", i+1, kind)
		}
		a := Artifact{Line: e.at.Position.Line, Name: e.key}
		conditions := r.entries(e.value, "artifact "+e.key)
		for _, c := range conditions {
			if condition := r.condition("an artifact", ArtifactFields(), c); condition != nil {
				a.Conditions = append(a.Conditions, *condition)
			}
		}
		if isMapping(e.value) && len(conditions) == 0 {
			r.problem(e.at, "such as pe: true or size|gt: 100", "artifact %s has no conditions", e.key)
		}
		out = append(out, a)
	}
	return out
}

func (r *reader) savedHint(name string, steps []Step) string {
	var names []string
	for _, s := range steps {
		if s.SaveAs != "" {
			names = append(names, s.SaveAs)
		}
	}
	if near := match.Closest(name, names); near != "" {
		return fmt.Sprintf("did you mean %q?", near)
	}
	return "write save_as: " + name + " into the step that makes it"
}

func makesArtifact(kind string) bool {
	for _, k := range trace.Kinds() {
		if k.Kind == kind {
			return slices.ContainsFunc(k.Fields, func(f trace.FieldInfo) bool { return f.Name == "artifact" })
		}
	}
	return false
}
