package sigma

import (
	"encoding/base64"
	"net/netip"
	"slices"
	"strconv"
	"strings"
)

// modifier is what one modifier does, and what it goes together with.
type modifier struct {
	name  string
	group group
	part  timePart  // of groupTime
	match matchKind // of groupPlace and groupCompare
}

// group is the kind of modifier. Of most, a key may have one.
type group uint8

const (
	groupAll group = iota
	groupNeq
	groupCased
	groupExpand
	groupPlace   // where in the field
	groupDash    // windash
	groupUTF16   // encodings
	groupBase64  //
	groupRegex   // re
	groupFlag    // i, m, s
	groupCompare // lt, lte, gt, gte
	groupTime
	groupCIDR
	groupExists
	groupField // fieldref
)

// modifiers are those of the specification's appendix "Modifiers".
var modifiers = []modifier{
	{name: "all", group: groupAll},
	{name: "neq", group: groupNeq},
	{name: "cased", group: groupCased},
	{name: "expand", group: groupExpand},
	{name: "startswith", group: groupPlace, match: matchPrefix},
	{name: "endswith", group: groupPlace, match: matchSuffix},
	{name: "contains", group: groupPlace, match: matchContains},
	{name: "windash", group: groupDash},
	{name: "utf16le", group: groupUTF16},
	{name: "utf16be", group: groupUTF16},
	{name: "utf16", group: groupUTF16},
	{name: "wide", group: groupUTF16},
	{name: "base64", group: groupBase64},
	{name: "base64offset", group: groupBase64},
	{name: "re", group: groupRegex},
	{name: "i", group: groupFlag},
	{name: "m", group: groupFlag},
	{name: "s", group: groupFlag},
	{name: "lt", group: groupCompare, match: matchLess},
	{name: "lte", group: groupCompare, match: matchLessEqual},
	{name: "gt", group: groupCompare, match: matchGreater},
	{name: "gte", group: groupCompare, match: matchGreaterEqual},
	{name: "minute", group: groupTime, part: minute},
	{name: "hour", group: groupTime, part: hour},
	{name: "day", group: groupTime, part: day},
	{name: "week", group: groupTime, part: week},
	{name: "month", group: groupTime, part: month},
	{name: "year", group: groupTime, part: year},
	{name: "cidr", group: groupCIDR},
	{name: "exists", group: groupExists},
	{name: "fieldref", group: groupField},
}

// partners says which groups may stand beside those that change what a value is.
// The other groups are text, and go with each other.
var partners = map[group][]group{
	groupRegex:   {groupAll, groupNeq, groupFlag, groupPlace, groupExpand},
	groupFlag:    {groupAll, groupNeq, groupRegex, groupFlag, groupPlace, groupExpand},
	groupCompare: {groupAll, groupNeq, groupTime, groupExpand},
	groupTime:    {groupAll, groupNeq, groupCompare, groupExpand},
	groupCIDR:    {groupAll, groupNeq, groupExpand},
	groupExists:  {groupNeq},
	groupField:   {groupAll, groupNeq, groupPlace, groupCased},
}

// parseModifiers reads what stands behind the field of a key.
func parseModifiers(at *value, words []string) ([]modifier, *fault) {
	mods := make([]modifier, 0, len(words))
	for i, word := range words {
		k := slices.IndexFunc(modifiers, func(m modifier) bool { return m.name == word })
		if k < 0 {
			if word == "" {
				return nil, broken(at, "a | without a modifier behind it")
			}
			return nil, broken(at, "there is no modifier %q", word).because(didYouMean(word, modifierNames()))
		}
		m := modifiers[k]
		for _, o := range mods {
			switch {
			case o.name == m.name:
				return nil, broken(at, "modifier %s stands twice", m.name)
			case o.group == m.group && m.group != groupFlag,
				!goes(m.group, o.group):
				return nil, broken(at, "modifiers %s and %s do not go together", o.name, m.name)
			case m.group == groupRegex && o.group != groupAll && o.group != groupNeq && o.group != groupExpand,
				(m.group == groupUTF16 || m.group == groupBase64) && o.group == groupPlace,
				m.group == groupDash && (o.group == groupUTF16 || o.group == groupBase64),
				m.group == groupTime && o.group == groupCompare:
				return nil, broken(at, "modifier %s comes after %s", m.name, o.name).
					because("modifiers are applied in their order: write " + m.name + "|" + o.name)
			}
		}
		if m.group == groupFlag && (i == 0 || mods[i-1].group != groupFlag && mods[i-1].group != groupRegex) {
			return nil, broken(at, "modifier %s does not stand behind re", m.name)
		}
		mods = append(mods, m)
	}
	return mods, nil
}

