package cpu

/*
#include <unicorn/unicorn.h>
*/
import "C"

import (
	"errors"
	"fmt"
)

// ErrOverlap is returned for a watch that overlaps another.
var ErrOverlap = errors.New("cpu: overlaps another watched range")

// Error is an operation that libunicorn refused.
type Error struct {
	Op            string // "open", "map", "unmap", "protect", "context", "run"
	Address, Size uint64 // of the memory concerned, if any
	Code          int    // uc_err
	Text          string // what it means; empty for libunicorn's own text
}

func (e *Error) Error() string {
	text := e.Text
	if text == "" {
		text = C.GoString(C.uc_strerror(C.uc_err(e.Code)))
	}
	if e.Size == 0 {
		return fmt.Sprintf("cpu: %s: %s", e.Op, text)
	}
	return fmt.Sprintf("cpu: %s %#x+%#x: %s", e.Op, e.Address, e.Size, text)
}
