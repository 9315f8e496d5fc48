package main

import "strings"

// commandLine joins arguments as Windows programs take them apart again; see
// https://learn.microsoft.com/cpp/c-language/parsing-c-command-line-arguments.
func commandLine(args []string) string {
	quoted := make([]string, len(args))
	for i, arg := range args {
		if arg != "" && !strings.ContainsAny(arg, " \t\"") {
			quoted[i] = arg
			continue
		}
		var b strings.Builder
		slashes := 0
		b.WriteByte('"')
		for _, r := range arg {
			switch r {
			case '\\':
				slashes++
			case '"': // backslashes before a quote count double, the quote needs one
				b.WriteString(strings.Repeat(`\`, slashes+1))
				slashes = 0
			default:
				slashes = 0
			}
			b.WriteRune(r)
		}
		b.WriteString(strings.Repeat(`\`, slashes)) // so do those before the closing one
		b.WriteByte('"')
		quoted[i] = b.String()
	}
	return strings.Join(quoted, " ")
}
