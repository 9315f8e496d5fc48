package hunt

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"sidetrace/harness/detect/near"
)

// mostNear is how many values of a column are compared with what a condition asks
// for.
const mostNear = 2000

// nearest says what the run has that is like what a condition asks for, and
// whether it is near.
func (x *explanation) nearest(t term) (string, bool) {
	now := sqlTime(x.b.now)
	value := func(tok *token) (string, bool) {
		switch tok.kind {
		case numberToken:
			return tok.text, true
		case variableToken, stringToken:
		default:
			return "", false
		}
		if strings.EqualFold(tok.text, "'now'") {
			return now, true
		}
		one := &Query{rule: x.q.rule, text: tok.text, tokens: []token{{tok.kind, tok.text, 0, len(tok.text), tok.line, 0}}, variables: x.q.variables}
		stmt, miss := one.bind(x.o.Variables, x.b.now, nil)
		if miss != nil {
			return "", false
		}
		if len(stmt.args) == 1 {
			return Text(stmt.args[0]), true
		}
		return tok.value(), true
	}
	best, distance := "", 1000
	var others string
	for _, c := range x.q.comparisons(t, value) {
		table, column := x.column(c)
		if table == nil {
			continue
		}
		if column.Type == "INTEGER" {
			if others == "" {
				others = x.span(table, column)
			}
			continue
		}
		have := x.valuesOf(table, column)
		if len(have) == 0 {
			others = fmt.Sprintf("no row of %s has a %s", table.Name, column.Name)
			continue
		}
		for _, want := range c.values {
			if c.folded && slices.ContainsFunc(have, func(v string) bool { return strings.EqualFold(v, want) }) {
				continue // it is there: what misses is something else
			}
			if text, d := compare(c.operator, want, have, column.Name); d < distance {
				best, distance = text, d
			}
		}
		if others == "" {
			others = fmt.Sprintf("%s.%s has %s", table.Name, column.Name, some(have))
		}
	}
	if best != "" {
		return best, true
	}
	return others, false
}

// column is that of a comparison, and the table it is of: the one it is
// qualified by, or the first that the query reads and has one of the name.
func (x *explanation) column(c comparison) (*Table, Column) {
	if c.qualifier != "" {
		if t := x.q.aliased(c.qualifier); t != nil {
			if column, ok := t.column(c.column); ok {
				return t, column
			}
		}
	}
	for _, t := range x.tables {
		if column, ok := t.column(c.column); ok {
			return t, column
		}
	}
	return nil, Column{}
}

// valuesOf are the texts of a column, each once.
func (x *explanation) valuesOf(t *Table, c Column) []string {
	key := t.Name + "." + c.Name
	if v, ok := x.values[key]; ok {
		return v
	}
	x.b.policy.off = true
	defer func() { x.b.policy.off = false }()
	var list []string
	x.values[key] = nil
	found, err := x.b.conn.QueryContext(x.ctx, fmt.Sprintf("SELECT DISTINCT substr(%s, 1, 1000) FROM %s WHERE %s > '' ORDER BY 1 LIMIT %d", quoteName(c.Name), t.Name, quoteName(c.Name), mostNear))
	if err != nil {
		return nil
	}
	defer found.Close()
	for found.Next() {
		var s string
		if found.Scan(&s) == nil {
			list = append(list, s)
		}
	}
	x.values[key] = list
	return list
}

// span says between what a column of numbers is.
func (x *explanation) span(t *Table, c Column) string {
	low, err := x.ours(fmt.Sprintf("SELECT min(%s) FROM %s", quoteName(c.Name), t.Name))
	if err != nil {
		return fmt.Sprintf("no row of %s has a %s", t.Name, c.Name)
	}
	high, err := x.ours(fmt.Sprintf("SELECT max(%s) FROM %s", quoteName(c.Name), t.Name))
	if err != nil {
		return ""
	}
	show := func(n int64) string {
		if strings.HasSuffix(c.Name, "time") && n > 1e8 && n < 1e11 {
			return fmt.Sprintf("%d (%s)", n, time.Unix(n, 0).UTC().Format("2006-01-02 15:04:05"))
		}
		return strconv.FormatInt(n, 10)
	}
	if low == high {
		return fmt.Sprintf("%s.%s is %s", t.Name, c.Name, show(low))
	}
	return fmt.Sprintf("%s.%s is from %s to %s", t.Name, c.Name, show(low), show(high))
}