// goes says whether modifiers of two groups may stand together.
func goes(a, b group) bool {
	if p, ok := partners[a]; ok {
		return slices.Contains(p, b)
	}
	if p, ok := partners[b]; ok {
		return slices.Contains(p, a)
	}
	return true
}

func modifierNames() []string {
	out := make([]string, len(modifiers))
	for i, m := range modifiers {
		out[i] = m.name
	}
	return out
}

// maxForms bounds the forms that the values of one key become.
const maxForms = 10_000

// term compiles one item of a selection.
func (c *compiler) term(at *value, key string, v *value) (*term, *fault) {
	words := strings.Split(key, "|")
	mods, f := parseModifiers(at, words[1:])
	if f != nil {
		return nil, f
	}
	t := &term{slot: -1, label: key}
	if words[0] != "" {
		t.slot = c.slot(words[0])
	}
	var how item
	for _, m := range mods {
		switch m.group {
		case groupAll:
			t.all = true
		case groupNeq:
			t.neg = true
		case groupCased:
			t.exact = true
		case groupExpand:
			how.expand = true
		case groupPlace:
			how.place = m.match
		case groupFlag:
			how.flags += m.name
		case groupCompare:
			how.compare = m.match
		case groupTime:
			how.part = m.part
		case groupDash, groupUTF16, groupBase64:
			how.transforms = append(how.transforms, m.name)
		default:
			how.special = m.name
		}
	}
	if words[0] == "" && (how.special == "exists" || how.special == "fieldref") {
		return nil, broken(at, "%s needs a field before it", how.special)
	}
	if t.slot < 0 && how.place == matchEqual {
		how.place = matchContains // keywords stand anywhere
	}
	how.exact = t.exact
	values := []*value{v}
	if v.kind == listValue {
		values = v.items
	}
	if len(values) == 0 {
		return nil, broken(v, "%s has no value", key)
	}
	if t.all && len(values) == 1 && !how.expand {
		c.warn(at, "%s: \"all\" with a single value changes nothing", key)
	}
	if slices.Contains(how.transforms, "base64offset") && how.place == matchEqual {
		c.warn(at, "%s: base64offset without contains compares with the whole field", key)
	}
	for _, v := range values {
		ms, f := c.matchers(v, how)
		if f != nil {
			if f.line == 0 {
				f.line, f.column = v.line, v.column
			}
			return nil, f
		}
		if t.all && len(ms) > 1 {
			ms = []matcher{{kind: matchAny, more: &more{sub: ms}}}
		}
		for range ms {
			t.values = append(t.values, shown(v))
		}
		t.matchers = append(t.matchers, ms...)
		if len(t.matchers) > maxForms {
			return nil, unsupported(v, "the values of one key become more than %d forms", maxForms)
		}
	}
	t.estimate()
	return t, nil
}

// shown is a value as an explanation writes it.
func shown(v *value) string {
	if v.kind == stringValue {
		return "'" + clip(v.text) + "'"
	}
	if v.kind == nullValue {
		return "null"
	}
	return v.text
}

// item is what the modifiers of a key make of its values.
type item struct {
	expand, exact bool
	place         matchKind
	transforms    []string // windash, utf16…, base64…, in their order
	special       string   // re, cidr, exists, fieldref
	flags         string   // of re
	compare       matchKind
	part          timePart
}

