package ioc

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/google/go-cmp/cmp"

	"sidetrace/harness/detect"
)

func TestRefang(t *testing.T) {
	for in, want := range map[string]string{
		"akamaicontainer[.]com":                        "akamaicontainer.com",
		"akamaicontainer(.)com":                        "akamaicontainer.com",
		"akamaicontainer{.}com":                        "akamaicontainer.com",
		"akamaicontainer[dot]com":                      "akamaicontainer.com",
		"akamaicontainer (dot) com":                    "akamaicontainer.com",
		"akamaicontainer[.com":                         "akamaicontainer.com",
		"akamaicontainer.]com":                         "akamaicontainer.com",
		`akamaicontainer\.com`:                         "akamaicontainer.com",
		"hxxp://a[.]com/b":                             "http://a.com/b",
		"hXXps[:]//a[.]com":                            "https://a.com",
		"h**ps://a.com":                                "https://a.com",
		"http[:]//raw.githubusercontent[.]com/I/i.ico": "http://raw.githubusercontent.com/I/i.ico",
		"https[://]a[.]com":                            "https://a.com",
		"https:[//]a[.]com[/]x":                        "https://a.com/x",
		"hxxps:\\\\a[.]com":                            "https://a.com",
		"fxp://a.com":                                  "ftp://a.com",
		"user[@]a[.]com":                               "user@a.com",
		"user[at]a[.]com":                              "user@a.com",
		"192[.]0[.]2[.]1":                              "192.0.2.1",
		"192.0.2[.]1[:]443":                            "192.0.2.1:443",
		"http://[2001:db8::1]/x":                       "http://[2001:db8::1]/x",
		`C:\Users\a\.ssh\id`:                           `C:\Users\a\.ssh\id`,
		"already.example.com":                          "already.example.com",
	} {
		if got := Refang(in); got != want {
			t.Errorf("Refang(%q): got %q, want %q", in, got, want)
		}
	}
}

