// Package catalogue is what is publicly known of Windows' system DLLs: the
// names and ordinals they export, which DLL implements which API set, and the
// numbers of the system services. It is data; nothing here behaves.
//
// The lists of exports and the API sets are generated from what mingw-w64 and
// Wine have of them (see gen), for 64-bit Windows 10 and 11; an export that is
// in neither is not listed. services.txt is written by hand.
package catalogue

import (
	"embed"
	"math"
	"strconv"
	"strings"
)

//go:generate go run ./gen

var (
	//go:embed names
	names embed.FS

	//go:embed apisets.txt
	apiSets string

	//go:embed services.txt
	services string
)

// Export is one function or variable that a DLL exports.
type Export struct {
	Name    string // "" where it has an ordinal alone
	Ordinal uint32 // 0 where it is not public
	Data    bool   // a variable
}

// DLLs lists the DLLs of the catalogue, in lower case and by name.
func DLLs() []string {
	entries, _ := names.ReadDir("names") // embedded: it is there
	list := make([]string, len(entries))
	for i, e := range entries {
		list[i] = strings.TrimSuffix(e.Name(), ".txt")
	}
	return list
}

// Exports lists what a DLL exports, by name; those without one come first. It
// is empty for a DLL that is not in the catalogue.
func Exports(dll string) []Export {
	data, err := names.ReadFile("names/" + dll + ".txt")
	if err != nil {
		return nil
	}
	text := string(data)
	list := make([]Export, 0, strings.Count(text, "\n"))
	for line := range strings.Lines(text) {
		var e Export
		e.Name, e.Data = strings.CutSuffix(line[:len(line)-1], " data")
		if i := strings.LastIndexByte(e.Name, '@'); i >= 0 {
			if n, ok := ordinal(e.Name[i+1:]); ok {
				e.Name, e.Ordinal = e.Name[:i], n
			}
		}
		list = append(list, e)
	}
	return list
}

// ordinal reads a number. Names of C++ have an @ that none follows, often: an
// error each would be most of the work.
func ordinal(s string) (n uint32, ok bool) {
	for _, c := range []byte(s) {
		if c < '0' || c > '9' || n > math.MaxUint16 {
			return 0, false
		}
		n = 10*n + uint32(c-'0')
	}
	return n, s != "" && n <= math.MaxUint16
}

// APISets gives the DLL that implements each contract, by what counts of the
// contract's name: what stands before the last hyphen.
//
// https://learn.microsoft.com/windows/win32/apiindex/windows-apisets
func APISets() map[string]string {
	sets := make(map[string]string, strings.Count(apiSets, "\n"))
	for line := range strings.Lines(apiSets) {
		contract, host, _ := strings.Cut(strings.TrimSuffix(line, "\n"), " ")
		sets[contract] = host
	}
	return sets
}

// Editions are the builds of Windows at which system services got other
// numbers: 10 1809, 1903, 2004 and 21H2, Server 2022, and 11 21H2, 22H2 and 24H2.
func Editions() []uint32 {
	return []uint32{17763, 18362, 19041, 19044, 20348, 22000, 22621, 26100}
}

// Edition is the one a build belongs to. Older builds than are known count as
// the oldest.
func Edition(build uint32) uint32 {
	editions := Editions()
	for i := len(editions) - 1; i > 0; i-- {
		if editions[i] <= build {
			return editions[i]
		}
	}
	return editions[0]
}

// Services lists the system services of an edition by their numbers. The first
// 99 keep their numbers since Windows 10 is, the others are in the order of
// their names.
//
// The source gives each service the edition it came with; the numbers that
// follow agree with the public tables of Mateusz Jurczyk.
//
// https://j00ru.vexillium.org/syscalls/nt/64/
func Services(edition uint32) []string {
	var list []string
	for line := range strings.Lines(services) {
		name, editions, _ := strings.Cut(strings.TrimSuffix(line, "\n"), " ")
		if within(edition, editions) {
			list = append(list, name)
		}
	}
	return list
}

// within tells whether an edition is in a range, "first", "first-last" or "".
func within(edition uint32, editions string) bool {
	if editions == "" {
		return true
	}
	first, last, bounded := strings.Cut(editions, "-")
	if n, err := strconv.ParseUint(first, 10, 32); err != nil || uint64(edition) < n {
		return false
	}
	n, err := strconv.ParseUint(last, 10, 32)
	return !bounded || err == nil && uint64(edition) <= n
}
