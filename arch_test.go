// Package sidetrace_test keeps the architecture: who may import whom, where cgo
// may stand, and what may not be used below emulator. It tests no behaviour.
package sidetrace_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"path"
	"slices"
	"strings"
	"testing"
)

const module = "sidetrace"

// arrows says which of our packages a folder may import. The longest folder
// that fits decides. A package may always import what lies in its own folder
// and below.
var arrows = map[string][]string{
	"cmd":                {"emulator", "harness", "loaders", "replicas", "reports", "scenarios"},
	"docs":               {"emulator", "harness/detect", "harness/telemetry", "reports"},
	"emulator":           {"loaders"},
	"emulator/catalogue": {},
	"emulator/cpu":       {},
	"emulator/guest":     {"emulator/catalogue", "emulator/cpu", "emulator/trace", "loaders"},
	"emulator/trace":     {},
	"emulator/win":       {"emulator/catalogue", "emulator/guest", "emulator/trace", "loaders"},
	"harness":            {"emulator", "loaders", "replicas", "reports", "scenarios"},
	"harness/detect":     {"harness/telemetry", "reports"},
	"harness/telemetry":  {"emulator/trace", "emulator/win/authenticode", "loaders"},
	"loaders":            {},
	"replicas":           {"loaders"},
	"reports":            {"emulator/trace"},
	"scenarios":          {"emulator/trace"},
	"scripts":            {"emulator"},
}

// machinery says what a folder itself may import besides, and the folders
// below it may not: the contract of handlers knows the processor, handlers do
// not, but for those whose purpose is registers (longjmp, floating point).
var machinery = map[string][]string{
	"emulator/win":     {"emulator/cpu"},
	"emulator/win/crt": {"emulator/cpu"},
}

// cgo may stand in these folders alone.
var cgo = []string{"emulator/cpu", "harness/detect/yara"}

// pure folders build without cgo, so that recorded runs can be read, judged
// and reported on machines that have no libunicorn.
var pure = []string{"emulator/trace", "harness/detect/hunt", "harness/detect/ioc", "harness/detect/near", "harness/detect/sigma", "harness/telemetry", "loaders", "replicas", "reports", "scenarios"}

// packageInfo is what go list tells of a package.
type packageInfo struct {
	ImportPath string
	Standard   bool
	CgoFiles   []string
	Imports    []string
	Deps       []string
}

// folder is the package's place in the module, and whether it is in it.
func folder(importPath string) (string, bool) {
	if importPath == module {
		return ".", true
	}
	return strings.CutPrefix(importPath, module+"/")
}

// below says that a folder is root or lies in it.
func below(folder, root string) bool {
	return folder == root || strings.HasPrefix(folder, root+"/")
}

func belowAny(folder string, roots []string) bool {
	return slices.ContainsFunc(roots, func(root string) bool { return below(folder, root) })
}

// owner is the longest folder of arrows that a folder lies in, or "".
func owner(folder string) string {
	for dir := folder; dir != "."; dir = path.Dir(dir) {
		if _, ok := arrows[dir]; ok {
			return dir
		}
	}
	return ""
}

// ours lists the module's packages and all they depend on.
func ours(t *testing.T) []packageInfo {
	t.Helper()
	cmd := exec.Command("go", "list", "-deps", "-json=ImportPath,Standard,CgoFiles,Imports,Deps", "./...")
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list: %v\n%s", err, stderr.String())
	}
	var list []packageInfo
	for dec := json.NewDecoder(bytes.NewReader(out)); ; {
		var p packageInfo
		if err := dec.Decode(&p); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		if dir, ok := folder(p.ImportPath); ok && dir != "." { // the root holds these tests alone
			list = append(list, p)
		}
	}
	if len(list) == 0 {
		t.Fatal("go list found no package of ours")
	}
	return list
}

func TestArrows(t *testing.T) {
	for _, p := range ours(t) {
		for _, problem := range judge(p) {
			t.Error(problem)
		}
	}
}

