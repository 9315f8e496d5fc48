package hunt

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"modernc.org/sqlite"

	"sidetrace/harness/detect"
	"sidetrace/harness/detect/near"
	"sidetrace/reports"
)

// Options are how queries are run. The zero Options work.
type Options struct {
	Variables map[string]string // values of $$variables$$
	Timeout   time.Duration     // of one query; default [DefaultTimeout]
	MaxRows   int               // that one query may return; default [DefaultRows]
}

// Defaults of [Options].
const (
	DefaultTimeout = 5 * time.Second
	DefaultRows    = 10_000
)

func (o Options) timeout() time.Duration {
	if o.Timeout > 0 {
		return o.Timeout
	}
	return DefaultTimeout
}

func (o Options) rows() int {
	if o.MaxRows > 0 {
		return o.MaxRows
	}
	return DefaultRows
}

// Result is what a query returned.
type Result struct {
	Columns []string
	Rows    [][]any // nil, int64, float64, string or []byte
	More    bool    // there are more rows than were asked for
}

// Run runs a query. It is compiled before it runs, and a statement that does
// anything but read is not run. What keeps it from running is a problem, with the
// line of the file where it can be told.
func (b *Database) Run(ctx context.Context, q *Query, o Options) (*Result, *detect.Problem) {
	b.mu.Lock()
	defer b.mu.Unlock()
	stmt, problem := b.compile(q, o)
	if problem != nil {
		return nil, problem
	}
	columns, err := b.columns(stmt.text)
	if err != nil {
		return nil, b.problem(q, err)
	}
	ctx, cancel := context.WithTimeout(ctx, o.timeout())
	defer cancel()
	rows, err := b.rows(ctx, stmt, len(columns), o.rows()+1)
	if err != nil {
		if errors.Is(ctx.Err(), context.DeadlineExceeded) {
			return nil, q.problem(q.rule.Line, fmt.Sprintf("it was stopped after %v", o.timeout()), "a recursive WITH that never ends, or a join without a condition?")
		}
		return nil, b.problem(q, err)
	}
	r := &Result{Columns: columns, Rows: rows}
	if len(rows) > o.rows() {
		r.Rows, r.More = rows[:o.rows()], true
	}
	return r, nil
}

// check compiles a query, whatever its variables are.
func (b *Database) check(q *Query) *detect.Problem {
	b.mu.Lock()
	defer b.mu.Unlock()
	values := map[string]string{}
	for _, v := range q.variables {
		values[v.Name] = "0"
	}
	stmt, problem := b.compile(q, Options{Variables: values})
	if problem != nil {
		return problem
	}
	if _, err := b.columns(stmt.text); err != nil {
		return b.problem(q, err)
	}
	return nil
}

// compile binds the variables.
func (b *Database) compile(q *Query, o Options) (bound, *detect.Problem) {
	stmt, miss := q.bind(o.Variables, b.now, nil)
	if miss != nil {
		hint := "give it in the scenario, or in the file: -- variable: " + miss.name + " = …"
		return bound{}, q.problem(miss.line, fmt.Sprintf("the variable $$%s$$ has no value", miss.name), hint)
	}
	return stmt, nil
}

// columns compiles a statement alone, which asks the policy, and names what it
// returns.
func (b *Database) columns(text string) (names []string, err error) {
	b.policy.reset()
	err = b.conn.Raw(func(c any) error {
		info, err := c.(interface {
			ColumnInfo(string) ([]sqlite.ColumnInfo, error)
		}).ColumnInfo(text)
		for _, column := range info {
			names = append(names, column.Name)
		}
		return err
	})
	return names, err
}

// rows runs a statement that was compiled alone before, so that it is one whole
// SELECT, and no text that would mean something else within another.
//
// The rows go into a temporary table first: while the driver steps from row to
// row nothing can stop it, and a query may take for ever to find its second one.
func (b *Database) rows(ctx context.Context, stmt bound, columns, limit int) ([][]any, error) {
	ours := func(text string) error {
		b.policy.off = true
		defer func() { b.policy.off = false }()
		_, err := b.conn.ExecContext(context.Background(), text)
		return err
	}
	if err := ours("DROP TABLE IF EXISTS temp." + resultTable); err != nil {
		return nil, err
	}
	b.policy.result = true
	_, err := b.conn.ExecContext(ctx, fmt.Sprintf("CREATE TEMP TABLE %s AS SELECT * FROM (%s\n) LIMIT %d", resultTable, stmt.text, limit), stmt.args...)
	b.policy.result = false
	if err != nil {
		return nil, err
	}
	b.policy.off = true
	defer func() { b.policy.off = false }()
	found, err := b.conn.QueryContext(context.Background(), "SELECT * FROM temp."+resultTable)
	if err != nil {
		return nil, err
	}
	defer found.Close()
	var rows [][]any
	for found.Next() {
		row := make([]any, columns)
		into := make([]any, columns)
		for i := range row {
			into[i] = &row[i]
		}
		if err := found.Scan(into...); err != nil {
			return nil, err
		}
		rows = append(rows, row)
	}
	return rows, found.Err()
}

