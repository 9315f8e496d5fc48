package crt

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// maxPrecision is as many digits as a double has behind the point, at most;
// further ones are zeros.
const maxPrecision = 1100

// float prints a double.
func (p *printer) float(s spec, bits uint64) {
	v := math.Float64frombits(bits)
	sign := s.sign(math.Signbit(v))
	capital := s.conversion < 'a'
	s.conversion |= 0x20
	var body, exponent string
	extra := 0 // zeros behind the digits, before the exponent
	special := math.IsInf(v, 0) || math.IsNaN(v)
	if special {
		body, exponent = p.notANumber(v, bits, s)
		s.zero = s.zero && p.old
	} else {
		body, extra, exponent = p.digits(s, math.Abs(v))
	}
	if capital {
		body, exponent = capitals(body), capitals(exponent)
	}
	prefix := ""
	if s.conversion == 'a' && !special {
		prefix, body = body[:2], body[2:] // 0x
	}
	n := len(sign) + len(prefix) + len(body) + extra + len(exponent)
	zeros := 0
	if s.zero && !s.minus {
		zeros = max(s.width-n, 0)
	}
	p.padded(s, n+zeros, func() {
		p.ascii(sign)
		p.ascii(prefix)
		p.repeat('0', zeros)
		p.ascii(body)
		p.repeat('0', extra)
		p.ascii(exponent)
	})
}

// notANumber names an infinity or a NaN. In msvcrt.dll the name takes the place
// of digits: it is filled up with zeros, and rounded where it is cut, so that
// infinity with two digits is "1.#J".
func (p *printer) notANumber(v float64, bits uint64, s spec) (body, exponent string) {
	const indefinite = 0xFFF8_0000_0000_0000
	if !p.old {
		switch {
		case math.IsInf(v, 0):
			return "inf", ""
		case bits == indefinite:
			return "nan(ind)", ""
		}
		return "nan", ""
	}
	name := []byte("#QNAN")
	switch {
	case math.IsInf(v, 0):
		name = []byte("#INF")
	case bits == indefinite:
		name = []byte("#IND")
	}
	precision := 6
	if s.precision >= 0 {
		precision = min(s.precision, maxPrecision)
	}
	if s.conversion == 'g' {
		precision = min(max(precision-1, 0), len(name)) // zeros at the end are left out
	}
	for len(name) < precision {
		name = append(name, '0')
	}
	if cut := name[precision:]; len(cut) > 0 && cut[0] >= '5' && precision > 0 {
		name[precision-1]++
	}
	body = "1"
	if precision > 0 || s.sharp {
		body = "1." + string(name[:precision])
	}
	if s.conversion == 'e' {
		exponent = "e+" + strings.Repeat("0", p.exponent)
	}
	return body, exponent
}

// digits are those of a number that is not negative: up to the exponent, how
// many zeros follow, and the exponent.
func (p *printer) digits(s spec, v float64) (body string, zeros int, exponent string) {
	precision := s.precision
	if precision < 0 {
		precision = 6
		if s.conversion == 'a' {
			precision = 13
		}
	}
	exact := min(precision, maxPrecision)
	zeros = precision - exact
	switch s.conversion {
	case 'f':
		body = p.fixed(v, exact)
	case 'e':
		body, exponent = p.scientific(v, exact)
	case 'a':
		body, exponent, _ = strings.Cut(strconv.FormatFloat(v, 'x', exact, 64), "p")
		exponent = "p" + exponent[:1] + trimZeros(exponent[1:])
	case 'g':
		return p.general(s, v, precision)
	}
	if precision == 0 && s.sharp {
		body += "."
	}
	return body, zeros, exponent
}

// scientific is a number with an exponent of as many digits as the dialect has.
func (p *printer) scientific(v float64, precision int) (body, exponent string) {
	if p.old {
		d := oldDecimal(v)
		d.round(precision + 1)
		body, exponent, _ = strings.Cut(d.scientific(precision), "e")
	} else {
		body, exponent, _ = strings.Cut(strconv.FormatFloat(v, 'e', precision, 64), "e")
	}
	sign, digits := exponent[:1], trimZeros(exponent[1:])
	if len(digits) < p.exponent {
		digits = strings.Repeat("0", p.exponent-len(digits)) + digits
	}
	return body, "e" + sign + digits
}

func trimZeros(s string) string {
	if t := strings.TrimLeft(s, "0"); t != "" {
		return t
	}
	return "0"
}

// general is the shorter of both forms, with precision significant digits.
func (p *printer) general(s spec, v float64, precision int) (body string, zeros int, exponent string) {
	precision = max(precision, 1)
	exact := min(precision, maxPrecision)
	zeros = precision - exact
	body, exponent = p.scientific(v, exact-1)
	if x, _ := strconv.Atoi(exponent[1:]); x >= -4 && x < precision {
		body, exponent = p.fixed(v, max(exact-1-x, 0)), ""
	}
	if s.sharp {
		if !strings.Contains(body, ".") {
			body += "."
		}
		return body, zeros, exponent
	}
	if strings.Contains(body, ".") {
		body = strings.TrimRight(strings.TrimRight(body, "0"), ".")
	}
	return body, 0, exponent
}

// fixed is a number without an exponent.
func (p *printer) fixed(v float64, precision int) string {
	if !p.old {
		return strconv.FormatFloat(v, 'f', precision, 64)
	}
	d := oldDecimal(v)
	d.round(d.point + precision)
	return d.fixed(precision)
}

// decimal is 0.digits × 10^point.
type decimal struct {
	digits []byte
	point  int
}

// oldDecimal is a double as msvcrt.dll sees it: 17 digits, all others zeros.
//
// https://learn.microsoft.com/cpp/porting/visual-cpp-change-history-2003-2015
func oldDecimal(v float64) decimal {
	if v == 0 {
		return decimal{point: 1}
	}
	text, exponent, _ := strings.Cut(strconv.FormatFloat(v, 'e', 16, 64), "e")
	x, _ := strconv.Atoi(exponent) // of our own making
	return decimal{digits: []byte(text[:1] + text[2:]), point: x + 1}
}

// round keeps n digits. A half is rounded up, whatever stood behind it in the
// double.
func (d *decimal) round(n int) {
	if n >= len(d.digits) {
		return
	}
	if n < 0 {
		d.digits = nil
		return
	}
	up := d.digits[n] >= '5'
	d.digits = d.digits[:n]
	if !up {
		return
	}
	for i := n - 1; i >= 0; i-- {
		if d.digits[i]++; d.digits[i] <= '9' {
			return
		}
		d.digits[i] = '0'
	}
	d.digits = append([]byte{'1'}, d.digits...)
	d.point++
}

func (d *decimal) digit(i int) byte {
	if i >= 0 && i < len(d.digits) {
		return d.digits[i]
	}
	return '0'
}

func (d *decimal) fixed(precision int) string {
	var b []byte
	for i := min(d.point-1, 0); i < d.point; i++ {
		b = append(b, d.digit(i))
	}
	if precision > 0 {
		b = append(b, '.')
	}
	for i := d.point; i < d.point+precision; i++ {
		b = append(b, d.digit(i))
	}
	return string(b)
}

func (d *decimal) scientific(precision int) string {
	b := []byte{d.digit(0)}
	if precision > 0 {
		b = append(b, '.')
	}
	for i := 1; i <= precision; i++ {
		b = append(b, d.digit(i))
	}
	return fmt.Sprintf("%se%+03d", b, d.point-1)
}
