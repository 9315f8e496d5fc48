package crt

import (
	"strings"

	"sidetrace/emulator/guest"
)

// arguments are the command line and what main gets of it, in guest memory.
type arguments struct {
	list          []string
	narrow, wide  uint64 // the command line
	argv, wargv   uint64
	rest, wrest   uint64 // the command line behind the program's name, as WinMain gets it
	program       uint64 // path of the program
	wprogram      uint64
	anyUnexpanded bool // an argument has a wildcard
}

func newArguments(s *state) arguments {
	line := s.p.CommandLine
	a := arguments{list: splitCommandLine(line)}
	a.narrow, a.wide = s.store(guest.ANSI(line)), s.store(guest.UTF16(line))
	var narrow, wide [][]byte
	for i, arg := range a.list {
		narrow, wide = append(narrow, guest.ANSI(arg)), append(wide, guest.UTF16(arg))
		a.anyUnexpanded = a.anyUnexpanded || i > 0 && strings.ContainsAny(arg, "*?")
	}
	a.argv, _ = s.strings(narrow)
	a.wargv, _ = s.strings(wide)
	skip := uint64(programNameLength(line))
	a.rest, a.wrest = a.narrow+skip, a.wide+2*skip
	path := s.p.Program().Path
	a.program, a.wprogram = s.store(guest.ANSI(path)), s.store(guest.UTF16(path))
	return a
}

// splitCommandLine applies the rules for argv: the program's name ends at a
// blank outside of quotes; in other arguments 2n backslashes before a quote
// are n and the quote is a delimiter, 2n+1 are n and a literal quote, and two
// quotes within quotes are one.
//
// https://learn.microsoft.com/cpp/c-language/parsing-c-command-line-arguments
func splitCommandLine(line string) []string {
	blank := func(i int) bool { return line[i] == ' ' || line[i] == '\t' }
	i, quoted := 0, false
	var arg []byte
	for ; i < len(line) && (quoted || !blank(i)); i++ {
		if line[i] == '"' {
			quoted = !quoted
			continue
		}
		arg = append(arg, line[i])
	}
	list := []string{string(arg)}
	for {
		for i < len(line) && blank(i) {
			i++
		}
		if i == len(line) {
			return list
		}
		arg, quoted = nil, false
		for i < len(line) && (quoted || !blank(i)) {
			slashes := 0
			for i < len(line) && line[i] == '\\' {
				slashes++
				i++
			}
			if i == len(line) || line[i] != '"' {
				arg = append(arg, strings.Repeat(`\`, slashes)...)
				if i < len(line) && (quoted || !blank(i)) {
					arg = append(arg, line[i])
					i++
				}
				continue
			}
			arg = append(arg, strings.Repeat(`\`, slashes/2)...)
			i++
			switch {
			case slashes%2 == 1:
				arg = append(arg, '"')
			case quoted && i < len(line) && line[i] == '"':
				arg = append(arg, '"')
				i++
			default:
				quoted = !quoted
			}
		}
		list = append(list, string(arg))
	}
}

// programNameLength is the number of characters up to the first argument.
func programNameLength(line string) int {
	n, quoted := 0, false
	runes := []rune(line)
	for n < len(runes) && (quoted || runes[n] != ' ' && runes[n] != '\t') {
		if runes[n] == '"' {
			quoted = !quoted
		}
		n++
	}
	for n < len(runes) && (runes[n] == ' ' || runes[n] == '\t') {
		n++
	}
	return n
}
