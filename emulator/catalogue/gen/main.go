// Gen writes the lists of package catalogue from what is installed here: the
// import libraries of mingw-w64 and the DLLs of Wine, whose export directories
// and API set schema have the names and ordinals of Windows.
//
// Usage: go generate ./emulator/catalogue
//
// Where these are not installed, or in other versions than the lists were made
// from, the lists stay as they are, so that a build elsewhere does not change
// them. To take them from other versions:
//
//	cd emulator/catalogue && go run ./gen -renew
package main

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"flag"
	"fmt"
	"hash"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// Where Debian's packages mingw-w64-x86-64-dev and libwine put them.
const (
	mingw = "/usr/x86_64-w64-mingw32/lib"
	wine  = "/usr/lib/x86_64-linux-gnu/wine/x86_64-windows"
)

func main() {
	renew := flag.Bool("renew", false, "make the lists from other versions of the sources than before")
	flag.Parse()
	files, err := generate()
	switch {
	case errors.Is(err, os.ErrNotExist) && !*renew:
		fmt.Fprintln(os.Stderr, "gen: the lists of exports stay: their sources are not installed:", err)
		return
	case err == nil && !*renew && !made(files[digestFile]):
		fmt.Fprintln(os.Stderr, "gen: the lists of exports stay: other versions of their sources are installed (-renew takes them)")
		return
	case err == nil:
		err = write(files)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "gen:", err)
		os.Exit(1)
	}
}

// made reports whether the lists were made from sources with a digest.
func made(digest []byte) bool {
	before, err := os.ReadFile(digestFile)
	return err == nil && bytes.Equal(before, digest)
}

func write(files map[string][]byte) error {
	if err := os.RemoveAll("names"); err != nil {
		return err
	}
	for name, data := range files {
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(name, data, 0o644); err != nil {
			return err
		}
	}
	return nil
}

// sources reads what the lists are made from, and remembers a digest of it.
type sources struct{ digest hash.Hash }

func (s sources) read(folder, name string) ([]byte, error) {
	data, err := os.ReadFile(filepath.Join(folder, name))
	if err == nil {
		fmt.Fprintf(s.digest, "%s %d\n", name, len(data))
		s.digest.Write(data)
	}
	return data, err
}

// digestFile holds the digest of the sources, so that a test can tell stale
// lists from other versions of the sources.
const digestFile = "sources.sha256"

// generate makes the files, by name.
func generate() (map[string][]byte, error) {
	if _, err := os.Stat(filepath.Join(mingw, "libkernel32.a")); err != nil {
		return nil, err
	}
	from := sources{sha256.New()}
	data, err := from.read(wine, "apisetschema.dll")
	if err != nil {
		return nil, err
	}
	sets, err := apiSetSchema(data)
	if err != nil {
		return nil, err
	}
	sets = append(sets, moreSets...)
	hosts := map[string]string{}
	for _, s := range sets {
		if s.host != "" {
			hosts[s.contract] = s.host
		}
	}
	lists := map[string]map[string]export{}
	for _, dll := range dlls {
		lists[dll] = map[string]export{}
	}
	for _, library := range libraries() {
		data, err := from.read(mingw, "lib"+library+".a")
		if errors.Is(err, os.ErrNotExist) {
			continue // Wine alone knows this DLL
		} else if err != nil {
			return nil, err
		}
		found, err := importLibrary(data)
		if err != nil {
			return nil, fmt.Errorf("lib%s.a: %w", library, err)
		}
		for dll, exports := range found {
			if host, ok := hosts[contract(dll)]; ok {
				dll = host // what a contract has, its host has
			}
			merge(lists[dll], exports, false)
		}
	}
	for _, dll := range dlls {
		data, err := from.read(wine, dll)
		if err != nil && !errors.Is(err, os.ErrNotExist) {
			return nil, err
		}
		if err == nil {
			exports, err := exportDirectory(data)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", dll, err)
			}
			merge(lists[dll], exports, true)
		}
		for _, name := range strings.Fields(more[dll]) {
			merge(lists[dll], []export{{name: name}}, false)
		}
		if len(lists[dll]) == 0 {
			return nil, fmt.Errorf("%s: no source has it", dll)
		}
	}
	files := map[string][]byte{"apisets.txt": schema(hosts), digestFile: fmt.Appendf(nil, "%x\n", from.digest.Sum(nil))}
	for dll, list := range lists {
		files["names/"+dll+".txt"] = lines(dll, list)
	}
	return files, nil
}

// contract is what counts of an API set's name.
func contract(dll string) string {
	name := strings.TrimSuffix(dll, ".dll")
	if i := strings.LastIndexByte(name, '-'); i > 0 && (strings.HasPrefix(name, "api-") || strings.HasPrefix(name, "ext-")) {
		return name[:i]
	}
	return ""
}

// merge adds exports to a list. An export directory is right about what is a
// variable; an import library also calls functions so that the C runtime of
// mingw-w64 replaces.
func merge(list map[string]export, exports []export, directory bool) {
	if list == nil {
		return // a DLL that is not in the catalogue
	}
	for _, e := range exports {
		if decorated.MatchString(e.name) {
			continue
		}
		key := e.name
		if key == "" {
			key = fmt.Sprintf("@%d", e.ordinal)
		}
		if old, ok := list[key]; ok && !directory {
			e.ordinal, e.data = old.ordinal, old.data
		}
		list[key] = e
	}
}

// decorated is a name of 32-bit Windows.
var decorated = regexp.MustCompile(`^[A-Za-z_]\w*@\d+$`)

// lines is a list as it is stored: the names in their order, then what has no
// name.
func lines(dll string, list map[string]export) []byte {
	var b bytes.Buffer
	for _, key := range slices.Sorted(maps.Keys(list)) {
		e := list[key]
		b.WriteString(e.name)
		if e.ordinal != 0 && (e.name == "" || slices.Contains(publicOrdinals, dll)) {
			fmt.Fprintf(&b, "@%d", e.ordinal)
		}
		if e.data {
			b.WriteString(" data")
		}
		b.WriteByte('\n')
	}
	return b.Bytes()
}

func schema(hosts map[string]string) []byte {
	var b bytes.Buffer
	for _, contract := range slices.Sorted(maps.Keys(hosts)) {
		fmt.Fprintf(&b, "%s %s\n", contract, hosts[contract])
	}
	return b.Bytes()
}