// matchers compiles one value. It is more than one where the value has several
// forms.
func (c *compiler) matchers(v *value, how item) ([]matcher, *fault) {
	if v.kind == listValue || v.kind == mapValue {
		return nil, broken(v, "a value is %v", v.kind)
	}
	if how.expand {
		if v.kind != stringValue {
			return nil, broken(v, "expand is for strings, and this is %v", v.kind)
		}
		texts, f := c.expand(v)
		if f != nil {
			return nil, f
		}
		var out []matcher
		for _, t := range texts {
			ms, f := c.expanded(t, how)
			if f != nil {
				return nil, f
			}
			out = append(out, ms...)
		}
		return out, nil
	}
	numeric := how.compare != 0 || how.part != noPart
	switch {
	case numeric:
		n, ok := parseNumber(v.text)
		if !ok || v.kind != numberValue && v.kind != stringValue {
			return nil, broken(v, "a number is needed here, and this is %s", shown(v))
		}
		kind := how.compare
		if kind == 0 {
			kind = matchNumber
		}
		return []matcher{{kind: kind, lit: []byte(fold(v.text)), more: &more{number: n, part: how.part}}}, nil
	case how.special == "exists":
		switch {
		case v.kind != boolValue:
			return nil, broken(v, "exists is true or false, and this is %s", shown(v))
		case strings.EqualFold(v.text, "true"):
			return []matcher{{kind: matchExists}}, nil
		}
		return []matcher{{kind: matchAbsent}}, nil
	case v.kind == nullValue:
		if how.special != "" || len(how.transforms) > 0 || how.place != matchEqual {
			return nil, broken(v, "null is compared as a whole, without modifiers")
		}
		return []matcher{{kind: matchNull}}, nil
	case how.special == "" && v.kind == numberValue && how.place == matchEqual && len(how.transforms) == 0:
		n, ok := parseNumber(v.text)
		if !ok {
			if i, err := strconv.ParseInt(v.text, 0, 64); err == nil { // 0x17, 1_000
				n = number{true, i, float64(i)}
			} else if x, err := strconv.ParseFloat(v.text, 64); err == nil {
				n = number{float: x}
			} else {
				return c.compile(text(nil).literal(v.text), how)
			}
		}
		return []matcher{{kind: matchNumber, lit: []byte(fold(v.text)), more: &more{number: n}}}, nil
	}
	switch how.special {
	case "re":
		return one(c.regex(v.text, how))
	case "cidr":
		return one(cidr(v.text))
	case "fieldref":
		return []matcher{{kind: matchField, more: &more{slot: c.slot(v.text), how: how.place}}}, nil
	}
	return c.compile(parseText(v.text), how)
}

func one(m matcher, f *fault) ([]matcher, *fault) {
	if f != nil {
		return nil, f
	}
	return []matcher{m}, nil
}

// expanded compiles a value whose placeholders were replaced.
func (c *compiler) expanded(t text, how item) ([]matcher, *fault) {
	if how.special == "" && how.compare == 0 && how.part == noPart {
		return c.compile(t, how)
	}
	s, ok := t.plain()
	if !ok {
		return nil, broken(nil, "a placeholder with wildcards in a value that is no text")
	}
	how.expand = false
	return c.matchers(&value{kind: stringValue, text: s}, how)
}

func (c *compiler) regex(expr string, how item) (matcher, *fault) {
	switch how.place {
	case matchPrefix:
		expr = "^(?:" + expr + ")"
	case matchSuffix:
		expr = "(?:" + expr + ")$"
	}
	re, need, f := compileRegex(expr, how.flags)
	return matcher{kind: matchRegex, lit: need, more: &more{regex: re}}, f
}

func cidr(s string) (matcher, *fault) {
	p, err := netip.ParsePrefix(s)
	if err != nil {
		addr, err := netip.ParseAddr(s)
		if err != nil {
			return matcher{}, broken(nil, "%q is no network", s).because("such as 10.0.0.0/8 or fd00::/8")
		}
		p = netip.PrefixFrom(addr, addr.BitLen())
	}
	return matcher{kind: matchCIDR, more: &more{prefix: p.Masked()}}, nil
}

