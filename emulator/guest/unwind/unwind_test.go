package unwind

import (
	"encoding/binary"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// image is memory at one address; what lies outside cannot be read.
type image struct {
	base uint64
	data []byte
}

var errOutside = errors.New("outside")

func (m image) View(addr uint64, n int) ([]byte, error) {
	if at := addr - m.base; n >= 0 && at <= uint64(len(m.data)) && uint64(len(m.data))-at >= uint64(n) {
		return m.data[at : at+uint64(n)], nil
	}
	return nil, errOutside
}

// Where tests put things: code, unwind data, the stack.
const (
	base     = 0x8000
	codeAt   = 0x100
	infoAt   = 0x400
	moreAt   = 0x500
	stackAt  = 0x800
	size     = 0x1000
	function = 0x80 // bytes of code
)

// memory has the words 0x9000, 0x9001, … on its stack.
func memory(code, info, more []byte) image {
	m := image{base, make([]byte, size)}
	copy(m.data[codeAt:], code)
	copy(m.data[infoAt:], info)
	copy(m.data[moreAt:], more)
	for i := 0; stackAt+8*i+8 <= size; i++ {
		binary.LittleEndian.PutUint64(m.data[stackAt+8*i:], 0x9000+uint64(i))
	}
	return m
}

// outcome is what a test looks at: registers as words of the stack.
type outcome struct {
	RIP, RSP, RBX, RBP, Frame uint64 // RSP and Frame from the stack's start
	XMM6                      uint64
	Handler                   uint64 // from the image's start
}

func TestVirtual(t *testing.T) {
	nop := make([]byte, function)
	for i := range nop {
		nop[i] = 0x90
	}
	at := func(offset int, code ...byte) []byte {
		c := append([]byte{}, nop...)
		copy(c[offset:], code)
		return c
	}
	pushAlloc := []byte{1, 5, 2, 0, 5, 0x32, 1, 0x30} // push rbx; sub rsp, 32
	tests := []struct {
		name             string
		code, info, more []byte
		offset           uint64
		rbp              uint64 // from the stack's start
		want             outcome
	}{
		{"before the prologue", nop, pushAlloc, nil, 0, 0, outcome{RIP: 0x9000, RSP: 8}},
		{"after the push", nop, pushAlloc, nil, 1, 0, outcome{RIP: 0x9001, RSP: 16, RBX: 0x9000}},
		{"in the body", nop, pushAlloc, nil, 9, 0, outcome{RIP: 0x9005, RSP: 48, RBX: 0x9004}},
		{"at the end of an epilogue", at(0x20, 0x48, 0x83, 0xC4, 0x20, 0x5B, 0xC3), pushAlloc, nil, 0x24, 0, outcome{RIP: 0x9001, RSP: 16, RBX: 0x9000}},
		{"at an epilogue", at(0x20, 0x48, 0x83, 0xC4, 0x20, 0x5B, 0xC3), pushAlloc, nil, 0x20, 0, outcome{RIP: 0x9005, RSP: 48, RBX: 0x9004}},
		{"at a return", at(0x20, 0xF3, 0xC3), pushAlloc, nil, 0x20, 0, outcome{RIP: 0x9000, RSP: 8}},
		{"at a jump to another function", at(0x20, 0xE9, 0, 1, 0, 0), pushAlloc, nil, 0x20, 0, outcome{RIP: 0x9000, RSP: 8}},
		{"at a jump within the function", at(0x20, 0xEB, 0x10), pushAlloc, nil, 0x20, 0, outcome{RIP: 0x9005, RSP: 48, RBX: 0x9004}},
		{"a pop that no return follows", at(0x20, 0x5B, 0x90), pushAlloc, nil, 0x20, 0, outcome{RIP: 0x9005, RSP: 48, RBX: 0x9004}},
		{"large allocation", nop, []byte{1, 7, 2, 0, 7, 0x01, 10, 0}, nil, 9, 0, outcome{RIP: 0x900A, RSP: 88}},
		{"far allocation", nop, []byte{1, 7, 3, 0, 7, 0x11, 0x40, 0, 0, 0}, nil, 9, 0, outcome{RIP: 0x9008, RSP: 72}},
		{"frame pointer", nop, []byte{1, 8, 3, 0x15, 8, 0x03, 5, 0x12, 1, 0x50}, nil, 9, 48, outcome{RIP: 0x9007, RSP: 64, RBP: 0x9006, Frame: 32}},
		{"frame pointer not yet set", nop, []byte{1, 8, 3, 0x15, 8, 0x03, 5, 0x12, 1, 0x50}, nil, 1, 0, outcome{RIP: 0x9001, RSP: 16, RBP: 0x9000}},
		{"saved registers", nop, []byte{1, 9, 6, 0, 9, 0x34, 3, 0, 7, 0x68, 2, 0, 3, 0x01, 8, 0}, nil, 12, 0, outcome{RIP: 0x9008, RSP: 72, RBX: 0x9003, XMM6: 0x9004}},
		{"machine frame", nop, []byte{1, 0, 1, 0, 0, 0x0A}, nil, 0, 0, outcome{RIP: 0x9000, RSP: 0x9003 - base - stackAt}},
		{"machine frame with an error code", nop, []byte{1, 0, 1, 0, 0, 0x1A}, nil, 0, 0, outcome{RIP: 0x9001, RSP: 0x9004 - base - stackAt}},
		{"chained", nop, append([]byte{1 | chained<<3, 0, 1, 0, 0, 0x30, 0, 0}, entry(0, 1, moreAt)...), []byte{1, 4, 1, 0, 4, 0x12, 0, 0}, 9, 0, outcome{RIP: 0x9003, RSP: 32, RBX: 0x9000}},
		{"handler", nop, []byte{1 | ExceptionHandler<<3, 1, 1, 0, 1, 0x30, 0, 0, 0x34, 0x12, 0, 0}, nil, 9, 0, outcome{RIP: 0x9001, RSP: 16, RBX: 0x9000, Handler: 0x1234}},
		{"no handler in the prologue", nop, []byte{1 | ExceptionHandler<<3, 1, 1, 0, 1, 0x30, 0, 0, 0x34, 0x12, 0, 0}, nil, 0, 0, outcome{RIP: 0x9000, RSP: 8}},
		{"another kind of handler", nop, []byte{1 | TerminationHandler<<3, 1, 1, 0, 1, 0x30, 0, 0, 0x34, 0x12, 0, 0}, nil, 9, 0, outcome{RIP: 0x9001, RSP: 16, RBX: 0x9000}},
		{"epilogue of version 2", at(0x40, 0x5B, 0xC3), []byte{2, 1, 3, 0, 2, 0x06, 0x40, 0x06, 1, 0x30}, nil, 0x40, 0, outcome{RIP: 0x9001, RSP: 16, RBX: 0x9000}},
		{"what looks like one and is not listed", at(0x40, 0x48, 0x83, 0xC4, 0x20, 0xC3), []byte{2, 1, 3, 0, 2, 0x06, 0x20, 0x06, 1, 0x30}, nil, 0x40, 0, outcome{RIP: 0x9001, RSP: 16, RBX: 0x9000}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			m := memory(test.code, test.info, test.more)
			c := &Context{RIP: base + codeAt + test.offset}
			c.GPR[rsp], c.GPR[rbp] = base+stackAt, test.rbp
			if test.rbp != 0 {
				c.GPR[rbp] += base + stackAt
			}
			f, err := Virtual(m, ExceptionHandler, base, c.RIP, Function{codeAt, codeAt + function, infoAt}, c)
			if err != nil {
				t.Fatal(err)
			}
			got := outcome{RIP: c.RIP, RSP: c.RSP() - base - stackAt, RBX: c.GPR[3], RBP: c.GPR[rbp], Frame: f.Establisher - base - stackAt, XMM6: binary.LittleEndian.Uint64(c.XMM[6][:])}
			if f.Handler != 0 {
				got.Handler = f.Handler - base
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func entry(begin, end, info uint32) []byte {
	b := binary.LittleEndian.AppendUint32(nil, begin)
	b = binary.LittleEndian.AppendUint32(b, end)
	return binary.LittleEndian.AppendUint32(b, info)
}

func TestInvalid(t *testing.T) {
	tests := []struct {
		name string
		info []byte
	}{
		{"version", []byte{3, 0, 0, 0}},
		{"operation", []byte{1, 0, 1, 0, 0, 0x0B}},
		{"cut off", []byte{1, 0, 1, 0, 0, 0x01}},
		{"large allocation of no kind", []byte{1, 0, 1, 0, 0, 0x21}},
		{"a chain that is a ring", append([]byte{1 | chained<<3, 0, 0, 0}, entry(0, 1, infoAt)...)},
		{"a redirection to itself", nil},
	}
	for _, test := range tests {
		m := memory(nil, test.info, nil)
		info := uint32(infoAt)
		if test.info == nil {
			copy(m.data[infoAt:], entry(0, 1, infoAt|1))
			info |= 1
		}
		c := &Context{RIP: base + codeAt}
		c.GPR[rsp] = base + stackAt
		if _, err := Virtual(m, 3, base, c.RIP, Function{codeAt, codeAt + function, info}, c); !errors.Is(err, errInvalid) {
			t.Errorf("%s: got %v, want invalid unwind data", test.name, err)
		}
	}
}

// FuzzVirtual unwinds hostile data: it must end, and may only fail.
func FuzzVirtual(f *testing.F) {
	f.Add([]byte{1, 5, 2, 0, 5, 0x32, 1, 0x30}, []byte{0x48, 0x83, 0xC4, 0x20, 0x5B, 0xC3}, uint16(0), byte(3))
	f.Add([]byte{0x21, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 4, 0, 0}, []byte{0xE9}, uint16(2), byte(1))
	f.Add([]byte{2, 8, 5, 0x35, 2, 6, 0x40, 6, 8, 3, 5, 0x12, 1, 0x50}, []byte{0x48, 0x8D, 0x65, 0x10, 0x5D, 0xC3}, uint16(9), byte(0))
	f.Add([]byte{1, 0, 255, 0xFF}, []byte{0x4C, 0x8D, 0xA4}, uint16(77), byte(2))
	f.Fuzz(func(t *testing.T, info, code []byte, offset uint16, want byte) {
		if len(info) > size-infoAt || len(code) > infoAt-codeAt {
			return
		}
		m := memory(code, info, nil)
		c := &Context{RIP: base + codeAt + uint64(offset)}
		for i := range c.GPR {
			c.GPR[i] = base + stackAt + uint64(i)*8
		}
		fn := Function{codeAt, codeAt + function, infoAt}
		for range 8 {
			if _, err := Virtual(m, int(want&3), base, c.RIP, fn, c); err != nil {
				break
			}
		}
		_, _ = Primary(m, base, fn) // may fail
	})
}