func TestClassify(t *testing.T) {
	hash := strings.Repeat("aB", 16)
	for _, test := range []struct {
		in   string
		kind Kind
		want string // "kind value", or "error: …"
	}{
		{"Example.COM.", Unknown, "domain example.com"},
		{"*.example.com", Unknown, "domain example.com below"},
		{".example.com", Unknown, "domain example.com"},
		{"bücher.example", Unknown, "domain xn--bcher-kva.example"},
		{"example.com:8080", Unknown, "domain example.com"},
		{"_dmarc.example.com", Unknown, "domain _dmarc.example.com"},
		{"https://Example.com", Unknown, "domain example.com"},
		{"https://Example.com/", Unknown, "url https://example.com/"},
		{"https://example.com:443/A?b=C#d", Unknown, "url https://example.com/A?b=C"},
		{"example.com/a/", Unknown, "url example.com/a/"},
		{"akamaicontainer[.]com", URL, "domain akamaicontainer.com"},
		{"192.0.2.1", Unknown, "ip 192.0.2.1"},
		{"192.0.2.1:443", Unknown, "ip 192.0.2.1"},
		{"http://192.0.2.1/x", Unknown, "url http://192.0.2.1/x"},
		{"::ffff:192.0.2.1", Unknown, "ip 192.0.2.1"},
		{"2001:DB8::1", Unknown, "ip 2001:db8::1"},
		{"192.0.2.77/24", Unknown, "cidr 192.0.2.0/24"},
		{"192.0.2.1/32", Unknown, "ip 192.0.2.1"},
		{hash, Unknown, "md5 " + strings.ToLower(hash)},
		{hash, ImpHash, "imphash " + strings.ToLower(hash)},
		{hash, SHA256, "md5 " + strings.ToLower(hash)},
		{hash + hash, Unknown, "sha256 " + strings.ToLower(hash+hash)},
		{hash + "a", Unknown, "error: a hash of 33 hexadecimal digits; MD5 has 32, SHA-1 40, SHA-256 64"},
		{"zz" + hash[2:], MD5, "error: 'z' is no hexadecimal digit of a hash"},
		{"ffmpeg.dll", Unknown, "filename ffmpeg.dll"},
		{"setup.zip", Unknown, "domain setup.zip"}, // .zip is a top-level domain
		{`C:\Users\*\AppData\x.dll`, Unknown, `path c:\users\*\appdata\x.dll`},
		{`%LocalAppData%\Programs\x.dll`, Unknown, `path ?:\users\*\appdata\local\programs\x.dll`},
		{`\3CXDesktopApp\app\ffmpeg.dll`, Unknown, `path \3cxdesktopapp\app\ffmpeg.dll`},
		{`C:/ProgramData/evil/`, Unknown, `path c:\programdata\evil\*`},
		{`\??\C:\x.exe`, Unknown, `path c:\x.exe`},
		{`HKEY_LOCAL_MACHINE\SOFTWARE\Evil`, Unknown, `registry hklm\software\evil`},
		{`\REGISTRY\MACHINE\SOFTWARE\Evil`, Unknown, `registry hklm\software\evil`},
		{`HKU\S-1-5-21-1-2-3-1001\Software\Evil`, Unknown, `registry hkcu\software\evil`},
		{`\\.\pipe\Evil`, Unknown, "pipe evil"},
		{`Global\AVMonitor`, Unknown, `mutex Global\AVMonitor`},
		{"AVMonitorRefreshEvent", Event, "event AVMonitorRefreshEvent"},
		{"AVMonitorRefreshEvent", Unknown, `error: cannot tell what "AVMonitorRefreshEvent" is; name its type in a column "type" (mutex, event, filename, …)`},
		{"someone@example.com", Unknown, "error: an e-mail address: no sensor shows it"},
		{"a..com", Domain, `error: "a..com" is no domain: it has the part ""`},
		{"256.1.1.1", Unknown, `error: cannot tell what "256.1.1.1" is; name its type in a column "type" (mutex, event, filename, …)`},
		{"*", FileName, `error: "*" would match every file`},
		{`C:\*`, Path, `error: "C:\\*" would match every path`},
		{"gopher://example.com/x", Unknown, `error: a URL of the scheme "gopher": no sensor shows it`},
		{"", Unknown, "error: no indicator"},
	} {
		in, err := classify(test.in, test.kind)
		got := fmt.Sprintf("%s %s", in.kind, in.value)
		if in.below {
			got += " below"
		}
		if err != nil {
			got = "error: " + err.Error()
		}
		if got != test.want {
			t.Errorf("classify(%q, %s): got %s, want %s", test.in, test.kind, got, test.want)
		}
	}
}

// parsed is a list as one line for each indicator.
func parsed(file, text string) []string {
	var out []string
	for _, it := range parse(file, []byte(text)).items {
		line := fmt.Sprintf("%d:%d %s %s", it.line, it.column, it.kind, it.value)
		if it.note != "" {
			line += " (" + it.note + ")"
		}
		if it.exact {
			line += " exact"
		}
		out = append(out, line)
	}
	return out
}