// compile makes matchers of a text: encodes it as the modifiers say, and chooses
// the simplest comparison.
func (c *compiler) compile(t text, how item) ([]matcher, *fault) {
	forms := []text{t}
	for _, name := range how.transforms {
		var next []text
		for _, t := range forms {
			made, f := transform(t, name)
			if f != nil {
				return nil, f
			}
			next = append(next, made...)
		}
		forms = next
	}
	var out []matcher
	for _, t := range forms {
		if (how.place == matchSuffix || how.place == matchContains) && (len(t) == 0 || t[0].kind != anyMany) {
			t = append(text{{kind: anyMany}}, t...)
		}
		if how.place == matchPrefix || how.place == matchContains {
			t = t[:len(t):len(t)].many()
		}
		if !how.exact {
			t = t.mapped(fold)
		}
		out = append(out, simplest(t))
	}
	return out, nil
}

// transform applies one modifier to a text.
func transform(t text, name string) ([]text, *fault) {
	if name == "windash" {
		return []text{t.windash()}, nil
	}
	forms, ok := t.spelled()
	if !ok {
		return nil, unsupported(nil, "more than %d dashes of windash in a value that is encoded", maxDashes)
	}
	var out []text
	for _, t := range forms {
		switch name {
		case "utf16le", "wide":
			out = append(out, t.mapped(func(s string) string { return utf16Bytes(s, false) }))
		case "utf16be":
			out = append(out, t.mapped(func(s string) string { return utf16Bytes(s, true) }))
		case "utf16":
			le := t.mapped(func(s string) string { return utf16Bytes(s, false) })
			bom := text(nil).literal("\xff\xfe")
			for _, p := range le {
				if p.kind == literal {
					bom = bom.literal(p.text)
				} else {
					bom = append(bom, p)
				}
			}
			out = append(out, bom)
		default:
			s, ok := t.plain()
			if !ok {
				return nil, broken(nil, "%s: a value with wildcards cannot be encoded", name).because(`write \* or \? for the characters themselves`)
			}
			if name == "base64" {
				out = append(out, text(nil).literal(base64.StdEncoding.EncodeToString([]byte(s))))
				continue
			}
			for _, enc := range base64Offsets(s) {
				if enc == "" {
					return nil, broken(nil, "base64offset: the value is too short to be recognised")
				}
				out = append(out, text(nil).literal(enc))
			}
		}
	}
	return out, nil
}

// simplest chooses a comparison.
func simplest(t text) matcher {
	front, back := 0, len(t)
	if back > front && t[0].kind == anyMany {
		front++
	}
	if back > front && t[back-1].kind == anyMany {
		back--
	}
	lit, ok := t[front:back].plain()
	if !ok {
		g := newGlob(t)
		return matcher{kind: matchGlob, lit: g.longest, more: &more{glob: g}}
	}
	m := matcher{lit: []byte(lit)}
	switch open, end := front > 0, back < len(t); {
	case open && end:
		m.kind = matchContains
	case open:
		m.kind = matchSuffix
	case end:
		m.kind = matchPrefix
	}
	return m
}

// costs are rough, in nanoseconds, to order the terms of a selection.
var costs = [...]int{
	matchEqual: 3, matchPrefix: 3, matchSuffix: 3, matchContains: 15, matchGlob: 30, matchRegex: 60, matchNumber: 3, matchLess: 4,
	matchLessEqual: 4, matchGreater: 4, matchGreaterEqual: 4, matchNull: 2, matchExists: 2, matchAbsent: 2, matchCIDR: 40, matchField: 10, matchAny: 60,
}

func (t *term) estimate() {
	for i := range t.matchers {
		t.cost += costs[t.matchers[i].kind]
	}
	if t.slot < 0 {
		t.cost *= 20
	}
}
