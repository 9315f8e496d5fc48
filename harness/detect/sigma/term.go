package sigma

import (
	"bytes"
	"net/netip"
	"regexp"
	"strconv"
	"strings"

	"sidetrace/harness/telemetry"
)

// matchKind is how a value of a rule is compared.
type matchKind uint8

const (
	matchEqual matchKind = iota
	matchPrefix
	matchSuffix
	matchContains
	matchGlob
	matchRegex
	matchNumber // equal to a number
	matchLess   // and so on: compared with a number
	matchLessEqual
	matchGreater
	matchGreaterEqual
	matchNull
	matchExists
	matchAbsent
	matchCIDR
	matchField // the value of another field
	matchAny   // one of sub: forms of one value of the rule
)

// matcher compares one value of a rule with a value of an event.
type matcher struct {
	kind matchKind
	lit  []byte // for matchEqual to matchContains, the number as written, what a regular expression needs
	more *more  // for the other kinds
}

// more is what few matchers need.
type more struct {
	glob   *glob
	regex  *regexp.Regexp
	number number
	part   timePart
	prefix netip.Prefix
	slot   int32     // of the other field
	how    matchKind // how two fields are compared
	sub    []matcher
}

// number is a number of a rule.
type number struct {
	whole bool
	int   int64
	float float64
}

// term is one item of a selection, "field|modifiers: values", or the keywords of
// a list.
type term struct {
	slot     int32 // -1 for keywords
	exact    bool  // cased
	all, neg bool
	matchers []matcher

	label  string   // the key, as the rule has it
	values []string // by matcher, as the rule has them
	cost   int      // rough, to try cheap ones first
}

// match says that the event bound fulfils the term.
func (t *term) match(b *bound) bool { return t.holds(b) != t.neg }

func (t *term) holds(b *bound) bool {
	if !t.all {
		for i := range t.matchers {
			if t.one(b, &t.matchers[i]) >= 0 {
				return true
			}
		}
		return false
	}
	for i := range t.matchers {
		if t.one(b, &t.matchers[i]) < 0 {
			return false
		}
	}
	return true
}

// absent is what one returns for a field that is not there, and holds thereby.
const absent = 1 << 30

// one is the index of the value that a matcher holds for, or -1.
func (t *term) one(b *bound, m *matcher) int32 {
	if t.slot < 0 {
		for i := range b.event.Fields {
			if b.compare(m, int32(i), t.exact) {
				return int32(i)
			}
		}
		return -1
	}
	i := b.first[t.slot]
	if i == 0 {
		if m.kind == matchNull || m.kind == matchAbsent {
			return absent
		}
		return -1
	}
	for ; i != 0; i = b.next[i-1] {
		if b.compare(m, i-1, t.exact) {
			return i - 1
		}
	}
	return -1
}

// compare compares one value of the event.
func (b *bound) compare(m *matcher, i int32, exact bool) bool {
	v := &b.values[i]
	if v.Kind == telemetry.Null {
		return m.kind == matchNull || m.kind == matchExists
	}
	switch m.kind {
	case matchEqual:
		return bytes.Equal(b.text(i, exact), m.lit)
	case matchPrefix:
		return bytes.HasPrefix(b.text(i, exact), m.lit)
	case matchSuffix:
		return bytes.HasSuffix(b.text(i, exact), m.lit)
	case matchContains:
		return bytes.Contains(b.text(i, exact), m.lit)
	case matchGlob:
		return m.more.glob.match(b.text(i, exact))
	case matchRegex:
		return (len(m.lit) == 0 || bytes.Contains(b.text(i, false), m.lit)) && m.more.regex.Match(b.text(i, true))
	case matchExists:
		return true
	case matchCIDR:
		addr, ok := parseAddr(v.Text)
		return ok && m.more.prefix.Contains(addr)
	case matchField:
		return b.compareFields(m, i, exact)
	case matchAny:
		for k := range m.more.sub {
			if b.compare(&m.more.sub[k], i, exact) {
				return true
			}
		}
	case matchNumber, matchLess, matchLessEqual, matchGreater, matchGreaterEqual:
		return b.compareNumber(m, i)
	}
	return false
}