func TestParse(t *testing.T) {
	sha := strings.Repeat("a", 64)
	for _, test := range []struct {
		name, file, text string
		want             []string
	}{
		{"lines", "a.txt", "# comment\n\n  a.com  # note\n; more\n// more\n- b.com\nsha256: " + sha + "\n",
			[]string{"3:3 unknown a.com (note)", "6:1 unknown b.com", "7:1 sha256 " + sha}},
		{"one line to match exactly", "a.txt", "# match: exact\na.com", []string{"2:1 unknown a.com exact"}},
		{"data is the indicator", "a.csv", "Indicator_type,Data,Note\nurl,hxxp://a[.]com/x,\"C2, first\"\nDescription,https://b.com,x\n",
			[]string{"2:5 url hxxp://a[.]com/x (C2, first)"}},
		{"OTX", "a.csv", "Indicator type,Indicator,Description\nFileHash-SHA256," + sha + ",\nhostname,a.b.com,x\nCVE,CVE-2023-29059,\n",
			[]string{"2:17 sha256 " + sha, "3:10 domain a.b.com (x)"}},
		{"MISP", "a.csv", "uuid,event_id,category,type,value,comment,to_ids,date\n1,2,Payload,filename|sha256,a.dll|" + sha + ",c,1,\n1,2,Net,ip-dst|port,192.0.2.1|443,,1,\n",
			[]string{"2:29 filename a.dll (c)", "2:29 sha256 " + sha + " (c)", "3:21 ip 192.0.2.1"}},
		{"columns of one type", "a.csv", "Filename;MD5;SHA-256\na.exe;;" + sha + "\n",
			[]string{"2:1 filename a.exe", "2:8 sha256 " + sha}},
		{"head in a comment", "a.csv", "# abuse\n# id,dateadded,url,url_status\n\"1\",\"2023\",\"http://a.com/x\",\"online\"\n",
			[]string{"3:12 url http://a.com/x"}},
		{"no head", "a.csv", "domain,a.com,first\nsha256," + sha + ",second\nmutex,AVMonitor,third\n",
			[]string{"1:8 domain a.com (first)", "2:8 sha256 " + sha + " (second)", "3:7 mutex AVMonitor (third)"}},
		{"no head, no types", "a.csv", "a.com,seen in March\nb.com,\n", []string{"1:1 unknown a.com (seen in March)", "2:1 unknown b.com"}},
		{"tabs", "a.tsv", "type\tvalue\ndomain\ta.com\n", []string{"2:8 domain a.com"}},
		{"a head of one", "a.csv", "ioc\na.com\n", []string{"2:1 unknown a.com"}},
		{"quoted over lines", "a.csv", "value,note\na.com,\"one\ntwo\"\nb.com,x\n", []string{"2:1 unknown a.com (one\ntwo)", "4:1 unknown b.com (x)"}},
		{"exact by column", "a.csv", "value,match\na.com,exact\nb.com,\n", []string{"2:1 unknown a.com exact", "3:1 unknown b.com"}},
		{"two lists in one", "a.csv", "type,value\ndomain,a.com\ntype,value\ndomain,b.com\n", []string{"2:8 domain a.com", "4:8 domain b.com"}},
		{"byte order mark, no-break space", "a.csv", "\ufeffvalue\n\u00a0a.com\u00a0\n", []string{"2:2 unknown a.com"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			if diff := cmp.Diff(test.want, parsed(test.file, test.text)); diff != "" {
				t.Errorf("items (-want +got):\n%s", diff)
			}
		})
	}
}

// said is what a list made the engine say, as line:column severity message.
func said(t *testing.T, file, text string) []string {
	t.Helper()
	e := &Engine{}
	var out []string
	for _, p := range e.load(detect.File{Path: file, Data: []byte(text)}, Options{}) {
		line := fmt.Sprintf("%d:%d %s %s", p.Line, p.Column, p.Severity, p.Message)
		if p.Hint != "" {
			line += " | " + p.Hint
		}
		out = append(out, line)
	}
	return out
}

