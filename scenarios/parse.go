package scenarios

import (
	"errors"
	"io"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"sort"
	"strings"
	"time"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/token"

	"sidetrace/emulator/trace"
)

// ParseFile reads a scenario's file. An error is of type [*Error].
func ParseFile(path string) (*Scenario, error) {
	data, err := readBounded(path)
	if err != nil {
		return nil, unreadable(path, err)
	}
	return Parse(path, data)
}

func unreadable(path string, err error) error {
	return &Error{[]Problem{{File: path, Message: plainError(err).Error()}}}
}

func readBounded(path string) ([]byte, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, errors.New("not a regular file")
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(io.LimitReader(f, MaxFileSize+1)) // one more, for Parse to see
}

// Parse reads a scenario. Path is where it comes from: its folder is the one
// that relative sources belong to, and messages name it.
//
// The file may have [MaxFileSize] bytes; the number of YAML tokens and the
// depth of nesting are bounded too, and anchors, aliases, merge keys, tags and
// complex keys are refused. An error is of type [*Error] and has all problems
// found; after a YAML syntax error that is only the first.
func Parse(path string, data []byte) (*Scenario, error) {
	r := &reader{file: filepath.ToSlash(path)}
	root := r.document(data)
	s := &Scenario{File: path, Dir: filepath.Dir(path)}
	if root != nil {
		s.Run.App = app(root)
		r.app = s.Run.App
		r.object(root, "the scenario", r.scenarioKeys(s))
		r.firing(s)
	}
	if err := r.err(); err != nil {
		return nil, err
	}
	return s, nil
}

// err is all that was found wrong, in the order of lines; nil if nothing was.
func (r *reader) err() error {
	if len(r.problems) == 0 {
		return nil
	}
	sort.SliceStable(r.problems, func(i, j int) bool {
		a, b := r.problems[i], r.problems[j]
		return a.Line < b.Line || a.Line == b.Line && a.Column < b.Column
	})
	return &Error{r.problems}
}

// ParseMachineFile reads the machine of a scenario's file, or a file that has
// nothing but what stands below machine in one. An error is of type [*Error].
func ParseMachineFile(path string) (*Scenario, error) {
	data, err := readBounded(path)
	if err != nil {
		return nil, unreadable(path, err)
	}
	r := &reader{file: filepath.ToSlash(path)}
	root := r.document(data)
	if root == nil || find(root, "machine") != nil {
		return Parse(path, data)
	}
	s := &Scenario{File: path, Dir: filepath.Dir(path)}
	s.Run.App = app(nil)
	r.app = s.Run.App
	r.object(root, "the machine", r.machineKeys(s))
	return s, r.err()
}

