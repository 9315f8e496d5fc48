package crt

import (
	"math"

	"sidetrace/emulator/cpu"
	"sidetrace/emulator/win"
)

// ucrtMathRows are the functions of C99, which msvcrt.dll lacks. A long double
// is a double.
var ucrtMathRows = longDoubles(join(
	function1("acosh", math.Acosh), function1("asinh", math.Asinh), function1("atanh", math.Atanh), function1("cbrt", math.Cbrt),
	function2("copysign", math.Copysign), function1("erf", math.Erf), function1("erfc", math.Erfc)[1:], function1("exp2", math.Exp2),
	function1("expm1", math.Expm1), function2("fdim", math.Dim), function2("fmax", greater), function2("fmin", smaller),
	function2("hypot", math.Hypot), function1("lgamma", lgamma), function1("log1p", math.Log1p), function1("log2", math.Log2),
	function1("logb", math.Logb), function2("nextafter", math.Nextafter)[:1], function2("nexttoward", math.Nextafter)[:1],
	function2("remainder", math.Remainder), function1("round", math.Round), function1("tgamma", math.Gamma),
	function1("trunc", math.Trunc), rounding("nearbyint"), rounding("rint"), scale("scalbn"), scale("scalbln"),
	whole64("llround", math.Round), whole32("lround", math.Round),
	win.Rows{
		win.Func1("_dclass", dclass, "x"),
		win.Func2("_dpcomp", dpcomp, "x y"),
		win.Func1("_dsign", dsign, "x"),
		win.Func1("_dtest", dtest, "px"),
		win.Func1("_fdclass", fdclass, "x"),
		win.Func2("_fdpcomp", fdpcomp, "x y"),
		win.Func1("_fdsign", fdsign, "x"),
		win.Func1("_fdtest", fdtest, "px"),
		win.Func1("erfc", erfc, "x"),
		win.Func3("fma", fma, "x y z"),
		win.Func3("fmaf", fmaf, "x y z"),
		win.Func1("ilogb", ilogb, "x"),
		win.Func1("ilogbf", ilogbf, "x"),
		win.Func1("llrint", llrint, "x"),
		win.Func1("llrintf", llrintf, "x"),
		win.Func1("lrint", lrint, "x"),
		win.Func1("lrintf", lrintf, "x"),
		win.Func1("nan", nan, "input"),
		win.Func1("nanf", nanf, "input"),
		win.Func2("nextafterf", nextafterf, "x y"),
		win.Func2("nexttowardf", nexttowardf, "x y"),
		win.Func3("remquo", remquo, "x y quo"),
		win.Func3("remquof", remquof, "x y quo"),
	},
))

// longDoubles adds the names for long doubles, an "l" behind the doubles'.
func longDoubles(rows win.Rows) win.Rows {
	all := listOf(rows).alias("_ldclass=_dclass _ldpcomp=_dpcomp _ldsign=_dsign _ldtest=_dtest")
	for _, r := range rows {
		if _, float := all.at[r.Name+"f"]; float && r.Name[0] != '_' {
			all.add(r.Named(r.Name + "l"))
		}
	}
	return all.rows
}

// greater and smaller take the other number where one is a NaN.
func greater(x, y float64) float64 {
	switch {
	case math.IsNaN(x):
		return y
	case math.IsNaN(y):
		return x
	}
	return math.Max(x, y)
}

func smaller(x, y float64) float64 {
	switch {
	case math.IsNaN(x):
		return y
	case math.IsNaN(y):
		return x
	}
	return math.Min(x, y)
}

func lgamma(x float64) float64 {
	v, _ := math.Lgamma(x)
	if math.IsInf(x, 0) {
		return math.Inf(1)
	}
	return v
}

// toInteger rounds as the floating-point unit is set to.
func toInteger(c *win.Call, x float64) float64 {
	switch c.CPU().Reg(cpu.MXCSR) >> 13 & 3 {
	case 1:
		return math.Floor(x)
	case 2:
		return math.Ceil(x)
	case 3:
		return math.Trunc(x)
	}
	return math.RoundToEven(x)
}

// rounding is rint and its twin for floats.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/rint-rintf-rintl
func rounding(name string) win.Rows {
	return win.Rows{
		win.Func1(name, func(c *win.Call, x win.Double) (win.Double, win.Error) {
			return win.Double(toInteger(c, float64(x))), 0
		}, "x"),
		win.Func1(name+"f", func(c *win.Call, x win.Float) (win.Float, win.Error) { return win.Float(toInteger(c, float64(x))), 0 }, "x"),
	}
}

