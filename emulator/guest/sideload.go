package guest

import (
	_ "embed"
	"strings"
	"sync"
)

//go:embed side_loadable.txt
var sideLoadableText string

// sideLoadable are the folders that DLLs known to be replaced belong to, by
// lower-case file name; a folder begins with a variable.
var sideLoadable = sync.OnceValue(func() map[string][]string {
	m := map[string][]string{}
	for line := range strings.Lines(sideLoadableText) {
		name, folders, ok := strings.Cut(strings.TrimSpace(line), ": ")
		if ok && name[0] != '#' {
			m[name] = strings.Split(folders, "; ")
		}
	}
	return m
})

// expectedPath is where a DLL of that name belongs: a system DLL in System32,
// another one in the first of its vendor's folders. "" if nothing is known.
// home reports whether path is one of these places.
func (p *Process) expectedPath(path, name string) (expected string, home bool) {
	lower := strings.ToLower(name)
	if s := p.system.byName[lower]; s != nil && s.Name != GuardDLL && !s.Program || p.sysroot.has(lower) {
		expected = Join(SystemDirectory, name)
		return expected, strings.EqualFold(path, expected)
	}
	for _, pattern := range sideLoadable()[lower] {
		for _, dir := range p.expandFolder(pattern) {
			if expected == "" {
				expected = Join(dir, name)
			}
			home = home || matchFolder(dir, Folder(path))
		}
	}
	return expected, home
}

// expandFolder replaces the variable at the start of a folder.
func (p *Process) expandFolder(pattern string) []string {
	variable, rest, ok := strings.Cut(strings.TrimPrefix(pattern, "%"), "%")
	if !ok {
		return []string{pattern}
	}
	value, _ := p.Variable(variable)
	if strings.EqualFold(variable, "ProgramFiles") {
		return []string{value + rest, value + " (x86)" + rest}
	}
	return []string{value + rest}
}

// matchFolder compares folders; a part of the pattern that holds * stands for
// any.
func matchFolder(pattern, dir string) bool {
	want, got := strings.Split(strings.ToLower(pattern), `\`), strings.Split(strings.ToLower(dir), `\`)
	if len(want) != len(got) {
		return false
	}
	for i, w := range want {
		before, behind, any := strings.Cut(w, "*")
		if !any && w != got[i] || any && (len(got[i]) < len(before)+len(behind) || !strings.HasPrefix(got[i], before) || !strings.HasSuffix(got[i], behind)) {
			return false
		}
	}
	return true
}
