package crt

import (
	"math"
	"math/bits"
	"strconv"
	"strings"

	"sidetrace/emulator/guest"
	"sidetrace/emulator/win"
)

var numberRows = win.Rows{
	win.Func1("_atoi64", atoi64[win.AText], "str"),
	win.Func1("_byteswap_uint64", byteswapUint64, "val"),
	win.Func1("_byteswap_ulong", byteswapUlong, "val"),
	win.Func1("_byteswap_ushort", byteswapUshort, "val"),
	win.Func2("_rotl", rotl, "value shift"),
	win.Func2("_rotl64", rotl64, "value shift"),
	win.Func2("_rotr", rotr, "value shift"),
	win.Func2("_rotr64", rotr64, "value shift"),
	win.Func3("_strtoi64", strtoi64[win.AText], "strSource endptr base"),
	win.Func3("_strtoui64", strtoui64[win.AText], "strSource endptr base"),
	win.Func3("_wcstoi64", strtoi64[win.WText], "strSource endptr base"),
	win.Func3("_wcstoui64", strtoui64[win.WText], "strSource endptr base"),
	win.Func1("_wtof", atof[win.WText], "str"),
	win.Func1("_wtoi", atoi[win.WText], "str"),
	win.Func1("_wtoi64", atoi64[win.WText], "str"),
	win.Func1("_wtol", atoi[win.WText], "str"),
	win.Func1("_abs64", llabs, "n"),
	win.Func2("_atodbl", atodbl, "value str"),
	win.Func2("_atoflt", atoflt, "value str"),
	win.Func2("_atoldbl", atodbl, "value str"),
	win.Func2("_lrotl", rotl, "value shift"),
	win.Func2("_lrotr", rotr, "value shift"),
	win.Func1("abs", abs, "n"),
	win.Func1("atof", atof[win.AText], "str"),
	win.Func1("atoi", atoi[win.AText], "str"),
	win.Func1("atol", atoi[win.AText], "str"),
	win.Func2("div", div, "numer denom"),
	win.Func1("labs", abs, "n"),
	win.Func2("ldiv", div, "numer denom"),
	win.Func2("strtod", strtod[win.AText], "strSource endptr"),
	win.Func3("strtol", strtol[win.AText], "strSource endptr base"),
	win.Func3("strtoul", strtoul[win.AText], "strSource endptr base"),
	win.Func2("wcstod", strtod[win.WText], "strSource endptr"),
	win.Func3("wcstol", strtol[win.WText], "strSource endptr base"),
	win.Func3("wcstoul", strtoul[win.WText], "strSource endptr base"),
}

// ucrtNumberRows are the names that ucrtbase.dll has besides.
var ucrtNumberRows = win.Rows{
	win.Func1("_wtoll", atoi64[win.WText], "str"),
	win.Func1("atoll", atoi64[win.AText], "str"),
	win.Func1("imaxabs", llabs, "n"),
	win.Func3("imaxdiv", lldiv, "result numer denom"),
	win.Func3("lldiv", lldiv, "result numer denom"),
	win.Func2("strtof", strtof[win.AText], "strSource endptr"),
	win.Func3("strtoimax", strtoi64[win.AText], "strSource endptr base"),
	win.Func2("strtold", strtod[win.AText], "strSource endptr"),
	win.Func3("strtoumax", strtoui64[win.AText], "strSource endptr base"),
	win.Func2("wcstof", strtof[win.WText], "strSource endptr"),
	win.Func3("wcstoimax", strtoi64[win.WText], "strSource endptr base"),
	win.Func2("wcstold", strtod[win.WText], "strSource endptr"),
	win.Func3("wcstoumax", strtoui64[win.WText], "strSource endptr base"),
	win.Func1("llabs", llabs, "n"),
	win.Func3("strtoll", strtoi64[win.AText], "strSource endptr base"),
	win.Func3("strtoull", strtoui64[win.AText], "strSource endptr base"),
	win.Func3("wcstoll", strtoi64[win.WText], "strSource endptr base"),
	win.Func3("wcstoull", strtoui64[win.WText], "strSource endptr base"),
}

// maxDigits bounds what is read of a number. Whatever is longer has overflowed
// or is zeros.
const maxDigits = 4096

// integer is a number at the beginning of a string.
type integer struct {
	value    uint64 // magnitude; all ones if it overflowed
	negative bool
	overflow bool
	length   int  // characters, leading blanks included; 0 if there is no number
	radix    bool // the base is one there is
}

