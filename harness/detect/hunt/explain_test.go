package hunt

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"sidetrace/harness/detect"
	"sidetrace/harness/telemetry"
)

// explained is the explanation of a query as lines: the reason, then the terms.
func explained(db *Database, q *Query, o Options) string {
	s := db.Explain(context.Background(), q, o)
	out := []string{s.Reason}
	for _, t := range s.Terms {
		line := "- " + t.Name
		if t.Holds {
			line = "+ " + t.Name
		}
		if t.On != "" {
			line += " [" + t.On + "]"
		}
		if len(t.Misses) > 0 {
			line += ": " + strings.Join(t.Misses, "; ")
		}
		out = append(out, line)
	}
	return strings.Join(out, "\n")
}

func TestExplain(t *testing.T) {
	db := build(t, chain())
	empty := build(t, &detect.Subject{Name: "empty"})
	for _, test := range []struct {
		name string
		db   *Database
		text string
		want string
	}{
		{"a path with two letters swapped", db, `SELECT * FROM sophos_image_journal
WHERE path LIKE '%\C3XDesktopApp\app\%' AND file = 'ffmpeg.dll'`,
			`no row fulfils path LIKE '%\C3XDesktopApp\app\%' (line 2): nearest is path "C:\Users\alice\AppData\Local\Programs\3CXDesktopApp\app\ffmpeg.dll": the query has "C3XDesktopApp", the run "3CXDesktopApp"
- line 2: path LIKE '%\C3XDesktopApp\app\%': no row fulfils it; nearest is path "C:\Users\alice\AppData\Local\Programs\3CXDesktopApp\app\ffmpeg.dll": the query has "C3XDesktopApp", the run "3CXDesktopApp"
+ line 2: file = 'ffmpeg.dll' [1 row]
+ sophos_image_journal [1 row]`},
		{"an exact list and a host below the domain", db, `SELECT * FROM sophos_process_activity spa
WHERE spa.subject IN ('Dns', 'Url')
  AND spa.object IN ('journalide.org', 'glcloudservice.com')`,
			`no row fulfils spa.object IN ('journalide.org', 'glcloudservice.com') (line 3): object is "www.glcloudservice.com", which is below "glcloudservice.com", and IN compares the whole of it
- line 3: spa.object IN ('journalide.org', 'glcloudservice.com'): no row fulfils it; object is "www.glcloudservice.com", which is below "glcloudservice.com", and IN compares the whole of it
+ line 2: spa.subject IN ('Dns', 'Url') [3 rows]
+ sophos_process_activity [11 rows]`},
		{"a time before the run", db, "SELECT * FROM sophos_dns_journal WHERE name LIKE '%glcloud%' AND time < $$end$$",
			`no row fulfils time < $$end$$ (line 1): sophos_dns_journal.time is from 1679475605 (2023-03-22 09:00:05) to 1679475608 (2023-03-22 09:00:08)
- line 1: time < $$end$$: no row fulfils it; sophos_dns_journal.time is from 1679475605 (2023-03-22 09:00:05) to 1679475608 (2023-03-22 09:00:08)
+ line 1: name LIKE '%glcloud%' [1 row]
+ sophos_dns_journal [2 rows]`},
		{"conditions that hold, and not together", db, "SELECT * FROM sophos_dns_journal WHERE name LIKE '%glcloud%' AND status = 0",
			`1 row without name LIKE '%glcloud%' (line 1): sophos_dns_journal.name has "raw.githubusercontent.com", "www.glcloudservice.com"
- line 1: name LIKE '%glcloud%': without it there is 1 row; sophos_dns_journal.name has "raw.githubusercontent.com", "www.glcloudservice.com"
- line 1: status = 0: without it there is 1 row; sophos_dns_journal.status is from 0 to 9003
+ sophos_dns_journal [2 rows]`},
		{"upper and lower case", db, "SELECT * FROM processes WHERE name = '3cxdesktopapp.exe'",
			`no row fulfils name = '3cxdesktopapp.exe' (line 1): name is "3CXDesktopApp.exe", which differs in case from "3cxdesktopapp.exe", and = compares it; LIKE does not
- line 1: name = '3cxdesktopapp.exe': no row fulfils it; name is "3CXDesktopApp.exe", which differs in case from "3cxdesktopapp.exe", and = compares it; LIKE does not
+ processes [2 rows]`},
		{"folded, and something else misses", db, "SELECT * FROM processes WHERE lower(name) = '3cxdesktopapp.exe' AND cmdline LIKE '%nosuch%'",
			`no row fulfils cmdline LIKE '%nosuch%' (line 1): processes.cmdline has ""C:\Users\alice\AppData\Local\Programs\3CXDesktopApp\app\3CXDesktopApp.exe""
- line 1: cmdline LIKE '%nosuch%': no row fulfils it; processes.cmdline has ""C:\Users\alice\AppData\Local\Programs\3CXDesktopApp\app\3CXDesktopApp.exe""
+ line 1: lower(name) = '3cxdesktopapp.exe' [1 row]
+ processes [2 rows]`},
		{"tables that have nothing together", db, "SELECT p.name FROM processes p JOIN sophos_dns_journal d ON d.pid = p.pid + 1000000 WHERE lower(p.name) = 'x.exe'",
			`without any of its conditions there is no row either: the tables that it joins have none that belong together
+ processes [2 rows]
+ sophos_dns_journal [2 rows]`},
		{"a variable within a pattern", db, "SELECT * FROM sophos_http_journal WHERE LOWER(url) LIKE LOWER('%$$part$$%')",
			`no row fulfils LOWER(url) LIKE LOWER('%$$part$$%') (line 1): nearest is url "https://raw.githubusercontent.com/IconStorages/images/main/icon3.ico?x=1": the query has "iconstorage", the run "IconStorages"
- line 1: LOWER(url) LIKE LOWER('%$$part$$%'): no row fulfils it; nearest is url "https://raw.githubusercontent.com/IconStorages/images/main/icon3.ico?x=1": the query has "iconstorage", the run "IconStorages"
+ sophos_http_journal [1 row]`},
		{"a condition in a WITH", db, "WITH x AS (SELECT path FROM sophos_image_journal WHERE file = 'ffmpg.dll')\nSELECT * FROM x",
			`no row fulfils file = 'ffmpg.dll' (line 1): nearest is file "ffmpeg.dll": the query has "ffmpg", the run "ffmpeg"
- line 1: file = 'ffmpg.dll': no row fulfils it; nearest is file "ffmpeg.dll": the query has "ffmpg", the run "ffmpeg"
+ sophos_image_journal [1 row]`},
		{"nothing in the tables", empty, "SELECT * FROM sophos_dns_journal JOIN sophos_http_journal USING (sophos_pid)",
			`the tables that it reads have no rows: sophos_dns_journal, sophos_http_journal
- sophos_dns_journal: 0 rows: the run shows nothing of it
- sophos_http_journal: 0 rows: the run shows nothing of it`},
		{"a variable without a value", db, "SELECT $$v$$",
			`it cannot run: the variable $$v$$ has no value
- line 1: give it in the scenario, or in the file: -- variable: v = …`},
		{"a column that there is not", db, "SELECT nme FROM sophos_dns_journal",
			`it cannot run: no such column: nme
- line 1: did you mean name?`},
	} {
		t.Run(test.name, func(t *testing.T) {
			got := explained(test.db, query(t, test.text), Options{Variables: map[string]string{"end": "100", "part": "iconstorage/images"}})
			if got != test.want {
				t.Errorf("got\n%s\nwant\n%s", got, test.want)
			}
		})
	}
}

