package crt

import (
	"sidetrace/emulator/cpu"
	"sidetrace/emulator/win"
)

// floatRows control the floating-point unit. The runtimes name its flags and
// modes by numbers of their own.
//
// https://learn.microsoft.com/cpp/c-runtime-library/floating-point-support
var floatRows = win.Rows{
	win.Func0("_clearfp", clearfp),
	win.Func2("_control87", controlfp, "newValue mask"),
	win.Func2("_controlfp", controlfpNoDenormal, "newValue mask"),
	win.Func3("_controlfp_s", controlfpS, "currentControl newControl mask"),
	win.Func0("_fpreset", fpreset),
	win.Func0("_statusfp", statusfp),
}

// fenvRows are the functions of fenv.h.
//
// https://learn.microsoft.com/cpp/c-runtime-library/floating-point-support
var fenvRows = win.Rows{
	win.Func0("__fpe_flt_rounds", fltRounds),
	win.Func1("feclearexcept", feclearexcept, "excepts"),
	win.Func1("fegetenv", fegetenv, "penv"),
	win.Func2("fegetexceptflag", fegetexceptflag, "pstatus excepts"),
	win.Func0("fegetround", fegetround),
	win.Func1("feholdexcept", feholdexcept, "penv"),
	win.Func1("fesetenv", fesetenv, "penv"),
	win.Func2("fesetexceptflag", fesetexceptflag, "pstatus excepts"),
	win.Func1("fesetround", fesetround, "round_mode"),
	win.Func1("fetestexcept", fetestexcept, "excepts"),
	win.Func2("_set_controlfp", setControlfp, "newValue mask"),
}

// Exceptions, rounding and flushing of denormals, as float.h numbers them.
const (
	fpInexact    = 0x00001
	fpUnderflow  = 0x00002
	fpOverflow   = 0x00004
	fpZeroDivide = 0x00008
	fpInvalid    = 0x00010
	fpDenormal   = 0x80000
	fpExceptions = 0x8001F

	fpRounding  = 0x00000300
	fpPrecision = 0x00030000 // there is no choice on x64
	fpFlushing  = 0x03000000
	fpFlush     = 0x01000000 // results and operands
	fpFlushIn   = 0x02000000 // operands: DENORMALS_ARE_ZERO
	fpFlushOut  = 0x03000000 // results
)

// mxcsrExceptions are float.h's numbers by the bits of MXCSR.
var mxcsrExceptions = [6]uint32{fpInvalid, fpDenormal, fpZeroDivide, fpOverflow, fpUnderflow, fpInexact}

const (
	mxcsrMasks       = 7  // bit of the first mask
	mxcsrRounding    = 13 // bit of the mode
	mxcsrFlush       = 1 << 15
	mxcsrZero        = 1 << 6 // denormals are zeros
	mxcsrDefault     = 0x1F80
	allMXCSRFlags    = 0x3F
	controlWordOfX87 = 0x27F
)

func toExceptions(bits uint32) (e uint32) {
	for i, v := range mxcsrExceptions {
		if bits>>i&1 != 0 {
			e |= v
		}
	}
	return e
}

func fromExceptions(e uint32) (bits uint32) {
	for i, v := range mxcsrExceptions {
		if e&v != 0 {
			bits |= 1 << i
		}
	}
	return bits
}

func mxcsr(c *win.Call) uint32           { return uint32(c.CPU().Reg(cpu.MXCSR)) }
func setMXCSR(c *win.Call, value uint32) { c.CPU().SetReg(cpu.MXCSR, uint64(value)) }

// fpControls are the modes of the floating-point unit.
func fpControls(c *win.Call) uint32 {
	m := mxcsr(c)
	v := toExceptions(m>>mxcsrMasks&allMXCSRFlags) | m>>mxcsrRounding&3<<8
	switch m & (mxcsrFlush | mxcsrZero) {
	case mxcsrFlush | mxcsrZero:
		v |= fpFlush
	case mxcsrZero:
		v |= fpFlushIn
	case mxcsrFlush:
		v |= fpFlushOut
	}
	return v
}

func setFPControls(c *win.Call, v uint32) {
	m := mxcsr(c) & allMXCSRFlags
	m |= fromExceptions(v)<<mxcsrMasks | v>>8&3<<mxcsrRounding
	switch v & fpFlushing {
	case fpFlush:
		m |= mxcsrFlush | mxcsrZero
	case fpFlushIn:
		m |= mxcsrZero
	case fpFlushOut:
		m |= mxcsrFlush
	}
	setMXCSR(c, m)
}

// controlfp changes the modes that mask selects and returns them all.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/control87-controlfp-control87-2
func controlfp(c *win.Call, newValue, mask win.Hex) (win.DWORD, win.Error) {
	mask &= fpExceptions | fpRounding | fpFlushing
	v := fpControls(c)
	if mask != 0 {
		v = v&^uint32(mask) | uint32(newValue&mask)
		setFPControls(c, v)
	}
	return win.DWORD(v), 0
}

// controlfpNoDenormal is controlfp that leaves the exception of denormal
// operands alone.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/control87-controlfp-control87-2
func controlfpNoDenormal(c *win.Call, newValue, mask win.Hex) (win.DWORD, win.Error) {
	return controlfp(c, newValue, mask&^fpDenormal)
}

