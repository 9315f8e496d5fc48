package trace

import (
	"strconv"
	"strings"
	"unicode"
)

// Quote makes a guest string safe to print on one line of a terminal: plain
// printable text stays as it is, anything else (blanks, quotes, control and
// format characters, invalid UTF-8) is quoted and escaped as in Go. Backslashes
// of paths are left single where nothing else needs escaping.
func Quote(s string) string {
	plain, printable := s != "", true
	for _, r := range s {
		switch {
		case r == '"' || r == unicode.ReplacementChar || !strconv.IsPrint(r):
			plain, printable = false, false
		case r == ' ':
			plain = false
		}
	}
	switch {
	case plain:
		return s
	case printable && !strings.HasSuffix(s, `\`):
		return `"` + s + `"`
	default:
		return strconv.Quote(s)
	}
}
