package hunt

import (
	"fmt"
	"slices"
	"strings"
)

// The Data Lake is asked in the SQL of Presto. Most of it is SQLite's, or is a
// function that SQLite is given; this file writes the few forms anew that are
// neither, and says which others there is no way to run.

// edit puts something else in the place of some bytes.
type edit struct {
	start, end int
	with       string
}

// translate gives the query as SQLite reads it. Lines stay those of the file.
func translate(text string, tokens []token) (string, []token, *scanError) {
	var edits []edit
	for i := range tokens {
		t := &tokens[i]
		opens := i+1 < len(tokens) && tokens[i+1].text == "("
		refuse := func(what string) (string, []token, *scanError) {
			return "", nil, &scanError{t.line, 0, what}
		}
		switch {
		case t.is("UNNEST"):
			more, ok := unnest(tokens, i)
			if !ok {
				return refuse("UNNEST that is not of the form CROSS JOIN UNNEST(list) AS name(column); join json_each(list) instead")
			}
			edits = append(edits, more...)
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

// unnest makes json_each of CROSS JOIN UNNEST(list) AS name(column), whose only
// column is called value, and gives the column its name where the SELECT uses it.
func unnest(tokens []token, i int) ([]edit, bool) {
	at := func(k int) *token {
		if k < 0 || k >= len(tokens) {
			return &token{}
		}
		return &tokens[k]
	}
	if !at(i-1).is("JOIN") && at(i-1).text != "," || at(i+1).text != "(" {
		return nil, false
	}
	end := i + 2
	for end < len(tokens) && !(tokens[end].text == ")" && tokens[end].depth == tokens[i+1].depth) {
		end++
	}
	k := end + 1
	if at(k).is("AS") {
		k++
	}
	name, column := at(k).name(), at(k+2).name()
	if name == "" || column == "" || at(k+1).text != "(" || at(k+3).text != ")" {
		return nil, false
	}
	edits := []edit{{tokens[i].start, tokens[i].end, "json_each"}, {tokens[k+1].start, tokens[k+3].end, ""}}
	// The SELECT is what lies between its keyword and the end of its level.
	depth, first, last := tokens[i].depth, i, k+4
	for first > 0 && tokens[first].depth >= depth && !(tokens[first].depth == depth && tokens[first].is("SELECT")) {
		first--
	}
	for last < len(tokens) && !(tokens[last].depth < depth || tokens[last].depth == depth && (tokens[last].text == ")" || tokens[last].isAny("UNION", "EXCEPT", "INTERSECT"))) {
		last++
	}
	list := true // of what is selected
	for n := first + 1; n < last; n++ {
		t := &tokens[n]
		if t.depth == depth && t.is("FROM") {
			list = false
		}
		if n >= i && n < k+4 || !strings.EqualFold(t.name(), column) || at(n+1).text == "(" || at(n+1).text == "." || at(n-1).is("AS") {
			continue
		}
		start := n
		if at(n-1).text == "." {
			if !strings.EqualFold(at(n-2).name(), name) {
				continue
			}
			start = n - 2
		}
		with := name + ".value"
		if list && t.depth == depth && (at(n+1).text == "," || at(n+1).is("FROM")) && (at(start-1).text == "," || at(start-1).isAny("SELECT", "DISTINCT")) {
			with += " AS " + column
		}
		edits = append(edits, edit{tokens[start].start, t.end, with})
	}
	return edits, true
}
