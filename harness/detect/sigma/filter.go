package sigma

import (
	"slices"

	"sidetrace/harness/detect"
)

// filter is a document that restricts rules (specification "Filters").
type filter struct {
	title  string
	source gate
	rules  []string // identifiers or names; nil for all of the log source
	cond   *condition
	at     *value
}

func (c *compiler) filter(doc *value) (*filter, *fault) {
	fl := &filter{title: doc.str("title"), at: doc}
	if f := c.head(doc, &fl.source); f != nil {
		return nil, f
	}
	body := doc.get("filter")
	if body.kind != mapValue {
		return nil, broken(body, "filter is %v, not a map", body.kind)
	}
	rules := body.get("rules")
	if rules == nil {
		return nil, broken(body, "the filter does not say of which rules").because("rules: a list of identifiers or names, or any")
	}
	fl.rules = body.list("rules")
	if rules.kind == stringValue && (fold(rules.text) == "any" || fold(rules.text) == "all") {
		fl.rules = nil
	} else if len(fl.rules) == 0 {
		return nil, broken(rules, "the filter lists no rule")
	}
	var f *fault
	if _, fl.cond, f = c.detection(body, []string{"rules"}); f != nil {
		return nil, f
	}
	if fl.cond.op == opSelection {
		c.warn(body.get("condition"), "the rules fire only where the filter's condition holds").
			because("to suppress what it selects, say: not " + fl.cond.sel.name)
	}
	return fl, nil
}

// apply adds the filter to the rules it is for, and names those it did not find.
func (fl *filter) apply(rules []*Rule) (problems []*fault) {
	found := make([]bool, len(fl.rules))
	for _, r := range rules {
		i := slices.IndexFunc(fl.rules, func(ref string) bool { return ref == r.ID || ref == r.Name })
		if fl.rules != nil && i < 0 {
			continue
		}
		if i >= 0 {
			found[i] = true
		}
		if !fl.source.covers(r.source) {
			if fl.rules != nil {
				f := broken(fl.at, "the filter is of %v and leaves rule %q alone, which is of %v", fl.source, r.Title, r.source)
				f.severity = detect.Warning
				problems = append(problems, f)
			}
			continue
		}
		r.filters = append(r.filters, fl)
	}
	for i, ok := range found {
		if !ok {
			f := broken(fl.at, "the filter names rule %q, which is not loaded", fl.rules[i])
			f.severity = detect.Warning
			problems = append(problems, f)
		}
	}
	return problems
}
