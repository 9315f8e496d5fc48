package sigma

import (
	"errors"
	"regexp"
	"regexp/syntax"
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxProgram bounds a compiled regular expression, for the time of matching grows
// with it.
const maxProgram = 10_000

// compileRegex makes an expression, and a literal that a value must contain, in
// lower case, for it to match; it may be empty.
func compileRegex(expr, flags string) (re *regexp.Regexp, need []byte, f *fault) {
	if len(expr) > maxProgram {
		return nil, nil, unsupported(nil, "the regular expression has %d bytes, more than %d", len(expr), maxProgram)
	}
	expr, what := translate(expr)
	if what != "" {
		return nil, nil, unsupported(nil, "the regular expression uses %s, which RE2 does not have", what).
			because("Sigma's own subset of PCRE has no " + what + " either: use a second selection")
	}
	if flags != "" {
		expr = "(?" + flags + ")" + expr
	}
	parsed, err := syntax.Parse(expr, syntax.Perl)
	if err != nil {
		var e *syntax.Error
		if errors.As(err, &e) && (e.Code == syntax.ErrInvalidRepeatSize || e.Code == syntax.ErrLarge) {
			return nil, nil, unsupported(nil, "the regular expression repeats more than 1000 times, or is too large: %s", e.Expr)
		}
		return nil, nil, broken(nil, "the regular expression: %s", strings.TrimPrefix(err.Error(), "error parsing regexp: "))
	}
	need = required(parsed)
	if prog, err := syntax.Compile(parsed.Simplify()); err != nil || len(prog.Inst) > maxProgram {
		return nil, nil, unsupported(nil, "the regular expression is too large once its repetitions are written out")
	}
	if re, err = regexp.Compile(expr); err != nil {
		return nil, nil, broken(nil, "the regular expression: %v", err)
	}
	return re, need, nil
}

// translate rewrites what PCRE spells otherwise, and names what RE2 lacks.
func translate(expr string) (out, lacks string) {
	var b strings.Builder
	class := false
	for i := 0; i < len(expr); i++ {
		c, rest := expr[i], expr[i+1:]
		switch {
		case c == '\\' && rest != "":
			i++
			switch d := rest[0]; {
			case class:
			case '1' <= d && d <= '9' || d == 'k' || d == 'g':
				return "", "back references"
			case d == 'G' || d == 'K' || d == 'R' || d == 'X':
				return "", `\` + string(d)
			case d == 'Z':
				b.WriteString(`(?:\n?\z)`)
				continue
			case d == 'h':
				b.WriteString(`[ \t]`)
				continue
			}
			b.WriteByte(c)
			b.WriteByte(rest[0])
			continue
		case class:
			class = c != ']'
			if c == '[' && strings.HasPrefix(rest, ":") {
				if end := strings.Index(rest, ":]"); end > 0 {
					b.WriteString(expr[i : i+end+3])
					i += end + 2
					continue
				}
			}
		case c == '[':
			class = true
			// A bracket directly behind the opening one is no end.
			skip := len(rest) - len(strings.TrimPrefix(strings.TrimPrefix(rest, "^"), "]"))
			b.WriteString(expr[i : i+1+skip])
			i += skip
			continue
		case c == '(' && strings.HasPrefix(rest, "?"):
			switch {
			case strings.HasPrefix(rest, "?=") || strings.HasPrefix(rest, "?!") ||
				strings.HasPrefix(rest, "?<=") || strings.HasPrefix(rest, "?<!"):
				return "", "look-around"
			case strings.HasPrefix(rest, "?>"):
				return "", "atomic groups"
			case strings.HasPrefix(rest, "?("):
				return "", "conditional groups"
			case strings.HasPrefix(rest, "?P=") || strings.HasPrefix(rest, "?P>"):
				return "", "back references"
			case strings.HasPrefix(rest, "?R") || strings.HasPrefix(rest, "?&") || len(rest) > 1 && '0' <= rest[1] && rest[1] <= '9':
				return "", "recursion"
			case strings.HasPrefix(rest, "?#"):
				return "", "comments"
			}
		case strings.IndexByte("*+?}", c) >= 0 && strings.HasPrefix(rest, "+"):
			return "", "possessive quantifiers"
		}
		b.WriteByte(c)
	}
	return b.String(), ""
}

// required is the longest literal that every match contains, in lower case.
func required(re *syntax.Regexp) []byte {
	switch re.Op {
	case syntax.OpLiteral:
		for _, r := range re.Rune {
			// Matching without regard to case must not reach further than lower case.
			if r == utf8.RuneError || re.Flags&syntax.FoldCase != 0 && !foldsToLower(r) {
				return nil
			}
		}
		return appendFold(nil, string(re.Rune))
	case syntax.OpCapture, syntax.OpPlus:
		return required(re.Sub[0])
	case syntax.OpRepeat:
		if re.Min > 0 {
			return required(re.Sub[0])
		}
	case syntax.OpConcat:
		var best []byte
		for _, sub := range re.Sub {
			if lit := required(sub); len(lit) > len(best) {
				best = lit
			}
		}
		return best
	}
	return nil
}

// foldsToLower says that all forms of a character have one lower-case form.
func foldsToLower(r rune) bool {
	lower := unicode.ToLower(r)
	for f := unicode.SimpleFold(r); f != r; f = unicode.SimpleFold(f) {
		if unicode.ToLower(f) != lower {
			return false
		}
	}
	return true
}