func TestClauses(t *testing.T) {
	for text, want := range map[string]string{
		"SELECT 1": "",
		"SELECT 1 FROM a WHERE x = 1 AND y BETWEEN 1 AND 2 AND (z OR w) ORDER BY 1":     "x = 1 & y BETWEEN 1 AND 2 & (z OR w)",
		"SELECT 1 FROM a WHERE x OR y AND z":                                            "x OR y AND z",
		"SELECT 1 FROM a WHERE CASE WHEN x AND y THEN 1 ELSE 0 END AND z GROUP BY 1":    "CASE WHEN x AND y THEN 1 ELSE 0 END & z",
		"WITH a AS (SELECT 1 WHERE p AND q) SELECT 2 FROM a WHERE r":                    "p & q; r",
		"SELECT 1 WHERE a IN (SELECT 2 WHERE b AND c) AND d":                            "a IN (SELECT 2 WHERE b AND c) & d; b & c",
		"SELECT count(*) FILTER (WHERE x) FROM a WHERE y UNION SELECT 1 FROM b WHERE z": "y; z",
	} {
		var clauses []string
		for _, clause := range query(t, text).clauses() {
			var terms []string
			for _, x := range clause {
				terms = append(terms, x.text)
			}
			clauses = append(clauses, strings.Join(terms, " & "))
		}
		if got := strings.Join(clauses, "; "); got != want {
			t.Errorf("%s\n got %s\nwant %s", text, got, want)
		}
	}
}

