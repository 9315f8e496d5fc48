package main

import (
	"bytes"
	"debug/pe"
	"encoding/binary"
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// export is a function or variable a DLL exports.
type export struct {
	name    string // "" where only the ordinal is known
	ordinal uint32 // 0 where it is not public
	data    bool
}

// importLibrary lists what an import library made by dlltool gives access to,
// by DLL. Each function is an object file of its own: .idata$6 is hint and
// name, .idata$5 its slot in the import address table, with the ordinal where
// there is no name, and .text jumps through the slot, which a variable has not.
// The DLL's name is in .idata$7 of another object file; those of one DLL have
// names that begin alike. Members of other kinds are code of the library's own.
func importLibrary(archive []byte) (map[string][]export, error) {
	const magic, headerSize = "!<arch>\n", 60
	if !bytes.HasPrefix(archive, []byte(magic)) {
		return nil, errors.New("not an archive")
	}
	dlls := map[string]string{} // by the beginning of their members' names
	symbols := map[string][]export{}
	var long []byte
	for rest := archive[len(magic):]; len(rest) >= headerSize; {
		name := strings.TrimRight(string(rest[:16]), " ")
		size, err := strconv.Atoi(strings.TrimSpace(string(rest[48:58])))
		if err != nil || size < 0 || headerSize+size > len(rest) {
			return nil, fmt.Errorf("a member of %q bytes", rest[48:58])
		}
		body := rest[headerSize : headerSize+size]
		rest = rest[min(headerSize+size+size%2, len(rest)):]
		switch {
		case name == "/": // the index of symbols
			continue
		case name == "//":
			long = body
			continue
		case strings.HasPrefix(name, "/"):
			at, err := strconv.Atoi(name[1:])
			if err != nil || at > len(long) {
				return nil, fmt.Errorf("a member called %q", name)
			}
			name, _, _ = strings.Cut(string(long[at:]), "/\n")
		}
		parts := memberName.FindStringSubmatch(strings.TrimSuffix(name, "/"))
		if parts == nil {
			continue
		}
		dll, symbol := member(body)
		if dll != "" {
			dlls[parts[1]] = strings.ToLower(dll)
		}
		if symbol != nil {
			symbols[parts[1]] = append(symbols[parts[1]], *symbol)
		}
	}
	found := map[string][]export{}
	for prefix, list := range symbols {
		dll, ok := dlls[prefix]
		if !ok {
			return nil, fmt.Errorf("no member tells which DLL %s… is", prefix)
		}
		found[dll] = append(found[dll], list...)
	}
	return found, nil
}

// memberName is the name dlltool gives an object file: head, tail or symbol.
var memberName = regexp.MustCompile(`^(.*)(?:[ht]|s\d+)\.o$`)

// member reads one object file: the DLL's name of the one that has it, or the
// symbol of one that has that.
func member(body []byte) (dll string, symbol *export) {
	const ordinalFlag = 1 << 63
	object, err := pe.NewFile(bytes.NewReader(body))
	if err != nil {
		return "", nil
	}
	var s export
	found, code := false, false
	for _, section := range object.Sections {
		data, err := section.Data()
		if err != nil {
			continue
		}
		switch section.Name {
		case ".text":
			code = len(data) > 0
		case ".idata$5":
			if len(data) == 8 {
				if v := binary.LittleEndian.Uint64(data); v&ordinalFlag != 0 {
					s.ordinal, found = uint32(uint16(v)), true
				}
			}
		case ".idata$6":
			if len(data) > 2 {
				s.name, found = text(data[2:]), true
			}
		case ".idata$7":
			if name := text(data); len(name) > len(".dll") {
				dll = name
			}
		}
	}
	if !found {
		return dll, nil
	}
	s.data = !code
	return dll, &s
}

func text(b []byte) string {
	if i := bytes.IndexByte(b, 0); i >= 0 {
		b = b[:i]
	}
	return string(b)
}