// count runs a statement of ours or of a query, and returns its first number.
func (b *Database) count(ctx context.Context, text string, args ...any) (int64, error) {
	var n int64
	err := b.conn.QueryRowContext(ctx, text, args...).Scan(&n)
	return n, err
}

func (q *Query) problem(line int, message, hint string) *detect.Problem {
	return &detect.Problem{Severity: detect.Broken, Rule: q.rule.ID, Problem: reports.Problem{File: q.rule.File, Line: line, Message: message, Hint: hint}}
}

var (
	code   = regexp.MustCompile(` \(\d+\)$`)
	nearTo = regexp.MustCompile(`near "((?s).+?)": syntax error`)
	noSuch = regexp.MustCompile(`(no such (column|table|function)|ambiguous column name|wrong number of arguments to function|row value misused): (.+?)(?:\(\))?$`)
)

// problem says what SQLite did not like, with the line where the word it names
// stands.
func (b *Database) problem(q *Query, err error) *detect.Problem {
	if what := b.policy.denied; what != "" {
		line := q.line(b.policy.word)
		if line == 0 {
			line = q.rule.Line
		}
		return q.problem(line, "a hunt only reads, and this would not: "+what, "")
	}
	message := strings.TrimPrefix(code.ReplaceAllString(err.Error(), ""), "SQL logic error: ")
	line, hint := q.rule.Line, ""
	if m := nearTo.FindStringSubmatch(message); m != nil {
		line = q.line(m[1])
	} else if m := noSuch.FindStringSubmatch(message); m != nil {
		line = q.line(m[3])
		hint = b.suggest(q, m[2], m[3])
	}
	if line == 0 {
		line = q.rule.Line
	}
	p := q.problem(line, message, hint)
	if strings.HasPrefix(message, "no such function") {
		p.Severity = detect.Unsupported
	}
	return p
}

// suggest is what was meant by a name that there is not.
func (b *Database) suggest(q *Query, what, name string) string {
	name = name[strings.LastIndexByte(name, '.')+1:]
	var names []string
	switch what {
	case "table":
		for _, t := range tables {
			names = append(names, t.Name)
		}
	case "function":
		for _, f := range Functions() {
			names = append(names, f.Name)
		}
	case "column":
		for _, t := range q.mentioned() {
			for _, c := range t.Columns {
				names = append(names, c.Name)
			}
		}
	default:
		return ""
	}
	if best, _, ok := near.Best(name, names, max(near.Limit(name), 2)); ok {
		return fmt.Sprintf("did you mean %s?", best)
	}
	if what == "table" {
		return "sidetrace hunt --tables lists those there are"
	}
	if what == "column" {
		if len(names) > 12 {
			names = append(slices.Clone(names[:12]), "…")
		}
		return "there are " + strings.Join(names, ", ")
	}
	return ""
}

// mentioned are the tables that the query names after FROM, JOIN or a comma.
func (q *Query) mentioned() []*Table {
	var list []*Table
	for i := range q.tokens {
		if i == 0 || !q.tokens[i-1].isAny("FROM", "JOIN", ",") {
			continue
		}
		if t := tableNamed(q.tokens[i].name()); t != nil && !slices.Contains(list, t) && !(q.tokens[i-1].is(",") && !q.joined(i)) {
			list = append(list, t)
		}
	}
	return list
}

// joined says that a name behind a comma is in a FROM clause, and not in a list
// of columns: the last keyword of its level is FROM or JOIN.
func (q *Query) joined(i int) bool {
	for k := i - 1; k >= 0; k-- {
		t := &q.tokens[k]
		if t.depth != q.tokens[i].depth {
			if t.depth < q.tokens[i].depth {
				return false
			}
			continue
		}
		if t.isAny("FROM", "JOIN") {
			return true
		}
		if t.isAny("SELECT", "BY", "WHERE", "ON", "USING", "VALUES") {
			return false
		}
	}
	return false
}

func tableNamed(name string) *Table {
	for i := range tables {
		if name != "" && strings.EqualFold(tables[i].Name, name) {
			return &tables[i]
		}
	}
	return nil
}

// column finds a column by its name or the one it had before; "" if there is
// none.
func (t *Table) column(name string) (Column, bool) {
	for _, c := range t.Columns {
		if strings.EqualFold(c.Name, name) || c.Old != "" && strings.EqualFold(c.Old, name) {
			return c, true
		}
	}
	return Column{}, false
}

func short(s string) string { return near.Shorten(s, 100) }
