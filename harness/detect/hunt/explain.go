package hunt

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"sidetrace/harness/detect"
	"sidetrace/reports"
)

// explainTime is how long an explanation may look for.
const explainTime = 3 * time.Second

// Explain says why a hunt returned no rows: how many rows each table has that it
// reads, which of its conditions no row fulfils, and what came nearest to it.
func (e *Engine) Explain(ctx context.Context, rule int, s *detect.Subject) reports.Silence {
	db, err := e.Database(s)
	if err != nil {
		return reports.Silence{Reason: err.Error()}
	}
	return db.Explain(ctx, e.queries[rule], e.options)
}

// Explain is that of [Engine.Explain], for one query.
func (b *Database) Explain(ctx context.Context, q *Query, o Options) reports.Silence {
	b.mu.Lock()
	defer b.mu.Unlock()
	ctx, cancel := context.WithTimeout(ctx, min(o.timeout(), explainTime))
	defer cancel()
	stmt, problem := b.compile(q, o)
	if problem == nil {
		if _, err := b.columns(stmt.text); err != nil {
			problem = b.problem(q, err)
		}
	}
	if problem != nil {
		silence := reports.Silence{Reason: "it cannot run: " + problem.Message}
		if problem.Hint != "" {
			silence.Terms = []reports.Term{{Name: fmt.Sprintf("line %d", problem.Line), Misses: []string{problem.Hint}}}
		}
		return silence
	}
	x := &explanation{b: b, q: q, o: o, ctx: ctx, values: map[string][]string{}}
	x.tables = q.mentioned()
	x.readTables()
	x.conditions()
	return x.silence()
}

// explanation is one being made.
type explanation struct {
	b      *Database
	q      *Query
	o      Options
	ctx    context.Context
	tables []*Table
	read   []reports.Term // a term for each table
	empty  []string       // tables without rows
	rows   int64          // of all tables together
	terms  []condition
	values map[string][]string // of columns, by table.column
	apart  bool                // the tables that it joins have no rows that belong together
}

// condition is a part of a WHERE clause, and how the query does with it.
type condition struct {
	term
	alone   int64  // rows with this and none of the other conditions of its clause
	without int64  // rows without it and with all the others
	miss    string // the nearest value
	near    bool   // miss is about a value that is near
}

// ours runs a statement of ours.
func (x *explanation) ours(text string, args ...any) (int64, error) {
	x.b.policy.off = true
	defer func() { x.b.policy.off = false }()
	return x.b.count(x.ctx, text, args...)
}

func (x *explanation) readTables() {
	for _, t := range x.tables {
		n, err := x.ours("SELECT count(*) FROM " + t.Name)
		if err != nil {
			continue
		}
		x.rows += n
		term := reports.Term{Name: t.Name, Holds: n > 0}
		if n == 0 {
			x.empty = append(x.empty, t.Name)
			term.Misses = []string{"0 rows: the run shows nothing of it"}
		} else {
			term.On = rows(n)
		}
		x.read = append(x.read, term)
	}
}

// mostTerms is how many conditions are looked at.
const mostTerms = 24

// conditions tries each condition alone, and the query without it.
func (x *explanation) conditions() {
	if x.rows == 0 {
		return
	}
	clauses := x.q.clauses()
	if len(clauses) == 1 && x.q.joins() {
		all := map[int]string{}
		for _, t := range clauses[0] {
			t.replace(all)
		}
		if x.apart = x.try(all) == 0; x.apart {
			return
		}
	}
	for _, clause := range clauses {
		for i, t := range clause {
			if len(x.terms) == mostTerms || x.ctx.Err() != nil {
				return
			}
			c := condition{term: t, alone: -1, without: -1}
			if len(clause) > 0 {
				others := map[int]string{}
				for k, other := range clause {
					if k != i {
						other.replace(others)
					}
				}
				c.alone = x.try(others)
			}
			skip := map[int]string{}
			t.replace(skip)
			c.without = x.try(skip)
			if c.alone <= 0 || c.without > 0 {
				c.miss, c.near = x.nearest(t)
			}
			x.terms = append(x.terms, c)
		}
	}
}

