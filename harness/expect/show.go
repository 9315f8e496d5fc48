package expect

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"sidetrace/emulator/trace"
	"sidetrace/scenarios/match"
)

// Bounds of what a result quotes of a run, which may be as long as the guest
// likes.
const (
	maxShown = 300  // bytes of one value
	maxDiff  = 8192 // bytes of one diff
	maxSide  = 4096 // bytes of one side of a diff
)

// safe is a string of the guest, made short and printable.
func safe(s string) string { return trace.Quote(cut(s, maxShown)) }

// sentence is a text of the emulator, which may quote the guest: left as it is
// if that is safe to print.
func sentence(s string) string {
	if text := safe(s); text != `"`+s+`"` {
		return text
	}
	return s
}

func cut(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n] + "…"
}

// show prints the value of a field.
func show(v any) string {
	switch v := v.(type) {
	case string:
		return safe(v)
	case []string:
		return "[" + safe(strings.Join(v, ", ")) + "]"
	case uint64:
		if v >= 0x10000 {
			return fmt.Sprintf("%#x", v)
		}
	case float64:
		return fmt.Sprintf("%.3f", v)
	}
	return fmt.Sprint(v)
}

// fieldDiff compares the fields that should be equal to a value, and are not,
// with what they are.
func fieldDiff(missed []*match.Condition, p trace.Payload) string {
	want, got := map[string]any{}, map[string]any{}
	for _, f := range trace.Fields(p) {
		for _, c := range missed {
			if v, ok := c.Equals(); ok && c.Field == f.Name {
				want[f.Name], got[f.Name] = alike(v, f.Value), side(f.Value)
			}
		}
	}
	if len(want) == 0 {
		return ""
	}
	return diff(want, got)
}

// alike gives an expected integer the type of the recorded one, so that a diff
// shows the value and not the type.
func alike(want, got any) any {
	switch w := want.(type) {
	case string:
		return side(w)
	case int64:
		if _, ok := got.(uint64); ok && w >= 0 {
			return uint64(w)
		}
		if _, ok := got.(float64); ok {
			return float64(w)
		}
	case uint64:
		if _, ok := got.(int64); ok && w <= 1<<63-1 {
			return int64(w)
		}
		if _, ok := got.(float64); ok {
			return float64(w)
		}
	}
	return want
}

func side(v any) any {
	if s, ok := v.(string); ok {
		return cut(s, maxSide)
	}
	return v
}

// diff is a go-cmp diff. go-cmp varies its blanks on purpose, so that nobody
// depends on them; here the same run must give the same text.
func diff(want, got any) string {
	return cut(strings.ReplaceAll(cmp.Diff(want, got), "\u00a0", " "), maxDiff)
}
