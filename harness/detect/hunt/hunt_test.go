package hunt

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sidetrace/harness/detect"
	"sidetrace/harness/telemetry"
)

// app is where the softphone of the examples is.
const app = `C:\Users\alice\AppData\Local\Programs\3CXDesktopApp\app\`

// chain is a subject with something for every table.
func chain() *detect.Subject {
	start := time.Date(2023, 3, 22, 9, 0, 0, 0, time.UTC)
	event := func(seq uint64, category string, fields ...string) telemetry.Event {
		e := telemetry.Event{Seq: seq, Time: start.Add(time.Duration(seq) * time.Second), Computer: "DESKTOP-1", Source: telemetry.Logsource{Category: category, Product: "windows", Service: "sysmon"}}
		for i := 0; i < len(fields); i += 2 {
			e.Fields = append(e.Fields, telemetry.Field{Name: fields[i], Value: telemetry.Text(fields[i+1])})
		}
		return e
	}
	behaviour := func(e telemetry.Event) telemetry.Event {
		e.Source = telemetry.Logsource{Category: e.Source.Category, Product: telemetry.Product, Service: telemetry.ServiceBehaviour}
		return e
	}
	program := []string{"ProcessId", "4660", "Image", app + "3CXDesktopApp.exe", "User", `DESKTOP-1\alice`}
	with := func(more ...string) []string { return append(append([]string{}, program...), more...) }
	return &detect.Subject{
		Name: "chain",
		Events: []telemetry.Event{
			event(0, "process_creation", with("CommandLine", `"`+app+`3CXDesktopApp.exe"`, "ParentProcessId", "1234", "ParentImage", `C:\Windows\explorer.exe`, "Hashes", "MD5=AB,SHA256="+strings.Repeat("AB", 32))...),
			event(1, "image_load", with("ImageLoaded", app+"ffmpeg.dll", "Signed", "false", "Signature", "-")...),
			event(2, "file_event", with("TargetFilename", app+"manifest")...),
			event(3, "registry_set", with("EventType", "SetValue", "TargetObject", `HKU\S-1-5-21-1-2-3-1001\Software\Updater\State`, "Details", "on")...),
			event(4, "pipe_created", with("PipeName", `\updater`)...),
			event(5, "dns_query", with("QueryName", "raw.githubusercontent.com", "QueryStatus", "0", "QueryResults", "::ffff:192.0.2.20;")...),
			event(6, "network_connection", with("Protocol", "tcp", "SourceIp", "192.0.2.10", "SourcePort", "49152", "DestinationIp", "192.0.2.20", "DestinationHostname", "raw.githubusercontent.com", "DestinationPort", "443")...),
			event(7, "proxy", "c-uri", "https://raw.githubusercontent.com/IconStorages/images/main/icon3.ico?x=1", "cs-host", "raw.githubusercontent.com", "c-useragent", "Mozilla/5.0", "cs-method", "GET", "sc-status", "200", "cs-cookie", "__tutma=1"),
			event(8, "dns_query", with("QueryName", "www.glcloudservice.com", "QueryStatus", "9003")...),
			behaviour(event(8, "dns_query", with("name", "www.glcloudservice.com")...)), // Sysmon told of it
			behaviour(event(9, "file_read", with("path", app+"ffmpeg.dll", "offset", "0")...)),
			event(9, "file_delete", with("TargetFilename", app+"manifest")...),
			event(10, "process_termination", program...),
		},
		Objects: []detect.Object{
			{Kind: "file", Name: app + "3CXDesktopApp.exe", Path: app + "3CXDesktopApp.exe", Data: []byte("host")},
			{Kind: "file", Name: app + "ffmpeg.dll", Path: app + "ffmpeg.dll", Data: []byte("implant")},
			{Kind: "http.response", Name: "icon3.ico", Data: []byte("icon"), Seq: 7},
		},
	}
}

func query(t testing.TB, text string) *Query {
	t.Helper()
	q, problems := Parse(detect.File{Path: "hunts/q.sql", Data: []byte(text)})
	if q == nil {
		t.Fatalf("%s: %+v", text, problems)
	}
	return q
}

func build(t testing.TB, s *detect.Subject) *Database {
	t.Helper()
	db, err := Build(s)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}

// lines are the rows of a query as the sqlite3 program prints them.
func lines(t testing.TB, db *Database, text string, variables map[string]string) string {
	t.Helper()
	r, problem := db.Run(context.Background(), query(t, text), Options{Variables: variables})
	if problem != nil {
		return fmt.Sprintf("%s:%d: %s: %s | %s", problem.File, problem.Line, problem.Severity, problem.Message, problem.Hint)
	}
	var out []string
	for _, row := range r.Rows {
		var cells []string
		for _, v := range row {
			cells = append(cells, Text(v))
		}
		out = append(out, strings.Join(cells, "|"))
	}
	return strings.Join(out, "\n")
}

func TestTables(t *testing.T) {
	db := build(t, chain())
	for _, test := range []struct{ query, want string }{
		{"SELECT process_name, event_type, cmd_line, sid, end_time - time, file_size FROM sophos_process_journal", `3CXDesktopApp.exe|0|"` + app + `3CXDesktopApp.exe"|` + telemetry.DefaultSID + "|10|4"},
		{"SELECT sophos_pid, process_start_time FROM sophos_process_journal", "4660:133239492000000000|1679475600"},
		{"SELECT file, signed, file_size FROM sophos_image_journal", "ffmpeg.dll|0|7"},
		{"SELECT name, responses, status FROM sophos_dns_journal", "raw.githubusercontent.com|192.0.2.20|0\nwww.glcloudservice.com||9003"},
		{"SELECT destination, destination_port, source_port FROM sophos_network_journal", "192.0.2.20|443|49152"},
		{"SELECT destination, destination_port FROM sophos_ip_journal", "192.0.2.20|443"},
		{"SELECT url, regex_match(headers, 'Cookie: (.*)', 1), destination, destination_port, pid FROM sophos_http_journal", "https://raw.githubusercontent.com/IconStorages/images/main/icon3.ico?x=1|__tutma=1\r|192.0.2.20|443|4660"},
		{"SELECT domain FROM sophos_url_journal", "raw.githubusercontent.com"},
		{"SELECT status_code, user_agent FROM sophos_web_transaction_journal JOIN sophos_web_flow_journal USING (flow_id)", "200|Mozilla/5.0"},
		{"SELECT subject, event_type, file FROM sophos_file_journal ORDER BY time", "FileOtherChanges|0|manifest\nFileBinaryReads|8|ffmpeg.dll\nFileOtherChanges|2|manifest"},
		{"SELECT event_type, key_name, value_name, value FROM sophos_registry_journal", `5|\REGISTRY\USER\S-1-5-21-1-2-3-1001\Software\Updater|State|on`},
		{"SELECT subject, action, object, process_name FROM sophos_process_activity WHERE subject IN ('Dns', 'Http') ORDER BY seq", "Dns|resolved|raw.githubusercontent.com|3CXDesktopApp.exe\nHttp|requested|https://raw.githubusercontent.com/IconStorages/images/main/icon3.ico?x=1|3CXDesktopApp.exe\nDns|resolved|www.glcloudservice.com|3CXDesktopApp.exe"},
		{"SELECT DISTINCT subject FROM sophos_process_activity ORDER BY 1", "Dns\nFileBinaryReads\nFileOtherChanges\nHttp\nImage\nNetwork\nProcess\nRegistry\nUrl"},
		{"SELECT query_name, domain, clean_urls, pids, sophos_pids FROM xdr_ext_data WHERE licence = 'MTR' AND domain > ''", "sophos_urls_windows|raw.githubusercontent.com|https://raw.githubusercontent.com/IconStorages/images/main/icon3.ico|4660|4660:133239492000000000"},
		{"SELECT query_name FROM xdr_data ORDER BY 1", "open_sockets\nrunning_processes_windows_sophos\nsophos_ips_windows\nsophos_urls_windows"},
		{"SELECT pid, name, state FROM processes ORDER BY pid", "1234|explorer.exe|STILL_ACTIVE\n4660|3CXDesktopApp.exe|EXITED"},
		{"SELECT filename, size FROM file", "3CXDesktopApp.exe|4\nffmpeg.dll|7"}, // the manifest is gone
		{"SELECT file.filename FROM hash JOIN file USING (path) WHERE sha256 = sha256('implant')", "ffmpeg.dll"},
		{"SELECT pid, remote_address, remote_port, protocol FROM process_open_sockets", "4660|192.0.2.20|443|6"},
		{"SELECT path, type, data FROM registry", `HKEY_USERS\S-1-5-21-1-2-3-1001\Software\Updater\State|REG_SZ|on`},
		{"SELECT result FROM authenticode WHERE path LIKE '%ffmpeg.dll'", "missing"},
		{"SELECT name FROM dns_cache", "raw.githubusercontent.com"},
		{"SELECT name FROM pipes", "updater"},
		{"SELECT username FROM users WHERE uuid LIKE 'S-1-5-21-%'", "alice"},
		{"SELECT hostname FROM system_info", "DESKTOP-1"},
		{"SELECT path FROM process_memory_map", app + "ffmpeg.dll"},
		// Old names, as in queries of before 2021.
		{"SELECT processName, sophosPID = sophos_pid FROM sophos_process_journal spj WHERE pathname LIKE '%3cx%'", "3CXDesktopApp.exe|1"},
		{"SELECT spa.pathname FROM sophos_process_activity spa JOIN sophos_process_journal USING (sophosPID) WHERE subject = 'Url'", app + "3CXDesktopApp.exe"},
	} {
		if got := lines(t, db, test.query, nil); got != test.want {
			t.Errorf("%s\n got %s\nwant %s", test.query, got, test.want)
		}
	}
}

// A hunt with its head, run by the engine.
func TestEngine(t *testing.T) {
	name := filepath.Join(t.TempDir(), "beacons.sql")
	const text = `-- title: Hosts that asked for the icons