func TestProblems(t *testing.T) {
	utf16le := func(s string) string {
		b := []byte{0xff, 0xfe}
		for _, u := range utf16.Encode([]rune(s)) {
			b = append(b, byte(u), byte(u>>8))
		}
		return string(b)
	}
	for _, test := range []struct {
		name, file, text string
		want             []string
	}{
		{"zero-width space", "a.txt", "ok.com\njournalide[.]\u200borg\n", []string{
			"2:14 warning there is U+200B, a zero-width space, which cannot be seen; it was left out | a tool that keeps it will never match this line"}},
		{"UTF-16", "a.csv", utf16le("value\nok.com\n"), []string{
			"1:0 warning the list is in UTF-16LE, which most tools that import lists take for garbage; it was read as such | save it as UTF-8"}},
		{"twice", "a.txt", "ok.com\nOK[.]com\n", []string{"2:1 warning ok.com is in line 1 already"}},
		{"private", "a.txt", "10.1.2.3\n", []string{"1:1 warning 10.1.2.3 is a private address: it would match ordinary traffic"}},
		{"a range too wide", "a.txt", "8.0.0.0/8\n", []string{"1:1 warning a range of 8 bits would match ordinary traffic"}},
		{"everybody's host", "a.txt", "github.com\n", []string{
			"1:1 warning github.com is a host that ordinary programs talk to: it would match ordinary traffic | name the path"}},
		{"a path on everybody's host", "a.txt", "https://raw.githubusercontent.com/IconStorages/images/main/\n", nil},
		{"public suffix", "a.txt", "co.uk\n", []string{
			"1:1 warning co.uk is what anybody may register names below: it would match ordinary traffic | name the host"}},
		{"mistyped suffix", "a.txt", "akamaicontainer.cmo\n", []string{`1:1 warning "cmo" is no top-level domain | did you mean .com?`}},
		{"Cyrillic", "a.txt", "аkamaicontainer.com\n", []string{
			`1:1 warning 'а' (U+0430) stands among Latin letters and may only look like one | type the name anew`}},
		{"hash of nothing", "a.txt", "d41d8cd98f00b204e9800998ecf8427e\n", []string{
			"1:1 warning the hash of an empty file: it would match ordinary ones"}},
		{"a hash cut off", "a.csv", "type,value\nsha256,aabb\n", []string{"2:8 broken a hash of 4 hexadecimal digits; sha256 has 64"}},
		{"a type nobody knows", "a.csv", "type,value\nthing,ok.com\n", []string{
			`2:1 warning "thing" is no type that is known; the indicator is taken for what it looks like`}},
		{"what no sensor shows", "a.csv", "type,value\nemail,a@ok.com\n", []string{
			"2:7 unsupported email: no sensor shows it", "0:0 warning the list has no indicators"}},
		{"a quote not closed", "a.csv", "value,note\nok.com,\"x\n" + strings.Repeat("y.com,z\n", 30), []string{
			`2:8 broken a quotation mark is not closed | inside quotes it is written twice: ""`, "4:1 warning y.com is in line 3 already"}},
		{"svchost", "a.txt", "svchost.exe\n", []string{
			"1:1 warning a file of Windows itself: it would match ordinary machines | give its path or its hash"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			got := said(t, test.file, test.text)
			if len(got) > len(test.want) && test.name == "a quote not closed" {
				got = got[:len(test.want)]
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("problems (-want +got):\n%s", diff)
			}
		})
	}
}

// The list of the 3CX chain as it was published: a byte order mark, types that
// say URL for domains, a row that describes the list, and characters nobody sees.
func TestPublishedList(t *testing.T) {
	data, err := os.ReadFile("testdata/3cx.csv")
	if err != nil {
		t.Fatal(err)
	}
	e := &Engine{}
	problems := e.load(detect.File{Path: "3cx.csv", Data: data}, Options{})
	if len(problems) != 2 {
		t.Errorf("got %d problems, want the 2 lines with invisible characters: %v", len(problems), problems)
	}
	counts := map[Kind]int{}
	for _, r := range e.rules {
		counts[r.kind]++
	}
	if diff := cmp.Diff(map[Kind]int{Domain: 21, URL: 1, SHA256: 1}, counts); diff != "" {
		t.Errorf("indicators (-want +got):\n%s", diff)
	}
}

func FuzzParse(f *testing.F) {
	data, err := os.ReadFile("testdata/3cx.csv")
	if err != nil {
		f.Fatal(err)
	}
	f.Add("a.csv", data)
	for _, s := range []string{"# id,url\n1,2\n", "\"", "a\tb\n\"\n", "type|value\nfilename|md5,x|y", "\xff\xfea\x00", "md5: x", "[.][.]hxxp"} {
		f.Add("a.txt", []byte(s))
		f.Add("a.csv", []byte(s))
	}
	f.Fuzz(func(t *testing.T, file string, data []byte) {
		e := &Engine{}
		for _, p := range e.load(detect.File{Path: file, Data: data}, Options{}) {
			if p.Message == "" || p.File != file {
				t.Errorf("a problem without a message or its file: %+v", p)
			}
		}
		for i := range e.rules {
			r := &e.rules[i]
			// What is compared is read again as itself, or lists could not be
			// made of what a run shows.
			if in, err := classify(r.value, r.kind); err != nil || in.value != r.value {
				t.Errorf("%s %q is read again as %q, %v", r.kind, r.value, in.value, err)
			}
		}
	})
}
