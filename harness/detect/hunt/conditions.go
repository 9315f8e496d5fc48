package hunt

import "strings"

// term is one of the conditions of a WHERE clause that are joined by AND.
type term struct {
	first, last int    // tokens
	text        string // in one line
	line        int
}

// replace notes that a term stands for true.
func (t term) replace(skip map[int]string) {
	for i := t.first; i <= t.last; i++ {
		skip[i] = ""
	}
	skip[t.first] = "1"
}

// clauses lists the WHERE clauses of a query, each as its conditions. A clause
// that OR divides is one condition.
func (q *Query) clauses() [][]term {
	var list [][]term
	for i := range q.tokens {
		if !q.tokens[i].is("WHERE") || i+1 >= len(q.tokens) {
			continue
		}
		if i > 1 && q.tokens[i-1].text == "(" && q.tokens[i-2].is("FILTER") {
			continue
		}
		if terms := q.split(i + 1); len(terms) > 0 {
			list = append(list, terms)
		}
	}
	return list
}

// split divides a clause that begins with a token.
func (q *Query) split(start int) []term {
	if start >= len(q.tokens) {
		return nil
	}
	depth := q.tokens[start-1].depth
	end, between, nested, divided := start, 0, 0, false
	var cuts []int
scan:
	for ; end < len(q.tokens); end++ {
		t := &q.tokens[end]
		if t.depth < depth || t.depth == depth && depth > 0 && t.text == ")" {
			break
		}
		if t.depth > depth {
			continue
		}
		switch {
		case t.isAny("GROUP", "ORDER", "HAVING", "LIMIT", "UNION", "EXCEPT", "INTERSECT", "WINDOW"):
			break scan
		case t.is("CASE"):
			nested++
		case t.is("END"):
			nested--
		case nested > 0:
		case t.is("BETWEEN"):
			between++
		case t.is("AND") && between > 0:
			between--
		case t.is("AND"):
			cuts = append(cuts, end)
		case t.is("OR"):
			divided = true
		}
	}
	if end == start {
		return nil
	}
	if divided {
		cuts = nil
	}
	var terms []term
	at := start
	for _, cut := range append(cuts, end) {
		if cut > at {
			terms = append(terms, term{at, cut - 1, q.source(at, cut-1), q.tokens[at].line})
		}
		at = cut + 1
	}
	return terms
}

// source is the text of some tokens in one line.
func (q *Query) source(first, last int) string {
	return strings.Join(strings.Fields(q.text[q.tokens[first].start:q.tokens[last].end]), " ")
}

// comparison is a column compared with texts.
type comparison struct {
	qualifier, column string
	operator          string // upper case
	folded            bool   // it is compared in lower or upper case
	values            []string
	line              int
}

// comparisons lists those within a term that ask for a text; those that ask for
// anything but one are left out.
func (q *Query) comparisons(t term, value func(*token) (string, bool)) []comparison {
	var list []comparison
	for i := t.first; i <= t.last; i++ {
		op := &q.tokens[i]
		if !op.isAny("LIKE", "GLOB", "=", "==", "IN", "IS", "<", "<=", ">", ">=", "BETWEEN") || i == t.first || i == t.last || q.tokens[i-1].is("NOT") || q.tokens[i+1].is("NOT") {
			continue
		}
		c := comparison{operator: strings.ToUpper(op.text), line: op.line}
		c.qualifier, c.column = q.columnBefore(i, t.first)
		c.folded = q.foldedBefore(i, t.first)
		from := i + 1
		if c.column == "" { // 'x' = column
			if v, ok := value(&q.tokens[i-1]); ok && op.isAny("=", "==") {
				c.qualifier, c.column = q.columnAfter(i+1, t.last)
				c.values = []string{v}
			}
			if c.column != "" {
				list = append(list, c)
			}
			continue
		}
		for k := from; k <= t.last; k++ {
			tok := &q.tokens[k]
			if v, ok := value(tok); ok {
				c.values = append(c.values, v)
				if !op.is("IN") && !op.is("BETWEEN") && q.tokens[from].depth == tok.depth {
					break
				}
				continue
			}
			if op.is("BETWEEN") && tok.is("AND") {
				continue
			}
			// LOWER('x') and ('x', 'y') go on, anything else ends it.
			if tok.text == "(" || tok.text == "," && tok.depth > op.depth || tok.isAny("LOWER", "UPPER") {
				continue
			}
			break
		}
		if len(c.values) > 0 {
			list = append(list, c)
		}
	}
	return list
}

// columnBefore is the column that ends before a token: name, alias.name, or one
// of these within a function.
func (q *Query) columnBefore(i, first int) (qualifier, column string) {
	k := i - 1
	if q.tokens[k].text == ")" { // LOWER(column): the last name in it
		depth := q.tokens[k].depth
		for k--; k > first && q.tokens[k].depth >= depth; k-- {
			if q.tokens[k].name() != "" && q.tokens[k+1].text != "(" {
				break
			}
		}
	}
	if k < first || q.tokens[k].name() == "" {
		return "", ""
	}
	column = q.tokens[k].name()
	if k-2 >= first && q.tokens[k-1].text == "." {
		qualifier = q.tokens[k-2].name()
	}
	return qualifier, column
}

// foldedBefore says that LOWER(…) or UPPER(…) ends before a token.
func (q *Query) foldedBefore(i, first int) bool {
	if q.tokens[i-1].text != ")" {
		return false
	}
	for k := i - 2; k > first; k-- {
		if q.tokens[k].text == "(" && q.tokens[k].depth <= q.tokens[i-1].depth {
			return q.tokens[k-1].isAny("LOWER", "UPPER")
		}
	}
	return false
}

// columnAfter is the column that begins with a token.
func (q *Query) columnAfter(i, last int) (qualifier, column string) {
	if i > last || q.tokens[i].name() == "" {
		return "", ""
	}
	if i+2 <= last && q.tokens[i+1].text == "." {
		return q.tokens[i].name(), q.tokens[i+2].name()
	}
	return "", q.tokens[i].name()
}

// aliased is the table that a name stands for; nil if it is none of ours.
func (q *Query) aliased(name string) *Table {
	if t := tableNamed(name); t != nil {
		return t
	}
	for i := 1; i < len(q.tokens); i++ {
		if !strings.EqualFold(q.tokens[i].name(), name) {
			continue
		}
		k := i - 1
		if q.tokens[k].is("AS") {
			k--
		}
		if k < 1 || !q.tokens[k-1].isAny("FROM", "JOIN", ",") {
			continue
		}
		if t := tableNamed(q.tokens[k].name()); t != nil {
			return t
		}
	}
	return nil
}
