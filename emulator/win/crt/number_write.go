package crt

import (
	"math"
	"slices"
	"strconv"
	"strings"

	"sidetrace/emulator/win"
)

// numberWriteRows are the functions that write numbers.
var numberWriteRows = win.Rows{
	win.Func4("_ecvt", ecvt, "value count dec sign"),
	win.Func6("_ecvt_s", ecvtS, "buffer sizeInBytes value count dec sign"),
	win.Func4("_fcvt", fcvt, "value count dec sign"),
	win.Func6("_fcvt_s", fcvtS, "buffer sizeInBytes value count dec sign"),
	win.Func3("_gcvt", gcvt, "value digits buffer"),
	win.Func4("_gcvt_s", gcvtS, "buffer sizeInBytes value digits"),
	win.Func3("_i64toa", i64toa[win.AText], "value buffer radix"),
	win.Func4("_i64toa_s", i64toaS[win.AText], "value buffer size radix"),
	win.Func3("_i64tow", i64toa[win.WText], "value buffer radix"),
	win.Func4("_i64tow_s", i64toaS[win.WText], "value buffer size radix"),
	win.Func3("_itoa", itoa[win.AText], "value buffer radix"),
	win.Func4("_itoa_s", itoaS[win.AText], "value buffer size radix"),
	win.Func3("_itow", itoa[win.WText], "value buffer radix"),
	win.Func4("_itow_s", itoaS[win.WText], "value buffer size radix"),
	win.Func3("_ltoa", itoa[win.AText], "value buffer radix"),
	win.Func4("_ltoa_s", itoaS[win.AText], "value buffer size radix"),
	win.Func3("_ltow", itoa[win.WText], "value buffer radix"),
	win.Func4("_ltow_s", itoaS[win.WText], "value buffer size radix"),
	win.Func3("_ui64toa", ui64toa[win.AText], "value buffer radix"),
	win.Func4("_ui64toa_s", ui64toaS[win.AText], "value buffer size radix"),
	win.Func3("_ui64tow", ui64toa[win.WText], "value buffer radix"),
	win.Func4("_ui64tow_s", ui64toaS[win.WText], "value buffer size radix"),
	win.Func3("_ultoa", ultoa[win.AText], "value buffer radix"),
	win.Func4("_ultoa_s", ultoaS[win.AText], "value buffer size radix"),
	win.Func3("_ultow", ultoa[win.WText], "value buffer radix"),
	win.Func4("_ultow_s", ultoaS[win.WText], "value buffer size radix"),
}

// writeNumber writes digits as characters of T.
func writeNumber[T text](c *win.Call, buffer win.Ptr, digits string) {
	writeUnits[T](c, buffer, append([]byte(digits), 0))
}

func writeUnits[T text](c *win.Call, buffer win.Ptr, ascii []byte) {
	b := make([]byte, len(ascii)*width[T]())
	for i, ch := range ascii {
		store[T](b, i, uint16(ch))
	}
	c.Write(buffer, b)
}

// itoa writes a 32-bit number. Only decimal ones have a sign.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/itoa-itow
func itoa[T text](c *win.Call, value win.Int, buffer win.Ptr, radix win.Int) (win.Ptr, win.Error) {
	if radix == 10 {
		writeNumber[T](c, buffer, strconv.Itoa(int(value)))
		return buffer, 0
	}
	return ultoa[T](c, win.DWORD(value), buffer, radix)
}

// ultoa writes an unsigned 32-bit number.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/itoa-itow
func ultoa[T text](c *win.Call, value win.DWORD, buffer win.Ptr, radix win.Int) (win.Ptr, win.Error) {
	return ui64toa[T](c, win.Size(value), buffer, radix)
}

// i64toa writes a 64-bit number.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/itoa-itow
func i64toa[T text](c *win.Call, value win.Int64, buffer win.Ptr, radix win.Int) (win.Ptr, win.Error) {
	if radix == 10 {
		writeNumber[T](c, buffer, strconv.FormatInt(int64(value), 10))
		return buffer, 0
	}
	return ui64toa[T](c, win.Size(value), buffer, radix)
}

// ui64toa writes an unsigned 64-bit number.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/itoa-itow
func ui64toa[T text](c *win.Call, value win.Size, buffer win.Ptr, radix win.Int) (win.Ptr, win.Error) {
	if radix < 2 || radix > 36 {
		invalid(c, eINVAL)
		terminate[T](c, buffer)
		return buffer, 0
	}
	writeNumber[T](c, buffer, strconv.FormatUint(uint64(value), int(radix)))
	return buffer, 0
}