// try counts the rows of the query with some of its tokens replaced, up to a
// thousand; -1 if it cannot.
func (x *explanation) try(skip map[int]string) int64 {
	stmt, miss := x.q.bind(x.o.Variables, x.b.now, skip)
	if miss != nil {
		return -1
	}
	if _, err := x.b.columns(stmt.text); err != nil { // one whole SELECT, as the query was
		return -1
	}
	x.b.policy.result = false
	n, err := x.b.count(x.ctx, fmt.Sprintf("SELECT count(*) FROM (SELECT 1 FROM (%s\n) LIMIT 1000)", stmt.text), stmt.args...)
	if err != nil {
		return -1
	}
	return n
}

// silence puts together what was found.
func (x *explanation) silence() reports.Silence {
	var failing, holding []reports.Term
	var culprits, keepers []condition
	for _, c := range x.terms {
		term := reports.Term{Name: "line " + fmt.Sprint(c.line) + ": " + c.text, Holds: c.alone != 0}
		switch {
		case c.alone == 0:
			term.Misses = append(term.Misses, "no row fulfils it")
			culprits = append(culprits, c)
		case c.without > 0:
			term.Holds = false
			term.Misses = append(term.Misses, fmt.Sprintf("without it there is %s", rows(c.without)))
			keepers = append(keepers, c)
		case c.alone > 0:
			term.On = rows(c.alone)
		}
		if c.miss != "" && !term.Holds {
			term.Misses = append(term.Misses, c.miss)
		}
		if term.Holds {
			holding = append(holding, term)
		} else {
			failing = append(failing, term)
		}
	}
	for _, t := range x.read {
		if t.Holds {
			holding = append(holding, t)
		} else {
			failing = append(failing, t)
		}
	}
	byNear := func(a, b condition) int {
		switch {
		case a.near == b.near:
			return 0
		case a.near:
			return -1
		}
		return 1
	}
	slices.SortStableFunc(culprits, byNear)
	slices.SortStableFunc(keepers, byNear)
	return reports.Silence{Reason: x.reason(culprits, keepers), Terms: append(failing, holding...)}
}

// reason is the explanation in a line.
func (x *explanation) reason(culprits, keepers []condition) string {
	say := func(c condition, what string) string {
		text := fmt.Sprintf("%s %s (line %d)", what, short(c.text), c.line)
		if c.miss != "" {
			text += ": " + c.miss
		}
		return text
	}
	switch {
	case len(x.tables) > 0 && x.rows == 0:
		return "the tables that it reads have no rows: " + strings.Join(x.empty, ", ")
	case x.apart:
		return "without any of its conditions there is no row either: the tables that it joins have none that belong together"
	case len(culprits) > 0:
		return say(culprits[0], "no row fulfils")
	case len(keepers) > 0:
		return say(keepers[0], fmt.Sprintf("%s without", rows(keepers[0].without)))
	case len(x.empty) > 0:
		return "a table that it reads has no rows: " + strings.Join(x.empty, ", ")
	case errors.Is(x.ctx.Err(), context.DeadlineExceeded):
		return "it returned no rows, and looking for the reason took too long"
	case len(x.terms) > 1:
		return "each of its conditions holds for some row, and no row fulfils all of them"
	case len(x.tables) == 0:
		return "it reads no table of the run"
	}
	return "it returned no rows, though its tables have some: the tables may have no rows that belong together, or HAVING leaves none"
}

func rows(n int64) string {
	switch {
	case n == 1:
		return "1 row"
	case n >= 1000:
		return "1000 rows or more"
	}
	return fmt.Sprintf("%d rows", n)
}

// joins says that the query joins tables.
func (q *Query) joins() bool {
	return slices.ContainsFunc(q.tokens, func(t token) bool { return t.is("JOIN") })
}

// Limits says that a hunt cannot fire, where no table that it reads has a row.
func (e *Engine) Limits(rule int, s *detect.Subject) []detect.Limit {
	db, err := e.Database(s)
	if err != nil {
		return nil
	}
	db.mu.Lock()
	defer db.mu.Unlock()
	x := &explanation{b: db, q: e.queries[rule], ctx: context.Background()}
	x.tables = x.q.mentioned()
	x.readTables()
	if len(x.tables) > 0 && x.rows == 0 {
		return []detect.Limit{detect.NoTelemetry}
	}
	return nil
}