// setControlfp is that without a result.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/control87-controlfp-control87-2
func setControlfp(c *win.Call, newValue, mask win.Hex) (win.Void, win.Error) {
	_, err := controlfpNoDenormal(c, newValue, mask)
	return win.Void{}, err
}

// controlfpS stores the modes of the floating-point unit.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/controlfp-s
func controlfpS(c *win.Call, currentControl win.Out[uint32], newControl, mask win.Hex) (win.Int, win.Error) {
	const known = fpExceptions | fpRounding | fpPrecision | fpFlushing | 0x00040000 // _MCW_IC
	if newControl&mask&^known != 0 {
		currentControl.Set(c, fpControls(c))
		invalid(c, eINVAL)
		return win.Int(eINVAL), 0
	}
	v, _ := controlfpNoDenormal(c, newControl, mask)
	currentControl.Set(c, uint32(v))
	return 0, 0
}

// statusfp returns the exceptions that happened.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/status87-statusfp-statusfp2
func statusfp(c *win.Call) (win.DWORD, win.Error) {
	return win.DWORD(toExceptions(mxcsr(c) & allMXCSRFlags)), 0
}

// clearfp returns the exceptions that happened and forgets them.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/clear87-clearfp
func clearfp(c *win.Call) (win.DWORD, win.Error) {
	v, err := statusfp(c)
	setMXCSR(c, mxcsr(c)&^allMXCSRFlags)
	return v, err
}

// fpreset gives the floating-point unit the state of a new thread.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/fpreset
func fpreset(c *win.Call) (win.Void, win.Error) {
	setMXCSR(c, mxcsrDefault)
	c.CPU().SetReg(cpu.FPCW, controlWordOfX87)
	return win.Void{}, 0
}

// fltRounds is FLT_ROUNDS: 0 towards zero, 1 to nearest, 2 up, 3 down.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/fegetround-fesetround2
func fltRounds(c *win.Call) (win.Int, win.Error) {
	return [...]win.Int{1, 3, 2, 0}[mxcsr(c)>>mxcsrRounding&3], 0
}

// fegetround returns the rounding mode.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/fegetround-fesetround2
func fegetround(c *win.Call) (win.Int, win.Error) { return win.Int(fpControls(c) & fpRounding), 0 }

// fesetround sets the rounding mode.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/fegetround-fesetround2
func fesetround(c *win.Call, round_mode win.Hex) (win.Int, win.Error) {
	if round_mode&^fpRounding != 0 {
		return 1, 0
	}
	_, _ = controlfp(c, round_mode, fpRounding) // returns the modes
	return 0, 0
}

const fenvExceptions = 0x1F

// fetestexcept returns which of some exceptions happened.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/fetestexcept1
func fetestexcept(c *win.Call, excepts win.Hex) (win.Int, win.Error) {
	return win.Int(toExceptions(mxcsr(c)&allMXCSRFlags) & uint32(excepts) & fenvExceptions), 0
}

// feclearexcept forgets exceptions.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/feclearexcept1
func feclearexcept(c *win.Call, excepts win.Hex) (win.Int, win.Error) {
	setMXCSR(c, mxcsr(c)&^fromExceptions(uint32(excepts)&fenvExceptions))
	return 0, 0
}

// fegetexceptflag stores exceptions that happened.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/fegetexceptflag2
func fegetexceptflag(c *win.Call, pstatus win.Out[uint32], excepts win.Hex) (win.Int, win.Error) {
	v, _ := fetestexcept(c, excepts)
	pstatus.Set(c, uint32(v))
	return 0, 0
}

// fesetexceptflag sets flags as they were stored.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/fesetexceptflag2
func fesetexceptflag(c *win.Call, pstatus win.Out[uint32], excepts win.Hex) (win.Int, win.Error) {
	mask := uint32(excepts) & fenvExceptions
	setMXCSR(c, mxcsr(c)&^fromExceptions(mask)|fromExceptions(pstatus.Get(c)&mask))
	return 0, 0
}

// A fenv_t is two longs: the modes and the exceptions that happened.

// fegetenv stores the environment.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/fegetenv1
func fegetenv(c *win.Call, penv win.Ptr) (win.Int, win.Error) {
	c.WriteUint(penv, 4, uint64(fpControls(c)))
	c.WriteUint(penv+4, 4, uint64(toExceptions(mxcsr(c)&allMXCSRFlags)))
	return 0, 0
}

// fesetenv sets an environment that was stored.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/fesetenv1
func fesetenv(c *win.Call, penv win.Ptr) (win.Int, win.Error) {
	controls, status := uint32(c.ReadUint(penv, 4)), uint32(c.ReadUint(penv+4, 4))
	if c.Faulted() {
		return 0, 0
	}
	setFPControls(c, controls)
	setMXCSR(c, mxcsr(c)&^allMXCSRFlags|fromExceptions(status))
	return 0, 0
}

// feholdexcept stores the environment, forgets exceptions and masks them all.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/feholdexcept2
func feholdexcept(c *win.Call, penv win.Ptr) (win.Int, win.Error) {
	_, _ = fegetenv(c, penv) // returns 0
	setMXCSR(c, mxcsr(c)&^allMXCSRFlags|allMXCSRFlags<<mxcsrMasks)
	return 0, 0
}
