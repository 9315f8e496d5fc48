// Package unwind undoes the frames of x64 functions with the tables that
// compilers leave for it: .pdata and .xdata. It reads the guest's memory and
// calls nothing.
//
// The tables are the guest's and may be hostile: every chain is bounded, and
// what cannot be read or makes no sense is an error.
//
// https://learn.microsoft.com/cpp/build/exception-handling-x64
package unwind

import (
	"encoding/binary"
	"errors"
	"fmt"
)

// The registers the package knows by name, in the order of their encoding.
const (
	rsp = 4
	rbp = 5
)

// Context is the part of a CONTEXT that unwinding changes.
type Context struct {
	GPR [16]uint64 // RAX RCX RDX RBX RSP RBP RSI RDI R8 … R15
	RIP uint64
	XMM [16][16]byte
}

// RSP is the stack pointer.
func (c *Context) RSP() uint64 { return c.GPR[rsp] }

// Memory is what is read.
type Memory interface {
	// View returns n bytes, or an error if one cannot be read.
	View(addr uint64, n int) ([]byte, error)
}

// Function is a RUNTIME_FUNCTION: addresses relative to the image.
type Function struct {
	Begin, End, Info uint32
}

// FunctionSize is its size in a table.
const FunctionSize = 12

// ReadFunction reads one from a table.
func ReadFunction(m Memory, at uint64) (Function, error) {
	b, err := m.View(at, FunctionSize)
	if err != nil {
		return Function{}, err
	}
	return Function{binary.LittleEndian.Uint32(b), binary.LittleEndian.Uint32(b[4:]), binary.LittleEndian.Uint32(b[8:])}, nil
}

// Flags of an UNWIND_INFO, and what a caller asks for.
const (
	ExceptionHandler   = 1 // UNW_FLAG_EHANDLER
	TerminationHandler = 2 // UNW_FLAG_UHANDLER
	chained            = 4 // UNW_FLAG_CHAININFO
)

// Frame is what is found out about a function's frame.
type Frame struct {
	Establisher uint64 // the frame's address, by which handlers know it
	Handler     uint64 // the language handler asked for; 0 for none
	HandlerData uint64 // what lies behind it
	Saved       Saved
}

// Saved is where in memory the registers were that have been restored; 0 for
// the others.
type Saved struct {
	GPR, XMM [16]uint64
}

// maxChain bounds the chained entries of one function, and redirections.
const maxChain = 32

var errInvalid = errors.New("invalid unwind data")

// Leaf undoes the frame of a function without an entry: only its return
// address is on the stack.
func Leaf(m Memory, c *Context) error {
	ret, err := readWord(m, c.GPR[rsp])
	if err != nil {
		return err
	}
	c.RIP = ret
	c.GPR[rsp] += 8
	return nil
}

// Virtual undoes a function's frame: c, which is somewhere in the function,
// becomes what it will be when the function has returned. want is the handler
// flags asked for. An error leaves c half changed.
func Virtual(m Memory, want int, base, pc uint64, fn Function, c *Context) (Frame, error) {
	fn, err := direct(m, base, fn)
	if err != nil {
		return Frame{}, err
	}
	info, err := readInfo(m, base, fn)
	if err != nil {
		return Frame{}, err
	}
	offset := pc - base - uint64(fn.Begin)
	prolog := offset < uint64(info.prolog)
	f := Frame{Establisher: info.establisher(offset, c)}
	if !prolog {
		if in, err := epilog(m, base, pc, fn, info, c, &f.Saved); in || err != nil {
			return f, err
		}
	}
	machine := false
	for chain := 0; ; chain++ {
		if chain == maxChain {
			return f, errInvalid
		}
		done, err := info.undo(m, offset, f.Establisher, c, &f.Saved)
		if err != nil {
			return f, err
		}
		machine = machine || done
		if info.flags&chained == 0 {
			break
		}
		next, err := ReadFunction(m, info.tail)
		if err == nil {
			next, err = direct(m, base, next)
		}
		if err == nil {
			info, err = readInfo(m, base, next)
		}
		if err != nil {
			return f, err
		}
		offset = ^uint64(0) // all of its prologue has run
	}
	if !machine {
		if err := Leaf(m, c); err != nil {
			return f, err
		}
	}
	if want&info.flags != 0 && !prolog {
		b, err := m.View(info.tail, 4)
		if err != nil {
			return f, err
		}
		f.Handler = base + uint64(binary.LittleEndian.Uint32(b))
		f.HandlerData = info.tail + 4
	}
	return f, nil
}

// direct follows an entry that only leads to another, as incremental linkers
// make them.
func direct(m Memory, base uint64, fn Function) (Function, error) {
	for range maxChain {
		if fn.Info&1 == 0 {
			return fn, nil
		}
		var err error
		if fn, err = ReadFunction(m, base+uint64(fn.Info&^1)); err != nil {
			return fn, err
		}
	}
	return fn, errInvalid
}

// Primary is the entry that a chain begins with: the function's own.
func Primary(m Memory, base uint64, fn Function) (Function, error) {
	for range maxChain {
		var err error
		if fn, err = direct(m, base, fn); err != nil {
			return fn, err
		}
		info, err := readInfo(m, base, fn)
		if err != nil || info.flags&chained == 0 {
			return fn, err
		}
		if fn, err = ReadFunction(m, info.tail); err != nil {
			return fn, err
		}
	}
	return fn, errInvalid
}

func readWord(m Memory, at uint64) (uint64, error) {
	b, err := m.View(at, 8)
	if err != nil {
		return 0, err
	}
	return binary.LittleEndian.Uint64(b), nil
}

// invalid describes data that makes no sense.
func invalid(format string, args ...any) error {
	return fmt.Errorf("%w: %s", errInvalid, fmt.Sprintf(format, args...))
}
