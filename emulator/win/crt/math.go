package crt

import (
	"encoding/binary"
	"math"

	"sidetrace/emulator/win"
)

// mathRows are the functions of math.h that all runtimes have. Results may
// differ from Windows' in the last bit.
//
// https://learn.microsoft.com/cpp/c-runtime-library/floating-point-support
var mathRows = join(
	function1("acos", math.Acos), function1("asin", math.Asin), function1("atan", math.Atan), function2("atan2", math.Atan2),
	function1("ceil", math.Ceil), function1("cos", math.Cos), function1("cosh", math.Cosh), function1("exp", math.Exp),
	function1("fabs", math.Abs), function1("floor", math.Floor), function2("fmod", math.Mod), function1("log", math.Log),
	function1("log10", math.Log10), function2("pow", math.Pow), function1("sin", math.Sin), function1("sinh", math.Sinh),
	function1("sqrt", math.Sqrt), function1("tan", math.Tan), function1("tanh", math.Tanh),
	function2("_copysign", math.Copysign), function2("_hypot", math.Hypot), function2("_nextafter", math.Nextafter)[:1],
	win.Rows{win.Func1("_chgsign", chgsign, "x"), win.Func1("_chgsignf", chgsignf, "x")}, function1("_logb", math.Logb),
	function1("_j0", math.J0)[:1], function1("_j1", math.J1)[:1], function1("_y0", math.Y0)[:1], function1("_y1", math.Y1)[:1],
	bessel("_jn", math.Jn), bessel("_yn", math.Yn),
	scale("ldexp"), scale("_scalb"),
	classifying("_finite", func(x float64) win.Int { return truth(!math.IsNaN(x) && !math.IsInf(x, 0)) }),
	classifying("_isnan", func(x float64) win.Int { return truth(math.IsNaN(x)) }),
	win.Rows{
		win.Func1("_cabs", cabs, "z"),
		win.Func1("_fpclass", fpclass, "x"),
		win.Func1("_fpclassf", fpclassf, "x"),
		win.Func2("_nextafterf", nextafterf, "x y"),
		win.Func1("__setusermatherr", setusermatherr, "pf"),
		win.Func2("frexp", frexp, "x expptr"),
		win.Func2("modf", modf, "x intptr"),
		win.Func2("modff", modff, "x intptr"),
	},
)

// indefinite is the NaN that the processor makes of an operation without a
// result.
var indefinite = math.Float64frombits(0xFFF8_0000_0000_0000)

func truth(b bool) win.Int {
	if b {
		return 1
	}
	return 0
}

// function1 is a function of a double, and its twin for floats.
func function1(name string, f func(float64) float64) win.Rows {
	return win.Rows{
		win.Func1(name, func(c *win.Call, x win.Double) (win.Double, win.Error) {
			return win.Double(checked(c, f(float64(x)), float64(x))), 0
		}, "x"),
		win.Func1(name+"f", func(c *win.Call, x win.Float) (win.Float, win.Error) {
			return win.Float(checked(c, float64(float32(f(float64(x)))), float64(x))), 0
		}, "x"),
	}
}

// function2 is a function of two doubles, and its twin for floats.
func function2(name string, f func(x, y float64) float64) win.Rows {
	return win.Rows{
		win.Func2(name, func(c *win.Call, x, y win.Double) (win.Double, win.Error) {
			return win.Double(checked(c, f(float64(x), float64(y)), float64(x), float64(y))), 0
		}, "x y"),
		win.Func2(name+"f", func(c *win.Call, x, y win.Float) (win.Float, win.Error) {
			return win.Float(checked(c, float64(float32(f(float64(x), float64(y)))), float64(x), float64(y))), 0
		}, "x y"),
	}
}

// bessel is a function of an order and a double.
func bessel(name string, f func(n int, x float64) float64) win.Rows {
	return win.Rows{win.Func2(name, func(c *win.Call, n win.Int, x win.Double) (win.Double, win.Error) {
		return win.Double(checked(c, f(int(n), float64(x)), float64(x))), 0
	}, "n x")}
}

// scale multiplies a number by a power of two.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/scalbn-scalbnf-scalbnl-scalbln-scalblnf-scalblnl
func scale(name string) win.Rows {
	return win.Rows{
		win.Func2(name, func(c *win.Call, x win.Double, exp win.Int) (win.Double, win.Error) {
			return win.Double(checked(c, math.Ldexp(float64(x), int(exp)), float64(x))), 0
		}, "x exp"),
		win.Func2(name+"f", func(c *win.Call, x win.Float, exp win.Int) (win.Float, win.Error) {
			return win.Float(checked(c, float64(float32(math.Ldexp(float64(x), int(exp)))), float64(x))), 0
		}, "x exp"),
	}
}

// classifying tells something of a double, and of a float.
func classifying(name string, f func(x float64) win.Int) win.Rows {
	return win.Rows{
		win.Func1(name, func(c *win.Call, x win.Double) (win.Int, win.Error) { return f(float64(x)), 0 }, "x"),
		win.Func1(name+"f", func(c *win.Call, x win.Float) (win.Int, win.Error) { return f(float64(x)), 0 }, "x"),
	}
}

// Kinds of errors, as _matherr names them.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/matherr
const (
	mathDomain   = 1
	mathSingular = 2
	mathOverflow = 3
)

