package cpu

/*
#include "decode.h"
*/
import "C"

import (
	"fmt"
	"unsafe"
)

// Class is what an instruction means for the engine. All but Plain stop with
// [Special] instead of running.
type Class uint8

// The classes. The engine runs at ring 0, so privileged instructions would
// succeed; it reads the host's clock and random numbers; and it runs some VEX
// coded instructions silently as their SSE forms.
const (
	Plain      Class = iota
	RDTSC            // read the time stamp counter
	RDTSCP           // the same, and the processor's number
	RDRAND           // random number
	RDSEED           // random number
	XGETBV           // extended control register: #UD while CPUID has no OSXSAVE
	VEX              // VEX or XOP coded, and not one of AVX, AVX2, FMA, F16C, which are carried out
	EVEX             // AVX-512
	IRET             // interrupt return
	Privileged       // user mode gets #GP: HLT, CLI, IN, MOV CR, RDMSR, …
	POPF             // pops the flags, of which user mode may change some: carried out
	Segment          // loads a segment register
	Far              // far jump, call, return, SYSENTER
	Table            // SGDT, SIDT, SLDT, STR, SMSW
	Float            // x87: transcendental functions and remainders: carried out
	Undefined        // #UD in user mode: MWAIT, XSETBV, CLAC, …
)

var classNames = [...]string{"plain", "rdtsc", "rdtscp", "rdrand", "rdseed", "xgetbv", "vex", "evex", "iret", "privileged", "popf", "segment", "far", "table", "float", "undefined"}

func (c Class) String() string {
	if int(c) < len(classNames) {
		return classNames[c]
	}
	return fmt.Sprintf("Class(%d)", uint8(c))
}

// Instruction is one machine instruction.
type Instruction struct {
	Class  Class
	Length int      // bytes
	ModRM  int      // where that byte is; 0: there is none
	Bytes  [15]byte // the first Length are the instruction
}

// Decode measures and classifies the 64-bit mode instruction at the start of
// code. Its Length is 0 if code holds no instruction or only part of one; an
// undefined opcode of a known format has a length.
func Decode(code []byte) Instruction {
	d := C.st_decode((*C.uint8_t)(unsafe.SliceData(code)), C.size_t(len(code)))
	i := Instruction{Class: Class(d.class), Length: int(d.length), ModRM: int(d.modrm_at)}
	copy(i.Bytes[:], code[:i.Length])
	return i
}