// app finds what {app} stands for before anything else is read, since it may
// stand anywhere in the file.
func app(root ast.Node) string {
	if s, ok := find(root, "run", "app").(*ast.StringNode); ok {
		return strings.TrimRight(s.Value, `\`)
	}
	user := "user"
	if s, ok := find(root, "machine", "user").(*ast.StringNode); ok {
		user = s.Value
	}
	return `C:\Users\` + user + `\AppData\Local\Programs\3CXDesktopApp\app`
}

func find(n ast.Node, path ...string) ast.Node {
	for _, name := range path {
		m, ok := n.(*ast.MappingNode)
		if !ok {
			return nil
		}
		i := slices.IndexFunc(m.Values, func(v *ast.MappingValueNode) bool { return v.Key.GetToken().Value == name })
		if i < 0 {
			return nil
		}
		n = m.Values[i].Value
	}
	return n
}

const (
	idPattern     = `^[a-z0-9]+(-[a-z0-9]+)*$`
	attackPattern = `^T[0-9]{4}(\.[0-9]{3})?$`
	osPattern     = `^[0-9]+\.[0-9]+\.[0-9]+$`
	namePattern   = `^[A-Za-z][A-Za-z0-9_-]*$`
)

// scenarioKeys is the table of a scenario's keys.
func (r *reader) scenarioKeys(s *Scenario) []key {
	return []key{
		{name: "id", required: true, doc: "unique name: lower-case words joined by hyphens", schema: matching(idPattern),
			read: func(n ast.Node) { s.ID = r.matching(n, "id", idPattern) }},
		{name: "title", required: true, doc: "what happens, in one line", schema: stringSchema(),
			read: func(n ast.Node) { s.Title, _ = r.text(n, "title") }},
		{name: "why", required: true, doc: "what the scenario stands for, and where that is from", schema: stringSchema(),
			read: func(n ast.Node) {
				why, _ := r.text(n, "why")
				s.Why = strings.TrimSpace(why)
			}},
		{name: "attack", doc: "ATT&CK techniques", schema: listOf(matching(attackPattern)),
			read: func(n ast.Node) { s.Attack = r.allMatching(n, "attack", attackPattern) }},
		{name: "tags", doc: "words to choose scenarios by", schema: listOf(matching(idPattern)),
			read: func(n ast.Node) { s.Tags = r.allMatching(n, "tags", idPattern) }},
		{name: "replicas", doc: "the set of replicas that sources named replica:… come from", schema: r.replicasSchema(),
			read: func(n ast.Node) { s.Replicas = r.replicas(n) }},
		{name: "machine", required: true, doc: "everything that the program can see", schema: objectOf(r.machineKeys(s)),
			read: func(n ast.Node) { r.object(n, "machine", r.machineKeys(s)) }},
		{name: "run", required: true, doc: "what to run, and how far", schema: objectOf(r.runKeys(s)),
			read: func(n ast.Node) { r.object(n, "run", r.runKeys(s)) }},
		{name: "gaps", doc: "gaps of the emulation that do not make the verdict inconclusive: allow, or their names", schema: gapsSchema(),
			read: func(n ast.Node) { s.Gaps = r.gaps(n) }},
		{name: "expect", required: true, doc: "what must be seen, and what must not", schema: objectOf(r.expectKeys(s)),
			read: func(n ast.Node) { r.expect(n, s) }},
		{name: "detections", doc: "rules to run over what the scenario leaves behind, and what they must say", schema: objectOf(r.detectionKeys(&Detections{})),
			read: func(n ast.Node) { s.Detections = r.detections(n) }},
	}
}

// runKeys is the table of run's keys. It is read after machine.
func (r *reader) runKeys(s *Scenario) []key {
	run := &s.Run
	return []key{
		{name: "app", doc: "the folder that {app} stands for; default C:\\Users\\user\\AppData\\Local\\Programs\\3CXDesktopApp\\app", schema: stringSchema(),
			read: func(n ast.Node) { r.guestPath(n, "run.app") }},
		{name: "image", required: true, doc: "guest path of the program; one of machine.files", schema: stringSchema(),
			read: func(n ast.Node) { run.Image = r.image(n, s) }},
		{name: "args", doc: "command line behind the program's path", schema: stringSchema(),
			read: func(n ast.Node) { run.Arguments, _ = r.anyText(n, "run.args") }},
		{name: "current_directory", doc: "guest path; default the program's folder", schema: stringSchema(),
			read: func(n ast.Node) { run.CurrentDirectory = r.guestPath(n, "run.current_directory") }},
		{name: "limits", doc: "how far the run may go", schema: objectOf(r.limitKeys(run)),
			read: func(n ast.Node) { r.object(n, "run.limits", r.limitKeys(run)) }},
		{name: "calls", doc: "exports to call once the image is loaded", schema: callsSchema(),
			read: func(n ast.Node) { run.Calls = r.calls(n) }},
		{name: "images", doc: "when the memory of the process is kept for rules to scan: dllmain (a DLL's entry point has returned), unpacked (new code is about to run), end (however the run ends)", schema: listOf(oneOf(moments())),
			read: func(n ast.Node) { run.Images = r.images(n) }},
	}
}

// images reads the moments at which memory is kept.
func (r *reader) images(n ast.Node) []trace.Moment {
	var list []trace.Moment
	for _, item := range r.items(n, "run.images") {
		m := trace.Moment(r.oneOf(item, "an entry of run.images", moments()))
		if slices.Contains(list, m) {
			r.problem(place(item), "", "run.images names %q twice", m)
		}
		list = append(list, m)
	}
	return list
}

func moments() []string {
	var names []string
	for _, m := range trace.Moments() {
		names = append(names, string(m))
	}
	return names
}

func (r *reader) limitKeys(run *Run) []key {
	l := &run.Limits
	return []key{
		{name: "blocks", doc: "basic blocks executed", schema: integerSchema(),
			read: func(n ast.Node) {
				var ok bool
				if l.Blocks, ok = r.unsigned(n, "blocks", math.MaxInt64); ok && l.Blocks == 0 {
					r.problem(place(n), "leave it out for the default", "blocks must be more than 0")
				}
			}},
		{name: "virtual", doc: "virtual time, such as 30d", schema: stringSchema(),
			read: func(n ast.Node) { l.Virtual = r.duration(n, "virtual", MaxVirtual) }},
		{name: "memory", doc: "committed guest memory, such as 512MiB; from 16MiB to 4GiB", schema: either(stringSchema(), integerSchema()),
			read: func(n ast.Node) { l.Memory = r.size(n, "memory", MinMemory, MaxMemory) }},
		{name: "wall", doc: "real time, such as 20s; default 60s", schema: stringSchema(),
			read: func(n ast.Node) { l.Wall = r.duration(n, "wall", MaxWall) }},
	}
}

func (r *reader) image(n ast.Node, s *Scenario) string {
	path := r.guestPath(n, "run.image")
	if path == "" {
		return ""
	}
	var names []string
	for _, f := range s.Machine.Files {
		if strings.EqualFold(f.Path, path) {
			return path
		}
		names = append(names, f.Path)
	}
	hint := "add it there, with the file it comes from"
	if len(names) > 0 {
		hint = "there are " + strings.Join(names, ", ")
	}
	r.problem(place(n), hint, "run.image %s is not among machine.files", path)
	return path
}

func (r *reader) calls(n ast.Node) []Call {
	var calls []Call
	for _, item := range r.items(n, "run.calls") {
		var c Call
		if isMapping(item) {
			r.object(item, "a call", r.callKeys(&c))
		} else {
			c.Export, _ = r.text(item, "an entry of run.calls")
		}
		calls = append(calls, c)
	}
	return calls
}

func (r *reader) callKeys(c *Call) []key {
	return []key{
		{name: "export", required: true, doc: "name of the export, or '#12'", schema: stringSchema(),
			read: func(n ast.Node) { c.Export, _ = r.text(n, "export") }},
		{name: "args", doc: "at most four integers", schema: listOf(integerSchema()),
			read: func(n ast.Node) {
				for i, item := range r.items(n, "args") {
					if i == 4 {
						r.problem(place(item), "", "a call takes at most four arguments")
						return
					}
					v, _ := r.unsigned(item, "an argument", math.MaxUint64)
					c.Args = append(c.Args, v)
				}
			}},
	}
}

func (r *reader) replicas(n ast.Node) *Replicas {
	set := &Replicas{Place: position(n)}
	r.object(n, "replicas", r.replicaKeys(set))
	return set
}

func (r *reader) replicaKeys(set *Replicas) []key {
	return []key{
		{name: "name", required: true, doc: "name of the set, such as 3cx", schema: stringSchema(),
			read: func(n ast.Node) {
				set.Name, _ = r.text(n, "replicas.name")
				set.Place = position(n)
			}},
		{name: "set", doc: "parameters that differ from the set's defaults", schema: mapOf(scalarSchema()),
			read: func(n ast.Node) {
				for _, e := range r.entries(n, "replicas.set") {
					if value, ok := r.scalar(e.value, "parameter "+e.key); ok {
						set.Set = append(set.Set, Parameter{Place: position(e.value), Key: e.key, Value: value})
					}
				}
			}},
	}
}

func (r *reader) gaps(n ast.Node) Gaps {
	if s, ok := n.(*ast.StringNode); ok {
		if s.Value != "allow" {
			r.problem(place(n), "write allow, or a list of names", "gaps is %q", s.Value)
		}
		return Gaps{All: true}
	}
	return Gaps{Names: r.texts(n, "gaps")}
}

// matching reads a string of a given form.
func (r *reader) matching(n ast.Node, what, pattern string) string {
	s, ok := r.text(n, what)
	if ok && !regexp.MustCompile(pattern).MatchString(s) {
		r.problem(place(n), form(pattern), "%s %q is not of the right form", what, s)
	}
	return s
}

func (r *reader) allMatching(n ast.Node, what, pattern string) []string {
	var out []string
	for _, item := range r.items(n, what) {
		if s := r.matching(item, "an entry of "+what, pattern); s != "" {
			out = append(out, s)
		}
	}
	return out
}

func form(pattern string) string {
	switch pattern {
	case idPattern:
		return "lower-case words joined by hyphens"
	case attackPattern:
		return "T1574 or T1574.001"
	case osPattern:
		return "major.minor.build, such as 10.0.19045"
	default:
		return "letters, digits, _ and -, starting with a letter"
	}
}

// duration reads a time.
func (r *reader) duration(n ast.Node, what string, most time.Duration) time.Duration {
	s, ok := n.(*ast.StringNode)
	if !ok {
		r.wrongType(n, what, "a time with its unit, "+timeForm, "")
		return 0
	}
	d, err := ParseDuration(s.Value)
	switch {
	case err != nil:
		r.problem(place(n), timeForm, "%s: %v", what, err)
	case d <= 0 || d > most:
		r.problem(place(n), "", "%s must be more than 0 and at most %s", what, most)
	default:
		return d
	}
	return 0
}

// size reads a number of bytes.
func (r *reader) size(n ast.Node, what string, least, most uint64) uint64 {
	v, ok := uint64(0), true
	if s, isText := n.(*ast.StringNode); isText {
		var err error
		if v, err = ParseSize(s.Value); err != nil {
			r.problem(place(n), sizeForm, "%s: %v", what, err)
			return 0
		}
	} else if v, ok = r.unsigned(n, what, math.MaxUint64); !ok {
		return 0
	}
	if v < least || v > most {
		r.problem(place(n), "", "%s must lie between %d and %d MiB", what, least>>20, most>>20)
		return 0
	}
	return v
}

// guestPath reads an absolute Windows path and replaces {app}.
func (r *reader) guestPath(n ast.Node, what string) string {
	s, ok := r.text(n, what)
	if !ok {
		return ""
	}
	return r.checkGuestPath(place(n), what, s)
}

var driveLetter = regexp.MustCompile(`^[A-Za-z]:\\`)

func (r *reader) checkGuestPath(at *token.Token, what, path string) string {
	path = r.expand(path)
	if !driveLetter.MatchString(path) {
		r.problem(at, `write C:\… or {app}\…`, "%s: %q is not an absolute guest path", what, path)
		return ""
	}
	for _, part := range strings.Split(path[3:], `\`) {
		if part == "" && len(path) > 3 || part == "." || part == ".." || strings.ContainsAny(part, `/:*?"<>|{}`) || strings.IndexFunc(part, func(c rune) bool { return c < ' ' }) >= 0 {
			r.problem(at, "", "%s: %q is not a plain guest path (part %q)", what, path, part)
			return ""
		}
	}
	return path
}
