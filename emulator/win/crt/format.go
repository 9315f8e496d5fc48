package crt

import (
	"strconv"

	"sidetrace/emulator/win"
)

// This file is the engine of printf. It works on code units, bytes of the
// narrow functions and UTF-16 of the wide ones, so that what it does not
// understand passes through unchanged. What msvcrt.dll and ucrtbase.dll do
// differently is in dialect.
//
// https://learn.microsoft.com/cpp/c-runtime-library/format-specification-syntax-printf-and-wprintf-functions

// dialect is a runtime's way with printf.
type dialect struct {
	wide       bool // format and output are UTF-16
	isoWide    bool // %s and %c mean narrow text in the wide functions too
	exponent   int  // digits of an exponent, at least
	old        bool // as msvcrt.dll: "1.#INF", 17 digits of a double, F and N are sizes, hh is h
	count      bool // %n is allowed
	positional bool // "%2$d" is the second argument
	plain      bool // as wsprintf: integers, characters and text alone
}

// msvcrt is the dialect of msvcrt.dll.
var msvcrt = dialect{exponent: 3, old: true, count: true}

// variadic are the arguments behind the format: those of the call itself from
// a slot on, or those a va_list leads to. Both are 64-bit slots; floating-point
// ones are in the slots too, as the calling convention wants it of callers.
type variadic struct {
	c    *win.Call
	slot int
	list win.Ptr // a va_list; 0 for the call's own
	at   int     // arguments taken
}

func (v *variadic) next() uint64 {
	n := v.at
	v.at++
	if v.list == 0 {
		return v.c.Slot(v.slot + n)
	}
	return v.c.ReadUint(v.list+8*win.Ptr(n), 8)
}

// maxPlace is the highest number of an argument: _ARGMAX.
const maxPlace = 100

// jump makes an argument the next.
func (v *variadic) jump(n int) { v.at = n }

// maxOutput bounds, in characters, what one call may make.
const maxOutput = 8 << 20

// printer is one call of printf.
type printer struct {
	dialect
	c       *win.Call
	args    variadic
	out     []uint16
	bad     bool // a character without translation, or a conversion that is not allowed
	refused bool // the latter
	cut     bool // there was more than maxOutput
}

// print makes the output of a format. It reports false where Windows' functions
// return an error.
func (p *printer) print(format []uint16) ([]uint16, bool) {
	for i := 0; i < len(format) && !p.c.Faulted() && !p.bad; {
		if format[i] != '%' {
			p.put(format[i])
			i++
			continue
		}
		var s spec
		s, i = p.parse(format, i+1)
		p.convert(s)
	}
	if p.cut {
		p.c.Gap("output of more than 8 Mi characters")
	}
	return p.out, !p.bad
}

func (p *printer) put(ch uint16) { p.repeat(ch, 1) }

func (p *printer) repeat(ch uint16, n int) {
	if room := maxOutput - len(p.out); n > room {
		n, p.cut = room, true
	}
	for ; n > 0; n-- {
		p.out = append(p.out, ch)
	}
}

// spec is a conversion specification.
type spec struct {
	minus, plus, blank, sharp, zero bool
	width                           int
	precision                       int // -1 if there is none
	size                            size
	conversion                      uint16 // 0 at the end of the format
}

// size is what a size prefix says.
type size uint8

const (
	sizeNone  size = iota
	sizeChar       // hh
	sizeShort      // h
	sizeLong       // l, w
	size32         // I32
	size64         // ll, I64, I, j, z, t
)

// parse reads the specification behind a percent sign and returns where it
// ends.
func (p *printer) parse(f []uint16, i int) (spec, int) {
	s := spec{precision: -1}
	at := func(i int) uint16 {
		if i < len(f) {
			return f[i]
		}
		return 0
	}
	i = p.place(at, i)
flags:
	for ; ; i++ {
		switch at(i) {
		case '-':
			s.minus = true
		case '+':
			s.plus = true
		case ' ':
			s.blank = true
		case '#':
			s.sharp = true
		case '0':
			s.zero = true
		default:
			break flags
		}
	}
	number := func() int {
		if at(i) == '*' {
			i = p.place(at, i+1)
			return int(int32(p.args.next()))
		}
		n := 0
		for ; at(i) >= '0' && at(i) <= '9'; i++ {
			n = min(n*10+int(at(i)-'0'), maxOutput+1)
		}
		return n
	}
	if s.width = number(); s.width < 0 {
		s.minus, s.width = true, -s.width
	}
	if at(i) == '.' {
		i++
		s.precision = max(number(), -1)
	}
	s.size, i = parseSize(at, i, p.old)
	s.conversion = at(i)
	return s, min(i+1, len(f))
}

