package yara

import (
	"context"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"sidetrace/harness/detect"
)

// program is the yara program, or the test is skipped.
func program(t testing.TB) string {
	t.Helper()
	path, err := exec.LookPath("yara")
	if err != nil {
		t.Skip("the yara program is not installed (scripts/deps.sh test installs it)")
	}
	return path
}

// objectVariables hands the program the external variables of an object.
func objectVariables(o detect.Object) []string {
	var args []string
	for _, v := range ofObject(o) {
		args = append(args, "-d", fmt.Sprintf("%s=%v", v.name, v.value))
	}
	return args
}

// askProgram runs the yara program over an object, and renders what it says: a
// line for a rule with its tags, and one for each match of its strings.
func askProgram(t *testing.T, rules string, o detect.Object) []string {
	t.Helper()
	target := filepath.Join(t.TempDir(), "object")
	if err := os.WriteFile(target, o.Data, 0o644); err != nil {
		t.Fatal(err)
	}
	args := append([]string{"-w", "-g", "-s", "-L"}, objectVariables(o)...)
	out, err := exec.Command(program(t), append(args, rules, target)...).Output()
	if err != nil {
		t.Fatalf("yara: %v\n%s", err, err.(*exec.ExitError).Stderr)
	}
	fires := regexp.MustCompile(`^(\w+) \[([^\]]*)\] `)
	found := regexp.MustCompile(`^0x([0-9a-f]+):(\d+):(\$\w*)`)
	var lines []string
	for line := range strings.Lines(string(out)) {
		if m := fires.FindStringSubmatch(line); m != nil {
			lines = append(lines, m[1]+" ["+m[2]+"]")
		} else if m := found.FindStringSubmatch(line); m != nil {
			lines = append(lines, fmt.Sprintf("  %s 0x%s:%s", m[3], m[1], m[2]))
		}
	}
	return lines
}

// programShows is the length of a match from which on the program tells that of
// the bytes it shows.
const programShows = 512

// askEngine renders the same of an engine's scan, before findings are cut short.
func askEngine(t *testing.T, e *Engine, o detect.Object) []string {
	t.Helper()
	out, err := e.rules.scan(context.Background(), o.Data, false, e.variables(o),
		limits{timeout: e.timeout, keep: 1 << 20, room: 1 << 22})
	if err != nil || len(out.notices) > 0 {
		t.Fatalf("scan: %v, notices %v", err, out.notices)
	}
	var lines []string
	for _, h := range out.hits {
		info := e.rules.rule(h.rule)
		lines = append(lines, info.name+" ["+strings.Join(info.tags, ",")+"]")
		for _, s := range h.strings {
			if s.total != len(s.matches) {
				t.Errorf("%s: %d of %d matches kept", s.name, len(s.matches), s.total)
			}
			for _, m := range s.matches {
				lines = append(lines, fmt.Sprintf("  %s %#x:%d", s.name, m.offset, min(m.length, programShows)))
			}
		}
	}
	return lines
}

// samples are the objects that are scanned: the replicas, random bytes, and
// bytes in which the strings of testdata/rules lie in every form.
func samples(t testing.TB) []detect.Object {
	t.Helper()
	files, err := filepath.Glob("../../../replicas/prebuilt/*.[de][lx][le]")
	if err != nil || len(files) == 0 {
		t.Fatalf("no replicas: %v", err)
	}
	var objects []detect.Object
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		name := `C:\app\` + filepath.Base(file)
		objects = append(objects, detect.Object{Kind: "file", Name: name, Path: name, Data: data})
	}
	random := rand.New(rand.NewPCG(1, 2))
	for _, size := range []int{0, 1, 3, 4096, 300_000} {
		data := make([]byte, size)
		for i := range data {
			data[i] = byte(random.Uint32())
		}
		objects = append(objects, object(fmt.Sprintf("random-%d.bin", size), string(data)))
	}
	for i := range 12 {
		objects = append(objects, object(fmt.Sprintf("mixed-%d.dat", i), string(mixed(random))))
	}
	return objects
}

// mixed lays pieces in every encoding between random bytes.
func mixed(random *rand.Rand) []byte {
	pieces := []string{"marker", "MARKER", "MaRkEr", "beacon", "http://c2.test/queue", "HTTP://C2.TEST/", "sekurlsa", "abcabcabc", "xor key", "user=admin;", "%PDF-1.7", "MZ", "PE\x00\x00"}
	var data []byte
	for range 400 {
		p := pieces[random.IntN(len(pieces))]
		switch random.IntN(8) {
		case 0:
			for _, c := range []byte(p) {
				data = append(data, c, 0)
			}
		case 1:
			key := byte(random.Uint32())
			for _, c := range []byte(p) {
				data = append(data, c^key)
			}
		case 2:
			data = append(data, base64.StdEncoding.EncodeToString([]byte(strings.Repeat("#", random.IntN(4))+p+"##"))...)
		case 3:
			data = append(data, 0xE8)
			data = binary.LittleEndian.AppendUint32(data, random.Uint32())
			data = append(data, 0x48, byte(random.Uint32()), 0xC3)
		case 4:
			for range random.IntN(40) {
				data = append(data, byte(random.Uint32()))
			}
		default:
			data = append(data, p...)
			data = append(data, " \x00._"[random.IntN(4)])
		}
	}
	return data
}

// TestProgram scans the same objects with the same rules as the yara program
// does, and expects the same rules in the same order with the same matches.
func TestProgram(t *testing.T) {
	program(t)
	files, err := filepath.Glob("testdata/rules/*.yar")
	if err != nil || len(files) == 0 {
		t.Fatalf("no rules: %v", err)
	}
	objects := samples(t)
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			e, problems := Load([]detect.Source{{Path: file}}, Options{})
			for _, p := range problems {
				if p.Severity != detect.Warning {
					t.Fatal(render(p))
				}
			}
			fired := map[string]int{}
			for _, o := range objects {
				want := askProgram(t, file, o)
				got := askEngine(t, e, o)
				if diff := cmp.Diff(want, got); diff != "" {
					t.Fatalf("%s (-program +engine):\n%s", o.Name, diff)
				}
				for _, line := range got {
					if name, _, ok := strings.Cut(line, " ["); ok {
						fired[name]++
					}
				}
			}
			for _, r := range e.Rules() {
				if n := fired[r.ID]; (n == 0 || n == len(objects)) != slices.Contains(r.Tags, "constant") {
					t.Errorf("%s fired on %d of %d objects: a rule that shows nothing", r.ID, n, len(objects))
				}
			}
		})
	}
}