// A database that is kept gives the same to the sqlite3 program as to us.
func TestSQLite3(t *testing.T) {
	program, err := exec.LookPath("sqlite3")
	if err != nil {
		t.Skip("there is no sqlite3")
	}
	s := chain()
	// What a guest writes may be anything.
	for i, name := range []string{"a'b\"c.com", "%_%.com", "ünïcode.example", "a|b.com", "\x1b[31mred", strings.Repeat("x", 3000), `..\..\x`, "NULL", "1e5", "0x10"} {
		s.Events = append(s.Events, telemetry.Event{Seq: uint64(100 + i), Time: s.Events[0].Time.Add(time.Duration(i) * time.Minute), Source: telemetry.Logsource{Category: "dns_query"},
			Fields: []telemetry.Field{{Name: "QueryName", Value: telemetry.Text(name)}, {Name: "ProcessId", Value: telemetry.Int(4660)}}})
	}
	file := filepath.Join(t.TempDir(), "run.sqlite")
	if err := build(t, s).Write(file); err != nil {
		t.Fatal(err)
	}
	db, err := Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	queries := []string{
		"SELECT name, length(name), status, time FROM sophos_dns_journal ORDER BY seq",
		"SELECT * FROM sophos_process_activity ORDER BY seq, subject, object",
		"SELECT subject, count(*) AS n, min(time), max(seq) FROM sophos_process_activity GROUP BY subject HAVING n > 0 ORDER BY 1",
		"SELECT p.process_name, d.name FROM sophos_dns_journal d JOIN sophos_process_journal p USING (sophos_pid) WHERE d.name LIKE '%.com' ORDER BY 2",
		"SELECT quote(name), hex(name) FROM sophos_dns_journal ORDER BY name COLLATE NOCASE, seq",
		"WITH RECURSIVE c(x) AS (VALUES(1) UNION ALL SELECT x * 2 FROM c WHERE x < 1000) SELECT x, x / 3.0, typeof(x / 3.0), printf('%.3f', x / 7.0) FROM c",
		"SELECT avg(time), total(file_size), group_concat(path, ';') FROM sophos_image_journal",
		"SELECT query_name, json_group_array(domain) FROM xdr_data GROUP BY query_name ORDER BY 1",
		"SELECT f.filename, f.size, h.sha256 FROM file f LEFT JOIN hash h USING (path) ORDER BY f.path",
		"SELECT strftime('%Y-%m-%dT%H:%M:%SZ', datetime(time, 'unixepoch')) AS t, row_number() OVER (ORDER BY seq) FROM sophos_dns_journal ORDER BY seq",
		"SELECT replace(path, rtrim(path, replace(path, '\\', '')), '') AS file FROM sophos_process_journal",
		"SELECT processName, sophosPID, endTime - processStartTime FROM sophos_process_journal",
		"SELECT NULL, 1.0, 1e300, -0.5, 9223372036854775807, x'41'",
		"SELECT name FROM sophos_dns_journal WHERE name GLOB '*[%]*' UNION SELECT path FROM file EXCEPT SELECT '' ORDER BY 1 DESC LIMIT 5",
	}
	for _, tables := range tables {
		queries = append(queries, "SELECT * FROM "+tables.Name+" ORDER BY seq LIMIT 100")
	}
	for _, text := range queries {
		out, err := exec.Command(program, "-batch", "-readonly", "-init", os.DevNull, "-list", file, text+";").CombinedOutput()
		if err != nil {
			t.Errorf("sqlite3: %s: %v\n%s", text, err, out)
			continue
		}
		want := strings.TrimSuffix(string(out), "\n")
		// Newer programs show control characters as ^[.
		got := strings.ReplaceAll(lines(t, db, text, nil), "\x1b", "^[")
		if got != strings.ReplaceAll(want, "\x1b", "^[") {
			t.Errorf("%s\n got %s\nwant %s", text, got, want)
		}
	}
	if out, err := exec.Command(program, file, "PRAGMA integrity_check").CombinedOutput(); err != nil || strings.TrimSpace(string(out)) != "ok" {
		t.Errorf("integrity: %v, %s", err, out)
	}
	t.Logf("%d queries compared", len(queries))
}