func parseSize(at func(int) uint16, i int, old bool) (size, int) {
	switch at(i) {
	case 'h':
		if at(i+1) == 'h' {
			if old {
				return sizeShort, i + 2
			}
			return sizeChar, i + 2
		}
		return sizeShort, i + 1
	case 'l':
		if at(i+1) == 'l' {
			return size64, i + 2
		}
		return sizeLong, i + 1
	case 'w':
		return sizeLong, i + 1
	case 'I':
		switch {
		case at(i+1) == '6' && at(i+2) == '4':
			return size64, i + 3
		case at(i+1) == '3' && at(i+2) == '2':
			return size32, i + 3
		}
		return size64, i + 1
	case 'j', 'z', 't':
		return size64, i + 1
	case 'L': // long double is double
		return sizeNone, i + 1
	case 'F', 'N': // far and near, once
		if old {
			return sizeNone, i + 1
		}
	}
	return sizeNone, i
}

// place reads the number of an argument, as in "2$", and makes it the next.
func (p *printer) place(at func(int) uint16, i int) int {
	n, j := 0, i
	for ; at(j) >= '0' && at(j) <= '9'; j++ {
		n = min(n*10+int(at(j)-'0'), maxPlace+1)
	}
	if !p.positional || j == i || at(j) != '$' {
		return i
	}
	if n == 0 || n > maxPlace {
		p.bad = true
		return j + 1
	}
	p.args.jump(n - 1)
	return j + 1
}

// convert prints one argument.
func (p *printer) convert(s spec) {
	switch s.conversion {
	case 0:
	case 'o', 'Z', 'e', 'E', 'f', 'F', 'g', 'G', 'a', 'A', 'n':
		if p.plain {
			p.put(s.conversion)
			return
		}
	}
	switch s.conversion {
	case 0:
	case 'd', 'i':
		p.signed(s, s.truncate(p.args.next(), true))
	case 'u', 'o', 'x', 'X':
		p.unsigned(s, s.truncate(p.args.next(), false))
	case 'p':
		s.precision, s.size, s.conversion = 16, size64, 'X'
		p.unsigned(s, p.args.next())
	case 'c', 'C':
		p.character(s, uint16(p.args.next()))
	case 's', 'S':
		p.string(s, p.args.next())
	case 'Z':
		p.counted(s, win.Ptr(p.args.next()))
	case 'e', 'E', 'f', 'F', 'g', 'G', 'a', 'A':
		p.float(s, p.args.next())
	case 'n':
		at := p.args.next()
		if !p.count {
			p.bad, p.refused = true, true
			return
		}
		p.c.WriteUint(win.Ptr(at), s.bytes(), uint64(len(p.out)))
	default: // "%%", and what is no conversion stands for itself
		p.put(s.conversion)
	}
}

func (s spec) bytes() int {
	switch s.size {
	case sizeChar:
		return 1
	case sizeShort:
		return 2
	case size64:
		return 8
	}
	return 4
}

// truncate cuts an argument to the size of its type.
func (s spec) truncate(v uint64, signed bool) uint64 {
	shift := 64 - 8*s.bytes()
	if signed {
		return uint64(int64(v<<shift) >> shift)
	}
	return v << shift >> shift
}

func (p *printer) signed(s spec, v uint64) {
	magnitude := v
	if int64(v) < 0 {
		magnitude = -v
	}
	p.number(s, s.sign(int64(v) < 0), strconv.FormatUint(magnitude, 10))
}

// sign is what stands before a number.
func (s spec) sign(negative bool) string {
	switch {
	case negative:
		return "-"
	case s.plus:
		return "+"
	case s.blank:
		return " "
	}
	return ""
}

func (p *printer) unsigned(s spec, v uint64) {
	base, prefix := 10, ""
	switch s.conversion {
	case 'o':
		base = 8
	case 'x', 'X':
		base = 16
		if s.sharp && v != 0 {
			prefix = "0" + string(rune(s.conversion))
		}
	}
	digits := strconv.FormatUint(v, base)
	if s.conversion == 'X' {
		digits = capitals(digits)
	}
	if s.conversion == 'o' && s.sharp && digits[0] != '0' {
		digits = "0" + digits
	}
	p.number(s, prefix, digits)
}

