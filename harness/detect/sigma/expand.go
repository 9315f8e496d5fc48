package sigma

import "strings"

// expand replaces the placeholders of a value, each by all its values.
// (Specification, section "Placeholders".)
func (c *compiler) expand(v *value) ([]text, *fault) {
	out := []text{nil}
	add := func(alternatives ...text) bool {
		if len(out)*len(alternatives) > maxForms {
			return false
		}
		next := make([]text, 0, len(out)*len(alternatives))
		for _, o := range out {
			for _, a := range alternatives {
				joined := append(text(nil), o...)
				for _, p := range a {
					switch p.kind {
					case literal:
						joined = joined.literal(p.text)
					case anyMany:
						joined = joined.many()
					default:
						joined = append(joined, p)
					}
				}
				next = append(next, joined)
			}
		}
		out = next
		return true
	}
	var plain strings.Builder
	found := false
	for s := v.text; s != ""; {
		if rest, ok := strings.CutPrefix(s, `\%`); ok {
			plain.WriteByte('%')
			s = rest
			continue
		}
		name, rest, ok := placeholder(s)
		if !ok {
			// A backslash stays with what it escapes.
			n := 1
			if s[0] == '\\' && len(s) > 1 && s[1] != '%' {
				n = 2
			}
			plain.WriteString(s[:n])
			s = s[n:]
			continue
		}
		found = true
		values, ok := c.opt.Placeholders[name]
		if !ok || len(values) == 0 {
			return nil, unsupported(v, "placeholder %%%s%% has no values here", name).because("give a value to the variable " + name)
		}
		alternatives := make([]text, len(values))
		for i, value := range values {
			alternatives[i] = parseText(value)
		}
		add(parseText(plain.String()))
		plain.Reset()
		if !add(alternatives...) {
			return nil, unsupported(v, "the placeholders become more than %d values", maxForms)
		}
		s = rest
	}
	add(parseText(plain.String()))
	if !found {
		return nil, broken(v, "expand is given no placeholder").because("such as %Servers%")
	}
	return out, nil
}

// placeholder reads "%name%" at the start of s.
func placeholder(s string) (name, rest string, ok bool) {
	if s[0] != '%' {
		return "", "", false
	}
	name, rest, ok = strings.Cut(s[1:], "%")
	if !ok || name == "" {
		return "", "", false
	}
	for _, r := range name {
		if !isWord(r) && r != '-' && r != '.' {
			return "", "", false
		}
	}
	return name, rest, true
}
