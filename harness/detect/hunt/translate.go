package hunt

import (
	"fmt"
	"slices"
	"strings"
)

// The Data Lake is asked in the SQL of Presto. Most of it is SQLite's, or is a
// function that SQLite is given; this file writes the few forms anew that are
// neither, and says which others there is no way to run.

// translate gives the query as SQLite reads it. Lines stay those of the file.
func translate(text string, tokens []token) (string, []token, *scanError) {
	type edit struct {
		start, end int
		with       string
	}
	var edits []edit
	for i := range tokens {
		t := &tokens[i]
		opens := i+1 < len(tokens) && tokens[i+1].text == "("
		refuse := func(what string) (string, []token, *scanError) {
			return "", nil, &scanError{t.line, 0, what}
		}
		switch {
		case t.is("UNNEST"):
			return refuse("UNNEST makes rows of a list, which SQLite has no form for; join json_each(split(…)) instead")
		case t.is("INTERVAL") && i+1 < len(tokens) && tokens[i+1].kind == stringToken:
			return refuse("INTERVAL: a span of time of Presto; use seconds, or date_add")
		case t.is("ARRAY") && i+1 < len(tokens) && strings.HasPrefix(tokens[i+1].text, "["):
			return refuse("ARRAY[…] is a list of Presto; use json_array(…)")
		case t.is("LATERAL"):
			return refuse("LATERAL joins are Presto's; SQLite has none")
		case t.is("ROLLUP") && opens || t.is("CUBE") && opens || t.is("GROUPING") && i+1 < len(tokens) && tokens[i+1].is("SETS"):
			return refuse("grouping sets are Presto's; SQLite has none")
		case t.is("EXTRACT") && opens:
			return refuse("EXTRACT(… FROM …); use strftime")
		case t.is("TRY_CAST") && opens:
			edits = append(edits, edit{t.start, t.end, "CAST"})
		case t.is("TRY") && opens:
			edits = append(edits, edit{t.start, t.end, ""})
		case t.is("POSITION") && opens, t.is("SUBSTRING") && opens:
			words := []string{"FROM", "FOR"}
			name := "substr"
			if t.is("POSITION") {
				words, name = []string{"IN"}, "position_of"
			}
			found := false
			for k := i + 2; k < min(len(tokens), i+2000) && !(tokens[k].text == ")" && tokens[k].depth == tokens[i+1].depth); k++ {
				if tokens[k].depth == tokens[i+1].depth && tokens[k].isAny(words...) {
					edits = append(edits, edit{tokens[k].start, tokens[k].end, ","})
					found = true
				}
			}
			if found {
				edits = append(edits, edit{t.start, t.end, name})
			}
		}
	}
	if len(edits) == 0 {
		return text, tokens, nil
	}
	var b strings.Builder
	at := 0
	slices.SortFunc(edits, func(a, b edit) int { return a.start - b.start })
	for _, e := range edits {
		if e.start >= at {
			b.WriteString(text[at:e.start] + e.with)
			at = e.end
		}
	}
	b.WriteString(text[at:])
	text = b.String()
	tokens, err := scan(text)
	if err != nil {
		return "", nil, &scanError{err.line, err.column, fmt.Sprintf("written anew for SQLite: %s", err.message)}
	}
	for len(tokens) > 0 && tokens[len(tokens)-1].is(";") {
		tokens = tokens[:len(tokens)-1]
	}
	return text, tokens, nil
}
