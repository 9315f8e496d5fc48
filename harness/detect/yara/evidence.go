package yara

import (
	"encoding/hex"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"

	"sidetrace/harness/detect"
	"sidetrace/reports"
)

// shown is how many bytes of a match are shown.
const shown = 64

// fire tells what made a rule fire on an object: the strings that were found,
// or the condition where there are none.
func (e *Engine) fire(rule int, h hit, o *detect.Object) reports.Fire {
	f := reports.Fire{On: o.Name, Kind: o.Kind}
	if o.Seq != 0 {
		f.Seqs = []uint64{o.Seq}
	}
	for _, s := range h.strings {
		for i, m := range s.matches {
			if len(f.Evidence) == evidencePerFire {
				break
			}
			text := printable(matched(o.Data, m))
			if rest := s.total - len(s.matches); i == len(s.matches)-1 && rest > 0 {
				text += fmt.Sprintf(" (and %d more)", rest)
			}
			f.Evidence = append(f.Evidence, reports.Evidence{Term: s.name, Offset: &s.matches[i].offset, Text: text})
		}
	}
	if len(f.Evidence) == 0 {
		p := e.places[rule]
		condition := p.outline().condition.of(p.source.text)
		f.Evidence = []reports.Evidence{{Term: "condition", Text: oneLine(condition, 200)}}
	}
	return f
}

// matched are the bytes of a match that are shown.
func matched(data []byte, m match) []byte {
	if m.offset < 0 || m.offset > int64(len(data)) {
		return nil
	}
	data = data[m.offset:]
	return data[:min(int64(len(data)), max(m.length, 0), shown)]
}

// printable shows bytes as text where they are text, of one or two bytes a
// letter, and in hexadecimal otherwise.
func printable(b []byte) string {
	if isText(b) {
		return string(b)
	}
	if len(b) >= 2 && len(b)%2 == 0 {
		var narrow []byte
		for i := 0; i < len(b) && b[i+1] == 0; i += 2 {
			narrow = append(narrow, b[i])
		}
		if 2*len(narrow) == len(b) && isText(narrow) {
			return string(narrow)
		}
	}
	return spaced(b)
}

// isText says that bytes are printable ASCII.
func isText(b []byte) bool {
	for _, c := range b {
		if c < ' ' || c > '~' {
			return false
		}
	}
	return len(b) > 0
}

// spaced writes bytes in hexadecimal, as rules do.
func spaced(b []byte) string {
	digits := strings.ToUpper(hex.EncodeToString(b))
	var s strings.Builder
	for i := 0; i < len(digits); i += 2 {
		if i > 0 {
			s.WriteByte(' ')
		}
		s.WriteString(digits[i : i+2])
	}
	return s.String()
}

// technique is the number of an ATT&CK technique, with the separators that
// metas and tags use.
var technique = regexp.MustCompile(`(?i)\bT(\d{4})(?:[._/-](\d{3}))?(?:\D|$)`)

// describe takes title, level and techniques out of a rule's metas and tags,
// for which there is no standard, but habits.
func describe(r *reports.Rule, info ruleInfo) {
	for _, m := range info.metas {
		name := strings.ToLower(m.name)
		switch {
		case name == "description" || name == "desc":
			if r.Title == "" {
				r.Title = title(m.text)
			}
		case name == "level" || name == "severity" || name == "score" || name == "threat_level" || name == "risk":
			if l := level(name, m.text); l != "" && r.Level == "" {
				r.Level = l
			}
		case strings.Contains(name, "mitre") || strings.Contains(name, "attack") || strings.Contains(name, "att_ck") || strings.Contains(name, "technique"):
			addTechniques(r, m.text)
		}
	}
	for _, tag := range info.tags {
		addTechniques(r, strings.TrimPrefix(strings.ToLower(tag), "attack_"))
	}
}

func title(text string) string {
	text = strings.Join(strings.Fields(strings.ToValidUTF8(text, "\uFFFD")), " ")
	if len(text) > 200 {
		cut := 200
		for !utf8.RuneStart(text[cut]) {
			cut--
		}
		text = text[:cut] + "…"
	}
	return text
}

// level reads a word, or a number: the score of THOR and Loki, of which 40 is a
// notice, 60 a warning, 80 an alert, and 100 as good as sure; or a severity from
// 1 to 10.
func level(name, text string) string {
	switch word := strings.ToLower(strings.TrimSpace(text)); word {
	case "informational", "low", "medium", "high", "critical":
		return word
	case "info", "information":
		return "informational"
	case "moderate", "warning":
		return "medium"
	case "severe":
		return "critical"
	}
	n, err := strconv.Atoi(strings.TrimSpace(text))
	if err != nil || n < 0 {
		return ""
	}
	if name != "score" && n <= 10 {
		n *= 10
	}
	switch {
	case n >= 100:
		return "critical"
	case n >= 80:
		return "high"
	case n >= 60:
		return "medium"
	case n >= 40:
		return "low"
	}
	return "informational"
}

func addTechniques(r *reports.Rule, text string) {
	for rest := text; ; {
		at := technique.FindStringSubmatchIndex(rest)
		if at == nil {
			return
		}
		id := "T" + rest[at[2]:at[3]]
		last := at[3]
		if at[4] >= 0 {
			id += "." + rest[at[4]:at[5]]
			last = at[5]
		}
		rest = rest[last:]
		known := false
		for _, have := range r.Attack {
			known = known || have == id
		}
		if !known {
			r.Attack = append(r.Attack, id)
		}
	}
}