// integral is a rounded number as an integer; one that does not fit is an
// error, and gives what the processor gives.
func integral(c *win.Call, x float64, bits int) int64 {
	limit := math.Ldexp(1, bits-1)
	if !(x >= -limit && x < limit) {
		fail(c, eDOM)
		return int64(-1) << (bits - 1)
	}
	return int64(x)
}

func whole64(name string, round func(float64) float64) win.Rows {
	return win.Rows{
		win.Func1(name, func(c *win.Call, x win.Double) (win.Int64, win.Error) {
			return win.Int64(integral(c, round(float64(x)), 64)), 0
		}, "x"),
		win.Func1(name+"f", func(c *win.Call, x win.Float) (win.Int64, win.Error) {
			return win.Int64(integral(c, round(float64(x)), 64)), 0
		}, "x"),
	}
}

func whole32(name string, round func(float64) float64) win.Rows {
	return win.Rows{
		win.Func1(name, func(c *win.Call, x win.Double) (win.Int, win.Error) {
			return win.Int(integral(c, round(float64(x)), 32)), 0
		}, "x"),
		win.Func1(name+"f", func(c *win.Call, x win.Float) (win.Int, win.Error) {
			return win.Int(integral(c, round(float64(x)), 32)), 0
		}, "x"),
	}
}

// llrint rounds to a 64-bit integer.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/lrint-lrintf-lrintl-llrint-llrintf-llrintl
func llrint(c *win.Call, x win.Double) (win.Int64, win.Error) {
	return win.Int64(integral(c, toInteger(c, float64(x)), 64)), 0
}

// llrintf rounds to a 64-bit integer.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/lrint-lrintf-lrintl-llrint-llrintf-llrintl
func llrintf(c *win.Call, x win.Float) (win.Int64, win.Error) { return llrint(c, win.Double(x)) }

// lrint rounds to a 32-bit integer.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/lrint-lrintf-lrintl-llrint-llrintf-llrintl
func lrint(c *win.Call, x win.Double) (win.Int, win.Error) {
	return win.Int(integral(c, toInteger(c, float64(x)), 32)), 0
}

// lrintf rounds to a 32-bit integer.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/lrint-lrintf-lrintl-llrint-llrintf-llrintl
func lrintf(c *win.Call, x win.Float) (win.Int, win.Error) { return lrint(c, win.Double(x)) }

// ilogb returns the exponent of a number.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/ilogb-ilogbf-ilogbl2
func ilogb(c *win.Call, x win.Double) (win.Int, win.Error) {
	switch v := float64(x); {
	case v == 0:
		fail(c, eDOM)
		return -math.MaxInt32, 0
	case math.IsNaN(v), math.IsInf(v, 0):
		fail(c, eDOM)
		return math.MaxInt32, 0
	default:
		return win.Int(math.Ilogb(v)), 0
	}
}

// ilogbf returns the exponent of a number.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/ilogb-ilogbf-ilogbl2
func ilogbf(c *win.Call, x win.Float) (win.Int, win.Error) { return ilogb(c, win.Double(x)) }

// erfc returns the complementary error function; a result too small for a
// double is an error.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/erf-erff-erfl-erfc-erfcf-erfcl
func erfc(c *win.Call, x win.Double) (win.Double, win.Error) {
	v := math.Erfc(float64(x))
	if v == 0 && !math.IsInf(float64(x), 0) {
		fail(c, eRANGE)
	}
	return win.Double(v), 0
}

// fma returns x × y + z, rounded once.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/fma-fmaf-fmal
func fma(c *win.Call, x, y, z win.Double) (win.Double, win.Error) {
	return win.Double(checked(c, math.FMA(float64(x), float64(y), float64(z)), float64(x), float64(y), float64(z))), 0
}

// fmaf returns x × y + z.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/fma-fmaf-fmal
func fmaf(c *win.Call, x, y, z win.Float) (win.Float, win.Error) {
	v := float32(math.FMA(float64(x), float64(y), float64(z)))
	return win.Float(checked(c, float64(v), float64(x), float64(y), float64(z))), 0
}

// nan returns a quiet NaN, whatever the text says.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/nan-nanf-nanl
func nan(c *win.Call, input win.Ptr) (win.Double, win.Error) {
	return win.Double(math.Float64frombits(0x7FF8_0000_0000_0000)), 0
}

