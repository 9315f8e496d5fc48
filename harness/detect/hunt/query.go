package hunt

import (
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"

	"sidetrace/harness/detect"
	"sidetrace/reports"
)

// Query is one file of SQL: one statement that reads. Comments at its head, in
// lines of their own, say what it is:
//
//	-- title: Hosts that talked to the beacons
//	-- why: the domains of the published list
//	-- level: high
//	-- attack: T1071.001, T1102.001
//	-- tags: 3cx
//	-- variable: start_time = 2023-03-22T00:00:00Z
//
// The hunt fires when the statement returns rows.
type Query struct {
	rule      reports.Rule
	why       string
	text      string // of the file
	tokens    []token
	variables []Variable
	rewritten bool // by translate: lines are the file's, columns may not be
}

// Variable is a $$variable$$ of a query.
type Variable struct {
	Name    string
	Type    string // "", "date", "string", …, in lower case, where the query says it
	Default string
	Given   bool // Default is one
	Line    int  // where it is first used
}

// Rule describes the query.
func (q *Query) Rule() reports.Rule { return q.rule }

// Why is what the file says of its purpose; "" for nothing.
func (q *Query) Why() string { return q.why }

// Variables lists the variables that it uses, in the order in which it does.
func (q *Query) Variables() []Variable { return q.variables }

var (
	header = regexp.MustCompile(`(?i)^\s*--\s*(title|why|level|attack|tags|variable|name|id)\s*:\s*(.*?)\s*$`)
	assign = regexp.MustCompile(`^\s*(?:\$\$)?(.*?)(?:\$\$)?\s*=\s*(.*?)\s*$`)
	// What published queries say of their variables: "- start_time (type DATE)",
	// "begin(date) = …", "-- VARIABLE $$Name$$ STRING".
	declared    = regexp.MustCompile(`(?i)^[\s|*-]*([A-Za-z_][A-Za-z0-9_ -]*?)\s*\(\s*(?:type)?\s*:?\s*([A-Za-z_ ]+?)\s*\)`)
	variableTag = regexp.MustCompile(`(?i)^\s*--\s*VARIABLE\s+\$\$(.+?)\$\$\s+(\w+)`)
	technique   = regexp.MustCompile(`^T\d{4}(?:\.\d{3})?$`)
	inText      = regexp.MustCompile(`\$\$([^$\n]{1,100})\$\$`)
)

// Parse reads the text of a query. A problem that is broken or unsupported means
// that there is none.
func Parse(f detect.File) (*Query, []detect.Problem) {
	name := strings.TrimSuffix(path.Base(f.Path), path.Ext(f.Path))
	text, encoding := detect.Decode(f.Data)
	q := &Query{text: text, rule: reports.Rule{Engine: "hunt", ID: name, Revision: f.Revision, Title: name, File: f.Path, Line: 1}}
	var problems []detect.Problem
	problem := func(severity detect.Severity, line, column int, message, hint string) {
		problems = append(problems, detect.Problem{Severity: severity, Rule: q.rule.ID,
			Problem: reports.Problem{File: f.Path, Line: line, Column: column, Message: message, Hint: hint}})
	}
	if encoding != detect.UTF8 {
		problem(detect.Warning, 1, 0, fmt.Sprintf("the query is in %s; it was read as such", encoding), "save it as UTF-8")
	}
	types, defaults := q.head(problem)
	tokens, err := scan(text)
	if err != nil {
		problem(detect.Broken, err.line, err.column, err.message, "")
		return nil, problems
	}
	for len(tokens) > 0 && tokens[len(tokens)-1].is(";") {
		tokens = tokens[:len(tokens)-1]
	}
	if len(tokens) == 0 {
		problem(detect.Broken, 1, 0, "there is no statement", "")
		return nil, problems
	}
	for i := range tokens {
		if tokens[i].is(";") && i+1 < len(tokens) {
			problem(detect.Broken, tokens[i+1].line, 0, "a second statement; a hunt is one", "put it in a file of its own")
			return nil, problems
		}
	}
	if first := &tokens[0]; !first.isAny("SELECT", "WITH", "VALUES") && first.text != "(" {
		problem(detect.Broken, first.line, 0, fmt.Sprintf("the statement begins with %s; a hunt only reads, with SELECT or WITH", strings.ToUpper(short(first.text))), "")
		return nil, problems
	}
	q.text, tokens, err = translate(text, tokens)
	if err != nil {
		problem(detect.Unsupported, err.line, err.column, err.message, "")
		return nil, problems
	}
	q.tokens, q.rewritten = tokens, q.text != text
	q.rule.Line = tokens[0].line
	q.use(types, defaults)
	for name, d := range defaults {
		if !slices.ContainsFunc(q.variables, func(v Variable) bool { return v.Name == name }) {
			problem(detect.Warning, d.line, 0, fmt.Sprintf("the query does not use the variable $$%s$$", name), "")
		}
	}
	return q, problems
}