// Two databases of one subject are the same, byte for byte.
func TestDeterministic(t *testing.T) {
	var data [2]string
	for i := range data {
		file := filepath.Join(t.TempDir(), "run.sqlite")
		if err := build(t, chain()).Write(file); err != nil {
			t.Fatal(err)
		}
		b, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		data[i] = string(b)
	}
	if data[0] != data[1] {
		t.Error("the databases differ")
	}
}

func TestOpenProblems(t *testing.T) {
	dir := t.TempDir()
	text := filepath.Join(dir, "a.txt")
	if err := os.WriteFile(text, []byte("no database, but a text of some length, longer than a head is of one: "+strings.Repeat("x", 100)), 0o644); err != nil {
		t.Fatal(err)
	}
	for file, want := range map[string]string{
		filepath.Join(dir, "none"): "no such file",
		dir:                        "is not a file",
		text:                       "is no database of a run: file is not a database",
	} {
		db, err := Open(file)
		if err == nil {
			db.Close()
			t.Errorf("%s was opened", file)
		} else if !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %s", file, err, want)
		}
	}
	if entries, _ := os.ReadDir(dir); len(entries) != 1 {
		t.Errorf("files were made: %v", entries)
	}
}

// FuzzQuery reads anything as a query, runs what is one for a moment, and
// explains it. Nothing changes the database.
func FuzzQuery(f *testing.F) {
	for _, s := range []string{
		"SELECT '$$v$$' FROM file WHERE path LIKE '%$$v$$%' AND size = 1", "-- title: x\n-- variable: v = 1\nWITH a AS (SELECT 1) SELECT $$v$$ FROM a",
		"SELECT SUBSTRING(x FROM 1 FOR 2) FROM [a] `b` \"c\"", "SELECT 1;", "SELECT $$", "VALUES (1)", "SELECT strftime('%s','now')", "/* $$x$$ */ SELECT now()",
		"SELECT c FROM file CROSS JOIN UNNEST(SPLIT(path, 'x')) AS t(c) UNION SELECT POSITION('a' IN path) FROM file",
		"SELECT * FROM file f, hash h WHERE f.path = h.path OR NOT (f.size BETWEEN 1 AND 2)",
	} {
		f.Add(s, "value")
	}
	db, err := Build(chain())
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, text, value string) {
		q, problems := Parse(detect.File{Path: "q.sql", Data: []byte(text)})
		if q == nil {
			if len(problems) == 0 {
				t.Errorf("%q is no query, and nothing says why", text)
			}
			return
		}
		variables := map[string]string{}
		for _, v := range q.Variables() {
			variables[v.Name] = value
		}
		o := Options{Variables: variables, Timeout: 50 * time.Millisecond, MaxRows: 10}
		db.Run(context.Background(), q, o)
		db.Explain(context.Background(), q, o)
		r, problem := db.Run(context.Background(), query(t, "SELECT (SELECT count(*) FROM file), (SELECT count(*) FROM sqlite_master)"), Options{})
		if problem != nil || fmt.Sprint(r.Rows) != fmt.Sprintf("[[2 %d]]", len(tables)+1) {
			t.Fatalf("%q changed the database: %v, %+v", text, r, problem)
		}
	})
}

func BenchmarkBuild(b *testing.B) {
	s := chain()
	for b.Loop() {
		db, err := Build(s)
		if err != nil {
			b.Fatal(err)
		}
		db.Close()
	}
}

func BenchmarkRun(b *testing.B) {
	db := build(b, chain())
	q := query(b, "SELECT spa.object FROM sophos_process_activity spa LEFT JOIN sophos_process_journal USING (sophos_pid) WHERE spa.object LIKE '%/iconstorages/%'")
	for b.Loop() {
		if _, problem := db.Run(context.Background(), q, Options{}); problem != nil {
			b.Fatal(problem)
		}
	}
}
