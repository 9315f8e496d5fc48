package cpu

/*
#include "engine.h"
*/
import "C"

// StubSize is the distance of two stubs in bytes.
const StubSize = C.ST_STUB

// Patchable says that the guest may write to the stubs of a range of whole
// pages. From now on their bytes run as the code they are, unless the guest
// enters a stub at its start that is what it was: this stops with [APICall], as
// before. stubs is the guest memory of the whole stub range and originals what
// was in it, both outside the Go heap and alive as long as the CPU.
func (c *CPU) Patchable(addr, size uint64, stubs, originals []byte) error {
	if err := checkRange("patchable", addr, size); err != nil {
		return err
	}
	if n := uint64(c.e.stub_end - c.e.stub_start); uint64(len(stubs)) != n || uint64(len(originals)) != n {
		return &Error{Op: "patchable", Address: addr, Size: size, Code: C.UC_ERR_ARG, Text: "not the memory of the stub range"}
	}
	switch C.st_patchable(c.e, C.uint64_t(addr), C.uint64_t(size), bytePointer(stubs), bytePointer(originals)) {
	case -1:
		return &Error{Op: "patchable", Address: addr, Size: size, Code: C.UC_ERR_NOMEM}
	case -2:
		return &Error{Op: "patchable", Address: addr, Size: size, Code: C.UC_ERR_ARG, Text: "outside of the stub range"}
	}
	return nil
}