// writeSecure writes digits if there is room for them.
func writeSecure[T text](c *win.Call, buffer win.Ptr, size win.Size, radix win.Int, digits func() string) (win.Int, win.Error) {
	if buffer == 0 || size == 0 {
		invalid(c, eINVAL)
		return win.Int(eINVAL), 0
	}
	if radix < 2 || radix > 36 {
		terminate[T](c, buffer)
		invalid(c, eINVAL)
		return win.Int(eINVAL), 0
	}
	d := digits()
	if uint64(len(d)) >= uint64(size) {
		// The digits are made from the last on; what fits of them is there.
		sign := len(d) - len(strings.TrimPrefix(d, "-"))
		back := []byte(d)
		slices.Reverse(back[sign:])
		writeUnits[T](c, buffer, back[:size])
		terminate[T](c, buffer)
		invalid(c, eRANGE)
		return win.Int(eRANGE), 0
	}
	writeNumber[T](c, buffer, d)
	return 0, 0
}

// itoaS writes a 32-bit number if there is room for it.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/itoa-s-itow-s
func itoaS[T text](c *win.Call, value win.Int, buffer win.Ptr, size win.Size, radix win.Int) (win.Int, win.Error) {
	return writeSecure[T](c, buffer, size, radix, func() string {
		if radix == 10 {
			return strconv.Itoa(int(value))
		}
		return strconv.FormatUint(uint64(uint32(value)), int(radix))
	})
}

// ultoaS writes an unsigned 32-bit number if there is room for it.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/itoa-s-itow-s
func ultoaS[T text](c *win.Call, value win.DWORD, buffer win.Ptr, size win.Size, radix win.Int) (win.Int, win.Error) {
	return ui64toaS[T](c, win.Size(value), buffer, size, radix)
}

// i64toaS writes a 64-bit number if there is room for it.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/itoa-s-itow-s
func i64toaS[T text](c *win.Call, value win.Int64, buffer win.Ptr, size win.Size, radix win.Int) (win.Int, win.Error) {
	return writeSecure[T](c, buffer, size, radix, func() string {
		if radix == 10 {
			return strconv.FormatInt(int64(value), 10)
		}
		return strconv.FormatUint(uint64(value), int(radix))
	})
}

// ui64toaS writes an unsigned 64-bit number if there is room for it.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/itoa-s-itow-s
func ui64toaS[T text](c *win.Call, value win.Size, buffer win.Ptr, size win.Size, radix win.Int) (win.Int, win.Error) {
	return writeSecure[T](c, buffer, size, radix, func() string { return strconv.FormatUint(uint64(value), int(radix)) })
}

const maxCvt = 512 // digits that _ecvt and _fcvt write, at most

// digitsOf rounds a number to count significant digits, or to count digits
// behind the point, and tells where the point is.
func digitsOf(value float64, count int, fixed bool) (digits string, point int) {
	if math.IsNaN(value) || math.IsInf(value, 0) {
		return "1#INF", 1
	}
	count = min(count, maxCvt)
	v := math.Abs(value)
	if fixed {
		text := strconv.FormatFloat(v, 'f', max(count, 0), 64)
		whole, rest, _ := strings.Cut(text, ".")
		if v != 0 && whole == "0" {
			stripped := strings.TrimLeft(rest, "0")
			if stripped == "" {
				_, point = digitsOf(value, 1, false)
				return "", point
			}
			return stripped, len(stripped) - len(rest)
		}
		if v == 0 {
			return rest, 0
		}
		return whole + rest, len(whole)
	}
	if v == 0 {
		return strings.Repeat("0", max(count, 0)), 0
	}
	text, exponent, _ := strings.Cut(strconv.FormatFloat(v, 'e', max(count-1, 0), 64), "e")
	x, _ := strconv.Atoi(exponent) // of our own making
	digits = strings.Replace(text, ".", "", 1)
	if count <= 0 {
		return "", x + 1
	}
	return digits, x + 1
}

