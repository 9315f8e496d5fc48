package crt

import (
	"encoding/binary"
	"math"

	"sidetrace/emulator/win"
)

// This file is the engine of scanf. It takes one character after another and
// never looks further than the next, so that a stream serves as well as memory.
//
// https://learn.microsoft.com/cpp/c-runtime-library/format-specification-fields-scanf-and-wscanf-functions

// source is where the characters come from.
type source interface {
	next() (ch uint16, ok bool)
	back(ch uint16) // gives the last one back
}

// inMemory is a source of characters of T.
type inMemory[T text] struct {
	b  []byte
	at int
}

func (m *inMemory[T]) next() (uint16, bool) {
	if m.at >= count[T](m.b) {
		return 0, false
	}
	m.at++
	return unit[T](m.b, m.at-1), true
}

func (m *inMemory[T]) back(uint16) { m.at-- }

// inStream is a source of characters of T.
type inStream[T text] struct {
	c  *win.Call
	s  *state
	st *stream
}

func (i *inStream[T]) next() (uint16, bool) {
	if width[T]() == 2 {
		return i.s.readWide(i.c, i.st)
	}
	b, _, _ := i.s.read(i.c, i.st, 1, -1)
	if len(b) == 0 {
		return 0, false
	}
	return uint16(b[0]), true
}

func (i *inStream[T]) back(ch uint16) {
	if width[T]() == 2 {
		i.s.unreadWide(i.c, i.st, ch)
		return
	}
	i.st.pushed = append(i.st.pushed, byte(ch))
}

// scanning is a runtime's way with scanf.
type scanning struct {
	secure  bool // a buffer is followed by its size
	old     bool // as msvcrt.dll: no infinities, hh is h
	isoWide bool // %s and %c mean narrow text in the wide functions too
}

// scanner is one call of scanf.
type scanner[T text] struct {
	scanning
	c      *win.Call
	from   source
	read   int // characters
	args   variadic
	stored win.Int
	ended  bool // the text ended before a conversion had anything
}

func scan[T text](c *win.Call, how scanning, from source, format T, args variadic) (win.Int, win.Error) {
	if format == 0 {
		invalid(c, eINVAL)
		return eof, 0
	}
	f := whole(c, format)
	if c.Faulted() {
		return eof, 0
	}
	args.c = c
	s := &scanner[T]{scanning: how, c: c, from: from, args: args}
	s.run(append([]byte(nil), f...))
	if s.ended && s.stored == 0 {
		return eof, 0
	}
	return s.stored, 0
}

func (s *scanner[T]) next() (uint16, bool) {
	ch, ok := s.from.next()
	if ok {
		s.read++
	}
	return ch, ok
}

// back gives a character back, if there was one.
func (s *scanner[T]) back(ch uint16, ok bool) {
	if ok {
		s.from.back(ch)
		s.read--
	}
}

func (s *scanner[T]) blanks() {
	for {
		ch, ok := s.next()
		if !ok || class(ch)&classSpace == 0 {
			s.back(ch, ok)
			return
		}
	}
}

// conversion is a specification of a format.
type conversion struct {
	spec
	ignore bool
	long   bool   // L: a long double, which is a double
	limit  int    // characters, at most
	set    []byte // of "[": the characters up to "]"
	not    bool
}

// run applies the format as far as the text goes with it.
func (s *scanner[T]) run(f []byte) {
	for i := 0; i < count[T](f) && !s.c.Faulted(); {
		ch := unit[T](f, i)
		i++
		switch {
		case class(ch)&classSpace != 0:
			s.blanks()
			continue
		case ch != '%':
			if !s.literal(ch) {
				return
			}
			continue
		}
		var v conversion
		v, i = s.parse(f, i)
		switch v.spec.conversion {
		case '[', 'c', 'C', 'n', '%':
		default:
			s.blanks()
		}
		if !s.convert(v) {
			return
		}
	}
}

// literal takes a character that must be there.
func (s *scanner[T]) literal(want uint16) bool {
	ch, ok := s.next()
	if ok && ch == want {
		return true
	}
	s.ended = s.ended || !ok
	s.back(ch, ok)
	return false
}

