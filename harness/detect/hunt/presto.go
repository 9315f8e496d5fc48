package hunt

import (
	"bytes"
	"database/sql/driver"
	"encoding/json"
	"net/url"
	"regexp"
	"strings"
	"time"
	"unicode/utf8"

	"sidetrace/harness/detect/near"
)

// prestoFunctions are those of Presto that queries of the Data Lake use and
// SQLite has not.
//
// https://prestodb.io/docs/current/functions.html
func prestoFunctions() []Function {
	var p patterns
	// matching makes a function of a text and a pattern.
	matching := func(f func(re *regexp.Regexp, s string, rest []driver.Value) driver.Value) func([]driver.Value) (driver.Value, error) {
		return func(args []driver.Value) (driver.Value, error) {
			if len(args) < 2 {
				return nil, nil
			}
			s, ok := strs(args[:2])
			if !ok {
				return nil, nil
			}
			re, err := p.get(s[1])
			if err != nil {
				return nil, err
			}
			return f(re, s[0], args[2:]), nil
		}
	}
	of := func(n int, f func(s []string, args []driver.Value) driver.Value) func([]driver.Value) (driver.Value, error) {
		return func(args []driver.Value) (driver.Value, error) {
			if len(args) < n {
				return nil, nil
			}
			s, ok := strs(args[:n])
			if !ok {
				return nil, nil
			}
			return f(s, args[n:]), nil
		}
	}
	position := func(needle, s string) driver.Value {
		i := strings.Index(s, needle)
		if i < 0 {
			return int64(0)
		}
		return int64(utf8.RuneCountInString(s[:i]) + 1)
	}
	presto := func(usage, meaning string, args int, call func([]driver.Value) (driver.Value, error)) Function {
		name, _, _ := strings.Cut(usage, "(")
		return Function{Name: name, Product: "Presto", Usage: usage, Meaning: meaning, args: args, call: call}
	}
	total := func(usage, meaning string, args int, f func() aggregate) Function {
		name, _, _ := strings.Cut(usage, "(")
		return Function{Name: name, Product: "Presto", Usage: usage, Meaning: meaning, args: args, total: f}
	}
	return []Function{
		presto("regexp_like(text, pattern)", "1 if the pattern is found.", 2, matching(func(re *regexp.Regexp, s string, _ []driver.Value) driver.Value { return truth(re.MatchString(s)) })),
		presto("regexp_extract(text, pattern[, group])", "What matched first, or a group of it.", -1, matching(func(re *regexp.Regexp, s string, rest []driver.Value) driver.Value {
			n := int64(0)
			if len(rest) > 0 {
				n = integer(rest[0])
			}
			m := re.FindStringSubmatch(s)
			if m == nil {
				return nil
			}
			return part(m, n)
		})),
		presto("regexp_replace(text, pattern[, new])", "Every match replaced.", -1, matching(func(re *regexp.Regexp, s string, rest []driver.Value) driver.Value {
			with := ""
			if len(rest) > 0 {
				with, _ = str(rest[0])
			}
			return re.ReplaceAllString(s, with)
		})),
		presto("regexp_extract_all(text, pattern)", "The list of matches.", 2, matching(func(re *regexp.Regexp, s string, _ []driver.Value) driver.Value {
			return jsonList(re.FindAllString(s, -1))
		})),
		presto("strpos(text, part)", "Where the part begins, from 1; 0 if nowhere. POSITION(part IN text) is the same.", 2, of(2, func(s []string, _ []driver.Value) driver.Value { return position(s[1], s[0]) })),
		{Name: "position_of", Product: "Presto", Usage: "POSITION(part IN text)", Meaning: "See strpos.", args: 2, call: of(2, func(s []string, _ []driver.Value) driver.Value { return position(s[0], s[1]) })},
		presto("split_part(text, mark, n)", "The n-th part, from 1.", 3, of(2, func(s []string, rest []driver.Value) driver.Value {
			return part(strings.Split(s[0], s[1]), integer(rest[0])-1)
		})),
		presto("starts_with(text, beginning)", "1 if it does.", 2, of(2, func(s []string, _ []driver.Value) driver.Value { return truth(strings.HasPrefix(s[0], s[1])) })),
		presto("ends_with(text, end)", "1 if it does.", 2, of(2, func(s []string, _ []driver.Value) driver.Value { return truth(strings.HasSuffix(s[0], s[1])) })),
		presto("chr(n)", "The character of a number.", 1, of(1, func(s []string, _ []driver.Value) driver.Value {
			n := integer(s[0])
			if n < 0 || n > utf8.MaxRune {
				return nil
			}
			return string(rune(n))
		})),
		presto("reverse(text)", "From its end to its beginning.", 1, of(1, func(s []string, _ []driver.Value) driver.Value {
			r := []rune(s[0])
			for i, j := 0, len(r)-1; i < j; i, j = i+1, j-1 {
				r[i], r[j] = r[j], r[i]
			}
			return string(r)
		})),
		presto("levenshtein_distance(a, b)", "In how many characters they differ; at most 64.", 2, of(2, func(s []string, _ []driver.Value) driver.Value { return int64(near.Distance(s[0], s[1], 64)) })),
		presto("url_extract_host(url)", "Its host.", 1, of(1, func(s []string, _ []driver.Value) driver.Value {
			u, err := url.Parse(s[0])
			if err != nil {
				return nil
			}
			return u.Hostname()
		})),
		presto("url_extract_path(url)", "Its path.", 1, of(1, func(s []string, _ []driver.Value) driver.Value {
			u, err := url.Parse(s[0])
			if err != nil {
				return nil
			}
			return u.Path
		})),
		presto("json_extract_scalar(json, path)", "A value of JSON; paths of names and numbers.", 2, of(2, func(s []string, _ []driver.Value) driver.Value { return jsonScalar(s[0], s[1]) })),

		presto("from_unixtime(seconds)", "A time, as text.", -1, of(1, func(s []string, _ []driver.Value) driver.Value { return sqlTime(unix(float(s[0]))) })),
		presto("to_unixtime(time)", "Seconds since 1970.", 1, func(args []driver.Value) (driver.Value, error) {
			t, ok := moment(args[0])
			if !ok {
				return nil, nil
			}
			return float64(t.UnixMilli()) / 1000, nil
		}),
		presto("from_iso8601_timestamp(text)", "A time, as text.", 1, func(args []driver.Value) (driver.Value, error) {
			t, ok := moment(args[0])
			if !ok {
				return nil, nil
			}
			return sqlTime(t), nil
		}),
		presto("date_format(time, format)", "With the letters of MySQL: %Y %m %d %H %i %s …", 2, func(args []driver.Value) (driver.Value, error) {
			t, ok := moment(args[0])
			format, ok2 := str(args[1])
			if !ok || !ok2 {
				return nil, nil
			}
			return mysqlFormat(t, format), nil
		}),
		presto("date_diff(unit, from, to)", "Whole units between two times.", 3, func(args []driver.Value) (driver.Value, error) {
			unit, _ := str(args[0])
			a, ok := moment(args[1])
			b, ok2 := moment(args[2])
			span, ok3 := spans[strings.ToLower(unit)]
			if !ok || !ok2 || !ok3 {
				return nil, nil
			}
			return int64(b.Sub(a) / span), nil
		}),
		presto("date_add(unit, n, time)", "A time later by n units.", 3, func(args []driver.Value) (driver.Value, error) {
			unit, _ := str(args[0])
			t, ok := moment(args[2])
			span, ok2 := spans[strings.ToLower(unit)]
			n := integer(args[1])
			if !ok || !ok2 || n > 1e9 || n < -1e9 {
				return nil, nil
			}
			return sqlTime(t.Add(time.Duration(n) * span)), nil
		}),

		presto("array_join(list, mark)", "Its values as one text.", -1, of(2, func(s []string, _ []driver.Value) driver.Value { return strings.Join(listOf(s[0]), s[1]) })),
		presto("cardinality(list)", "How many values it has.", 1, of(1, func(s []string, _ []driver.Value) driver.Value { return int64(len(listOf(s[0]))) })),
		presto("contains(list, value)", "1 if it has the value.", 2, of(2, func(s []string, _ []driver.Value) driver.Value {
			for _, v := range listOf(s[0]) {
				if v == s[1] {
					return truth(true)
				}
			}
			return truth(false)
		})),
		presto("element_at(list, n)", "The n-th value, from 1; from the end if n is negative.", 2, of(1, func(s []string, rest []driver.Value) driver.Value {
			l, n := listOf(s[0]), integer(rest[0])
			if n < 0 {
				n += int64(len(l)) + 1
			}
			return part(l, n-1)
		})),
		presto("array_distinct(list)", "Each value once.", 1, of(1, func(s []string, _ []driver.Value) driver.Value {
			var out []string
			seen := map[string]bool{}
			for _, v := range listOf(s[0]) {
				if !seen[v] {
					seen[v] = true
					out = append(out, v)
				}
			}
			return jsonList(out)
		})),
		total("array_agg(value)", "The list of the values of many rows.", 1, func() aggregate { return &gather{} }),
		total("approx_distinct(value)", "How many values there are. It is exact.", 1, func() aggregate { return &distinct{} }),
		total("arbitrary(value)", "One of the values: the first.", 1, func() aggregate { return &first{} }),
		total("any_value(value)", "One of the values: the first.", 1, func() aggregate { return &first{} }),
		total("count_if(condition)", "For how many rows it holds.", 1, func() aggregate { return &countIf{} }),
	}
}

