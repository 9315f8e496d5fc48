package sigma

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"sidetrace/harness/detect"
	"sidetrace/harness/telemetry"
)

// correlation is a rule over the events that other rules found (specification
// "Correlation Rules").
type correlation struct {
	kind       correlationKind
	refs       []string              // rules, as written
	rules      []int                 // the same, as indexes; set once all are loaded
	names      [][]string            // the same, under all their names
	sources    []telemetry.Logsource // theirs
	groupBy    []string
	aliases    map[string]map[string]string // alias, rule, field
	timespan   time.Duration
	bounds     []limit
	fields     []string // whose values are counted
	percentile int      // of value_percentile; -1 for the share of one value
	generate   bool
	at         *value
	mapping    *mapping
}

// correlationKind is a type of correlation.
type correlationKind uint8

const (
	eventCount correlationKind = iota
	valueCount
	temporal
	temporalOrdered
	valueSum
	valueAvg
	valuePercentile
)

var correlationKinds = []string{
	"event_count", "value_count", "temporal", "temporal_ordered", "value_sum", "value_avg", "value_percentile",
}

func (k correlationKind) String() string { return correlationKinds[k] }

// limit is one comparison of a correlation's condition.
type limit struct {
	op    string
	value float64
}

var boundOps = []string{"gt", "gte", "lt", "lte", "eq", "neq"}

func (b limit) holds(x float64) bool {
	switch b.op {
	case "gt":
		return x > b.value
	case "gte":
		return x >= b.value
	case "lt":
		return x < b.value
	case "lte":
		return x <= b.value
	case "eq":
		return x == b.value
	default:
		return x != b.value
	}
}

// holds says that a count fulfils the condition.
func (c *correlation) holds(x float64) bool {
	return !slices.ContainsFunc(c.bounds, func(b limit) bool { return !b.holds(x) })
}

// grows says that the condition, once it holds, holds for every longer window, so
// that it may be judged before the window is over.
func (c *correlation) grows() bool {
	if c.kind == valueAvg || c.kind == valuePercentile {
		return false
	}
	return !slices.ContainsFunc(c.bounds, func(b limit) bool { return b.op != "gt" && b.op != "gte" })
}

// condition in one line, such as "gte 10".
func (c *correlation) String() string {
	var out []string
	for _, b := range c.bounds {
		out = append(out, b.op+" "+strconv.FormatFloat(b.value, 'f', -1, 64))
	}
	return strings.Join(out, " and ")
}

// correlation compiles a rule of correlation, but for the rules it refers to.
func (c *compiler) correlation(doc *value) (*correlation, *fault) {
	if doc.str("title") == "" {
		return nil, broken(doc, "the rule has no title")
	}
	body := doc.get("correlation")
	if body.kind != mapValue {
		return nil, broken(body, "correlation is %v, not a map", body.kind)
	}
	k := slices.Index(correlationKinds, body.str("type"))
	if k < 0 {
		at := body.get("type")
		if at == nil {
			return nil, broken(body, "the correlation has no type").because("known are " + strings.Join(correlationKinds, ", "))
		}
		return nil, unsupported(at, "correlation of type %q", at.text).because("Sigma 2.1 has " + strings.Join(correlationKinds, ", "))
	}
	cr := &correlation{
		kind: correlationKind(k), refs: body.list("rules"), groupBy: body.list("group-by"), percentile: -1,
		at: body, mapping: c.mapping, generate: fold(doc.str("generate")) == "true" || fold(body.str("generate")) == "true",
	}
	if len(cr.refs) == 0 {
		return nil, broken(body, "the correlation refers to no rule")
	}
	var f *fault
	if cr.timespan, f = timespan(body); f != nil {
		return nil, f
	}
	if f := cr.readAliases(body.get("aliases")); f != nil {
		return nil, f
	}
	cond := body.get("condition")
	if cond != nil {
		if f := cr.readCondition(cond); f != nil {
			return nil, f
		}
	}
	if len(cr.fields) == 0 { // the specification's schema has it beside the condition as well
		cr.fields = body.list("field")
	}
	ordered := cr.kind == temporal || cr.kind == temporalOrdered
	switch {
	case cond == nil && ordered:
		cr.bounds = []limit{{"gte", float64(len(cr.refs))}}
	case len(cr.bounds) == 0:
		return nil, broken(body, "the correlation's condition has none of %s", strings.Join(boundOps, ", "))
	}
	counts := cr.kind != eventCount && !ordered
	if counts && len(cr.fields) == 0 {
		return nil, broken(body, "%v needs a field in its condition", cr.kind)
	}
	if !counts && len(cr.fields) > 0 {
		c.warn(cond, "%v does not look at a field", cr.kind)
	}
	if cr.kind != valueCount && len(cr.fields) > 1 {
		return nil, broken(cond, "%v takes one field", cr.kind)
	}
	n := float64(len(cr.refs))
	if cr.kind == temporalOrdered && (!cr.holds(n) || cr.holds(n-1)) {
		return nil, unsupported(cond, "temporal_ordered with a condition other than all its rules")
	}
	return cr, nil
}

func (cr *correlation) readAliases(v *value) *fault {
	if v == nil || v.kind == nullValue {
		return nil
	}
	if v.kind != mapValue {
		return broken(v, "aliases is %v, not a map", v.kind)
	}
	cr.aliases = map[string]map[string]string{}
	for _, e := range v.entries {
		if e.value.kind != mapValue {
			return broken(e.value, "alias %s is %v, not a map of rules and fields", e.key, e.value.kind)
		}
		fields := map[string]string{}
		for _, r := range e.value.entries {
			fields[r.key] = r.value.text
		}
		cr.aliases[e.key] = fields
	}
	return nil
}

