package crt

import (
	"math"

	"sidetrace/emulator/win"
)

// This file is the engine of sscanf, which reads text in memory. That of
// streams (scanf, fscanf) is not there: the console has no input.

// scanRows are msvcrt.dll's functions.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/sscanf-sscanf-l-swscanf-swscanf-l
var scanRows = win.Rows{
	win.Func2("sscanf", sscanf[win.AText], "buffer format"),
	win.Func2("swscanf", sscanf[win.WText], "buffer format"),
}

// sscanf reads what a format describes and stores it through its arguments.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/sscanf-sscanf-l-swscanf-swscanf-l
func sscanf[T text](c *win.Call, buffer, format T) (win.Int, win.Error) {
	return scan(c, whole(c, buffer), format, rest(2))
}

// stdioCommonVsscanf reads what a format describes from at most buffer_count
// characters.
//
// https://learn.microsoft.com/cpp/c-runtime-library/internal-crt-globals-and-functions
func stdioCommonVsscanf[T text](c *win.Call, options win.Int64, buffer T, buffer_count win.Size, format T, locale, arglist win.Ptr) (win.Int, win.Error) {
	return scan(c, bounded(c, buffer, min(uint64(buffer_count), unlimited)), format, list(arglist))
}

// scanner is one call of sscanf.
type scanner[T text] struct {
	c      *win.Call
	input  []byte
	at     int
	args   variadic
	stored win.Int
}

func scan[T text](c *win.Call, input []byte, format T, args variadic) (win.Int, win.Error) {
	f := whole(c, format)
	if c.Faulted() {
		return -1, 0
	}
	args.c = c
	s := &scanner[T]{c: c, input: input, args: args}
	return s.run(f), 0
}

func (s *scanner[T]) peek() (uint16, bool) {
	if s.at >= count[T](s.input) {
		return 0, false
	}
	return unit[T](s.input, s.at), true
}

func (s *scanner[T]) blanks() {
	for ch, ok := s.peek(); ok && class(ch)&classSpace != 0; ch, ok = s.peek() {
		s.at++
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

// run applies the format and returns how many values were stored, or EOF if
// the text ended before the first.
func (s *scanner[T]) run(f []byte) win.Int {
	for i := 0; i < count[T](f); {
		ch := unit[T](f, i)
		i++
		switch {
		case class(ch)&classSpace != 0:
			s.blanks()
			continue
		case ch != '%':
			if got, ok := s.peek(); !ok {
				return s.end()
			} else if got != ch {
				return s.stored
			}
			s.at++
			continue
		}
		var v conversion
		v, i = s.parse(f, i)
		if v.spec.conversion != '[' && v.spec.conversion != 'c' && v.spec.conversion != 'C' && v.spec.conversion != 'n' {
			s.blanks()
		}
		if _, ok := s.peek(); !ok && v.spec.conversion != 'n' {
			return s.end()
		}
		if !s.convert(v) || s.c.Faulted() {
			return s.stored
		}
	}
	return s.stored
}

func (s *scanner[T]) end() win.Int {
	if s.stored == 0 {
		return eof
	}
	return s.stored
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
	n := 0
	for ; at(i) >= '0' && at(i) <= '9'; i++ {
		n = min(n*10+int(at(i)-'0'), math.MaxInt32)
	}
	if n > 0 {
		v.limit = n
	}
	v.long = at(i) == 'L'
	v.size, i = parseSize(at, i)
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
	v.set = f[begin*width[T]() : min(i, count[T](f))*width[T]()]
	return v, min(i+1, count[T](f))
}

// in tells whether a set has a character; "a-z" is a range.
func (v *conversion) in(ch uint16, unit func(i int) uint16, n int) bool {
	for i := 0; i < n; i++ {
		if i+2 < n && unit(i+1) == '-' {
			if ch >= unit(i) && ch <= unit(i+2) {
				return true
			}
			i += 2
			continue
		}
		if unit(i) == ch {
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
	case 'e', 'f', 'g', 'E', 'G', 'a', 'A':
		return s.double(v)
	case 's', 'S':
		return s.text(v, func(ch uint16) bool { return class(ch)&classSpace == 0 }, true)
	case '[':
		n := count[T](v.set)
		member := func(i int) uint16 { return unit[T](v.set, i) }
		return s.text(v, func(ch uint16) bool { return v.in(ch, member, n) != v.not }, true)
	case 'c', 'C':
		if v.limit == math.MaxInt {
			v.limit = 1
		}
		return s.text(v, func(uint16) bool { return true }, false)
	case 'n':
		if !v.ignore {
			s.c.WriteUint(win.Ptr(s.args.next()), v.bytes(), uint64(s.at))
		}
		return true
	}
	if ch, ok := s.peek(); ok && ch == v.spec.conversion { // "%%"
		s.at++
		return true
	}
	return false
}

// field is what is left of the text, as far as the width goes.
func (s *scanner[T]) field(v conversion) []byte {
	w := width[T]()
	return s.input[s.at*w : min(count[T](s.input), s.at+min(v.limit, maxDigits))*w]
}

func (s *scanner[T]) integer(v conversion, base int) bool {
	n := parseInteger[T](s.field(v), base)
	if n.length == 0 {
		return false
	}
	s.at += n.length
	if v.ignore {
		return true
	}
	value := n.value
	if n.negative {
		value = -value
	}
	s.c.WriteUint(win.Ptr(s.args.next()), v.bytes(), value)
	s.stored++
	return true
}

func (s *scanner[T]) double(v conversion) bool {
	f, n, _ := readDouble[T](s.field(v))
	if n == 0 {
		return false
	}
	s.at += n
	if v.ignore {
		return true
	}
	at := win.Ptr(s.args.next())
	if v.size == sizeLong || v.long {
		s.c.WriteUint(at, 8, math.Float64bits(f))
	} else {
		s.c.WriteUint(at, 4, uint64(math.Float32bits(float32(f))))
	}
	s.stored++
	return true
}

// text reads characters that fit, and stores them with a terminator if
// terminated.
func (s *scanner[T]) text(v conversion, fits func(uint16) bool, terminated bool) bool {
	begin := s.at
	for ch, ok := s.peek(); ok && s.at-begin < v.limit && fits(ch); ch, ok = s.peek() {
		s.at++
	}
	if s.at == begin || !terminated && s.at-begin < v.limit {
		return false
	}
	if v.ignore {
		return true
	}
	b := s.input[begin*width[T]() : s.at*width[T]()]
	wide := width[T]() == 2
	switch {
	case v.size == sizeShort:
		wide = false
	case v.size == sizeLong:
		wide = true
	case v.spec.conversion == 'S' || v.spec.conversion == 'C':
		wide = !wide
	}
	if wide && width[T]() == 1 {
		b = widen(b)
	}
	if !wide && width[T]() == 2 {
		b, _ = narrow(b)
	}
	if terminated {
		b = append(b[:len(b):len(b)], make([]byte, map[bool]int{false: 1, true: 2}[wide])...)
	}
	s.c.Write(win.Ptr(s.args.next()), b)
	s.stored++
	return true
}