// mostValues is how many values of rows a list keeps.
const mostValues = 100_000

type gather struct{ values []string }

func (g *gather) step(args []driver.Value) {
	if s, ok := str(args[0]); ok && len(g.values) < mostValues {
		g.values = append(g.values, s)
	}
}
func (g *gather) result() driver.Value { return jsonList(g.values) }

type distinct struct{ seen map[string]bool }

func (d *distinct) step(args []driver.Value) {
	if s, ok := str(args[0]); ok && len(d.seen) < mostValues {
		if d.seen == nil {
			d.seen = map[string]bool{}
		}
		d.seen[s] = true
	}
}
func (d *distinct) result() driver.Value { return int64(len(d.seen)) }

type first struct{ value driver.Value }

func (f *first) step(args []driver.Value) {
	if f.value == nil {
		f.value = args[0]
	}
}
func (f *first) result() driver.Value { return f.value }

type countIf struct{ n int64 }

func (c *countIf) step(args []driver.Value) {
	if float(args[0]) != 0 {
		c.n++
	}
}
func (c *countIf) result() driver.Value { return c.n }

// jsonList is a list of texts as JSON.
func jsonList(values []string) driver.Value {
	if values == nil {
		values = []string{}
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.Encode(values) // texts always have a form
	return strings.TrimSpace(b.String())
}

// listOf is a list of JSON as texts; a text that is none is a list of itself.
func listOf(s string) []string {
	var values []any
	d := json.NewDecoder(strings.NewReader(s))
	d.UseNumber()
	if !strings.HasPrefix(strings.TrimSpace(s), "[") || d.Decode(&values) != nil {
		return []string{s}
	}
	out := make([]string, 0, len(values))
	for _, v := range values {
		switch v := v.(type) {
		case nil:
		case string:
			out = append(out, v)
		default:
			b, _ := json.Marshal(v)
			out = append(out, string(b))
		}
	}
	return out
}

// jsonScalar finds a value of JSON by a path such as $.a.b[0].
func jsonScalar(text, path string) driver.Value {
	var v any
	d := json.NewDecoder(strings.NewReader(text))
	d.UseNumber()
	if d.Decode(&v) != nil {
		return nil
	}
	path = strings.TrimPrefix(path, "$")
	for _, step := range strings.FieldsFunc(path, func(r rune) bool { return r == '.' || r == '[' || r == ']' || r == '"' }) {
		switch at := v.(type) {
		case map[string]any:
			v = at[step]
		case []any:
			n := integer(step)
			if n < 0 || n >= int64(len(at)) {
				return nil
			}
			v = at[n]
		default:
			return nil
		}
	}
	switch v := v.(type) {
	case string:
		return v
	case json.Number:
		return v.String()
	case bool:
		if v {
			return "true"
		}
		return "false"
	}
	return nil
}

// spans are the units of time.
var spans = map[string]time.Duration{"millisecond": time.Millisecond, "second": time.Second, "minute": time.Minute, "hour": time.Hour, "day": 24 * time.Hour, "week": 7 * 24 * time.Hour}

func unix(seconds float64) time.Time {
	if !(seconds > -1e11 && seconds < 1e11) {
		return time.Unix(0, 0)
	}
	return time.UnixMilli(int64(seconds * 1000)).UTC()
}

// moment is a time: seconds since 1970, or text.
func moment(v driver.Value) (time.Time, bool) {
	switch v := v.(type) {
	case nil:
		return time.Time{}, false
	case int64:
		return unix(float64(v)), true
	case float64:
		return unix(v), true
	}
	s, _ := str(v)
	for _, layout := range []string{"2006-01-02 15:04:05.999999999", time.RFC3339Nano, "2006-01-02T15:04:05", "2006-01-02 15:04", "2006-01-02"} {
		if t, err := time.Parse(layout, strings.TrimSuffix(s, " UTC")); err == nil {
			return t.UTC(), true
		}
	}
	return time.Time{}, false
}

// mysqlFormat writes a time with MySQL's letters.
func mysqlFormat(t time.Time, format string) string {
	layouts := map[byte]string{'Y': "2006", 'y': "06", 'm': "01", 'c': "1", 'd': "02", 'e': "2", 'H': "15", 'k': "15", 'h': "03", 'I': "03", 'l': "3", 'i': "04", 's': "05", 'S': "05",
		'f': "000000", 'p': "PM", 'M': "January", 'b': "Jan", 'W': "Monday", 'a': "Mon", 'T': "15:04:05", 'r': "03:04:05 PM", 'j': "002"}
	var b strings.Builder
	for i := 0; i < len(format); i++ {
		if format[i] != '%' || i+1 == len(format) {
			b.WriteByte(format[i])
			continue
		}
		i++
		switch layout, ok := layouts[format[i]]; {
		case format[i] == 'f':
			b.WriteString(strings.TrimPrefix(t.Format(".000000"), "."))
		case ok:
			b.WriteString(t.Format(layout))
		default:
			b.WriteByte(format[i])
		}
	}
	return b.String()
}
