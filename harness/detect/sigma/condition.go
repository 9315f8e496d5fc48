package sigma

import (
	"slices"
	"strings"
)

// operator is what a node of a condition does with its parts.
type operator uint8

const (
	opSelection operator = iota
	opAnd
	opOr
	opNot
)

// condition is a node of a rule's condition.
type condition struct {
	op    operator
	parts []*condition // in the order of cost
	sel   *selection
}

// selection is one search identifier: alternatives of items that hold together.
type selection struct {
	name   string
	line   int
	index  int // in the order of the file
	groups []items
	cost   int
}

// items is what stands of one map, or one list of keywords.
type items struct {
	terms []*term // in the order of the file
	quick []*term // the same, cheap ones first
}

// match says that a bound event fulfils the condition.
func (c *condition) match(b *bound) bool {
	switch c.op {
	case opAnd:
		for _, p := range c.parts {
			if !p.match(b) {
				return false
			}
		}
		return true
	case opOr:
		for _, p := range c.parts {
			if p.match(b) {
				return true
			}
		}
		return false
	case opNot:
		return !c.parts[0].match(b)
	}
	return c.sel.match(b)
}

func (s *selection) match(b *bound) bool {
groups:
	for i := range s.groups {
		for _, t := range s.groups[i].quick {
			if !t.match(b) {
				continue groups
			}
		}
		return true
	}
	return false
}

// sort puts the cheap parts first, which have no effect on each other.
func (c *condition) sort() (cost int) {
	if c.op == opSelection {
		return c.sel.cost
	}
	costs := make(map[*condition]int, len(c.parts))
	for _, p := range c.parts {
		costs[p] = p.sort()
		cost += costs[p]
	}
	slices.SortStableFunc(c.parts, func(a, b *condition) int { return costs[a] - costs[b] })
	return cost
}

// uses lists the selections that decide, and whether each must not hold.
func (c *condition) uses(negated bool, yield func(*selection, bool)) {
	switch c.op {
	case opSelection:
		yield(c.sel, negated)
	case opNot:
		c.parts[0].uses(!negated, yield)
	default:
		for _, p := range c.parts {
			p.uses(negated, yield)
		}
	}
}

// parser reads a condition. Grammar, the loosest first (specification, section
// "Condition"): or, and, not, "x of", brackets.
type conditionParser struct {
	at     *value
	words  []string
	depth  int
	lookup func(name string) *selection
	all    []*selection
	used   map[*selection]bool
}

// maxWords bounds a condition, and maxBrackets its depth.
const (
	maxWords    = 5_000
	maxBrackets = 100
)

func (p *conditionParser) parse(s string) (*condition, *fault) {
	if strings.Contains(s, "|") {
		return nil, unsupported(p.at, "the condition has a | of Sigma 1").because("aggregations are correlation rules since Sigma 2")
	}
	p.words = conditionWords(s)
	if len(p.words) == 0 {
		return nil, broken(p.at, "the condition is empty")
	}
	if len(p.words) > maxWords {
		return nil, broken(p.at, "the condition has more than %d words", maxWords)
	}
	c, f := p.or()
	if f != nil {
		return nil, f
	}
	if len(p.words) > 0 {
		return nil, broken(p.at, "the condition has %q where and, or, or its end is expected", p.words[0])
	}
	return c, nil
}

// conditionWords splits a condition at spaces and brackets.
func conditionWords(s string) []string {
	s = strings.NewReplacer("(", " ( ", ")", " ) ").Replace(s)
	return strings.Fields(s)
}

// next is the next word, without regard to case where it is one of the language.
func (p *conditionParser) is(word string) bool {
	return len(p.words) > 0 && strings.EqualFold(p.words[0], word)
}

func (p *conditionParser) or() (*condition, *fault) { return p.chain("or", opOr, p.and) }

func (p *conditionParser) and() (*condition, *fault) { return p.chain("and", opAnd, p.not) }

// chain reads parts with one word between them.
func (p *conditionParser) chain(word string, op operator, part func() (*condition, *fault)) (*condition, *fault) {
	first, f := part()
	if f != nil || !p.is(word) {
		return first, f
	}
	c := &condition{op: op, parts: []*condition{first}}
	for p.is(word) {
		p.words = p.words[1:]
		next, f := part()
		if f != nil {
			return nil, f
		}
		c.parts = append(c.parts, next)
	}
	return c, nil
}

func (p *conditionParser) not() (*condition, *fault) {
	negate := false
	for p.is("not") {
		p.words = p.words[1:]
		negate = !negate
	}
	c, f := p.primary()
	if f != nil || !negate {
		return c, f
	}
	return &condition{op: opNot, parts: []*condition{c}}, nil
}

func (p *conditionParser) primary() (*condition, *fault) {
	if len(p.words) == 0 {
		return nil, broken(p.at, "the condition ends where a search identifier is expected")
	}
	word := p.words[0]
	p.words = p.words[1:]
	switch {
	case word == "(":
		if p.depth++; p.depth > maxBrackets {
			return nil, broken(p.at, "the condition has more than %d brackets in each other", maxBrackets)
		}
		c, f := p.or()
		if f != nil {
			return nil, f
		}
		if !p.is(")") {
			return nil, broken(p.at, "the condition lacks a closing bracket")
		}
		p.depth--
		p.words = p.words[1:]
		return c, nil
	case word == ")" || strings.EqualFold(word, "and") || strings.EqualFold(word, "or"):
		return nil, broken(p.at, "the condition has %q where a search identifier is expected", word)
	case p.is("of"):
		p.words = p.words[1:]
		return p.of(word)
	}
	s := p.lookup(word)
	if s == nil {
		var names []string
		for _, s := range p.all {
			names = append(names, s.name)
		}
		return nil, broken(p.at, "the condition names %q, which is not defined", word).because(didYouMean(word, names))
	}
	p.used[s] = true
	return &condition{sel: s}, nil
}

// of reads what follows "1 of", "any of" and "all of".
func (p *conditionParser) of(quantifier string) (*condition, *fault) {
	c := &condition{op: opOr}
	switch strings.ToLower(quantifier) {
	case "all":
		c.op = opAnd
	case "1", "any":
	default:
		return nil, unsupported(p.at, "%q of: Sigma has 1, any and all", quantifier)
	}
	if len(p.words) == 0 {
		return nil, broken(p.at, "the condition ends after %q of", quantifier)
	}
	pattern := p.words[0]
	p.words = p.words[1:]
	them := strings.EqualFold(pattern, "them")
	for _, s := range p.all {
		hidden := strings.HasPrefix(s.name, "_") && !strings.HasPrefix(pattern, "_")
		if hidden || !them && !starMatch(pattern, s.name) {
			continue
		}
		p.used[s] = true
		c.parts = append(c.parts, &condition{sel: s})
	}
	switch len(c.parts) {
	case 0:
		return nil, broken(p.at, "the condition's %q fits no search identifier", quantifier+" of "+pattern)
	case 1:
		return c.parts[0], nil
	}
	return c, nil
}

// starMatch compares a name with a pattern that has * at any place.
func starMatch(pattern, name string) bool {
	var t text
	for i, lit := range strings.Split(pattern, "*") {
		if i > 0 {
			t = t.many()
		}
		t = t.literal(lit)
	}
	return newGlob(t).match([]byte(name))
}
