// Package cpu is an x86-64 processor in user mode, emulated by libunicorn. It
// is the only package of the project that calls that library.
//
// A CPU runs until something needs the emulator, and says what:
//
//	for {
//		switch stop := c.Run(); stop.Kind {
//		case cpu.APICall: // an API stub was reached
//			c.Return(handle(stop))
//		case cpu.Fault: // a page fault: map, protect, or raise an exception
//			...
//		}
//	}
//
// The rules are:
//
//   - No Go code runs inside a callback of libunicorn, where changing memory or
//     rights crashes it. Small C callbacks copy what happened and stop the
//     engine; Run returns it; everything is allowed between two Runs.
//   - One stop costs one crossing from Go to C. [CPU.IP], [CPU.SetIP],
//     [CPU.Return] and [CPU.Blocks] cost none.
//   - Guest memory is host memory that the caller allocates outside the Go heap
//     and keeps until it is unmapped or the CPU closed.
//   - libunicorn translates code and does not see later writes by the host, nor
//     changes of rights: [CPU.Protect] and [CPU.Unmap] drop translations
//     themselves, [CPU.Invalidate] is for host writes.
//   - Guard and no-access pages are best left unmapped.
//
// AVX, AVX2, FMA and F16C are carried out here, since the engine has none of
// them (vex.c), although CPUID does not offer them; so are the functions of x87
// that it computes with too few bits (x87.c). The instructions of [Class]
// stop instead of running.
//
// What differs from a real processor: legacy SSE arithmetic sets no exception flags in MXCSR, and
// does not fault when one is unmasked, while AVX does both; a store over two
// pages of which the second faults may have written its part of the first; data
// addresses count modulo 2^52, so that some that are not canonical are others'
// aliases; reciprocals (RCPPS, RSQRTPS) are exact.
//
// A CPU is not safe for concurrent use, except for [CPU.Interrupt].
package cpu

/*
#cgo pkg-config: unicorn
#cgo CFLAGS: -Wall -Wextra
#cgo LDFLAGS: -lm
#include <stdlib.h>
#include "engine.h"
#cgo noescape st_run
#cgo nocallback st_run
*/
import "C"

import (
	"encoding/binary"
	"fmt"
	"math"
	"sync"
	"sync/atomic"
	"unsafe"
)

// PageSize is the granularity of mappings and rights, in bytes.
const PageSize = 0x1000

// NoLimit is both limits of a new CPU.
const NoLimit = math.MaxUint64

const (
	defaultBuffer = 64 << 20
	minBuffer     = 1 << 20
)

// Config is what a CPU is made with. The zero value has no API stubs.
type Config struct {
	// Executing any instruction in [StubStart, StubEnd) stops with APICall
	// before it runs.
	StubStart, StubEnd uint64

	// TranslationBuffer is the size in bytes of the buffer for translated code,
	// committed as it fills and flushed when nearly full; 0 means 64 MiB, the
	// least is 1 MiB.
	TranslationBuffer uint32
}

// CPU is one emulated processor with its address space.
type CPU struct {
	e     *C.st_engine // nil after Close
	mu    sync.Mutex   // between Interrupt and Close
	stack []byte       // host view of the current stack, from stackBase
	base  uint64
	stop  Stop
}

// New opens a CPU in the state of a Windows user-mode thread: 64-bit mode, the
// selectors of Windows, MXCSR 0x1F80, x87 control word 0x27F, interrupts
// enabled, every other register 0, nothing mapped.
func New(config Config) (*CPU, error) {
	return open(config, ExactFaults())
}

// ExactFaults says whether the loaded libunicorn lets RIP and EFLAGS be
// recovered at data faults. If not, [Stop.IP] of a read or write fault may be
// that of an earlier block, and such a fault must not be resumed. It is found
// out once per process, with a known fault.
func (*CPU) ExactFaults() bool { return ExactFaults() }

