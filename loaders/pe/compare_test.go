package pe

import (
	"bytes"
	stdpe "debug/pe"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	saferwall "github.com/saferwall/pe"
	"github.com/saferwall/pe/log"

	"sidetrace/loaders"
)

// compilerDLLs gives the DLLs that come with mingw-w64.
func compilerDLLs(t testing.TB) []string {
	t.Helper()
	var paths []string
	for _, pattern := range []string{"/usr/lib/gcc/x86_64-w64-mingw32/*/*.dll", "/usr/x86_64-w64-mingw32/lib/*.dll"} {
		found, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		paths = append(paths, found...)
	}
	if len(paths) == 0 {
		t.Skip("mingw-w64 is not installed: no DLLs to compare on")
	}
	return paths
}

// TestAgainstOthers parses real DLLs and compares with the standard library,
// saferwall/pe and objdump.
func TestAgainstOthers(t *testing.T) {
	for _, path := range compilerDLLs(t) {
		name := filepath.Base(filepath.Dir(path)) + "/" + filepath.Base(path)
		t.Run(name, func(t *testing.T) {
			data, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			img := parse(t, data)
			checkImage(t, img)
			compareStandard(t, img)
			compareSaferwall(t, img)
			compareObjdump(t, path, img)
		})
	}
}

func compareStandard(t *testing.T, img *loaders.Image) {
	f, err := stdpe.NewFile(bytes.NewReader(img.Raw))
	if err != nil {
		t.Fatal(err)
	}
	want, err := f.ImportedSymbols()
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, imp := range img.Imports {
		for _, s := range imp.Symbols {
			if s.Name != "" { // the standard library leaves ordinals out
				got = append(got, s.Name+":"+imp.DLL)
			}
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("imports (-debug/pe +got):\n%s", diff)
	}
	header := f.OptionalHeader.(*stdpe.OptionalHeader64)
	if img.Base != header.ImageBase || img.Size != header.SizeOfImage || img.Entry != header.AddressOfEntryPoint {
		t.Errorf("got base %#x, size %#x, entry %#x; debug/pe has %#x, %#x, %#x",
			img.Base, img.Size, img.Entry, header.ImageBase, header.SizeOfImage, header.AddressOfEntryPoint)
	}
	type section struct{ RVA, VirtualSize, Offset, Size uint32 }
	var wantSections, gotSections []section
	for _, s := range f.Sections {
		w := section{s.VirtualAddress, s.VirtualSize, s.Offset, s.Size}
		if w.Offset == 0 {
			w.Size = 0
		}
		wantSections = append(wantSections, w)
	}
	for _, s := range img.Sections {
		gotSections = append(gotSections, section{s.RVA, s.VirtualSize, s.File.Offset, s.File.Size})
	}
	if diff := cmp.Diff(wantSections, gotSections); diff != "" {
		t.Errorf("sections (-debug/pe +got):\n%s", diff)
	}
}

func compareSaferwall(t *testing.T, img *loaders.Image) {
	f, err := saferwall.NewBytes(img.Raw, &saferwall.Options{Logger: log.NewStdLogger(io.Discard)})
	if err != nil {
		t.Fatal(err)
	}
	if err := f.Parse(); err != nil {
		t.Fatal(err)
	}
	want, err := f.ImpHash()
	if err != nil {
		t.Fatal(err)
	}
	if img.ImportHash != want {
		t.Errorf("import hash: got %s, saferwall has %s", img.ImportHash, want)
	}
	var relocations []loaders.Relocation
	for _, block := range f.Relocations {
		for _, e := range block.Entries {
			if e.Type != 0 {
				relocations = append(relocations, loaders.Relocation{RVA: block.Data.VirtualAddress + uint32(e.Offset), Type: uint8(e.Type)})
			}
		}
	}
	if diff := cmp.Diff(relocations, img.Relocations); diff != "" {
		t.Errorf("relocations (-saferwall +got):\n%s", diff)
	}
	// Names are compared with objdump's: saferwall loses some of libstdc++'s.
	var exports, got []string
	for _, e := range f.Export.Functions {
		if e.FunctionRVA != 0 {
			exports = append(exports, fmt.Sprintf("%d %#x %s", e.Ordinal, e.FunctionRVA, e.Forwarder))
		}
	}
	if img.Exports != nil {
		for _, x := range img.Exports.Symbols {
			got = append(got, fmt.Sprintf("%d %#x %s", x.Ordinal, x.RVA, x.Forward))
		}
	}
	slices.Sort(exports)
	slices.Sort(got)
	if diff := cmp.Diff(exports, got); diff != "" {
		t.Errorf("exports (-saferwall +got):\n%s", diff)
	}
	if len(f.Exceptions) != len(img.Unwind) {
		t.Errorf("got %d unwind entries, saferwall has %d", len(img.Unwind), len(f.Exceptions))
	}
	versions, err := f.ParseVersionResources()
	if err == nil && img.Version != nil {
		if diff := cmp.Diff(versions, img.Version.Strings); diff != "" {
			t.Errorf("version (-saferwall +got):\n%s", diff)
		}
	}
}

func compareObjdump(t *testing.T, path string, img *loaders.Image) {
	objdump, err := exec.LookPath("x86_64-w64-mingw32-objdump")
	if err != nil {
		t.Log("objdump of mingw-w64 is not installed")
		return
	}
	out, err := exec.Command(objdump, "-p", path).Output()
	if err != nil {
		t.Fatal(err)
	}
	count := func(pattern string) int {
		return len(regexp.MustCompile(`(?m)`+pattern).FindAll(out, -1))
	}
	if got, want := len(img.Imports), count(`^\tDLL Name: `); got != want {
		t.Errorf("got %d imported DLLs, objdump has %d", got, want)
	}
	if got, want := len(img.Relocations), count(`^\treloc +\d+ offset .*(DIR64|HIGHLOW)`); got != want {
		t.Errorf("got %d relocations, objdump has %d", got, want)
	}
	var names, want []string
	if img.Exports != nil {
		for _, i := range img.Exports.ByName {
			names = append(names, img.Exports.Symbols[i].Name)
		}
	}
	_, table, _ := strings.Cut(string(out), "[Ordinal/Name Pointer] Table")
	for _, m := range regexp.MustCompile(`(?m)^\t\[ *\d+\].* (\S+)$`).FindAllStringSubmatch(table, -1) {
		want = append(want, m[1])
	}
	slices.Sort(want)
	if diff := cmp.Diff(want, names); diff != "" {
		t.Errorf("export names (-objdump +got):\n%s", diff)
	}
}