// parseInteger reads a number as strtol does, whatever the size of the result.
func parseInteger[T text](b []byte, base int) (n integer) {
	if base < 0 || base == 1 || base > 36 {
		return n
	}
	n.radix = true
	i, size := 0, count[T](b)
	for i < size && class(unit[T](b, i))&classSpace != 0 {
		i++
	}
	if i < size && (unit[T](b, i) == '-' || unit[T](b, i) == '+') {
		n.negative = unit[T](b, i) == '-'
		i++
	}
	digit := func(i int) int {
		if i >= size {
			return 36
		}
		switch ch := lower(unit[T](b, i)); {
		case ch >= '0' && ch <= '9':
			return int(ch - '0')
		case ch >= 'a' && ch <= 'z':
			return int(ch-'a') + 10
		}
		return 36
	}
	prefixed := digit(i) == 0 && i+1 < size && lower(unit[T](b, i+1)) == 'x' // no number, if no digit follows
	switch {
	case base == 0 && prefixed, base == 16 && prefixed:
		base, i = 16, i+2
	case base == 0 && digit(i) == 0:
		base = 8
	case base == 0:
		base = 10
	}
	for ; digit(i) < base; i++ {
		n.length = i + 1
		d := uint64(digit(i))
		if n.overflow || n.value > (math.MaxUint64-d)/uint64(base) {
			n.overflow, n.value = true, math.MaxUint64
			continue
		}
		n.value = n.value*uint64(base) + d
	}
	return n
}

// readInteger parses the number at a pointer and stores where it ends.
func readInteger[T text](c *win.Call, s T, endptr win.Out[uint64], base win.Int) integer {
	if s == 0 {
		invalid(c, eINVAL)
		return integer{}
	}
	n := parseInteger[T](bounded(c, s, maxDigits), int(base))
	if !n.radix {
		invalid(c, eINVAL)
	}
	endptr.Set(c, uint64(s)+uint64(step[T](uint64(n.length))))
	return n
}

// signed brings a number into bits bits, the nearest if it does not fit.
func (n integer) signed(c *win.Call, bits int) int64 {
	limit := uint64(1) << (bits - 1)
	switch {
	case n.negative && (n.overflow || n.value > limit):
		fail(c, eRANGE)
		return -int64(limit-1) - 1
	case !n.negative && (n.overflow || n.value >= limit):
		fail(c, eRANGE)
		return int64(limit - 1)
	case n.negative:
		return -int64(n.value)
	}
	return int64(n.value)
}

// unsigned is its twin; a minus sign negates the result.
func (n integer) unsigned(c *win.Call, bits int) uint64 {
	limit := uint64(math.MaxUint64) >> (64 - bits)
	if n.overflow || n.value > limit {
		fail(c, eRANGE)
		if n.negative && c.DLL() == "msvcrt.dll" {
			return 1 // the limit is negated too
		}
		return limit
	}
	if n.negative {
		return -n.value & limit
	}
	return n.value
}

// strtol reads a 32-bit number.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/strtol-wcstol-strtol-l-wcstol-l
func strtol[T text](c *win.Call, strSource T, endptr win.Out[uint64], base win.Int) (win.Int, win.Error) {
	return win.Int(readInteger(c, strSource, endptr, base).signed(c, 32)), 0
}

// strtoul reads an unsigned 32-bit number.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/strtoul-strtoul-l-wcstoul-wcstoul-l
func strtoul[T text](c *win.Call, strSource T, endptr win.Out[uint64], base win.Int) (win.DWORD, win.Error) {
	return win.DWORD(readInteger(c, strSource, endptr, base).unsigned(c, 32)), 0
}

// strtoi64 reads a 64-bit number.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/strtoi64-wcstoi64-strtoi64-l-wcstoi64-l
func strtoi64[T text](c *win.Call, strSource T, endptr win.Out[uint64], base win.Int) (win.Int64, win.Error) {
	return win.Int64(readInteger(c, strSource, endptr, base).signed(c, 64)), 0
}

// strtoui64 reads an unsigned 64-bit number.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/strtoui64-wcstoui64-strtoui64-l-wcstoui64-l
func strtoui64[T text](c *win.Call, strSource T, endptr win.Out[uint64], base win.Int) (win.Size, win.Error) {
	return win.Size(readInteger(c, strSource, endptr, base).unsigned(c, 64)), 0
}

// atoi reads a 32-bit decimal number.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/atoi-atoi-l-wtoi-wtoi-l
func atoi[T text](c *win.Call, str T) (win.Int, win.Error) {
	n := readInteger(c, str, win.Out[uint64]{}, 10)
	if c.DLL() == "msvcrt.dll" { // the low bits of what does not fit
		return win.Int(n.signed(c, 64)), 0
	}
	return win.Int(n.signed(c, 32)), 0
}