func open(config Config, exact bool) (*CPU, error) {
	if config.StubEnd < config.StubStart {
		return nil, fmt.Errorf("cpu: stub range ends at %#x, before its start %#x", config.StubEnd, config.StubStart)
	}
	buffer := config.TranslationBuffer
	if buffer == 0 {
		buffer = defaultBuffer
	}
	buffer = max(buffer, minBuffer)

	var code C.uc_err
	e := C.st_open(C.uint64_t(config.StubStart), C.uint64_t(config.StubEnd), C.uint32_t(buffer), C.bool(exact), &code)
	if e == nil {
		return nil, &Error{Op: "open", Code: int(code)}
	}
	return &CPU{e: e}, nil
}

// Close frees the engine. Guest memory stays the caller's. Nothing but Close
// and Interrupt may be called afterwards.
func (c *CPU) Close() {
	c.mu.Lock()
	defer c.mu.Unlock()
	C.st_close(c.e)
	c.e = nil
}

// Run runs the guest from IP until something needs the emulator. The returned
// Stop is overwritten by the next Run.
func (c *CPU) Run() *Stop {
	C.st_run(C.uintptr_t(uintptr(unsafe.Pointer(c.e))))
	return c.copyStop()
}

// Return leaves an API stub as its RET would: RAX is the result, RIP the
// address popped from the stack. The stack is read now, as RET would; where it
// cannot be read, RIP becomes 0.
func (c *CPU) Return(result uint64) {
	rsp := c.Reg(RSP)
	c.e.ip = C.uint64_t(c.readStack(rsp))
	c.SetReg(RSP, rsp+8)
	c.SetReg(RAX, result)
}

// readStack reads 8 bytes of the guest's stack.
func (c *CPU) readStack(address uint64) uint64 {
	if at := address - c.base; at < uint64(len(c.stack)) && uint64(len(c.stack))-at >= 8 {
		return binary.LittleEndian.Uint64(c.stack[at:])
	}
	return c.readWord(address)
}

// readWord reads 8 bytes of guest memory, and 0 for those that are not mapped.
func (c *CPU) readWord(address uint64) uint64 {
	var word [8]byte
	C.st_peek(c.e, C.uint64_t(address), unsafe.Pointer(&word), 8)
	return binary.LittleEndian.Uint64(word[:])
}

// Blocks returns the number of basic blocks started so far, the clock of the
// guest: the same guest does the same in the same number of blocks. Each
// iteration of a REP instruction is a block, and so is what remains of a block
// after a stop within it.
func (c *CPU) Blocks() uint64 { return uint64(c.e.blocks) }

// SetLimit sets the count of blocks, since New, at which Run stops with Limit,
// before the next block runs.
func (c *CPU) SetLimit(blocks uint64) { c.e.limit = C.uint64_t(blocks) }

// Translated returns how many instructions were translated so far, each time
// they were. For a program that writes itself anew all the time that is what
// its run costs: a translated instruction takes about half a microsecond, and
// a block may have two hundred.
func (c *CPU) Translated() uint64 { return uint64(c.e.translated) }

// SetTranslationLimit sets the count of translated instructions, since New, at
// which Run stops with Limit, before the next fresh block runs.
func (c *CPU) SetTranslationLimit(n uint64) { c.e.translation_limit = C.uint64_t(n) }

// Interrupt makes the running Run, or the next one, stop with Interrupted at
// the next block. It may be called from any goroutine, also after Close.
func (c *CPU) Interrupt() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.e != nil {
		atomic.StoreUint32((*uint32)(unsafe.Pointer(&c.e.interrupt)), 1)
		atomic.StoreUint64((*uint64)(unsafe.Pointer(&c.e.look_at)), 0)
	}
}

// Version is that of the libunicorn in use, such as "2.1.1".
func Version() string {
	v := uint32(C.uc_version(nil, nil))
	return fmt.Sprintf("%d.%d.%d", v>>24, v>>16&0xFF, v>>8&0xFF)
}