func (b *bound) compareFields(m *matcher, i int32, exact bool) bool {
	mine := b.text(i, exact)
	for k := b.first[m.more.slot]; k != 0; k = b.next[k-1] {
		if b.values[k-1].Kind == telemetry.Null {
			continue
		}
		other := b.text(k-1, exact)
		var ok bool
		switch m.more.how {
		case matchPrefix:
			ok = bytes.HasPrefix(mine, other)
		case matchSuffix:
			ok = bytes.HasSuffix(mine, other)
		case matchContains:
			ok = bytes.Contains(mine, other)
		default:
			ok = bytes.Equal(mine, other)
		}
		if ok {
			return true
		}
	}
	return false
}

func (b *bound) compareNumber(m *matcher, i int32) bool {
	v := &b.values[i]
	var n number
	switch {
	case m.more.part != noPart:
		part, ok := m.more.part.of(v.Text)
		if !ok {
			return false
		}
		n = number{true, int64(part), float64(part)}
	case v.Kind == telemetry.Integer:
		n = number{true, v.Int, float64(v.Int)}
	case v.Kind == telemetry.Float:
		n = number{float: v.Number}
	case v.Kind == telemetry.Boolean:
		return false
	case m.kind == matchNumber && bytes.Equal(b.text(i, false), m.lit):
		return true // "0x17" for a rule that says 0x17
	default:
		var ok bool
		if n, ok = parseNumber(v.Text); !ok {
			return false
		}
	}
	order := n.compare(m.more.number)
	switch m.kind {
	case matchNumber:
		return order == 0
	case matchLess:
		return order < 0
	case matchLessEqual:
		return order <= 0
	case matchGreater:
		return order > 0
	default:
		return order >= 0
	}
}

func (n number) compare(m number) int {
	if n.whole && m.whole {
		switch {
		case n.int < m.int:
			return -1
		case n.int > m.int:
			return 1
		}
		return 0
	}
	switch {
	case n.float < m.float:
		return -1
	case n.float > m.float:
		return 1
	}
	return 0
}

// parseNumber reads a decimal number. It is careful to ask strconv for nothing
// that is none, for its errors allocate.
func parseNumber(s string) (number, bool) {
	if len(s) == 0 || len(s) > 40 {
		return number{}, false
	}
	digits, dots, rest := 0, 0, s
	if rest[0] == '-' || rest[0] == '+' {
		rest = rest[1:]
	}
	for i := range len(rest) {
		switch c := rest[i]; {
		case '0' <= c && c <= '9':
			digits++
		case c == '.' && dots == 0:
			dots++
		case (c == 'e' || c == 'E') && digits > 0 && exponent(rest[i+1:]):
			f, err := strconv.ParseFloat(s, 64)
			return number{float: f}, err == nil
		default:
			return number{}, false
		}
	}
	switch {
	case digits == 0:
		return number{}, false
	case dots == 0 && digits <= 18:
		n, err := strconv.ParseInt(s, 10, 64)
		return number{true, n, float64(n)}, err == nil
	}
	f, err := strconv.ParseFloat(s, 64)
	return number{float: f}, err == nil
}

func exponent(s string) bool {
	s = strings.TrimLeft(s, "+-")
	return s != "" && len(s) <= 3 && strings.Trim(s, "0123456789") == ""
}

// parseAddr reads an IP address. What cannot be one is refused before package
// netip makes an error of it.
func parseAddr(s string) (netip.Addr, bool) {
	if len(s) < 2 || len(s) > 45 {
		return netip.Addr{}, false
	}
	for i := range len(s) {
		if c := s[i]; (c < '0' || c > '9') && (c|0x20 < 'a' || c|0x20 > 'f') && c != '.' && c != ':' {
			return netip.Addr{}, false
		}
	}
	addr, err := netip.ParseAddr(s)
	return addr.Unmap(), err == nil
}

// timePart is the part of a date that a modifier takes out.
type timePart uint8

const (
	noPart timePart = iota
	minute
	hour
	day
	week
	month
	year
)

// of takes the part out of a date as sensors write it, such as
// "2023-03-29 14:05:06.123" or the same with a T. Time zones are not converted.
func (p timePart) of(s string) (int, bool) {
	date, ok := parseDate(s)
	if !ok {
		return 0, false
	}
	switch p {
	case minute:
		return date.minute, date.timed
	case hour:
		return date.hour, date.timed
	case day:
		return date.day, true
	case week:
		return date.week(), true
	case month:
		return date.month, true
	default:
		return date.year, true
	}
}