// checked sets errno where numbers gave a result that is none or does not fit,
// unless the program's own function for such errors takes care of them.
func checked(c *win.Call, result float64, args ...float64) float64 {
	if !math.IsNaN(result) && !math.IsInf(result, 0) {
		return result
	}
	infinite := false
	for _, x := range args {
		if math.IsNaN(x) {
			if !math.IsNaN(result) {
				return result
			}
			quiet := math.Float64frombits(math.Float64bits(x) | 1<<51)
			if c.DLL() == "msvcrt.dll" {
				switch c.Name() {
				case "atan", "exp", "tanh": // these complain of a NaN
					return mathError(c, mathDomain, eDOM, quiet, args)
				}
			}
			return quiet
		}
		infinite = infinite || math.IsInf(x, 0)
	}
	switch {
	case math.IsNaN(result):
		return mathError(c, mathDomain, eDOM, indefinite, args)
	case infinite:
		return result
	case args[0] == 0 || len(args) == 1 && math.Abs(args[0]) <= 1:
		return mathError(c, mathSingular, eRANGE, result, args)
	}
	return mathError(c, mathOverflow, eRANGE, result, args)
}

func mathError(c *win.Call, kind uint32, e errno, result float64, args []float64) float64 {
	s := of(c)
	if s.matherr == 0 {
		fail(c, e)
		return result
	}
	// A struct _exception: type, name, arg1, arg2, retval.
	b := binary.LittleEndian.AppendUint64(nil, uint64(kind))
	b = binary.LittleEndian.AppendUint64(b, s.constant(c.Name()))
	for _, v := range append(args[:len(args):len(args)], 0)[:2] {
		b = binary.LittleEndian.AppendUint64(b, math.Float64bits(v))
	}
	b = binary.LittleEndian.AppendUint64(b, math.Float64bits(result))
	at := s.store(b)
	if at == 0 {
		fail(c, e)
		return result
	}
	if int32(c.CallGuest(win.Ptr(s.matherr), at)) == 0 {
		fail(c, e)
	} else {
		result = math.Float64frombits(c.ReadUint(win.Ptr(at+32), 8))
	}
	c.Heap.Free(at)
	return result
}

// setusermatherr sets the program's own function for errors of mathematics.
//
// https://learn.microsoft.com/cpp/c-runtime-library/setusermatherr
func setusermatherr(c *win.Call, pf win.Ptr) (win.Void, win.Error) {
	of(c).matherr = uint64(pf)
	return win.Void{}, 0
}

// fpclass tells what kind of number a double is.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/fpclass-fpclassf
func fpclass(c *win.Call, x win.Double) (win.Int, win.Error) {
	bits := math.Float64bits(float64(x))
	return classOf(bits>>63 != 0, bits>>52&0x7FF, 0x7FF, bits&(1<<52-1), bits>>51&1 != 0), 0
}

// fpclassf tells what kind of number a float is.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/fpclass-fpclassf
func fpclassf(c *win.Call, x win.Float) (win.Int, win.Error) {
	bits := math.Float32bits(float32(x))
	return classOf(bits>>31 != 0, uint64(bits>>23&0xFF), 0xFF, uint64(bits&(1<<23-1)), bits>>22&1 != 0), 0
}

func classOf(negative bool, exponent, most, fraction uint64, quiet bool) win.Int {
	const signalingNaN, quietNaN, negativeInfinity, positiveInfinity = 1, 2, 4, 0x200
	sign := func(n, p win.Int) win.Int {
		if negative {
			return n
		}
		return p
	}
	switch {
	case exponent == most && fraction == 0:
		return sign(negativeInfinity, positiveInfinity)
	case exponent == most && quiet:
		return quietNaN
	case exponent == most:
		return signalingNaN
	case exponent == 0 && fraction == 0:
		return sign(0x20, 0x40)
	case exponent == 0:
		return sign(0x10, 0x80)
	}
	return sign(0x08, 0x100)
}

// nextafterf returns the next float towards another.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/nextafter-functions
func nextafterf(c *win.Call, x, y win.Float) (win.Float, win.Error) {
	return win.Float(math.Nextafter32(float32(x), float32(y))), 0
}

// frexp splits a number into a fraction of 1/2 to 1 and a power of two.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/frexp
func frexp(c *win.Call, x win.Double, expptr win.Out[int32]) (win.Double, win.Error) {
	fraction, exp := math.Frexp(float64(x))
	if math.IsInf(fraction, 0) || math.IsNaN(fraction) {
		exp = -1
	}
	expptr.Set(c, int32(exp))
	return win.Double(fraction), 0
}

// modf splits a number into its whole part, which is stored, and the rest.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/modf-modff-modfl
func modf(c *win.Call, x win.Double, intptr win.Out[uint64]) (win.Double, win.Error) {
	whole, rest := split(float64(x))
	intptr.Set(c, math.Float64bits(whole))
	return win.Double(rest), 0
}

// modff is modf for floats.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/modf-modff-modfl
func modff(c *win.Call, x win.Float, intptr win.Out[uint32]) (win.Float, win.Error) {
	whole, rest := split(float64(x))
	intptr.Set(c, math.Float32bits(float32(whole)))
	return win.Float(rest), 0
}

// split gives both parts the number's sign; infinity has no rest.
func split(x float64) (whole, rest float64) {
	if math.IsInf(x, 0) {
		return x, math.Copysign(0, x)
	}
	whole, rest = math.Modf(x)
	return math.Copysign(whole, x), math.Copysign(rest, x)
}

// chgsign changes the sign, that of a NaN too.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/chgsign-chgsignf-chgsignl
func chgsign(c *win.Call, x win.Double) (win.Double, win.Error) { return -x, 0 }

// chgsignf changes the sign.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/chgsign-chgsignf-chgsignl
func chgsignf(c *win.Call, x win.Float) (win.Float, win.Error) { return -x, 0 }