// some names a few values.
func some(values []string) string {
	var list []string
	for i, v := range values {
		if i == 3 {
			list = append(list, fmt.Sprintf("and %d more", len(values)-3))
			break
		}
		list = append(list, `"`+short(v)+`"`)
	}
	return strings.Join(list, ", ")
}

// compare says which of the values of a column is like what is asked for, and
// how far it is from it; 1000 if none is.
func compare(operator, want string, have []string, column string) (string, int) {
	switch operator {
	case "LIKE":
		return comparePattern(want, "%", have, column)
	case "GLOB":
		return comparePattern(want, "*", have, column)
	case "=", "==", "IN", "IS":
		return compareWhole(operator, want, have, column)
	}
	return "", 1000
}

// compareWhole is for what compares the whole of a value.
func compareWhole(operator, want string, have []string, column string) (string, int) {
	for _, v := range have {
		switch {
		case strings.EqualFold(v, want) && v != want:
			return fmt.Sprintf(`%s is "%s", which differs in case from "%s", and %s compares it; LIKE does not`, column, short(v), short(want), operator), 0
		case strings.HasSuffix(strings.ToLower(v), "."+strings.ToLower(want)) && strings.Contains(want, "."):
			return fmt.Sprintf(`%s is "%s", which is below "%s", and %s compares the whole of it`, column, short(v), short(want), operator), 0
		}
	}
	if v, d, ok := near.Best(want, have, near.Limit(want)); ok {
		return nearestText(column, v, want, v), d
	}
	if len(want) > 4 {
		for _, v := range have {
			if strings.Contains(strings.ToLower(v), strings.ToLower(want)) {
				return fmt.Sprintf(`%s is "%s", which has "%s" in it, and %s compares the whole of it`, column, short(v), short(want), operator), 3
			}
		}
	}
	return "", 1000
}

// comparePattern is for patterns with any between their pieces.
func comparePattern(want, any string, have []string, column string) (string, int) {
	pieces := strings.FieldsFunc(want, func(r rune) bool { return string(r) == any })
	best, distance := "", 1000
	for _, v := range have {
		sum := 0
		var piece, part string
		rest := v
		for _, p := range pieces {
			if p == "" {
				continue
			}
			limit := near.Limit(p)
			found, d := near.Within(p, rest, limit)
			if d > limit {
				sum = 1000
				break
			}
			if d > 0 {
				piece, part = p, found
			}
			sum += d
			if i := strings.Index(rest, found); i >= 0 {
				rest = rest[i+len(found):]
			}
		}
		if sum >= distance {
			continue
		}
		if sum == 0 {
			// All is there, and the pattern does not match: its ends.
			if string(want[0]) != any || !strings.HasSuffix(want, any) {
				best, distance = fmt.Sprintf(`%s is "%s", which has it inside; the pattern "%s" asks for more at its ends than a %s would`, column, short(v), short(want), any), 1
			}
			continue
		}
		best, distance = nearestText(column, v, piece, part), sum
	}
	return best, distance
}

// nearestText names the nearest value and what differs.
func nearestText(column, value, want, got string) string {
	a, b := near.Difference(want, got)
	switch {
	case a == "":
		return fmt.Sprintf(`nearest is %s "%s": the run also has "%s"`, column, short(value), short(b))
	case b == "":
		return fmt.Sprintf(`nearest is %s "%s": the query also has "%s"`, column, short(value), short(a))
	}
	return fmt.Sprintf(`nearest is %s "%s": the query has "%s", the run "%s"`, column, short(value), short(a), short(b))
}