-- why: the address is in the implant
-- level: high
-- attack: T1102.001, nonsense
-- tags: 3cx apt
-- variable: path = /iconstorages/
SELECT seq, url FROM sophos_http_journal
WHERE url LIKE '%$$path$$%' AND time BETWEEN $$begin$$ AND $$end$$;
`
	if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	e, problems := Load([]detect.Source{{Path: name, Revision: "new"}}, Options{Variables: map[string]string{"begin": "0"}})
	if len(problems) != 1 || problems[0].Line != 4 || !strings.Contains(problems[0].Message, "nonsense") {
		t.Errorf("problems %+v", problems)
	}
	r := e.Rules()[0]
	if r.ID != "beacons" || r.Title != "Hosts that asked for the icons" || r.Level != "high" || !cmp.Equal(r.Attack, []string{"T1102.001"}) || !cmp.Equal(r.Tags, []string{"3cx", "apt"}) || r.Line != 7 {
		t.Errorf("rule %+v", r)
	}
	s := chain()
	_, problems = e.Detect(context.Background(), s)
	if len(problems) != 1 || problems[0].Message != "the variable $$end$$ has no value" || problems[0].Line != 8 {
		t.Errorf("problems %+v", problems)
	}
	findings, problems := e.With(map[string]string{"end": "2024-01-01T00:00:00Z"}).Detect(context.Background(), s)
	if len(findings) != 1 || problems != nil {
		t.Fatalf("findings %+v, problems %+v", findings, problems)
	}
	f := findings[0]
	if f.On != "row 1" || !cmp.Equal(f.Seqs, []uint64{7}) || len(f.Evidence) != 1 || f.Evidence[0].Term != "url" {
		t.Errorf("finding %+v", f)
	}
}

// A query that does not compile is told of when it is loaded, and keeps no other
// from running; the same engine may be used at the same time.
func TestLoad(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{
		"a.sql": "SELECT name\nFROM sophos_dns_jurnal", "b.sql": "SELECT name FROM sophos_dns_journal WHERE time > $$t$$", "c.sql": "SELECT no_such(1)",
		"d.sql": "DELETE FROM file", "e.sql": "SELECT * FROM file WHERE path = 'x'", "f.txt": "no SQL", "g.sql": strings.Repeat(" ", 300<<10),
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	e, problems := Load([]detect.Source{{Path: dir}}, Options{Variables: map[string]string{"t": "1"}})
	var got []string
	for _, p := range problems {
		got = append(got, fmt.Sprintf("%s:%d %s", filepath.Base(p.File), p.Line, p.Severity))
	}
	if diff := cmp.Diff([]string{"g.sql:0 broken", "a.sql:2 broken", "c.sql:1 unsupported", "d.sql:1 broken"}, got); diff != "" {
		t.Errorf("problems (-want +got):\n%s", diff)
	}
	if ok, unsupported, broken := e.Count(); ok != 2 || unsupported != 1 || broken != 3 {
		t.Errorf("got %d, %d, %d, want 2, 1, 3", ok, unsupported, broken)
	}
	s := chain()
	results := make(chan string, 8)
	for range cap(results) {
		go func() {
			findings, problems := e.Detect(context.Background(), s)
			results <- fmt.Sprint(findings, problems, e.Explain(context.Background(), 1, s))
		}()
	}
	first := <-results
	for range cap(results) - 1 {
		if r := <-results; r != first {
			t.Errorf("got %s\nthen %s", first, r)
		}
	}
	if got := fmt.Sprint(e.Limits(0, s), e.Limits(0, &detect.Subject{})); got != "[] [no_telemetry]" {
		t.Errorf("limits %s", got)
	}
	if findings, _ := e.Detect(context.Background(), s); len(findings) != 2 || findings[0].Rule != 0 {
		t.Errorf("findings %+v", findings)
	}
}

// The two queries that were published for the chain: the words that matter,
// written anew.
func TestPublishedQueries(t *testing.T) {
	db := build(t, chain())
	journal := `/* Devices that talk to the beacons
| VARIABLES
| - start_time (type DATE)
| - end_time (type DATE)
*/
SELECT strftime('%Y-%m-%dT%H:%M:%SZ', datetime(spa.time,'unixepoch')) AS date_time, sophos_process_journal.process_name, spa.object
FROM sophos_process_activity spa
LEFT JOIN sophos_process_journal USING (sophos_pid)
WHERE spa.time >= $$start_time$$ AND spa.time <= $$end_time$$
AND spa.subject IN ('Dns','Url','Http','ModernWebFlow')
AND (spa.object IN ('glcloudservice.com', 'journalide.org') OR spa.object LIKE '%/iconstorages/images/main/%')`
	want := "2023-03-22T09:00:07Z|3CXDesktopApp.exe|https://raw.githubusercontent.com/IconStorages/images/main/icon3.ico?x=1"
	if got := lines(t, db, journal, nil); got != want {
		t.Errorf("journal query\n got %s\nwant %s", got, want)
	}
	lake := `SELECT DISTINCT meta_hostname, pids, sophos_pids, domain, clean_urls FROM xdr_ext_data
