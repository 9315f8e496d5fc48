package cpu

/*
#include "engine.h"
*/
import "C"

import "unsafe"

// MaxBreakpoints is how many there may be.
const MaxBreakpoints = C.ST_MAX_BREAKPOINTS

// SetBreakpoints has Run stop before the instructions at these addresses, and
// no others. They cost nothing elsewhere. Those in the stub range are not
// seen: an [APICall] stops there.
func (c *CPU) SetBreakpoints(addresses []uint64) {
	C.st_set_breakpoints(c.e, (*C.uint64_t)(unsafe.SliceData(addresses)), C.size_t(len(addresses)))
}

// Step lets the instruction at addr run though there is a breakpoint, once the
// trap flag is set: code that is stepped is translated apart. It holds until
// the next Step or EndStep.
func (c *CPU) Step(addr uint64) { c.e.stepped = C.uint64_t(addr) }

// EndStep lets no breakpoint pass.
func (c *CPU) EndStep() { c.e.stepped = C.UINT64_MAX }