// given is a default of a variable and where it stands.
type given struct {
	value string
	line  int
}

// head reads the comments at the head of the file, and what the comments say of
// variables anywhere.
func (q *Query) head(problem func(detect.Severity, int, int, string, string)) (types map[string]string, defaults map[string]given) {
	types, defaults = map[string]string{}, map[string]given{}
	n := 0
	for line := range strings.SplitSeq(q.text, "\n") {
		n++
		if len(line) > 2000 {
			continue
		}
		if m := variableTag.FindStringSubmatch(line); m != nil {
			types[m[1]] = strings.ToLower(m[2])
			continue
		}
		if m := declared.FindStringSubmatch(line); m != nil && (strings.ContainsAny(line[:1], "|-* ") || line[0] == '-') {
			types[strings.TrimSpace(m[1])] = strings.ToLower(m[2])
		}
		m := header.FindStringSubmatch(line)
		if m == nil {
			continue
		}
		switch value := m[2]; strings.ToLower(m[1]) {
		case "title":
			q.rule.Title = value
		case "name", "id":
			if value != "" {
				q.rule.ID = value
			}
		case "why":
			q.why = value
		case "level":
			level := strings.ToLower(value)
			if !slices.Contains([]string{"informational", "low", "medium", "high", "critical"}, level) {
				problem(detect.Warning, n, 0, fmt.Sprintf("%q is no level", short(value)), "informational, low, medium, high or critical")
				continue
			}
			q.rule.Level = level
		case "attack":
			for _, t := range words(value) {
				if !technique.MatchString(t) {
					problem(detect.Warning, n, 0, fmt.Sprintf("%q is no technique of ATT&CK", short(t)), "such as T1574.001")
					continue
				}
				q.rule.Attack = append(q.rule.Attack, t)
			}
		case "tags":
			q.rule.Tags = append(q.rule.Tags, words(value)...)
		case "variable":
			if a := assign.FindStringSubmatch(value); a != nil && a[1] != "" {
				defaults[a[1]] = given{a[2], n}
			} else {
				problem(detect.Warning, n, 0, "a variable is declared as: -- variable: name = default", "")
			}
		}
	}
	return types, defaults
}

func words(s string) []string {
	return strings.FieldsFunc(s, func(r rune) bool { return r == ',' || r == ' ' || r == '\t' })
}

// use lists the variables that the query uses.
func (q *Query) use(types map[string]string, defaults map[string]given) {
	add := func(name string, line int) {
		if slices.ContainsFunc(q.variables, func(v Variable) bool { return v.Name == name }) {
			return
		}
		v := Variable{Name: name, Type: types[name], Line: line}
		if d, ok := defaults[name]; ok {
			v.Default, v.Given = d.value, true
		} else if v.Type == "date" {
			// The whole of time: the record has no other rows than those of
			// the run.
			switch first, _, _ := strings.Cut(strings.ToLower(strings.NewReplacer("-", "_", " ", "_").Replace(name)), "_"); first {
			case "start", "begin", "from", "after", "since":
				v.Default, v.Given = "0", true
			case "end", "to", "until", "before", "stop":
				v.Default, v.Given = "253402300799", true
			}
		}
		q.variables = append(q.variables, v)
	}
	for i := range q.tokens {
		switch t := &q.tokens[i]; t.kind {
		case variableToken:
			add(t.text[2:len(t.text)-2], t.line)
		case stringToken, nameToken:
			for _, m := range inText.FindAllStringSubmatchIndex(t.text, -1) {
				add(t.text[m[2]:m[3]], t.line+strings.Count(t.text[:m[0]], "\n"))
			}
		}
	}
}

// line is where a word of the query first stands, for errors of SQLite, which
// name what they do not like and not its place; 0 if it is nowhere.
func (q *Query) line(word string) int {
	parts := strings.Split(word, ".")
	last := parts[len(parts)-1]
	for i := range q.tokens {
		t := &q.tokens[i]
		if strings.EqualFold(t.text, word) || strings.EqualFold(t.name(), last) && (len(parts) == 1 || i > 1 && strings.EqualFold(q.tokens[i-2].name(), parts[0])) {
			return t.line
		}
	}
	return 0
}
