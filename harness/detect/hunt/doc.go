package hunt

import (
	"fmt"
	"strings"
)

// Markdown is the documentation of the tables and functions.
func Markdown() string {
	var b strings.Builder
	b.WriteString(`# Hunts

<!-- Generated from harness/detect/hunt; to change it, change the tables there and run: go generate ./docs/gen -->

A hunt is a file with one SQL query, and fires when the query returns rows. It is run over an SQLite database that is made of
what sensors would have written down of a run. The database has the tables that published queries of Sophos XDR and of
osquery read, so that these run as they are. ` + "`sidetrace hunt QUERY.sql --db FILE`" + ` runs one over a database that was kept,
which any tool that reads SQLite opens too.

Comments at the head of the file say what it is, all of them optional:

    -- title: Hosts that talked to the beacons
    -- id: beacons                      (else the file's name without .sql)
    -- why: the domains of the published list
    -- level: high                      (informational, low, medium, high, critical)
    -- attack: T1071.001, T1102.001
    -- tags: 3cx
    -- variable: start_time = 2023-03-22T00:00:00Z

` + "A `$$variable$$`" + ` takes its value from the scenario, else from the head of the file. A value is bound and never becomes part of the
statement. Outside of quotes a whole number is a number, a date (2023-03-22T00:00:00Z) is seconds since 1970, and a list of numbers in
` + "`IN ($$list$$)`" + ` is as many values; within quotes (` + "`'%$$name$$%'`" + `) it is text. A variable that the query's own comment calls a DATE
and whose name begins with start, begin or from, or with end, to or until, may be left out: it is then all of time.

A query only reads: anything else is refused before it runs, as are a second statement and functions whose result is another each
time. It is stopped after a time, and returns so many rows at most. ` + "`'now'`" + ` is the end of the run, and the time zone is UTC.

Every table has a last column ` + "`seq`" + `, the number of the behaviour that a row shows; a hunt that selects it tells reports which
behaviours are behind its firing. Names that columns had before 2021 (sophosPID, cmdLine, pathname) still work. What a run does not
show is NULL. Columns that a product's schema has and no query reads may be missing.
`)
	shape := Shape("")
	for _, t := range tables {
		if t.Shape != shape {
			shape = t.Shape
			fmt.Fprintf(&b, "\n## %s\n", shape)
		}
		kind := ""
		if t.view != "" {
			kind = " A view."
		}
		fmt.Fprintf(&b, "\n### %s\n\n%s%s\n\n| column | type | meaning |\n|---|---|---|\n", t.Name, t.Meaning, kind)
		for _, c := range t.Columns {
			meaning := c.Meaning
			if c.Old != "" {
				meaning = strings.TrimSpace(meaning + " (before: `" + c.Old + "`)")
			}
			fmt.Fprintf(&b, "| `%s` | %s | %s |\n", c.Name, strings.ToLower(c.Type), strings.ReplaceAll(meaning, "|", `\|`))
		}
	}
	b.WriteString("\n## Functions\n\nBeside SQLite's own. A list is one of JSON. Patterns are RE2's, without look-around.\n\n| function | of | meaning |\n|---|---|---|\n")
	for _, f := range Functions() {
		fmt.Fprintf(&b, "| `%s` | %s | %s |\n", f.Usage, f.Product, f.Meaning)
	}
	b.WriteString("\nOf Presto's SQL, `TRY_CAST`, `TRY`, `POSITION(… IN …)`, `SUBSTRING(… FROM … FOR …)` and `CROSS JOIN UNNEST(list) AS name(column)` are understood.\nOther uses of `UNNEST`, `INTERVAL`, `ARRAY[…]`, `EXTRACT`, grouping sets and `LATERAL` are not: a query with them is reported as unsupported, with the line.\n")
	return b.String()
}