// judge lists what is wrong with a package's imports.
func judge(p packageInfo) []string {
	var problems []string
	from, _ := folder(p.ImportPath)
	root := owner(from)
	if root == "" {
		return []string{from + ": the folder is not in the table of arrows"}
	}
	for _, imported := range p.Imports {
		to, ok := folder(imported)
		if !ok || below(to, root) || belowAny(to, arrows[root]) || belowAny(to, machinery[from]) {
			continue
		}
		problems = append(problems, from+" imports "+to+", against the arrows")
	}
	if len(p.CgoFiles) > 0 && !belowAny(from, cgo) {
		problems = append(problems, from+" uses cgo, which belongs in "+strings.Join(cgo, " and "))
	}
	if below(from, "emulator") {
		for _, name := range []string{"net", "os/exec", "math/rand", "math/rand/v2"} {
			if slices.Contains(p.Imports, name) {
				problems = append(problems, from+" imports "+name+": nothing below emulator reaches the host's network, programs or chance")
			}
		}
		if slices.Contains(p.Deps, "net/http") {
			problems = append(problems, from+" depends on net/http: nothing below emulator speaks to a network")
		}
	}
	return problems
}

// TestArrowsJudge shows that the judge finds each kind of fault, and nothing
// in its nearest lawful twin.
func TestArrowsJudge(t *testing.T) {
	tests := []struct {
		name  string
		p     packageInfo
		fault bool
	}{
		{"upwards", packageInfo{ImportPath: "sidetrace/emulator/trace", Imports: []string{"sidetrace/emulator/guest"}}, true},
		{"downwards", packageInfo{ImportPath: "sidetrace/emulator/guest", Imports: []string{"sidetrace/emulator/trace"}}, false},
		{"sideways", packageInfo{ImportPath: "sidetrace/emulator/win/kernel32", Imports: []string{"sidetrace/emulator/cpu"}}, true},
		{"machinery", packageInfo{ImportPath: "sidetrace/emulator/win", Imports: []string{"sidetrace/emulator/cpu"}}, false},
		{"own folder", packageInfo{ImportPath: "sidetrace/emulator/win/kernel32", Imports: []string{"sidetrace/emulator/win"}}, false},
		{"a name that only starts alike", packageInfo{ImportPath: "sidetrace/reports", Imports: []string{"sidetrace/emulator/tracer"}}, true},
		{"unknown folder", packageInfo{ImportPath: "sidetrace/misc"}, true},
		{"cgo astray", packageInfo{ImportPath: "sidetrace/emulator/guest", CgoFiles: []string{"a.go"}}, true},
		{"cgo at home", packageInfo{ImportPath: "sidetrace/emulator/cpu", CgoFiles: []string{"a.go"}}, false},
		{"net in the emulator", packageInfo{ImportPath: "sidetrace/emulator/win/ws2_32", Imports: []string{"net"}}, true},
		{"addresses in the emulator", packageInfo{ImportPath: "sidetrace/emulator/win/ws2_32", Imports: []string{"net/netip"}}, false},
		{"net/http by detour", packageInfo{ImportPath: "sidetrace/emulator", Deps: []string{"net/http"}}, true},
		{"net/http in the command", packageInfo{ImportPath: "sidetrace/cmd/sidetrace", Deps: []string{"net/http"}}, false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			problems := judge(test.p)
			if got := len(problems) > 0; got != test.fault {
				t.Errorf("got fault %t, want %t: %q", got, test.fault, problems)
			}
		})
	}
}

func TestBuildsWithoutCgo(t *testing.T) {
	args := []string{"build"}
	for _, dir := range pure {
		args = append(args, "./"+dir+"/...")
	}
	cmd := exec.Command("go", args...)
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("CGO_ENABLED=0 go %s: %v\n%s", strings.Join(args, " "), err, out)
	}
}
