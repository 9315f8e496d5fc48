// Package hunt runs SQL over what a run shows: an SQLite database with the tables
// that the published queries of Sophos XDR (Live Discover and the Data Lake) and
// of osquery read. A hunt is a file with one query, and fires when it returns
// rows.
//
// Queries only read. What they are given as $$variables$$ is bound and never
// becomes part of the statement; they are stopped after a time, and none sees the
// host: 'now' is the end of the run, and files are those of the machine.
//
//	engine, problems := hunt.Load([]detect.Source{{Path: "hunts"}}, hunt.Options{})
//	findings, _ := engine.Detect(ctx, subject)
package hunt

import (
	"context"
	"fmt"
	"maps"
	"strconv"
	"strings"

	"sidetrace/harness/detect"
	"sidetrace/harness/detect/near"
	"sidetrace/reports"
)

// longestFile is how long a query may be.
const longestFile = 256 << 10

// Engine is a set of hunts. It implements [detect.Engine].
type Engine struct {
	queries []*Query
	options Options
	counts  [3]int // ok, unsupported, broken
	memo    *detect.Memo[built]
}

// built is the database of a subject, or why there is none.
type built struct {
	db  *Database
	err error
}

// Load reads hunts: files, whatever they are called, and the .sql files of
// folders.
func Load(sources []detect.Source, options Options) (*Engine, []detect.Problem) {
	files, problems := detect.ReadFiles(sources, longestFile, ".sql")
	e := &Engine{options: options, memo: &detect.Memo[built]{}}
	for _, p := range problems {
		if p.Severity == detect.Broken {
			e.counts[2]++
		}
	}
	if len(files) == 0 {
		return e, problems
	}
	tables, err := Build(&detect.Subject{})
	if err != nil {
		return e, append(problems, detect.Problem{Severity: detect.Broken, Problem: reports.Problem{Message: err.Error()}})
	}
	defer tables.Close()
	for _, f := range files {
		q, found := Parse(f)
		if q != nil {
			if p := tables.check(q); p != nil {
				q, found = nil, append(found, *p)
			}
		}
		problems = append(problems, found...)
		if q != nil {
			e.queries = append(e.queries, q)
			continue
		}
		n := 2
		for _, p := range found {
			if p.Severity == detect.Unsupported {
				n = 1
			}
		}
		e.counts[n]++
	}
	e.counts[0] = len(e.queries)
	return e, problems
}

// With is the same hunts with other values of their variables, beside those they
// had. It shares the databases of subjects.
func (e *Engine) With(variables map[string]string) *Engine {
	other := *e
	other.options.Variables = maps.Clone(e.options.Variables)
	if other.options.Variables == nil {
		other.options.Variables = map[string]string{}
	}
	maps.Copy(other.options.Variables, variables)
	return &other
}

// Name is "hunt".
func (e *Engine) Name() string { return "hunt" }

// Count is how many hunts there are, and how many were left out because they ask
// for what SQLite has not, or are not valid.
func (e *Engine) Count() (ok, unsupported, broken int) {
	return e.counts[0], e.counts[1], e.counts[2]
}

// Rules lists the hunts in the order of their files.
func (e *Engine) Rules() []reports.Rule {
	rules := make([]reports.Rule, len(e.queries))
	for i, q := range e.queries {
		rules[i] = q.rule
	}
	return rules
}

// Query is the hunt of an index.
func (e *Engine) Query(rule int) *Query { return e.queries[rule] }

// Database is that of a subject, made once and closed with it.
func (e *Engine) Database(s *detect.Subject) (*Database, error) {
	b := e.memo.Get(s, func() built {
		db, err := Build(s)
		return built{db, err}
	}, func(b built) {
		if b.db != nil {
			b.db.Close()
		}
	})
	return b.db, b.err
}

// Detect runs the hunts. A finding is a row.
func (e *Engine) Detect(ctx context.Context, s *detect.Subject) ([]detect.Finding, []detect.Problem) {
	if len(e.queries) == 0 {
		return nil, nil
	}
	db, err := e.Database(s)
	if err != nil {
		return nil, []detect.Problem{{Severity: detect.Broken, Problem: reports.Problem{Message: err.Error()}}}
	}
	var findings []detect.Finding
	var problems []detect.Problem
	for i, q := range e.queries {
		if ctx.Err() != nil {
			break
		}
		r, problem := db.Run(ctx, q, e.options)
		if problem != nil {
			problems = append(problems, *problem)
			continue
		}
		for n := range r.Rows {
			findings = append(findings, detect.Finding{Rule: i, Fire: r.fire(n)})
		}
		if r.More {
			p := q.problem(q.rule.Line, fmt.Sprintf("more than %d rows; the others were left out", len(r.Rows)), "")
			p.Severity = detect.Warning
			problems = append(problems, *p)
		}
	}
	return findings, problems
}

// fire is a row as a firing: its columns are the evidence, and a column seq is
// the behaviour that it shows.
func (r *Result) fire(n int) reports.Fire {
	f := reports.Fire{On: fmt.Sprintf("row %d", n+1), Kind: "row"}
	for i, name := range r.Columns {
		text := Text(r.Rows[n][i])
		if strings.EqualFold(name, "seq") {
			if seq, ok := r.Rows[n][i].(int64); ok && seq > 0 {
				f.Seqs = append(f.Seqs, uint64(seq))
			}
			continue
		}
		f.Evidence = append(f.Evidence, reports.Evidence{Term: name, Text: near.Shorten(text, 500)})
	}
	return f
}

// Text is a value of a row as the sqlite3 program prints it.
func Text(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case int64:
		return strconv.FormatInt(v, 10)
	case float64:
		s := strconv.FormatFloat(v, 'g', 15, 64)
		if mantissa, exponent, ok := strings.Cut(s, "e"); !strings.ContainsAny(s, ".IN") {
			s = mantissa + ".0"
			if ok {
				s += "e" + exponent
			}
		}
		return s
	case []byte:
		return string(v)
	case string:
		return v
	}
	return fmt.Sprint(v)
}
