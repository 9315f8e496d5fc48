package crt

import (
	"encoding/binary"
	"math"
	"math/cmplx"

	"sidetrace/emulator/win"
)

// complexRows are the functions of complex.h. A complex number of doubles is
// passed by its address and returned at one that the caller gives; one of
// floats is passed in a register.
//
// https://learn.microsoft.com/cpp/c-runtime-library/complex-math-support
var complexRows = join(
	complexReal("cabs", cmplx.Abs), complexReal("carg", cmplx.Phase), complexReal("creal", func(z complex128) float64 { return real(z) }),
	complexReal("cimag", func(z complex128) float64 { return imag(z) }),
	complexReal("norm", func(z complex128) float64 { return real(z)*real(z) + imag(z)*imag(z) }),
	complex1("cacos", cmplx.Acos), complex1("cacosh", cmplx.Acosh), complex1("casin", cmplx.Asin), complex1("casinh", cmplx.Asinh),
	complex1("catan", cmplx.Atan), complex1("catanh", cmplx.Atanh), complex1("ccos", cmplx.Cos), complex1("ccosh", cmplx.Cosh),
	complex1("cexp", cmplx.Exp), complex1("clog", cmplx.Log), complex1("clog10", cmplx.Log10), complex1("conj", cmplx.Conj),
	complex1("cproj", project), complex1("csin", cmplx.Sin), complex1("csinh", cmplx.Sinh), complex1("csqrt", cmplx.Sqrt),
	complex1("ctan", cmplx.Tan), complex1("ctanh", cmplx.Tanh),
	win.Rows{
		win.Func3("_Cbuild", cbuild, "result re im"),
		win.Func2("_FCbuild", fcbuild, "re im"),
		win.Func3("_LCbuild", cbuild, "result re im"),
		win.Func3("cpow", cpow, "result x y"),
		win.Func2("cpowf", cpowf, "x y"),
		win.Func3("cpowl", cpow, "result x y"),
	},
)

func readComplex(c *win.Call, z win.Ptr) complex128 {
	return complex(math.Float64frombits(c.ReadUint(z, 8)), math.Float64frombits(c.ReadUint(z+8, 8)))
}

func writeComplex(c *win.Call, at win.Ptr, z complex128) {
	b := binary.LittleEndian.AppendUint64(nil, math.Float64bits(real(z)))
	c.Write(at, binary.LittleEndian.AppendUint64(b, math.Float64bits(imag(z))))
}

func unpackFloats(z win.Size) complex128 {
	return complex(float64(math.Float32frombits(uint32(z))), float64(math.Float32frombits(uint32(z>>32))))
}

func packFloats(z complex128) win.Size {
	return win.Size(math.Float32bits(float32(real(z)))) | win.Size(math.Float32bits(float32(imag(z))))<<32
}

// complexReal is a function that returns a number.
func complexReal(name string, f func(complex128) float64) win.Rows {
	double := win.Func1(name, func(c *win.Call, z win.Ptr) (win.Double, win.Error) {
		return win.Double(f(readComplex(c, z))), 0
	}, "z")
	return win.Rows{
		double, double.Named(name + "l"),
		win.Func1(name+"f", func(c *win.Call, z win.Size) (win.Float, win.Error) { return win.Float(f(unpackFloats(z))), 0 }, "z"),
	}
}

// complex1 is a function that returns a complex number.
func complex1(name string, f func(complex128) complex128) win.Rows {
	double := win.Func2(name, func(c *win.Call, result, z win.Ptr) (win.Ptr, win.Error) {
		writeComplex(c, result, f(readComplex(c, z)))
		return result, 0
	}, "result z")
	return win.Rows{
		double, double.Named(name + "l"),
		win.Func1(name+"f", func(c *win.Call, z win.Size) (win.Size, win.Error) { return packFloats(f(unpackFloats(z))), 0 }, "z"),
	}
}

// project makes all infinities one.
func project(z complex128) complex128 {
	if cmplx.IsInf(z) {
		return complex(math.Inf(1), math.Copysign(0, imag(z)))
	}
	return z
}

// cbuild makes a complex number.
//
// https://learn.microsoft.com/cpp/c-runtime-library/complex-math-support
func cbuild(c *win.Call, result win.Ptr, re, im win.Double) (win.Ptr, win.Error) {
	writeComplex(c, result, complex(float64(re), float64(im)))
	return result, 0
}

// fcbuild makes a complex number of floats.
//
// https://learn.microsoft.com/cpp/c-runtime-library/complex-math-support
func fcbuild(c *win.Call, re, im win.Float) (win.Size, win.Error) {
	return packFloats(complex(float64(re), float64(im))), 0
}

// cpow raises a complex number to a power.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/cpow-cpowf-cpowl
func cpow(c *win.Call, result, x, y win.Ptr) (win.Ptr, win.Error) {
	writeComplex(c, result, cmplx.Pow(readComplex(c, x), readComplex(c, y)))
	return result, 0
}

// cpowf raises a complex number of floats to a power.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/cpow-cpowf-cpowl
func cpowf(c *win.Call, x, y win.Size) (win.Size, win.Error) {
	return packFloats(cmplx.Pow(unpackFloats(x), unpackFloats(y))), 0
}

// cabs is _cabs of msvcrt.dll.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/cabs
func cabs(c *win.Call, z win.Ptr) (win.Double, win.Error) {
	return win.Double(cmplx.Abs(readComplex(c, z))), 0
}