// nanf returns a quiet NaN.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/nan-nanf-nanl
func nanf(c *win.Call, input win.Ptr) (win.Float, win.Error) {
	return win.Float(math.Float32frombits(0x7FC0_0000)), 0
}

// nexttowardf returns the next float towards a double.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/nextafter-functions
func nexttowardf(c *win.Call, x win.Float, y win.Double) (win.Float, win.Error) {
	toward := float32(x)
	switch {
	case math.IsNaN(float64(y)):
		return win.Float(y), 0
	case float64(x) < float64(y):
		toward = float32(math.Inf(1))
	case float64(x) > float64(y):
		toward = float32(math.Inf(-1))
	}
	return nextafterf(c, x, win.Float(toward))
}

// remquo returns the remainder and stores the low bits of the quotient.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/remquo-remquof-remquol
func remquo(c *win.Call, x, y win.Double, quo win.Out[int32]) (win.Double, win.Error) {
	r := math.Remainder(float64(x), float64(y))
	q := 0.0
	if !math.IsNaN(r) {
		const bits = 1 << 31 // as many of the quotient are stored
		q = math.Round(math.Abs(math.Mod(float64(x), bits*float64(y))-r) / math.Abs(float64(y)))
		q = math.Mod(q, bits)
		if math.Signbit(float64(x)) != math.Signbit(float64(y)) {
			q = -q
		}
	}
	quo.Set(c, int32(q))
	return win.Double(checked(c, r, float64(x), float64(y))), 0
}

// remquof is remquo for floats.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/remquo-remquof-remquol
func remquof(c *win.Call, x, y win.Float, quo win.Out[int32]) (win.Float, win.Error) {
	r, err := remquo(c, win.Double(x), win.Double(y), quo)
	return win.Float(r), err
}

// Classes of numbers, as fpclassify has them.
const (
	fpNormal    = -1
	fpSubnormal = -2
	fpZero      = 0
	fpInfinite  = 1
	fpNaN       = 2
)

// dclass is fpclassify.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/fpclassify
func dclass(c *win.Call, x win.Double) (win.Int, win.Error) {
	return kind(float64(x), 0x1p-1022), 0
}

// fdclass is fpclassify for floats.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/fpclassify
func fdclass(c *win.Call, x win.Float) (win.Int, win.Error) { return kind(float64(x), 0x1p-126), 0 }

func kind(x, least float64) win.Int {
	switch {
	case math.IsNaN(x):
		return fpNaN
	case math.IsInf(x, 0):
		return fpInfinite
	case x == 0:
		return fpZero
	case math.Abs(x) < least:
		return fpSubnormal
	}
	return fpNormal
}

// dtest is fpclassify of what a pointer leads to.
//
// https://learn.microsoft.com/cpp/c-runtime-library/floating-point-primitives
func dtest(c *win.Call, px win.Out[uint64]) (win.Int, win.Error) {
	return dclass(c, win.Double(math.Float64frombits(px.Get(c))))
}

// fdtest is fpclassify of what a pointer leads to.
//
// https://learn.microsoft.com/cpp/c-runtime-library/floating-point-primitives
func fdtest(c *win.Call, px win.Out[uint32]) (win.Int, win.Error) {
	return fdclass(c, win.Float(math.Float32frombits(px.Get(c))))
}

// dsign is signbit.
//
// https://learn.microsoft.com/cpp/c-runtime-library/floating-point-primitives
func dsign(c *win.Call, x win.Double) (win.Int, win.Error) {
	return truth(math.Signbit(float64(x))) << 15, 0
}

// fdsign is signbit for floats.
//
// https://learn.microsoft.com/cpp/c-runtime-library/floating-point-primitives
func fdsign(c *win.Call, x win.Float) (win.Int, win.Error) { return dsign(c, win.Double(x)) }

// dpcomp compares two numbers: 1 for less, 2 for equal, 4 for greater, 0 where
// a NaN has no order.
//
// https://learn.microsoft.com/cpp/c-runtime-library/floating-point-primitives
func dpcomp(c *win.Call, x, y win.Double) (win.Int, win.Error) {
	switch {
	case x < y:
		return 1, 0
	case x == y:
		return 2, 0
	case x > y:
		return 4, 0
	}
	return 0, 0
}

// fdpcomp is dpcomp for floats.
//
// https://learn.microsoft.com/cpp/c-runtime-library/floating-point-primitives
func fdpcomp(c *win.Call, x, y win.Float) (win.Int, win.Error) {
	return dpcomp(c, win.Double(x), win.Double(y))
}
