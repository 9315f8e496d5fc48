package ioc

import (
	"fmt"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Lists are defanged so that nobody follows a link by mistake. There is no
// standard for it. The ways below are those that published lists use.
var (
	fangDot    = regexp.MustCompile(`(?i)\s?[\[({<]\s?(?:\.|dot)\s?[\])}>]\s?|\[\.|\.\]|\\\.`)
	fangColon  = regexp.MustCompile(`[\[({]:[\])}]`)
	fangSlash  = regexp.MustCompile(`[\[({]/[\])}]`)
	fangSlash2 = regexp.MustCompile(`[\[({](:?//)[\])}]`)
	fangMark   = regexp.MustCompile(`[\[({]://[\])}]`)
	fangAt     = regexp.MustCompile(`(?i)\s?[\[({](?:@|at)[\])}]\s?`)
	fangHTTP   = regexp.MustCompile(`(?i)^(?:h(?:xx|\*\*|__|tx|xt|tt|\[tt\]|\[xx\])p|hxp|htp|meow)(s?)\s?(?:\[s\])?(:?//|:\\\\)`)
	fangFTP    = regexp.MustCompile(`(?i)^f(?:x|\*|_)p(s?)://`)
)

// Refang undoes what made a list harmless to click on: hxxp, [.], (dot), [:]//
// and their kin.
func Refang(s string) string {
	s = strings.ReplaceAll(s, "[.]", ".")
	if strings.ContainsAny(s, `[]({<`) || strings.Contains(s, `\.`) {
		s = fangMark.ReplaceAllString(s, "://")
		s = fangSlash2.ReplaceAllString(s, "$1")
		s = fangColon.ReplaceAllString(s, ":")
		s = fangSlash.ReplaceAllString(s, "/")
		s = fangAt.ReplaceAllString(s, "@")
		s = undot(s)
	}
	if !strings.ContainsAny(s, "/\\") {
		return s
	}
	if m := fangHTTP.FindStringSubmatchIndex(s); m != nil {
		s = "http" + strings.ToLower(s[m[2]:m[3]]) + "://" + s[m[1]:]
	} else if m := fangFTP.FindStringSubmatchIndex(s); m != nil {
		s = "ftp" + strings.ToLower(s[m[2]:m[3]]) + "://" + s[m[1]:]
	}
	return s
}

// undot puts dots back. A backslash before a dot is one only where no backslash
// stands elsewhere, as it does in a path (C:\Users\.ssh).
func undot(s string) string {
	escapes := strings.Count(s, `\`) == strings.Count(s, `\.`)
	return fangDot.ReplaceAllStringFunc(s, func(m string) string {
		if m == `\.` && !escapes {
			return m
		}
		return "."
	})
}

// blank says that a character is a space that is not the usual one.
func blank(r rune) bool {
	return r == 0xa0 || r == 0x2007 || r == 0x202f || r == 0x3000 || r >= 0x2000 && r <= 0x200a || r == 0x205f
}

// invisible says that a character cannot be seen, and is none of the spaces.
// An indicator with one in it never matches, and looks as if it did.
func invisible(r rune) bool {
	return unicode.Is(unicode.Cf, r) || r == 0x34f || r == 0x115f || r == 0x1160 || r == 0x2028 || r == 0x2029 || r == 0x3164 ||
		r == 0xfffd || r < ' ' && r != '\t' && r != '\n' || r == 0x7f || unicode.Is(unicode.Variation_Selector, r)
}

// clean takes what cannot be seen out of a line and makes spaces of the other
// blanks. It says where the first of them is, for whose sake the line is warned
// of: its column, and what it is; column 0 if there is none.
func clean(line string) (text string, column int, what string) {
	found := false
	for i := 0; i < len(line); i++ {
		if line[i] >= 0x80 || line[i] < ' ' || line[i] == 0x7f {
			found = true
			break
		}
	}
	if !found {
		return line, 0, ""
	}
	var b strings.Builder
	n, more := 0, 0
	for i, r := range line {
		n++
		hidden := invisible(r)
		switch {
		case hidden:
		case blank(r):
			b.WriteByte(' ')
		default:
			b.WriteString(line[i : i+utf8.RuneLen(r)])
			continue
		}
		if column == 0 {
			column, what = n, name(r)
		} else {
			more++
		}
	}
	if more > 0 {
		what = fmt.Sprintf("%s, and %d more", what, more)
	}
	return b.String(), column, what
}

// name is a character for people: its code point, and what it is called where
// lists often have it.
func name(r rune) string {
	known := map[rune]string{
		0xa0: "no-break space", 0xad: "soft hyphen", 0x200b: "zero-width space", 0x200c: "zero-width non-joiner", 0x200d: "zero-width joiner",
		0x200e: "left-to-right mark", 0x200f: "right-to-left mark", 0x202e: "right-to-left override", 0x2060: "word joiner",
		0xfeff: "byte order mark", 0xfffd: "replacement character", 0: "zero byte",
	}
	if s := known[r]; s != "" {
		return fmt.Sprintf("U+%04X, a %s", r, s)
	}
	return fmt.Sprintf("U+%04X", r)
}