// atoi64 reads a 64-bit decimal number.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/atoi64-atoi64-l-wtoi64-wtoi64-l
func atoi64[T text](c *win.Call, str T) (win.Int64, win.Error) {
	return win.Int64(readInteger(c, str, win.Out[uint64]{}, 10).signed(c, 64)), 0
}

// abs returns the absolute value.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/abs-labs-llabs-abs64
func abs(c *win.Call, n win.Int) (win.Int, win.Error) { return max(n, -n), 0 }

// llabs returns the absolute value.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/abs-labs-llabs-abs64
func llabs(c *win.Call, n win.Int64) (win.Int64, win.Error) { return max(n, -n), 0 }

// div returns the quotient and, in the upper half, the remainder. Dividing by
// zero raises the processor's exception.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/div
func div(c *win.Call, numer, denom win.Int) (win.Size, win.Error) {
	if denom == 0 {
		c.T.RaiseCode(guest.StatusIntegerDivideByZero)
		return 0, 0
	}
	return win.Size(uint32(numer/denom)) | win.Size(uint32(numer%denom))<<32, 0
}

// rotl rotates to the left.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/rotl-rotl64-rotr-rotr64
func rotl(c *win.Call, value win.Hex, shift win.Int) (win.Hex, win.Error) {
	return win.Hex(bits.RotateLeft32(uint32(value), int(shift))), 0
}

// rotr rotates to the right.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/rotl-rotl64-rotr-rotr64
func rotr(c *win.Call, value win.Hex, shift win.Int) (win.Hex, win.Error) {
	return rotl(c, value, -shift)
}

// rotl64 rotates to the left.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/rotl-rotl64-rotr-rotr64
func rotl64(c *win.Call, value win.Size, shift win.Int) (win.Size, win.Error) {
	return win.Size(bits.RotateLeft64(uint64(value), int(shift))), 0
}

// rotr64 rotates to the right.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/rotl-rotl64-rotr-rotr64
func rotr64(c *win.Call, value win.Size, shift win.Int) (win.Size, win.Error) {
	return rotl64(c, value, -shift)
}

// byteswapUlong reverses the bytes of a number.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/byteswap-uint64-byteswap-ulong-byteswap-ushort
func byteswapUlong(c *win.Call, val win.Hex) (win.Hex, win.Error) {
	return win.Hex(bits.ReverseBytes32(uint32(val))), 0
}

// byteswapUint64 reverses the bytes of a number.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/byteswap-uint64-byteswap-ulong-byteswap-ushort
func byteswapUint64(c *win.Call, val win.Size) (win.Size, win.Error) {
	return win.Size(bits.ReverseBytes64(uint64(val))), 0
}

// byteswapUshort reverses the bytes of a number.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/byteswap-uint64-byteswap-ulong-byteswap-ushort
func byteswapUshort(c *win.Call, val win.WORD) (win.WORD, win.Error) {
	return win.WORD(bits.ReverseBytes16(uint16(val))), 0
}

// readDouble parses the number at the beginning of a string and returns how
// many characters it has. The old way, msvcrt.dll's, knows neither hexadecimal
// numbers nor infinities and NaNs.
func readDouble[T text](b []byte, old bool) (v float64, length int, outside bool) {
	i, size := 0, count[T](b)
	for i < size && class(unit[T](b, i))&classSpace != 0 {
		i++
	}
	at := func(i int) byte {
		if i < size && unit[T](b, i) < 0x80 {
			return byte(lower(unit[T](b, i)))
		}
		return 0
	}
	ahead := func(i int, word string) bool {
		for j := range len(word) {
			if at(i+j) != word[j] {
				return false
			}
		}
		return true
	}
	begin := i
	if at(i) == '-' || at(i) == '+' {
		i++
	}
	if !old {
		n := 0
		switch {
		case ahead(i, "infinity"):
			v, n = math.Inf(1), 8
		case ahead(i, "inf"):
			v, n = math.Inf(1), 3
		case ahead(i, "nan(ind)"):
			v, n = math.NaN(), 8
		case ahead(i, "nan(snan)"):
			v, n = math.NaN(), 9
		case ahead(i, "nan"):
			v, n = math.NaN(), 3
		}
		if n > 0 {
			if at(begin) == '-' {
				v = math.Copysign(v, -1)
			}
			return v, i + n, false
		}
	}
	digit, base, mark := isDigit, 10, byte('e')
	if !old && at(i) == '0' && at(i+1) == 'x' && (isHex(at(i+2)) || at(i+2) == '.' && isHex(at(i+3))) {
		i += 2
		digit, base, mark = isHex, 16, 'p'
	}
	n := 0
	for ; digit(at(i)); i++ {
		n++
	}
	if at(i) == '.' && (n > 0 || digit(at(i+1))) {
		for i++; digit(at(i)); i++ {
			n++
		}
	}
	if n == 0 {
		return 0, 0, false
	}
	exponent := false
	if at(i) == mark || old && at(i) == 'd' {
		j := i + 1
		if at(j) == '-' || at(j) == '+' {
			j++
		}
		if isDigit(at(j)) {
			for exponent = true; isDigit(at(j)); j++ {
			}
			i = j
		}
	}
	var text strings.Builder
	zero := true
	for j := begin; j < i; j++ {
		switch ch := at(j); {
		case ch == 'd' && base == 10:
			text.WriteByte('e')
		default:
			text.WriteByte(ch)
			zero = zero && !(ch >= '1' && ch <= '9' || base == 16 && ch >= 'a' && ch <= 'f')
		}
	}
	if base == 16 && !exponent {
		text.WriteString("p0")
	}
	v, err := strconv.ParseFloat(text.String(), 64)
	return v, i, err != nil || v == 0 && !zero // the syntax is right: it can only be out of range
}

