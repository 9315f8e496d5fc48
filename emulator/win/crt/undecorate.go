package crt

import (
	"strconv"
	"strings"
)

// undecorator reads a decorated name of Microsoft's compilers, as far as it
// names a type.
type undecorator struct {
	s     string
	i     int
	names []string // the first ten, for back references
	types []string // of arguments longer than one character
	depth int
	bad   bool
}

// maxDecoration bounds the nesting of names, and maxReadable what one may grow
// to by references to its own parts.
const (
	maxDecoration = 64
	maxReadable   = 1 << 16
)

// undecorateType is the readable form of a type's name; the name itself and
// false where it cannot be read.
func undecorateType(name string) (string, bool) {
	u := &undecorator{s: strings.TrimPrefix(name, ".")}
	text := u.kind()
	if u.bad || u.i != len(u.s) || len(text) > maxReadable {
		return name, false
	}
	return text, true
}

func (u *undecorator) next() byte {
	if u.i >= len(u.s) {
		u.bad = true
		return 0
	}
	u.i++
	return u.s[u.i-1]
}

func (u *undecorator) take(prefix string) bool {
	if strings.HasPrefix(u.s[u.i:], prefix) {
		u.i += len(prefix)
		return true
	}
	return false
}

var basicTypes = map[byte]string{
	'C': "signed char", 'D': "char", 'E': "unsigned char", 'F': "short", 'G': "unsigned short", 'H': "int", 'I': "unsigned int",
	'J': "long", 'K': "unsigned long", 'M': "float", 'N': "double", 'O': "long double", 'X': "void",
}

var extendedTypes = map[byte]string{
	'D': "__int8", 'E': "unsigned __int8", 'F': "__int16", 'G': "unsigned __int16", 'H': "__int32", 'I': "unsigned __int32",
	'J': "__int64", 'K': "unsigned __int64", 'N': "bool", 'Q': "char8_t", 'S': "char16_t", 'U': "char32_t", 'W': "wchar_t",
}

// kind reads a type.
func (u *undecorator) kind() string {
	if u.depth++; u.depth > maxDecoration {
		u.bad = true
	}
	defer func() { u.depth-- }()
	if u.bad {
		return ""
	}
	if u.take("$$Q") {
		return u.pointer("&&")
	}
	if u.take("$$T") {
		return "std::nullptr_t"
	}
	if u.take("$$C") {
		return u.qualified()
	}
	if u.take("W4") {
		return "enum " + u.qualifiedName()
	}
	ch := u.next()
	if text, ok := basicTypes[ch]; ok {
		return text
	}
	switch ch {
	case '_':
		if text, ok := extendedTypes[u.next()]; ok {
			return text
		}
	case '?':
		return u.qualified()
	case 'T':
		return "union " + u.qualifiedName()
	case 'U':
		return "struct " + u.qualifiedName()
	case 'V':
		return "class " + u.qualifiedName()
	case 'A':
		return u.pointer("&")
	case 'P':
		return u.pointer("*")
	case 'Q':
		return u.pointer("* const")
	case 'R':
		return u.pointer("* volatile")
	case 'S':
		return u.pointer("* const volatile")
	case '0', '1', '2', '3', '4', '5', '6', '7', '8', '9':
		if n := int(ch - '0'); n < len(u.types) {
			return u.types[n]
		}
	}
	u.bad = true
	return ""
}

// qualified reads a type behind its const and volatile.
func (u *undecorator) qualified() string {
	q := u.qualifiers()
	text := u.kind()
	if q == "" {
		return text
	}
	return text + " " + q
}

func (u *undecorator) qualifiers() string {
	switch u.next() {
	case 'A':
		return ""
	case 'B':
		return "const"
	case 'C':
		return "volatile"
	case 'D':
		return "const volatile"
	}
	u.bad = true
	return ""
}

// pointer reads what a pointer or reference leads to.
func (u *undecorator) pointer(mark string) string {
	if u.take("6") {
		return u.function(mark)
	}
	suffix := ""
	for {
		switch {
		case u.take("E"):
			suffix = " __ptr64"
			continue
		case u.take("I"):
			suffix += " __restrict"
			continue
		}
		break
	}
	text := u.qualified()
	return text + " " + mark + suffix
}

