package cpu

/*
#include "engine.h"
*/
import "C"

import "unsafe"

// Watch compares each freshly translated block that starts in
// [addr, addr+len(mem)) with what is known to be there. If it differs, or known
// is nil, Run stops with [NewCode] before the block runs; resuming runs it, and
// it is not reported again until it is translated again, which the guest's own
// writes, Invalidate, Protect, and rarely a full translation buffer bring
// about.
//
// mem is the guest memory at addr and known of the same length; both are outside
// the Go heap and live as long as the watch, which replaces one that starts at
// the same address. It returns [ErrOverlap] if another watch is in the way.
func (c *CPU) Watch(addr uint64, mem, known []byte) error {
	size := uint64(len(mem))
	if size == 0 || addr+(size-1) < addr || (known != nil && len(known) != len(mem)) {
		return &Error{Op: "watch", Address: addr, Size: size, Code: C.UC_ERR_ARG}
	}
	switch C.st_watch_add(c.e, C.uint64_t(addr), C.uint64_t(size), bytePointer(mem), bytePointer(known)) {
	case -1:
		return &Error{Op: "watch", Address: addr, Size: size, Code: C.UC_ERR_NOMEM}
	case -2:
		return ErrOverlap
	}
	return nil
}

// Unwatch ends the watch that starts at addr, if there is one.
func (c *CPU) Unwatch(addr uint64) { C.st_watch_remove(c.e, C.uint64_t(addr)) }

func bytePointer(b []byte) *C.uint8_t { return (*C.uint8_t)(unsafe.SliceData(b)) }