func capitals(s string) string {
	b := []byte(s)
	for i, ch := range b {
		b[i] = byte(upper(uint16(ch)))
	}
	return string(b)
}

// number prints digits with as many zeros as the precision, or the flag 0,
// asks for.
func (p *printer) number(s spec, prefix, digits string) {
	if s.precision == 0 && digits == "0" {
		digits = ""
	}
	zeros := 0
	switch {
	case s.precision >= 0:
		s.zero = false
		zeros = max(s.precision-len(digits), 0)
	case s.zero && !s.minus:
		zeros = max(s.width-len(prefix)-len(digits), 0)
	}
	p.padded(s, len(prefix)+zeros+len(digits), func() {
		p.ascii(prefix)
		p.repeat('0', zeros)
		p.ascii(digits)
	})
}

func (p *printer) ascii(s string) {
	for i := range len(s) {
		p.put(uint16(s[i]))
	}
}

// padded prints n characters in a field.
func (p *printer) padded(s spec, n int, body func()) {
	fill := uint16(' ')
	if s.zero && !s.minus {
		fill = '0'
	}
	if !s.minus {
		p.repeat(fill, s.width-n)
	}
	body()
	if s.minus {
		p.repeat(' ', s.width-n)
	}
}

// wideText tells whether a %s or %c means UTF-16: as the function is, unless a
// size prefix says otherwise; %S and %C mean the other kind.
func (p *printer) wideText(s spec) bool {
	switch {
	case s.size == sizeShort:
		return false
	case s.size == sizeLong:
		return true
	case s.conversion == 'S' || s.conversion == 'C':
		return !p.wide
	}
	return p.wide && !p.isoWide
}

func (p *printer) character(s spec, ch uint16) {
	s.precision = -1
	if p.wideText(s) {
		if !p.wide {
			if _, ok := encode(of(p.c).current(p.c).codepage, rune(ch)); !ok {
				return // msvcrt.dll prints nothing for it
			}
		}
		p.fromWide(s, []byte{byte(ch), byte(ch >> 8)})
		return
	}
	p.fromNarrow(s, []byte{byte(ch)})
}

func (p *printer) string(s spec, at uint64) {
	limit := uint64(unlimited)
	if s.precision >= 0 {
		limit = uint64(s.precision)
	}
	switch {
	case at == 0:
		const null = "(null)"
		p.units(s, narrowUnits([]byte(null[:min(limit, uint64(len(null)))])))
	case p.wideText(s):
		p.fromWide(s, bounded(p.c, win.WText(at), min(limit, maxOutput+1)))
	default:
		p.fromNarrow(s, bounded(p.c, win.AText(at), min(limit, maxOutput+1)))
	}
}

// counted prints what an ANSI_STRING or a UNICODE_STRING holds.
func (p *printer) counted(s spec, at win.Ptr) {
	if at == 0 {
		p.string(s, 0)
		return
	}
	n := p.c.ReadUint(at, 2)
	b := p.c.Bytes(win.Ptr(p.c.ReadUint(at+8, 8)), n)
	if s.size == sizeLong {
		p.fromWide(s, b)
		return
	}
	p.fromNarrow(s, b)
}

func (p *printer) units(s spec, text []uint16) {
	p.padded(s, len(text), func() {
		room := maxOutput - len(p.out)
		if len(text) > room {
			text, p.cut = text[:room], true
		}
		p.out = append(p.out, text...)
	})
}

// fromNarrow and fromWide print text of the one kind or the other as the output
// is; a precision counts what is printed.
func (p *printer) fromNarrow(s spec, b []byte) {
	if !p.wide {
		p.units(s, narrowUnits(b))
		return
	}
	w, ok := widen(of(p.c).current(p.c).codepage, b)
	p.bad = p.bad || !ok
	p.units(s, wideUnits(w))
}

func (p *printer) fromWide(s spec, w []byte) {
	if p.wide {
		p.units(s, wideUnits(w))
		return
	}
	b, ok := narrow(of(p.c).current(p.c).codepage, w)
	if !ok {
		p.bad = true
		return
	}
	if s.precision >= 0 && len(b) > s.precision {
		b = b[:s.precision]
	}
	p.units(s, narrowUnits(b))
}
