// Package native runs single instructions on the host's own processor: what the
// tests of the emulated one are compared with.
package native

/*
#cgo CFLAGS: -Wall -Wextra
#include "native.h"
*/
import "C"

import (
	"runtime"
	"unsafe"
)

// State are the registers before and after an instruction. The general ones are
// in the order of their machine codes; RSP is neither loaded nor stored.
type State struct {
	YMM     [16][32]byte
	General [16]uint64
	EFLAGS  uint64
	MXCSR   uint32
	Signal  int32  // what the instruction raised, as the host's signal; 0 for nothing
	Address uint64 // that comes with the signal
}

// Supported says whether the host has AVX2, FMA, F16C and the vector forms of
// AES and carry-less multiplication.
func Supported() bool { return C.native_supported() != 0 }

// Run runs one instruction. It is for one goroutine at a time: signals of the
// process are its own meanwhile.
func Run(code []byte, s *State) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	C.native_run((*C.native_state)(unsafe.Pointer(s)), (*C.uint8_t)(unsafe.SliceData(code)), C.size_t(len(code)))
}