func isHex(ch byte) bool { return isDigit(ch) || ch >= 'a' && ch <= 'f' }

func isDigit(ch byte) bool { return ch >= '0' && ch <= '9' }

// strtod reads a floating-point number.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/strtod-strtod-l-wcstod-wcstod-l
func strtod[T text](c *win.Call, strSource T, endptr win.Out[uint64]) (win.Double, win.Error) {
	if strSource == 0 {
		invalid(c, eINVAL)
		return 0, 0
	}
	v, n, overflow := readDouble[T](bounded(c, strSource, maxDigits), c.DLL() == "msvcrt.dll")
	if overflow {
		fail(c, eRANGE)
	}
	endptr.Set(c, uint64(strSource)+uint64(step[T](uint64(n))))
	return win.Double(v), 0
}

// atof reads a floating-point number.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/atof-atof-l-wtof-wtof-l
func atof[T text](c *win.Call, str T) (win.Double, win.Error) {
	return strtod(c, str, win.Out[uint64]{})
}

// strtof reads a floating-point number of single precision.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/strtof-strtof-l-wcstof-wcstof-l
func strtof[T text](c *win.Call, strSource T, endptr win.Out[uint64]) (win.Float, win.Error) {
	v, err := strtod(c, strSource, endptr)
	if single := float32(v); math.IsInf(float64(single), 0) && !math.IsInf(float64(v), 0) {
		fail(c, eRANGE)
	}
	return win.Float(v), err
}

// Results of _atodbl and its kin.
const (
	numberUnderflow = 4
	numberOverflow  = 3
)

// atodbl stores a floating-point number and says whether it fits.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/atodbl-atodbl-l-atoldbl-atoldbl-l-atoflt-atoflt-l
func atodbl(c *win.Call, value win.Out[uint64], str win.AText) (win.Int, win.Error) {
	v, _, outside := readDouble[win.AText](bounded(c, str, maxDigits), c.DLL() == "msvcrt.dll")
	value.Set(c, math.Float64bits(v))
	if outside {
		return numberOverflow, 0
	}
	return 0, 0
}

// atoflt stores a floating-point number of single precision and says whether it
// fits.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/atodbl-atodbl-l-atoldbl-atoldbl-l-atoflt-atoflt-l
func atoflt(c *win.Call, value win.Out[uint32], str win.AText) (win.Int, win.Error) {
	v, _, _ := readDouble[win.AText](bounded(c, str, maxDigits), c.DLL() == "msvcrt.dll")
	value.Set(c, math.Float32bits(float32(v)))
	switch {
	case math.IsInf(float64(float32(v)), 0):
		return numberOverflow, 0
	case v != 0 && math.Abs(v) < 0x1p-126:
		return numberUnderflow, 0
	}
	return 0, 0
}

// lldiv stores the quotient and the remainder. Dividing by zero raises the
// processor's exception.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/div
func lldiv(c *win.Call, result win.Ptr, numer, denom win.Int64) (win.Ptr, win.Error) {
	if denom == 0 {
		c.T.RaiseCode(guest.StatusIntegerDivideByZero)
		return 0, 0
	}
	c.WriteUint(result, 8, uint64(numer/denom))
	c.WriteUint(result+8, 8, uint64(numer%denom))
	return result, 0
}
