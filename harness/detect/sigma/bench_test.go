package sigma

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"sidetrace/harness/detect"
	"sidetrace/harness/telemetry"
)

// generated writes rules whose log sources, modifiers and numbers of values are
// shaped like those of the public rules: most look at process creation, by
// contains and endswith, with filters.
func generated(n int) []string {
	r := rand.New(rand.NewPCG(1, 2))
	word := func() string {
		syllables := []string{"mi", "ka", "po", "ser", "vice", "host", "run", "dll", "net", "shell", "cmd", "up", "date", "log", "win", "exe"}
		var b strings.Builder
		for range 2 + r.IntN(3) {
			b.WriteString(syllables[r.IntN(len(syllables))])
		}
		return b.String()
	}
	list := func(form string, max int) string {
		var b strings.Builder
		for range 1 + r.IntN(max) {
			b.WriteString("            - '" + fmt.Sprintf(form, word()) + "'\n")
		}
		return b.String()
	}
	sources := []struct {
		share         int
		source, field string
	}{
		{40, "category: process_creation", "CommandLine"}, {10, "category: registry_set", "TargetObject"}, {10, "category: file_event", "TargetFilename"},
		{6, "category: image_load", "ImageLoaded"}, {5, "category: network_connection", "DestinationHostname"}, {4, "category: dns_query", "QueryName"},
		{10, "service: security", "ObjectName"}, {10, "category: ps_script", "ScriptBlockText"}, {5, "category: proxy", "c-uri"},
	}
	var out []string
	for i := range n {
		k := r.IntN(100)
		s := sources[0]
		for _, s = range sources {
			if k -= s.share; k < 0 {
				break
			}
		}
		var b strings.Builder
		fmt.Fprintf(&b, "title: Suspicious %s %d\nid: 00000000-0000-4000-8000-%012d\nstatus: test\n", word(), i, i)
		b.WriteString("description: |\n    Detects what nobody does without a reason, which may be a good one,\n    so that somebody has to look.\n")
		b.WriteString("references:\n    - https://example.com/blog/a-long-title-of-an-article\n    - https://example.com/other\n")
		b.WriteString("author: Nobody (Example)\ndate: 2023-03-29\nmodified: 2024-01-02\ntags:\n    - attack.defense-evasion\n    - attack.t1574.001\n")
		product := "    product: windows\n"
		if s.source == "category: proxy" {
			product = ""
		}
		fmt.Fprintf(&b, "logsource:\n    %s\n%sdetection:\n", s.source, product)
		if s.field == "CommandLine" {
			fmt.Fprintf(&b, "    selection_img:\n        - Image|endswith:\n%s", list(`\%s.exe`, 3))
			fmt.Fprintf(&b, "        - OriginalFileName: '%s.exe'\n", word())
		}
		key := s.field + "|contains"
		switch k := r.IntN(100); {
		case k < 25:
			key += "|all"
		case k < 35:
			key = s.field + "|endswith"
		case k < 40:
			key = s.field + "|startswith"
		case k < 43:
			key += "|windash"
		}
		if k := r.IntN(100); k < 5 {
			fmt.Fprintf(&b, "    selection_cli:\n        %s|re: '%s[0-9]{2,4}(%s|%s)\\.exe'\n", s.field, word(), word(), word())
		} else {
			fmt.Fprintf(&b, "    selection_cli:\n        %s:\n%s            - '%s'\n", key, list(" -%s", 6), word())
		}
		filter := ""
		if r.IntN(2) == 0 {
			fmt.Fprintf(&b, "    filter_main_known:\n        Image|startswith: 'C:\\Program Files\\%s\\'\n        Image|endswith: '\\%s.exe'\n", word(), word())
			filter = " and not 1 of filter_main_*"
		}
		fmt.Fprintf(&b, "    condition: all of selection_*%s\nfalsepositives:\n    - Unknown\nlevel: high\n", filter)
		out = append(out, b.String())
	}
	return out
}

