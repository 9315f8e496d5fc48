// Package bare is libunicorn with as little around it as possible: what a
// benchmark of the emulator is compared with in the same run, because machines
// differ and ratios do not. It checks nothing and records nothing.
package bare

/*
#cgo pkg-config: unicorn
#cgo CFLAGS: -Wall -Wextra
#include <stdlib.h>
#include "bare.h"
#cgo noescape bare_resume
#cgo nocallback bare_resume
*/
import "C"

import (
	"errors"
	"unsafe"
)

// Engine is one libunicorn engine in 64-bit mode.
type Engine struct {
	uc   *C.uc_engine
	call *C.bare_call
}

// Open opens an engine with the CPU model and the translation buffer that
// package cpu uses.
func Open() (*Engine, error) {
	e := new(Engine)
	if err := failure(C.bare_open(&e.uc)); err != nil {
		e.Close()
		return nil, err
	}
	return e, nil
}

// Close frees the engine.
func (e *Engine) Close() {
	if e.uc != nil {
		C.uc_close(e.uc)
		e.uc = nil
	}
	C.free(unsafe.Pointer(e.call))
	e.call = nil
}

// Map shows page-aligned memory from outside the Go heap to the guest, with all
// rights.
func (e *Engine) Map(addr uint64, mem []byte) error {
	return failure(C.uc_mem_map_ptr(e.uc, C.uint64_t(addr), C.size_t(len(mem)), C.UC_PROT_ALL, unsafe.Pointer(unsafe.SliceData(mem))))
}

// SetRegister sets one of RAX, RCX, RDX, RBX, RSP, RBP, RSI, RDI, R8 … R15, by
// its machine number, 0 to 15.
func (e *Engine) SetRegister(n int, value uint64) {
	ids := [16]C.int{C.UC_X86_REG_RAX, C.UC_X86_REG_RCX, C.UC_X86_REG_RDX, C.UC_X86_REG_RBX,
		C.UC_X86_REG_RSP, C.UC_X86_REG_RBP, C.UC_X86_REG_RSI, C.UC_X86_REG_RDI,
		C.UC_X86_REG_R8, C.UC_X86_REG_R9, C.UC_X86_REG_R10, C.UC_X86_REG_R11,
		C.UC_X86_REG_R12, C.UC_X86_REG_R13, C.UC_X86_REG_R14, C.UC_X86_REG_R15}
	v := C.uint64_t(value)
	C.uc_reg_write(e.uc, ids[n], unsafe.Pointer(&v))
}

// RunUntil runs from start until the instruction at until is reached. An until
// next to running code makes every start translate it again: let it be the
// return address of a function, far from what is measured.
func (e *Engine) RunUntil(start, until uint64) error {
	return failure(C.uc_emu_start(e.uc, C.uint64_t(start), C.uint64_t(until), 0, 0))
}

// StubLoop makes every execution in [start, end) a stop with the arguments of
// an API call, read from the stack at stackBase.
func (e *Engine) StubLoop(start, end, stackBase uint64, stack []byte) error {
	e.call = (*C.bare_call)(C.calloc(1, C.sizeof_bare_call))
	e.call.stack = (*C.uint8_t)(unsafe.SliceData(stack))
	e.call.stack_base = C.uint64_t(stackBase)
	return failure(C.bare_stub(e.uc, e.call, C.uint64_t(start), C.uint64_t(end)))
}

// HookBlocks has every basic block call a hook that does nothing: the least that
// counting blocks can cost. It holds for what is translated afterwards.
func (e *Engine) HookBlocks() error { return failure(C.bare_hook_blocks(e.uc)) }

// StopLoop runs from ip with the given RSP, returns from n stubs with RAX 1,
// and leaves the guest where it was stopped last.
func (e *Engine) StopLoop(ip, rsp uint64, n int) error {
	rax := uint64(0)
	for range n {
		if err := failure(C.bare_resume(e.uc, e.call, C.uint64_t(ip), C.uint64_t(rsp), C.uint64_t(rax))); err != nil {
			return err
		}
		if e.call.reached == 0 {
			return errors.New("bare: the guest ended without a call")
		}
		ip, rsp, rax = uint64(e.call.frame[0]), uint64(e.call.rsp)+8, 1
	}
	return nil
}

// TenInstructions opens an engine, maps mem, runs ten instructions in it and
// closes the engine: the least that a process can cost.
func TenInstructions(mem []byte) error {
	e, err := Open()
	if err != nil {
		return err
	}
	defer e.Close()
	const base = 0x400000
	if err := e.Map(base, mem); err != nil {
		return err
	}
	for i := range 10 {
		copy(mem[2*i:], []byte{0xFF, 0xC0}) // inc eax
	}
	return e.RunUntil(base, base+20)
}

func failure(code C.uc_err) error {
	if code == C.UC_ERR_OK {
		return nil
	}
	return errors.New("bare: " + C.GoString(C.uc_strerror(code)))
}