func (s *scanner[T]) parse(f []byte, i int) (conversion, int) {
	at := func(i int) uint16 {
		if i < count[T](f) {
			return unit[T](f, i)
		}
		return 0
	}
	v := conversion{limit: math.MaxInt}
	if at(i) == '*' {
		v.ignore = true
		i++
	}
	n, given := 0, false
	for ; at(i) >= '0' && at(i) <= '9'; i++ {
		n, given = min(n*10+int(at(i)-'0'), math.MaxInt32), true
	}
	if given {
		v.limit = n
	}
	v.long = at(i) == 'L'
	v.size, i = parseSize(at, i, s.old)
	v.spec.conversion = at(i)
	i++
	if v.spec.conversion != '[' {
		return v, min(i, count[T](f))
	}
	if at(i) == '^' {
		v.not = true
		i++
	}
	begin := i
	if at(i) == ']' {
		i++
	}
	for i < count[T](f) && at(i) != ']' {
		i++
	}
	v.set = f[min(begin, count[T](f))*width[T]() : min(i, count[T](f))*width[T]()]
	return v, min(i+1, count[T](f))
}

// has tells whether a set has a character; "a-z" is a range.
func has[T text](set []byte, ch uint16) bool {
	n := count[T](set)
	for i := 0; i < n; i++ {
		if i+2 < n && unit[T](set, i+1) == '-' {
			low, high := unit[T](set, i), unit[T](set, i+2)
			if ch >= min(low, high) && ch <= max(low, high) {
				return true
			}
			i += 2
			continue
		}
		if unit[T](set, i) == ch {
			return true
		}
	}
	return false
}

// convert reads one value; false where the text is not what was asked for.
func (s *scanner[T]) convert(v conversion) bool {
	switch v.spec.conversion {
	case 'd', 'u':
		return s.integer(v, 10)
	case 'i':
		return s.integer(v, 0)
	case 'o':
		return s.integer(v, 8)
	case 'x', 'X', 'p':
		if v.spec.conversion == 'p' {
			v.size = size64
		}
		return s.integer(v, 16)
	case 'e', 'f', 'g', 'E', 'G', 'a', 'A', 'F':
		return s.double(v)
	case 's', 'S':
		return s.text(v, func(ch uint16) bool { return class(ch)&classSpace == 0 }, true)
	case '[':
		return s.text(v, func(ch uint16) bool { return has[T](v.set, ch) != v.not }, true)
	case 'c', 'C':
		if v.limit == math.MaxInt {
			v.limit = 1
		}
		return s.text(v, func(uint16) bool { return true }, false)
	case 'n':
		if !v.ignore {
			s.c.WriteUint(win.Ptr(s.args.next()), v.bytes(), uint64(s.read))
		}
		return true
	case 0:
		return false
	}
	return s.literal(v.spec.conversion) // "%%"
}

// field takes characters one after another, as far as a width goes.
type field[T text] struct {
	s     *scanner[T]
	limit int
	text  []byte
	ch    uint16
	ok    bool // ch is there and fits
}

func (s *scanner[T]) field(v conversion) *field[T] {
	f := &field[T]{s: s, limit: min(v.limit, maxDigits)}
	f.look()
	s.ended = s.ended || !f.ok && f.limit > 0
	return f
}

// look gets the next character.
func (f *field[T]) look() {
	if f.ok = len(f.text) < f.limit; f.ok {
		f.ch, f.ok = f.s.next()
	}
}

// take accepts the character looked at.
func (f *field[T]) take() {
	f.text = append(f.text, byte(f.ch))
	f.look()
}

// is tells whether the next character is one of some.
func (f *field[T]) is(chars string) bool {
	if f.ok && f.ch < 0x80 {
		for i := range len(chars) {
			if uint16(chars[i]) == f.ch {
				return true
			}
		}
	}
	return false
}

func (f *field[T]) digits(base int) (any bool) {
	const digits = "0123456789abcdefghijklmnopqrstuvwxyz"
	for f.ok && f.ch < 0x80 && indexUnit([]byte(digits[:base]), 1, lower(f.ch)) >= 0 {
		f.take()
		any = true
	}
	return any
}

// close gives back what was looked at and not taken.
func (f *field[T]) close() { f.s.back(f.ch, f.ok) }