var conventions = map[byte]string{'A': "__cdecl", 'G': "__stdcall", 'I': "__fastcall", 'E': "__thiscall", 'Q': "__vectorcall"}

// function reads a pointer to a function.
func (u *undecorator) function(mark string) string {
	convention, ok := conventions[u.next()]
	if !ok {
		u.bad = true
		return ""
	}
	result := u.kind()
	var args []string
	total := len(result)
	for !u.bad {
		if u.take("@") {
			break
		}
		if u.take("Z") {
			args = append(args, "...")
			u.i--
			break
		}
		begin := u.i
		arg := u.kind()
		if u.i-begin > 1 && len(u.types) < 10 {
			u.types = append(u.types, arg)
		}
		args = append(args, arg)
		if total += len(arg); total > maxReadable {
			u.bad = true
		}
		if arg == "void" && len(args) == 1 {
			break
		}
	}
	if !u.take("Z") {
		u.bad = true
	}
	return result + " (" + convention + mark + ")(" + strings.Join(args, ",") + ")"
}

// qualifiedName reads a name, the innermost part first, up to "@".
func (u *undecorator) qualifiedName() string {
	var parts []string
	for !u.bad && !u.take("@") {
		parts = append([]string{u.part()}, parts...)
		if len(parts) > maxDecoration {
			u.bad = true
		}
	}
	return strings.Join(parts, "::")
}

// part reads one part of a name.
func (u *undecorator) part() string {
	switch {
	case u.i < len(u.s) && u.s[u.i] >= '0' && u.s[u.i] <= '9':
		n := int(u.next() - '0')
		if n >= len(u.names) {
			u.bad = true
			return ""
		}
		return u.names[n]
	case u.take("?$"):
		return u.template()
	case u.take("?A"):
		if end := strings.IndexByte(u.s[u.i:], '@'); end >= 0 {
			u.i += end + 1
			u.remember("`anonymous namespace'")
			return "`anonymous namespace'"
		}
		u.bad = true
		return ""
	case u.take("?"):
		u.bad = true // a number, or a function that a type is local to
		return ""
	}
	return u.plain()
}

func (u *undecorator) plain() string {
	end := strings.IndexByte(u.s[u.i:], '@')
	if end <= 0 {
		u.bad = true
		return ""
	}
	name := u.s[u.i : u.i+end]
	u.i += end + 1
	u.remember(name)
	return name
}

func (u *undecorator) remember(name string) {
	for _, known := range u.names {
		if known == name {
			return
		}
	}
	if len(u.names) < 10 {
		u.names = append(u.names, name)
	}
}

// template reads a template's name and arguments, which have names and types of
// their own.
func (u *undecorator) template() string {
	if u.depth++; u.depth > maxDecoration {
		u.bad = true
	}
	defer func() { u.depth-- }()
	names, types := u.names, u.types
	u.names, u.types = nil, nil
	name := u.plain()
	var args []string
	total := 0
	for !u.bad && !u.take("@") {
		arg := u.argument()
		if total += len(arg); total > maxReadable {
			u.bad = true
		}
		args = append(args, arg)
	}
	u.names, u.types = names, types
	text := name + "<" + strings.Join(args, ",")
	if strings.HasSuffix(text, ">") {
		text += " "
	}
	text += ">"
	u.remember(text)
	return text
}

func (u *undecorator) argument() string {
	switch {
	case u.take("$0"):
		return u.number()
	case u.take("$$V"), u.take("$$Z"), u.take("$S"):
		return ""
	}
	begin := u.i
	text := u.kind()
	if u.i-begin > 1 && len(u.types) < 10 {
		u.types = append(u.types, text)
	}
	return text
}

// number reads a number: a digit for 1 to 10, or hexadecimal ones from A to P.
func (u *undecorator) number() string {
	sign := ""
	if u.take("?") {
		sign = "-"
	}
	ch := u.next()
	if ch >= '0' && ch <= '9' {
		return sign + strconv.Itoa(int(ch-'0')+1)
	}
	v := uint64(0)
	for ; ch >= 'A' && ch <= 'P'; ch = u.next() {
		v = v<<4 | uint64(ch-'A')
	}
	if ch != '@' {
		u.bad = true
	}
	return sign + strconv.FormatUint(v, 10)
}
