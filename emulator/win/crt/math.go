package crt

import (
	"math"

	"sidetrace/emulator/cpu"
	"sidetrace/emulator/win"
)

// mathRows are the functions of math.h. Results may differ from Windows' in
// the last bit.
//
// https://learn.microsoft.com/cpp/c-runtime-library/floating-point-support
var mathRows = join(
	function1("acos", math.Acos), function1("asin", math.Asin), function1("atan", math.Atan), function2("atan2", math.Atan2),
	function1("ceil", math.Ceil), function1("cos", math.Cos), function1("cosh", math.Cosh), function1("exp", math.Exp),
	function1("fabs", math.Abs), function1("floor", math.Floor), function2("fmod", math.Mod), function1("log", math.Log),
	function1("log10", math.Log10), function2("pow", math.Pow), function1("sin", math.Sin), function1("sinh", math.Sinh),
	function1("sqrt", math.Sqrt), function1("tan", math.Tan), function1("tanh", math.Tanh),
	win.Rows{
		win.Func2("_copysign", copysign, "x y"),
		win.Func1("_finite", finite, "x"),
		win.Func2("_hypot", hypot, "x y"),
		win.Func1("_isnan", isnan, "x"),
		win.Func2("frexp", frexp, "x expptr"),
		win.Func2("ldexp", ldexp, "x exp"),
		win.Func2("modf", modf, "x intptr"),
	},
)

// ucrtMathRows are the functions of C99, which msvcrt.dll lacks.
var ucrtMathRows = join(
	function1("acosh", math.Acosh), function1("asinh", math.Asinh), function1("atanh", math.Atanh), function1("cbrt", math.Cbrt),
	function1("erf", math.Erf), function1("exp2", math.Exp2), function1("expm1", math.Expm1), function2("fmax", math.Max),
	function2("fmin", math.Min), function2("hypot", math.Hypot), function1("log1p", math.Log1p), function1("log2", math.Log2),
	function1("nearbyint", math.RoundToEven), function1("rint", math.RoundToEven), function1("round", math.Round),
	function1("tgamma", math.Gamma), function1("trunc", math.Trunc),
)

// function1 is a function of a double, and its twin for floats.
func function1(name string, f func(float64) float64) win.Rows {
	return win.Rows{
		win.Func1(name, func(c *win.Call, x win.Double) (win.Double, win.Error) {
			return win.Double(checked(c, f(float64(x)), float64(x))), 0
		}, "x"),
		win.Func1(name+"f", func(c *win.Call, x win.Float) (win.Float, win.Error) {
			return win.Float(checked(c, f(float64(x)), float64(x))), 0
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
			return win.Float(checked(c, f(float64(x), float64(y)), float64(x), float64(y))), 0
		}, "x y"),
	}
}

// checked sets errno where numbers gave a result that is none or does not fit.
func checked(c *win.Call, result float64, args ...float64) float64 {
	for _, x := range args {
		if math.IsNaN(x) || math.IsInf(x, 0) {
			return result
		}
	}
	switch {
	case math.IsNaN(result):
		fail(c, eDOM)
	case math.IsInf(result, 0):
		fail(c, eRANGE)
	}
	return result
}

// copysign gives x the sign of y.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/copysign-copysignf-copysignl-copysign-copysignf-copysignl
func copysign(c *win.Call, x, y win.Double) (win.Double, win.Error) {
	return win.Double(math.Copysign(float64(x), float64(y))), 0
}

// hypot returns the length of a hypotenuse.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/hypot-hypotf-hypotl-hypot-hypotf-hypotl
func hypot(c *win.Call, x, y win.Double) (win.Double, win.Error) {
	return win.Double(math.Hypot(float64(x), float64(y))), 0
}

// finite tells whether a number is neither infinite nor a NaN.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/finite-finitef
func finite(c *win.Call, x win.Double) (win.Int, win.Error) {
	if math.IsNaN(float64(x)) || math.IsInf(float64(x), 0) {
		return 0, 0
	}
	return 1, 0
}

// isnan tells whether a number is a NaN.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/isnan-isnan-isnanf
func isnan(c *win.Call, x win.Double) (win.Int, win.Error) {
	if math.IsNaN(float64(x)) {
		return 1, 0
	}
	return 0, 0
}

// frexp splits a number into a fraction of 1/2 to 1 and a power of two.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/frexp
func frexp(c *win.Call, x win.Double, expptr win.Out[int32]) (win.Double, win.Error) {
	fraction, exp := math.Frexp(float64(x))
	expptr.Set(c, int32(exp))
	return win.Double(fraction), 0
}

// ldexp multiplies a number by a power of two.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/ldexp
func ldexp(c *win.Call, x win.Double, exp win.Int) (win.Double, win.Error) {
	return win.Double(checked(c, math.Ldexp(float64(x), int(exp)), float64(x))), 0
}

// modf splits a number into its whole part, which is stored, and the rest.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/modf-modff-modfl
func modf(c *win.Call, x win.Double, intptr win.Out[uint64]) (win.Double, win.Error) {
	whole, rest := math.Modf(float64(x))
	intptr.Set(c, math.Float64bits(whole))
	return win.Double(rest), 0
}

// floatRows control the floating-point unit.
//
// https://learn.microsoft.com/cpp/c-runtime-library/floating-point-support
var floatRows = win.Rows{
	win.Stub("_clearfp", win.DWORD(0), ""),
	win.Partial(win.Func2("_control87", controlfp, "newValue mask"), "the default modes only"),
	win.Partial(win.Func2("_controlfp", controlfp, "newValue mask"), "the default modes only"),
	win.Partial(win.Func3("_controlfp_s", controlfpS, "currentControl newControl mask"), "the default modes only"),
	win.Func0("_fpreset", fpreset),
	win.Stub("_statusfp", win.DWORD(0), ""),
}

// defaultControl masks all exceptions and rounds to nearest, with 53 bits.
const defaultControl = 0x0001001F

// controlfp returns the modes of the floating-point unit.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/control87-controlfp-control87-2
func controlfp(c *win.Call, newValue, mask win.Hex) (win.DWORD, win.Error) {
	// x64 has no precision to choose; the mode for it is ignored there too.
	const precision, denormal = 0x00030000, 0x00080000
	if mask &^= precision | denormal; newValue&mask != defaultControl&mask {
		c.Gap("floating-point modes")
	}
	return defaultControl, 0
}

// controlfpS stores the modes of the floating-point unit.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/controlfp-s
func controlfpS(c *win.Call, currentControl win.Out[uint32], newControl, mask win.Hex) (win.Int, win.Error) {
	v, _ := controlfp(c, newControl, mask)
	currentControl.Set(c, uint32(v))
	return 0, 0
}

// fpreset gives the floating-point unit the state of a new thread.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/fpreset
func fpreset(c *win.Call) (win.Void, win.Error) {
	c.CPU().SetReg(cpu.MXCSR, 0x1F80)
	c.CPU().SetReg(cpu.FPCW, 0x27F)
	return win.Void{}, 0
}
