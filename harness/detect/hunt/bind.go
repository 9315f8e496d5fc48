package hunt

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// This file puts values in the place of variables. A value never becomes part of
// the statement: it is bound, so that no value can change what a query does.
// The rules are:
//
//   - $$name$$ is bound as a number if the value is a whole one, as seconds since
//     1970 if it is a date with a time, else as text;
//   - within a text ('%$$name$$%') the value is put in, as text;
//   - IN ($$name$$) takes a list with commas for as many values.

// bound is a statement and its values.
type bound struct {
	text string
	args []any
}

var (
	whole = regexp.MustCompile(`^[+-]?[0-9]{1,18}$`)
	list  = regexp.MustCompile(`^\s*[+-]?[0-9]{1,18}(?:\s*,\s*[+-]?[0-9]{1,18})+\s*$`)
	dated = regexp.MustCompile(`^\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2})?(\.\d+)?(Z|[+-]\d{2}:\d{2})?)?$`)
)

// bind makes the statement of a query. Skip are tokens that are replaced: the
// first of each by what stands for it, the others by nothing.
func (q *Query) bind(values map[string]string, now time.Time, skip map[int]string) (bound, *missing) {
	var b strings.Builder
	var args []any
	value := func(name string, line int) (string, *missing) {
		if v, ok := values[name]; ok {
			return v, nil
		}
		for _, v := range q.variables {
			if v.Name == name && v.Given {
				return v.Default, nil
			}
		}
		return "", &missing{name, line}
	}
	param := func(v any) {
		args = append(args, v)
		fmt.Fprintf(&b, "?%d", len(args))
	}
	end := q.tokens[0].start
	implied := -1 // closes a call that would mean the host's time
	for i := 0; i < len(q.tokens); i++ {
		t := &q.tokens[i]
		if text, ok := skip[i]; ok {
			b.WriteString(gap(q.text[end:t.start]))
			b.WriteString(text)
			end = t.end
			continue
		}
		b.WriteString(gap(q.text[end:t.start]))
		end = t.end
		switch {
		case t.kind == variableToken:
			v, miss := value(t.text[2:len(t.text)-2], t.line)
			if miss != nil {
				return bound{}, miss
			}
			if list.MatchString(v) && i > 1 && q.tokens[i-1].text == "(" && q.tokens[i-2].is("IN") {
				for k, part := range strings.Split(v, ",") {
					if k > 0 {
						b.WriteString(", ")
					}
					param(scalar(strings.TrimSpace(part)))
				}
				continue
			}
			param(scalar(v))
		case (t.kind == stringToken || t.kind == nameToken) && strings.Contains(t.text, "$$") && inText.MatchString(t.text):
			s := t.value()
			var out strings.Builder
			at := 0
			for _, m := range inText.FindAllStringSubmatchIndex(s, -1) {
				v, miss := value(s[m[2]:m[3]], t.line)
				if miss != nil {
					return bound{}, miss
				}
				out.WriteString(s[at:m[0]] + v)
				at = m[1]
			}
			param(out.String() + s[at:])
		case t.kind == stringToken && strings.EqualFold(t.text, "'now'"):
			param(sqlTime(now))
		case t.kind == stringToken && strings.EqualFold(t.text, "'localtime'"):
			b.WriteString("'+0 days'") // the machine's clock is UTC, and not the host's
		case t.isAny("now") && q.called(i) == 0:
			param(sqlTime(now))
			end = q.tokens[i+2].end
			i += 2
		case t.isAny("date", "time", "datetime", "julianday", "unixepoch") && q.called(i) == 0, t.is("strftime") && q.called(i) == 1:
			b.WriteString(t.text)
			implied = q.closing(i + 1)
		case i == implied:
			if q.tokens[i-1].text != "(" {
				b.WriteString(", ")
			}
			param(sqlTime(now))
			b.WriteString(")")
			implied = -1
		case t.isAny("CURRENT_TIMESTAMP", "CURRENT_DATE", "CURRENT_TIME"):
			layout := map[byte]string{'S': "2006-01-02 15:04:05", 'A': "2006-01-02", 'I': "15:04:05"}
			kind := byte('S')
			switch {
			case t.is("CURRENT_DATE"):
				kind = 'A'
			case t.is("CURRENT_TIME"):
				kind = 'I'
			}
			param(now.UTC().Format(layout[kind]))
		default:
			b.WriteString(t.text)
		}
	}
	return bound{b.String(), args}, nil
}

// closing is the token that closes a parenthesis; the last one if none does.
func (q *Query) closing(open int) int {
	for k := open + 1; k < len(q.tokens); k++ {
		if q.tokens[k].text == ")" && q.tokens[k].depth == q.tokens[open].depth {
			return k
		}
	}
	return len(q.tokens) - 1
}

// called is how many arguments a function is called with; -1 if it is not.
func (q *Query) called(i int) int {
	if i+2 >= len(q.tokens) || q.tokens[i+1].text != "(" {
		return -1
	}
	if q.tokens[i+2].text == ")" {
		return 0
	}
	n, end := 1, q.closing(i+1)
	for k := i + 2; k < end; k++ {
		if q.tokens[k].text == "," && q.tokens[k].depth == q.tokens[i+1].depth {
			n++
		}
	}
	return n
}

// gap is what stands between two tokens: blanks, for comments would hide what is
// put in, and new lines, so that lines stay those of the file.
func gap(s string) string {
	if s == "" {
		return ""
	}
	return " " + strings.Repeat("\n", strings.Count(s, "\n"))
}

// missing is a variable without a value.
type missing struct {
	name string
	line int
}

// scalar is a value outside of texts.
func scalar(v string) any {
	if whole.MatchString(v) {
		if n, err := strconv.ParseInt(v, 10, 64); err == nil {
			return n
		}
	}
	if dated.MatchString(v) {
		for _, layout := range []string{time.RFC3339Nano, "2006-01-02T15:04:05", "2006-01-02 15:04:05", "2006-01-02T15:04", "2006-01-02 15:04", "2006-01-02"} {
			if t, err := time.Parse(layout, v); err == nil {
				return t.Unix()
			}
		}
	}
	return v
}