WHERE licence = 'MTR' AND query_name = 'sophos_urls_windows'
AND (LOWER(domain) LIKE '%journalide%' OR LOWER(clean_urls) LIKE '%/iconstorages/images/main/%') ORDER BY meta_hostname`
	if got := lines(t, db, lake, nil); !strings.HasPrefix(got, "DESKTOP-1|4660|") {
		t.Errorf("lake query: got %s", got)
	}
}

// Queries of the Data Lake take lists of processes apart and join them.
func TestUnnest(t *testing.T) {
	db := build(t, chain())
	for text, want := range map[string]string{
		`WITH split_pids AS (
 SELECT x1.meta_hostname, new_pid, x1.domain FROM xdr_data AS x1 CROSS JOIN UNNEST(SPLIT(x1.sophos_pids, ',')) AS x2(new_pid)
 WHERE x1.query_name = 'sophos_urls_windows')
SELECT p.name, s.domain FROM split_pids s JOIN xdr_data p ON p.sophos_pid = s.new_pid AND p.query_name = 'running_processes_windows_sophos'`: "3CXDesktopApp.exe|raw.githubusercontent.com",
		`SELECT DISTINCT x2.new_pid, count(*) FROM xdr_data AS x1 CROSS JOIN UNNEST(SPLIT('a,b,a', ',')) AS x2(new_pid)
 WHERE x1.query_name = 'sophos_urls_windows' GROUP BY new_pid ORDER BY new_pid DESC`: "b|1\na|2",
		"SELECT upper(c) FROM file, UNNEST(split('x,y', ',')) t (c) WHERE filename = 'ffmpeg.dll'": "X\nY",
	} {
		if got := lines(t, db, text, nil); got != want {
			t.Errorf("%s\n got %s\nwant %s", text, got, want)
		}
	}
}

func TestVariables(t *testing.T) {
	db := build(t, chain())
	for _, test := range []struct {
		query, value, want string
	}{
		{"SELECT $$v$$", "12", "12"},
		{"SELECT typeof($$v$$)", "12", "integer"},
		{"SELECT typeof('$$v$$')", "12", "text"},
		{"SELECT $$v$$", "2023-03-22T09:00:00Z", "1679475600"},
		{"SELECT '$$v$$'", "2023-03-22T09:00:00Z", "2023-03-22T09:00:00Z"},
		{"SELECT '%$$v$$%'", "x", "%x%"},
		{`SELECT "%$$v$$%"`, "x", "%x%"},
		{"SELECT 'it''s $$v$$'", "x", "it's x"},
		{"SELECT 5 IN ($$v$$)", "1,5, 9", "1"},
		{"SELECT count(*) FROM sophos_dns_journal WHERE name LIKE '$$v$$'", "%GLCLOUD%", "1"},
		{"SELECT count(*) FROM sophos_dns_journal WHERE time > strftime('%s', 'now', '-$$v$$ seconds')", "3", "1"},
		// No value becomes part of the statement.
		{"SELECT '$$v$$'", "'; DROP TABLE file; --", "'; DROP TABLE file; --"},
		{"SELECT $$v$$", "1 UNION SELECT 2", "1 UNION SELECT 2"},
		{"SELECT 1 IN ($$v$$)", "1) OR (1=1", "0"},
	} {
		if got := lines(t, db, test.query, map[string]string{"v": test.value}); got != test.want {
			t.Errorf("%s with %q: got %s, want %s", test.query, test.value, got, test.want)
		}
	}
}

func TestRefused(t *testing.T) {
	db := build(t, chain())
	for _, test := range []struct{ query, want string }{
		{"WITH x AS (SELECT 1) INSERT INTO file (path) SELECT * FROM x", "hunts/q.sql:1: broken: a hunt only reads, and this would not: INSERT INTO file"},
		{"WITH x AS (SELECT 1)\nDELETE FROM file", "hunts/q.sql:2: broken: a hunt only reads, and this would not: DELETE FROM file"},
		{"SELECT 1,\n random()", "hunts/q.sql:2: broken: a hunt only reads, and this would not: the function random: no two runs would be the same"},
		{"SELECT load_extension('x')", "broken: a hunt only reads, and this would not: the function load_extension: a query loads no code"},
		{"SELECT *\nFORM file", `hunts/q.sql:2: broken: near "FORM": syntax error`},
		{"SELECT pth FROM file", "hunts/q.sql:1: broken: no such column: pth | did you mean path?"},
		{"SELECT *\nFROM sophos_dns_jurnal", "hunts/q.sql:2: broken: no such table: sophos_dns_jurnal | did you mean sophos_dns_journal?"},
		{"SELECT regexlike('a', 'b')", "hunts/q.sql:1: unsupported: no such function: regexlike"},
		{"SELECT regexp_like('a', '(?=b)')", "the pattern is none of RE2's, which has no look-around"},
		{"SELECT 1) LIMIT 1; DROP TABLE file; --", "x"},
		{"SELECT * FROM pragma_table_info('file')", "a hunt only reads, and this would not: PRAGMA table_info"},
		{"SELECT zeroblob(100000000)", "too big"},
	} {
		q, problems := Parse(detect.File{Path: "hunts/q.sql", Data: []byte(test.query)})
		if q == nil {
			if test.want == "x" || strings.Contains(problems[0].Message, test.want) {
				continue
			}
			t.Errorf("%s: %+v", test.query, problems)
			continue
		}
		if got := lines(t, db, test.query, nil); !strings.Contains(got, test.want) {
			t.Errorf("%s\n got %s\nwant %s", test.query, got, test.want)
		}
	}
	if got := lines(t, db, "SELECT count(*) FROM file", nil); got != "2" {
		t.Errorf("the database was changed: %s", got)
	}
}

// A statement that is no hunt is refused as it is read.
func TestParseProblems(t *testing.T) {
	for _, test := range []struct{ query, want string }{
		{"", "1 broken there is no statement"},
		{"-- only a comment\n;", "1 broken there is no statement"},
		{"SELECT 1;\nSELECT 2", "2 broken a second statement; a hunt is one"},
		{"\nDROP TABLE file", "2 broken the statement begins with DROP; a hunt only reads, with SELECT or WITH"},
		{"ATTACH 'x' AS y", "1 broken the statement begins with ATTACH; a hunt only reads, with SELECT or WITH"},
		{"PRAGMA query_only = 0", "1 broken the statement begins with PRAGMA; a hunt only reads, with SELECT or WITH"},
		{"SELECT 'abc", "1 broken a text in ' is not closed"},
		{"SELECT 1\n/* abc", "2 broken a comment is not closed"},
		{"SELECT $$abc", "1 broken a variable is not closed: it is written $$name$$"},
		{"SELECT a\nFROM UNNEST(SPLIT(y, ',')) AS t(z)", "2 unsupported UNNEST that is not of the form CROSS JOIN UNNEST(list) AS name(column); join json_each(list) instead"},
		{"SELECT a FROM x\nWHERE t > now() - INTERVAL '1' DAY", "2 unsupported INTERVAL: a span of time of Presto; use seconds, or date_add"},
	} {
		q, problems := Parse(detect.File{Path: "q.sql", Data: []byte(test.query)})
		if q != nil || len(problems) != 1 {
			t.Errorf("%q: got %+v, %+v", test.query, q, problems)
			continue
		}
		p := problems[0]
		if got := fmt.Sprintf("%d %s %s", p.Line, p.Severity, p.Message); got != test.want {
			t.Errorf("%q\n got %s\nwant %s", test.query, got, test.want)
		}
	}
}

// Queries that never end are stopped, whether they look for their first row or
// for their second.
func TestNeverEnds(t *testing.T) {
	db := build(t, chain())
	for _, text := range []string{
		"WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x+1 FROM c) SELECT x FROM c WHERE x < 0",
		"\nWITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x+1 FROM c) SELECT x FROM c WHERE x = 1 OR x < 0",
		"WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x+1 FROM c) SELECT count(*) FROM c",
		"WITH RECURSIVE c(x) AS (SELECT 1 UNION SELECT x+1 FROM c) SELECT group_concat(x) FROM c",
	} {
		q := query(t, text)
		start := time.Now()
		_, problem := db.Run(context.Background(), q, Options{Timeout: 200 * time.Millisecond})
		if problem == nil || !strings.Contains(problem.Message, "it was stopped after 200ms") && !strings.Contains(problem.Message, "too big") || problem.Line != q.rule.Line {
			t.Errorf("%s: got %+v", text, problem)
		}
		if took := time.Since(start); took > 10*time.Second {
			t.Errorf("%s: it took %v", text, took)
		}
	}
	r, problem := db.Run(context.Background(), query(t, "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x+1 FROM c) SELECT x FROM c"), Options{MaxRows: 100})
	if problem != nil || len(r.Rows) != 100 || !r.More {
		t.Errorf("rows without end: %+v, %+v", r, problem)
	}
}

func TestFunctions(t *testing.T) {
	db := build(t, chain())
	for expression, want := range map[string]string{
		"regexp_like('abc', 'b.')":                                         "1",
		"'abc' REGEXP '^b'":                                                "0",
		"regexp_extract('a=1', '=(.)', 1)":                                 "1",
		"regexp_replace('a1b2', '[0-9]', '_')":                             "a_b_",
		"split('a,b;c', ',;', 1)":                                          "b",
		"split('a,b', ',')":                                                `["a","b"]`,
		"array_join(split('a,b', ','), '+')":                               "a+b",
		"cardinality(split('a,b', ','))":                                   "2",
		"element_at(split('a,b', ','), -1)":                                "b",
		"contains(split('a,b', ','), 'b')":                                 "1",
		"array_join(array_agg(DISTINCT name), ',')":                        "raw.githubusercontent.com,www.glcloudservice.com",
		"approx_distinct(pid)":                                             "1",
		"count_if(status = 0)":                                             "1",
		"arbitrary(pid)":                                                   "4660",
		"split_part('a/b/c', '/', 2)":                                      "b",
		"strpos('héllo', 'l')":                                             "3",
		"POSITION('l' IN 'héllo')":                                         "3",
		"SUBSTRING('abcdef' FROM 2 FOR 3)":                                 "bcd",
		"SUBSTRING('abcdef', 2, 3)":                                        "bcd",
		"SUBSTRING('a&h=x&p=y' FROM POSITION('&h=' IN 'a&h=x&p=y') FOR 4)": "&h=x",
		"TRY_CAST('12' AS bigint) + 1":                                     "13",
		"TRY(1 + 1)":                                                       "2",
		"from_unixtime(1679475600)":                                        "2023-03-22 09:00:00.000",
		"date_format(from_unixtime(1679475600), '%Y-%m-%dT%H:%i:%SZ')":     "2023-03-22T09:00:00Z",
		"date_diff('hour', from_unixtime(0), from_unixtime(7200))":         "2",
		"date_add('day', -1, '2023-03-22')":                                "2023-03-21 00:00:00.000",
		"to_unixtime(from_unixtime(5))":                                    "5.0",
		"chr(65)":                                                          "A",
		"reverse('abc')":                                                   "cba",
		"url_extract_host('https://a.com:8/b')":                            "a.com",
		"json_extract_scalar('{\"a\":[{\"b\":1}]}', '$.a[0].b')":           "1",
		"inet_aton('192.0.2.1')":                                           "3221225985",
		"in_cidr_block('192.0.2.0/24', '192.0.2.9')":                       "1",
		"from_base64(to_base64('abc'))":                                    "abc",
		"md5('')":                                                          "d41d8cd98f00b204e9800998ecf8427e",
		"regex_split('a1b2c', '[0-9]', 2)":                                 "c",
		"regexp_like(NULL, 'x')":                                           "",
		"IF(1, 'a', 'b')":                                                  "a",
		"concat('a', 1)":                                                   "a1",
		// The clock is the run's, and its zone is UTC.
		"datetime('now')":              "2023-03-22 09:00:10",
		"datetime('now', 'localtime')": "2023-03-22 09:00:10",
		"datetime()":                   "2023-03-22 09:00:10",
		"unixepoch()":                  "1679475610",
		"strftime('%Y')":               "2023",
		"date_diff('second', '2023-03-22', now())": "32410",
		"CURRENT_DATE":      "2023-03-22",
		"CURRENT_TIMESTAMP": "2023-03-22 09:00:10",
	} {
		if got := lines(t, db, "SELECT "+expression+" FROM sophos_dns_journal LIMIT 1", nil); got != want {
			t.Errorf("%s: got %s, want %s", expression, got, want)
		}
	}
}