func sysmonEvents(n int) []telemetry.Event {
	var out []telemetry.Event
	for i := range n {
		common := []any{
			"RuleName", "-", "UtcTime", "2023-03-22 09:00:00.000", "ProcessGuid", "{c1b49677-43f4-5c7a-0000-0010d3dd8044}", "ProcessId", 1028 + i,
			"Image", `C:\Users\alice\AppData\Local\Programs\3CXDesktopApp\app\3CXDesktopApp.exe`, "User", `DESKTOP-1\alice`,
			"Hashes", "MD5=CCF1D1573F175299ADE01C07791A6541,SHA256=68A15A34C2E28B9B521A240B948634617D72AD619E3950BC6DC769E60A0C3CF2",
		}
		switch i % 4 {
		case 0:
			out = append(out, *event(processCreation, append(common, "CommandLine", `"C:\Windows\System32\cmd.exe" /c whoami /all > C:\Users\alice\AppData\Local\Temp\out.txt & type C:\Users\alice\AppData\Local\Temp\out.txt`,
				"OriginalFileName", "Cmd.Exe", "ParentImage", `C:\Windows\explorer.exe`, "CurrentDirectory", `C:\Users\alice\`, "IntegrityLevel", "Medium")...))
		case 1:
			out = append(out, *event("windows/image_load/sysmon", append(common, "ImageLoaded", `C:\Users\alice\AppData\Local\Programs\3CXDesktopApp\app\ffmpeg.dll`, "Signed", "true", "Signature", "3CX Ltd")...))
		case 2:
			out = append(out, *event("windows/dns_query/sysmon", append(common, "QueryName", "raw.githubusercontent.com", "QueryStatus", "0")...))
		default:
			out = append(out, *event("windows/registry_set/sysmon", append(common, "TargetObject", `HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion\Run\Updater`, "Details", "x")...))
		}
		out[i].Seq = uint64(i + 1)
	}
	return out
}

const manyRules = 3000

// folderOf writes each rule to a file.
func folderOf(b testing.TB, rules []string) string {
	dir := b.TempDir()
	for i, r := range rules {
		if err := os.WriteFile(filepath.Join(dir, fmt.Sprintf("r%04d.yml", i)), []byte(r), 0o644); err != nil {
			b.Fatal(err)
		}
	}
	return dir
}

// BenchmarkLoad reads and compiles 3,000 rules, each from its file.
func BenchmarkLoad(b *testing.B) {
	dir := folderOf(b, generated(manyRules))
	b.ReportAllocs()
	from := cpuTime()
	for b.Loop() {
		if e, problems := Load([]detect.Source{{Path: dir}}, Options{}); len(e.rules) != manyRules {
			b.Fatal(problems)
		}
	}
	b.ReportMetric((cpuTime()-from).Seconds()/float64(b.N), "cpu-s/op")
}

// cpuTime is the processor's time that the process has taken, which other
// programs do not lengthen.
func cpuTime() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		panic(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// BenchmarkMatch counts pairs of an event and a rule of 3,000: all pairs, and
// those that the log source lets through.
func BenchmarkMatch(b *testing.B) {
	e, problems := Load([]detect.Source{{Path: folderOf(b, generated(manyRules))}}, Options{})
	if len(e.rules) != manyRules {
		b.Fatal(problems)
	}
	events := sysmonEvents(1000)
	pairs := 0
	for i := range events {
		pairs += len(e.route(events[i].Source))
	}
	b.ReportAllocs()
	from := cpuTime()
	for b.Loop() {
		e.run(context.Background(), events, nil)
	}
	runs := float64(b.N) / (cpuTime() - from).Seconds()
	b.ReportMetric(runs*float64(pairs), "gated-pairs/cpu-s")
	b.ReportMetric(runs*float64(len(events)*manyRules), "pairs/cpu-s")
}

// TestNoAllocations: binding an event and matching rules allocates nothing.
func TestNoAllocations(t *testing.T) {
	l := newLoader(Options{})
	for _, r := range generated(300) {
		l.file("", "", []byte(r))
	}
	l.finish()
	events := sysmonEvents(8)
	b := newBound(l.names)
	allocs := testing.AllocsPerRun(20, func() {
		for i := range events {
			b.bind(&events[i])
			for _, r := range l.rules {
				r.rule.match(b)
			}
		}
	})
	if allocs != 0 {
		t.Errorf("%v allocations for %d pairs", allocs, len(events)*len(l.rules))
	}
}