func (cr *correlation) readCondition(v *value) *fault {
	if v.kind == stringValue {
		return unsupported(v, "a correlation's condition as an expression is of a later version than Sigma 2.1").
			because("leave it out for all rules, or say gte: and how many")
	}
	if v.kind != mapValue {
		return broken(v, "the correlation's condition is %v, not a map", v.kind)
	}
	for _, e := range v.entries {
		switch {
		case e.key == "field":
			cr.fields = v.list("field")
		case e.key == "percentile":
			n, err := strconv.Atoi(e.value.text)
			if err != nil || n < 0 || n > 100 || cr.kind != valuePercentile {
				return broken(e.value, "percentile is a whole number from 0 to 100, of value_percentile")
			}
			cr.percentile = n
		case slices.Contains(boundOps, e.key):
			n, ok := parseNumber(e.value.text)
			if !ok {
				return broken(e.value, "%s is given %q, which is no number", e.key, e.value.text)
			}
			cr.bounds = append(cr.bounds, limit{e.key, n.float})
		default:
			return unknown(e, append(slices.Clone(boundOps), "field")...)
		}
	}
	return nil
}

// maxTimespan is about as long as durations reach.
const maxTimespan = 100 * 365 * 24 * time.Hour

// timespan reads "90m".
func timespan(body *value) (time.Duration, *fault) {
	v := body.get("timespan")
	if v == nil {
		return 0, broken(body, "the correlation has no timespan")
	}
	units := map[string]time.Duration{"s": time.Second, "m": time.Minute, "h": time.Hour, "d": 24 * time.Hour, "w": 7 * 24 * time.Hour}
	if n := len(v.text); n >= 2 && n < 12 {
		count, ok := digits(v.text[:n-1])
		unit := units[v.text[n-1:]]
		if ok && unit > 0 && count > 0 && count <= int(maxTimespan/unit) {
			return time.Duration(count) * unit, nil
		}
	}
	return 0, broken(v, "timespan %q", v.text).because("a number and one of s, m, h, d, such as 90m")
}

// resolve finds the rules of all correlations. Those that lack one, or refer to
// themselves, are left out.
func (l *loader) resolve() {
	index := map[[2]string]int{}
	for pass := range 2 { // identifiers go before names
		for i, r := range l.rules {
			key := [2]string{r.info.Revision, [2]string{r.info.ID, r.name}[pass]}
			if _, ok := index[key]; !ok && key[1] != "" {
				index[key] = i
			}
		}
	}
	const below, good, bad = 1, 2, 3
	state := make([]uint8, len(l.rules))
	var visit func(i int) *fault
	visit = func(i int) *fault {
		cr := l.rules[i].correlation
		if cr == nil || state[i] == good {
			return nil
		}
		state[i] = below
		info := &l.rules[i].info
		for _, ref := range cr.refs {
			k, ok := index[[2]string{info.Revision, ref}]
			var f *fault
			switch {
			case !ok:
				f = broken(cr.at, "the correlation refers to rule %q, which is not loaded", ref).because("by its id or its name")
			case state[k] == below:
				f = broken(cr.at, "the correlation refers to itself by %q", ref)
			case state[k] == bad || visit(k) != nil:
				f = broken(cr.at, "the correlation refers to rule %q, which is broken", ref)
			}
			if f != nil {
				state[i] = bad
				l.refuse(f, info.File, info)
				return f
			}
			cr.rules = append(cr.rules, k)
			var source telemetry.Logsource
			if r := l.rules[k].rule; r != nil {
				source = r.declared
			}
			cr.sources = append(cr.sources, source)
			cr.names = append(cr.names, []string{ref, l.rules[k].info.ID, l.rules[k].name})
		}
		state[i] = good
		l.order = append(l.order, i)
		return nil
	}
	for i := range l.rules {
		if state[i] == 0 {
			visit(i)
		}
	}
	l.compact(func(i int) bool { return state[i] != bad })
	// What a correlation refers to is a part of it, unless it says generate.
	generate := make([]bool, len(l.rules))
	for _, i := range l.order {
		for _, r := range l.rules[i].correlation.rules {
			generate[r] = generate[r] || l.rules[i].correlation.generate
		}
	}
	for _, i := range l.order {
		for _, r := range l.rules[i].correlation.rules {
			if !generate[r] {
				l.rules[r].partOf = l.rules[i].info.Title
			}
		}
	}
}

// compact leaves rules out and renumbers the others.
func (l *loader) compact(keep func(i int) bool) {
	moved := make([]int, len(l.rules))
	var kept []loaded
	for i, r := range l.rules {
		moved[i] = len(kept)
		if keep(i) {
			kept = append(kept, r)
		}
	}
	l.rules = kept
	for k, i := range l.order {
		l.order[k] = moved[i]
		for n, r := range l.rules[moved[i]].correlation.rules {
			l.rules[moved[i]].correlation.rules[n] = moved[r]
		}
	}
}

// key is the field of a rule's event that a name in group-by or in the condition
// means.
func (cr *correlation) key(name string, ref int) string {
	if fields, ok := cr.aliases[name]; ok {
		for _, known := range cr.names[ref] {
			if field, ok := fields[known]; ok && known != "" {
				name = field
				break
			}
		}
	}
	return cr.mapping.field(cr.sources[ref], name)
}

var _ detect.Engine = (*Engine)(nil)
