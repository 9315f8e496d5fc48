package cpu

/*
#include "engine.h"
*/
import "C"

import "unsafe"

// Prot is a set of access rights.
type Prot uint8

// The rights of a page.
const (
	Read Prot = 1 << iota
	Write
	Exec
)

// Map shows mem to the guest at addr. Both are page aligned; mem is a multiple
// of PageSize, outside the Go heap, and lives until it is unmapped. The library
// slows down with the number of mappings: map few and big ones.
func (c *CPU) Map(addr uint64, mem []byte, prot Prot) error {
	size := uint64(len(mem))
	if err := checkRange("map", addr, size); err != nil {
		return err
	}
	code := C.st_map(c.e, C.uint64_t(addr), unsafe.Pointer(unsafe.SliceData(mem)), C.uint64_t(size), C.uint32_t(prot))
	return result("map", addr, size, code)
}

// Unmap takes a range away from the guest. All of it must be mapped; it may be
// part of what Map was given.
func (c *CPU) Unmap(addr, size uint64) error {
	if err := checkRange("unmap", addr, size); err != nil {
		return err
	}
	return result("unmap", addr, size, C.st_unmap(c.e, C.uint64_t(addr), C.uint64_t(size)))
}

// Protect changes the rights of a range, all of which must be mapped, and drops
// what was translated from it.
func (c *CPU) Protect(addr, size uint64, prot Prot) error {
	if err := checkRange("protect", addr, size); err != nil {
		return err
	}
	return result("protect", addr, size, C.st_protect(c.e, C.uint64_t(addr), C.uint64_t(size), C.uint32_t(prot)))
}

// Invalidate drops what was translated from a range. It must follow host writes
// to memory the guest may have executed, whatever its present rights. Memory
// mapped twice must be invalidated at the address it is executed at; see Alias.
func (c *CPU) Invalidate(addr, size uint64) {
	if size != 0 && addr+(size-1) >= addr {
		C.st_invalidate(c.e, C.uint64_t(addr), C.uint64_t(size))
	}
}

// Alias says that the guest can also write the memory of a range at another
// address, which the engine would not see. What runs in the range is from now on
// compared with what was translated, until it is unmapped. The range must be
// mapped in one piece; there may be eight.
func (c *CPU) Alias(addr, size uint64) error {
	if err := checkRange("alias", addr, size); err != nil {
		return err
	}
	return result("alias", addr, size, C.st_alias_add(c.e, C.uint64_t(addr), C.uint64_t(size)))
}

// SetStack gives a host view of the current thread's stack, so that arguments
// are read without a search. Elsewhere they are found through the mappings. The
// view must be replaced, by nil if need be, before its memory goes.
func (c *CPU) SetStack(base uint64, mem []byte) {
	c.base, c.stack = base, mem
	c.e.stack_base = C.uint64_t(base)
	c.e.stack_size = C.uint64_t(len(mem))
	c.e.stack = (*C.uint8_t)(unsafe.SliceData(mem))
}

func checkRange(op string, addr, size uint64) error {
	if addr%PageSize != 0 || size%PageSize != 0 || size == 0 || addr+(size-1) < addr {
		return &Error{Op: op, Address: addr, Size: size, Code: C.UC_ERR_ARG, Text: "not a range of whole pages"}
	}
	return nil
}

func result(op string, addr, size uint64, code C.uc_err) error {
	if code == C.UC_ERR_OK {
		return nil
	}
	return &Error{Op: op, Address: addr, Size: size, Code: int(code)}
}