func (s *scanner[T]) integer(v conversion, base int) bool {
	f := s.field(v)
	if f.is("+-") {
		f.take()
	}
	any := false
	if f.is("0") && (base == 0 || base == 16) {
		f.take()
		any = true
		if f.is("xX") {
			f.take()
			any, base = false, 16
		} else if base == 0 {
			base = 8
		}
	}
	if base == 0 {
		base = 10
	}
	any = f.digits(base) || any
	f.close()
	if !any {
		return false
	}
	if v.ignore {
		return true
	}
	n := parseInteger[win.AText](f.text, base)
	value := n.value
	if n.negative {
		value = -value
	}
	s.c.WriteUint(win.Ptr(s.args.next()), v.bytes(), value)
	s.stored++
	return true
}

func (s *scanner[T]) double(v conversion) bool {
	f := s.field(v)
	if f.is("+-") {
		f.take()
	}
	switch {
	case !s.old && f.is("iInN"):
		for f.ok && f.ch < 0x80 && class(f.ch)&classAlpha != 0 && len(f.text) < len("-infinity") {
			f.take()
		}
	default:
		any := f.digits(10)
		if !s.old && any && f.is("xX") && f.text[len(f.text)-1] == '0' {
			f.take()
			f.digits(16)
			if f.is(".") {
				f.take()
				f.digits(16)
			}
			if f.is("pP") {
				f.exponent()
			}
			break
		}
		if f.is(".") {
			f.take()
			f.digits(10)
		}
		if f.is("eE") {
			f.exponent()
		}
	}
	f.close()
	number, n, _ := readDouble[win.AText](f.text, s.old)
	if n == 0 {
		s.ended = s.ended || !f.ok && len(f.text) < f.limit
		return false
	}
	if v.ignore {
		return true
	}
	at := win.Ptr(s.args.next())
	if v.size == sizeLong || v.long {
		s.c.WriteUint(at, 8, math.Float64bits(number))
	} else {
		s.c.WriteUint(at, 4, uint64(math.Float32bits(float32(number))))
	}
	s.stored++
	return true
}

// exponent takes a letter, a sign and digits.
func (f *field[T]) exponent() {
	f.take()
	if f.is("+-") {
		f.take()
	}
	f.digits(10)
}

// wideText tells whether text is to be stored as UTF-16.
func (s *scanner[T]) wideText(v conversion) bool {
	wide := width[T]() == 2
	switch {
	case v.size == sizeShort:
		return false
	case v.size == sizeLong:
		return true
	case v.spec.conversion == 'S' || v.spec.conversion == 'C':
		return !wide
	}
	return wide && !s.isoWide
}

// text reads characters that fit, and stores them with a terminator if
// terminated.
func (s *scanner[T]) text(v conversion, fits func(uint16) bool, terminated bool) bool {
	var at win.Ptr
	room := math.MaxInt
	if !v.ignore {
		at = win.Ptr(s.args.next())
		if s.secure {
			room = int(uint32(s.args.next()))
		}
	}
	if terminated {
		room-- // for the terminator
	}
	var b []byte
	n := 0
	wide := s.wideText(v)
	for n < v.limit {
		ch, ok := s.next()
		if !ok || !fits(ch) {
			s.ended = s.ended || !ok && n == 0
			s.back(ch, ok)
			break
		}
		if n >= room {
			s.tooSmall(at, wide, room)
			return false
		}
		if wide {
			b = binary.LittleEndian.AppendUint16(b, ch)
		} else {
			b = append(b, byte(ch))
		}
		if n++; n > maxOutput {
			s.c.Gap("a field of more than 8 Mi characters")
			return false
		}
	}
	if n == 0 {
		return false
	}
	if v.ignore {
		return true
	}
	if terminated {
		b = append(b, 0)
		if wide {
			b = append(b, 0)
		}
	}
	s.c.Write(at, b)
	s.stored++
	return true
}

// tooSmall empties a buffer that cannot hold a field.
func (s *scanner[T]) tooSmall(at win.Ptr, wide bool, room int) {
	fail(s.c, eNOMEM)
	if room < 0 {
		return
	}
	if wide {
		terminate[win.WText](s.c, at)
	} else {
		terminate[win.AText](s.c, at)
	}
}
