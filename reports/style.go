package reports

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// This file is how text looks on a terminal. The rules are:
//
//   - nothing that came from a guest or a scenario reaches a terminal with a
//     control, format or invalid character in it;
//   - colour repeats what the words say, so that a report reads the same
//     without it;
//   - times are the guest's own and are counted from the run's start.

// palette colours words, or leaves them as they are.
type palette bool

const (
	red    = "31"
	green  = "32"
	yellow = "33"
	bold   = "1"
	faint  = "2"
)

func (p palette) paint(code, text string) string {
	if !p || text == "" {
		return text
	}
	return "\x1b[" + code + "m" + text + "\x1b[0m"
}

func (p palette) verdict(v Verdict) string {
	word := fmt.Sprintf("%-12s", v)
	switch v {
	case Pass:
		return p.paint(green, word)
	case Inconclusive, Timeout:
		return p.paint(yellow, word)
	default:
		return p.paint(red, word)
	}
}

// Printable escapes every character of one line that is not printable, and
// leaves the others alone. It is for text that is already laid out; guest
// strings that stand in a line of ours are quoted instead.
func Printable(s string) string {
	return escape(s, "")
}

// cleanLines is Printable for text of several lines. The no-break spaces go-cmp
// mixes into its diffs become plain ones.
func cleanLines(s string) []string {
	s = strings.TrimRight(strings.ReplaceAll(s, "\u00a0", " "), "\n")
	if s == "" {
		return nil
	}
	lines := strings.Split(s, "\n")
	for i := range lines {
		lines[i] = escape(lines[i], "\t")
	}
	return lines
}

// escape writes characters that are not printable and not in keep as Go
// escapes.
func escape(s, keep string) string {
	var b strings.Builder
	for i, r := range s {
		switch {
		case r == '\uFFFD' && !strings.HasPrefix(s[i:], "\uFFFD"):
			fmt.Fprintf(&b, `\x%02x`, s[i])
		case strconv.IsPrint(r) || strings.ContainsRune(keep, r):
			b.WriteRune(r)
		default:
			quoted := strconv.QuoteRune(r)
			b.WriteString(quoted[1 : len(quoted)-1])
		}
	}
	return b.String()
}

// clock is a virtual time since the start: "00:00:01.250", "12d 03:00:00.000".
func clock(d time.Duration) string {
	const day = 24 * time.Hour
	days, rest := d/day, d%day
	text := fmt.Sprintf("%02d:%02d:%02d.%03d", rest/time.Hour, rest%time.Hour/time.Minute, rest%time.Minute/time.Second, rest%time.Second/time.Millisecond)
	if days > 0 {
		text = fmt.Sprintf("%dd %s", days, text)
	}
	return text
}

// milliseconds is a span the guest gave in milliseconds. The largest ones do
// not fit a [time.Duration].
func milliseconds(ms int64) string {
	switch {
	case ms >= 24*60*60*1000:
		return fmt.Sprintf("%.1f days", float64(ms)/(24*60*60*1000))
	case ms >= 1000:
		return fmt.Sprintf("%.1f s", float64(ms)/1000)
	default:
		return fmt.Sprintf("%d ms", ms)
	}
}

// plural is "1 gap", "2 gaps".
func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
