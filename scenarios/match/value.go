package match

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"
)

// number is an integer of 64 bits, signed or not, or a float64.
type number struct {
	negative bool
	size     uint64 // absolute value
	float    float64
	isFloat  bool
}

func toNumber(v any) (number, bool) {
	switch v := v.(type) {
	case int64:
		if v < 0 {
			return number{negative: true, size: -uint64(v), float: float64(v)}, true
		}
		return number{size: uint64(v), float: float64(v)}, true
	case uint64:
		return number{size: v, float: float64(v)}, true
	case float64:
		return number{float: v, isFloat: true}, v == v // not NaN
	default:
		return number{}, false
	}
}

func (a number) compare(b number) int {
	switch {
	case a.isFloat || b.isFloat:
		return cmp.Compare(a.float, b.float)
	case a.negative && b.negative:
		return cmp.Compare(b.size, a.size)
	case a.negative:
		return -1
	case b.negative:
		return 1
	default:
		return cmp.Compare(a.size, b.size)
	}
}

// valueText prints a value as YAML would have it on one line.
func valueText(v any) string {
	switch v := v.(type) {
	case nil:
		return "null"
	case string:
		return stringText(v)
	case []any:
		texts := make([]string, len(v))
		for i, item := range v {
			texts[i] = valueText(item)
		}
		return "[" + strings.Join(texts, ", ") + "]"
	default:
		return fmt.Sprint(v)
	}
}

func stringText(s string) string {
	for _, r := range s {
		if !strconv.IsPrint(r) {
			return strconv.Quote(s)
		}
	}
	if s == "" || s != strings.TrimSpace(s) || strings.ContainsAny(s, `{}[],'"`) || strings.Contains(s, ": ") ||
		strings.Contains(s, " #") || strings.HasSuffix(s, ":") || strings.ContainsAny(s[:1], "#&*!|>%@`-?") {
		return "'" + strings.ReplaceAll(s, "'", "''") + "'"
	}
	return s
}
