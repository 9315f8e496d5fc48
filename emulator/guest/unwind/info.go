package unwind

import "encoding/binary"

// Operations of the prologue, UWOP_*.
//
// https://learn.microsoft.com/cpp/build/exception-handling-x64#unwind-operation-code
const (
	pushNonvolatile    = 0
	allocLarge         = 1
	allocSmall         = 2
	setFrame           = 3
	saveNonvolatile    = 4
	saveNonvolatileFar = 5
	epilogOrXMM        = 6 // UWOP_EPILOG; in version 1 a save of XMM's low half, which no compiler wrote
	spare              = 7
	saveXMM            = 8
	saveXMMFar         = 9
	pushMachineFrame   = 10
)

// info is an UNWIND_INFO.
type info struct {
	version     int
	flags       int
	prolog      int    // bytes
	register    int    // frame register; 0 for none
	frameOffset uint64 // of it, from the establisher frame
	codes       []byte // two bytes to a slot
	tail        uint64 // address of the handler or of the chained entry
}

func readInfo(m Memory, base uint64, fn Function) (info, error) {
	at := base + uint64(fn.Info)
	head, err := m.View(at, 4)
	if err != nil {
		return info{}, err
	}
	n := int(head[2])
	i := info{
		version: int(head[0] & 7), flags: int(head[0] >> 3), prolog: int(head[1]),
		register: int(head[3] & 15), frameOffset: uint64(head[3]>>4) * 16,
		tail: at + 4 + 2*uint64((n+1)&^1),
	}
	if i.version != 1 && i.version != 2 {
		return i, invalid("version %d", i.version)
	}
	if i.codes, err = m.View(at+4, 2*n); err != nil {
		return i, err
	}
	return i, nil
}

// code is one decoded operation.
type code struct {
	offset uint64 // behind the instruction, in the function
	op     int
	arg    int
	value  uint64 // size or offset in bytes
}

// next decodes the operation at slot and returns the slot behind it.
func (i *info) next(slot int) (code, int, error) {
	word := func(n int) uint64 { return uint64(binary.LittleEndian.Uint16(i.codes[2*n:])) }
	b := i.codes[2*slot:]
	c := code{offset: uint64(b[0]), op: int(b[1] & 15), arg: int(b[1] >> 4)}
	extra, scale := 0, uint64(1)
	switch c.op {
	case allocLarge:
		switch c.arg {
		case 0:
			extra, scale = 1, 8
		case 1:
			extra = 2
		default:
			return c, 0, invalid("large allocation %d", c.arg)
		}
	case allocSmall:
		c.value = uint64(c.arg)*8 + 8
	case saveNonvolatile:
		extra, scale = 1, 8
	case saveXMM:
		extra, scale = 1, 16
	case saveNonvolatileFar, saveXMMFar, spare:
		extra = 2
	case epilogOrXMM:
		if i.version == 1 {
			extra = 1
		}
	case pushNonvolatile, setFrame, pushMachineFrame:
	default:
		return c, 0, invalid("operation %d", c.op)
	}
	if 2*(slot+extra+1) > len(i.codes) {
		return c, 0, invalid("operation %d is cut off", c.op)
	}
	switch extra {
	case 1:
		c.value = word(slot+1) * scale
	case 2:
		c.value = word(slot+1) | word(slot+2)<<16
	}
	return c, slot + 1 + extra, nil
}

// establisher is the address of the frame, as far as it has been set up.
func (i *info) establisher(offset uint64, c *Context) uint64 {
	if i.register == 0 {
		return c.GPR[rsp]
	}
	if offset < uint64(i.prolog) && i.flags&chained == 0 {
		set := false
		for slot := 0; 2*slot < len(i.codes); {
			op, next, err := i.next(slot)
			if err != nil {
				break
			}
			set = set || op.op == setFrame && op.offset <= offset
			slot = next
		}
		if !set {
			return c.GPR[rsp]
		}
	}
	return c.GPR[i.register] - i.frameOffset
}

// undo takes back what the prologue has done up to an offset. It reports
// whether a machine frame gave the return address.
func (i *info) undo(m Memory, offset, frame uint64, c *Context, saved *Saved) (machine bool, err error) {
	for slot := 0; 2*slot < len(i.codes); {
		op, next, err := i.next(slot)
		if err != nil {
			return machine, err
		}
		slot = next
		if op.offset > offset || op.op == epilogOrXMM {
			continue
		}
		switch op.op {
		case pushNonvolatile:
			if err := pop(m, op.arg, c, saved); err != nil {
				return machine, err
			}
		case allocLarge, allocSmall:
			c.GPR[rsp] += op.value
		case setFrame:
			c.GPR[rsp] = frame
			if i.register != 0 {
				c.GPR[rsp] = c.GPR[i.register] - i.frameOffset
			}
		case saveNonvolatile, saveNonvolatileFar:
			if c.GPR[op.arg], err = readWord(m, frame+op.value); err != nil {
				return machine, err
			}
			saved.GPR[op.arg] = frame + op.value
		case saveXMM, saveXMMFar:
			b, err := m.View(frame+op.value, 16)
			if err != nil {
				return machine, err
			}
			copy(c.XMM[op.arg][:], b)
			saved.XMM[op.arg] = frame + op.value
		case pushMachineFrame:
			at := c.GPR[rsp]
			if op.arg != 0 {
				at += 8 // the error code
			}
			ip, err := readWord(m, at)
			if err != nil {
				return machine, err
			}
			sp, err := readWord(m, at+24)
			if err != nil {
				return machine, err
			}
			c.RIP, c.GPR[rsp] = ip, sp
			machine = true
		}
	}
	return machine, nil
}

// pop restores a register from the top of the stack.
func pop(m Memory, register int, c *Context, saved *Saved) error {
	v, err := readWord(m, c.GPR[rsp])
	if err != nil {
		return err
	}
	saved.GPR[register] = c.GPR[rsp]
	c.GPR[rsp] += 8
	c.GPR[register] = v
	return nil
}