// cvt writes digits to the thread's own buffer.
func cvt(c *win.Call, value win.Double, count win.Int, dec, sign win.Out[int32], fixed bool) (win.Ptr, win.Error) {
	digits, point := digitsOf(float64(value), int(count), fixed)
	dec.Set(c, int32(point))
	sign.Set(c, int32(truth(math.Signbit(float64(value)))))
	s := of(c)
	l := s.thread(c)
	if l.digits == 0 {
		l.digits = s.store(make([]byte, maxCvt+400))
	}
	transfer[win.AText](c, win.Ptr(l.digits), []byte(digits))
	return win.Ptr(l.digits), 0
}

func cvtS(c *win.Call, buffer win.Ptr, sizeInBytes win.Size, value win.Double, count win.Int, dec, sign win.Out[int32], fixed bool) (win.Int, win.Error) {
	if buffer == 0 || sizeInBytes == 0 || dec.Null() || sign.Null() {
		if buffer != 0 && sizeInBytes != 0 {
			terminate[win.AText](c, buffer)
		}
		invalid(c, eINVAL)
		return win.Int(eINVAL), 0
	}
	digits, point := digitsOf(float64(value), int(count), fixed)
	if uint64(len(digits)) >= uint64(sizeInBytes) {
		terminate[win.AText](c, buffer)
		invalid(c, eRANGE)
		return win.Int(eRANGE), 0
	}
	dec.Set(c, int32(point))
	sign.Set(c, int32(truth(math.Signbit(float64(value)))))
	transfer[win.AText](c, buffer, []byte(digits))
	return 0, 0
}

// ecvt writes count significant digits of a number.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/ecvt
func ecvt(c *win.Call, value win.Double, count win.Int, dec, sign win.Out[int32]) (win.Ptr, win.Error) {
	return cvt(c, value, count, dec, sign, false)
}

// fcvt writes a number with count digits behind the point.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/fcvt
func fcvt(c *win.Call, value win.Double, count win.Int, dec, sign win.Out[int32]) (win.Ptr, win.Error) {
	return cvt(c, value, count, dec, sign, true)
}

// ecvtS is ecvt into a buffer of the caller.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/ecvt-s
func ecvtS(c *win.Call, buffer win.Ptr, sizeInBytes win.Size, value win.Double, count win.Int, dec, sign win.Out[int32]) (win.Int, win.Error) {
	return cvtS(c, buffer, sizeInBytes, value, count, dec, sign, false)
}

// fcvtS is fcvt into a buffer of the caller.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/fcvt-s
func fcvtS(c *win.Call, buffer win.Ptr, sizeInBytes win.Size, value win.Double, count win.Int, dec, sign win.Out[int32]) (win.Int, win.Error) {
	return cvtS(c, buffer, sizeInBytes, value, count, dec, sign, true)
}

// general writes a number as _gcvt does: like %g, but the point stays.
func general(c *win.Call, value win.Double, digits win.Int) string {
	d := universal(c, 0)
	if c.DLL() == "msvcrt.dll" {
		d = msvcrt
	}
	p := &printer{dialect: d, c: c}
	p.float(spec{precision: int(min(max(digits, 0), maxCvt)), conversion: 'g'}, math.Float64bits(float64(value)))
	text := string(narrowBytes(p.out))
	if strings.Contains(text, ".") || strings.ContainsAny(text, "#in") {
		return text
	}
	if mantissa, exponent, ok := strings.Cut(text, "e"); ok {
		return mantissa + ".e" + exponent
	}
	return text + "."
}

// gcvt writes a number with so many significant digits.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/gcvt
func gcvt(c *win.Call, value win.Double, digits win.Int, buffer win.Ptr) (win.Ptr, win.Error) {
	if buffer == 0 {
		invalid(c, eINVAL)
		return 0, 0
	}
	transfer[win.AText](c, buffer, []byte(general(c, value, digits)))
	return buffer, 0
}

// gcvtS is gcvt into a buffer of known size.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/gcvt-s
func gcvtS(c *win.Call, buffer win.Ptr, sizeInBytes win.Size, value win.Double, digits win.Int) (win.Int, win.Error) {
	if buffer == 0 || sizeInBytes == 0 {
		invalid(c, eINVAL)
		return win.Int(eINVAL), 0
	}
	text := general(c, value, digits)
	if uint64(len(text)) >= uint64(sizeInBytes) {
		terminate[win.AText](c, buffer)
		invalid(c, eRANGE)
		return win.Int(eRANGE), 0
	}
	transfer[win.AText](c, buffer, []byte(text))
	return 0, 0
}
