package cpu

import "testing"

func TestInterrupts(t *testing.T) {
	tests := []struct {
		name   string
		code   []byte
		kind   Kind
		after  uint64 // IP, from the start of code
		vector int
	}{
		{"int3", []byte{0xCC}, Interrupt, 1, 3},
		{"int 3", []byte{0xCD, 3}, Interrupt, 2, 3},
		{"int 29h", []byte{0xCD, 0x29}, Interrupt, 2, 0x29},
		{"int 2Dh", []byte{0xCD, 0x2D}, Interrupt, 2, 0x2D},
		{"int 2Eh", []byte{0xCD, 0x2E}, Interrupt, 2, 0x2E},
		{"division by zero", []byte{0x31, 0xC9, 0xF7, 0xF1}, Interrupt, 2, 0},                                                        // xor ecx, ecx; div ecx
		{"single step", []byte{0x9C, 0x80, 0x4C, 0x24, 1, 1, 0x9D, 0x90, 0x90}, Interrupt, 8, 1},                                     // pushfq; or byte [rsp+1], 1; popfq; nop; nop
		{"ud2", []byte{0x90, 0x0F, 0x0B}, InvalidInstruction, 1, 0},                                                                  // nop; ud2
		{"undefined", []byte{0x06}, InvalidInstruction, 0, 0},                                                                        // push es
		{"icebp", []byte{0xF1}, InvalidInstruction, 0, 0},                                                                            // int1
		{"syscall", []byte{0xB8, 5, 0, 0, 0, 0x0F, 5}, Syscall, 7, 0},                                                                // mov eax, 5; syscall
		{"syscall with REX", []byte{0x48, 0x0F, 5}, Syscall, 3, 0},                                                                   // rex.w syscall
		{"null selector store is no fault", []byte{0x66, 0x8C, 0xC8, 0x66, 0x3D, 0x33, 0, 0x74, 1, 0xCC, 0xCD, 9}, Interrupt, 12, 9}, // mov ax, cs; cmp ax, 0x33; jz; int3; int 9
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			m := newMachine(t, Config{})
			m.put(0, test.code...)
			m.SetReg(RCX, 0x77)
			for range 4 { // cold, then from the cache, and never a double fault
				m.SetIP(codeBase)
				m.SetReg(EFLAGS, 0x202)
				s := m.runTo(test.kind, codeBase+test.after)
				if test.kind == Interrupt && s.Vector != test.vector {
					t.Errorf("vector: got %#x, want %#x", s.Vector, test.vector)
				}
			}
			if test.kind == Syscall {
				m.want(RCX, 0x77) // not the return address: the caller decides
			}
		})
	}
}

// Whatever a limit cuts, the guest computes the same.
func TestLimitLosesNothing(t *testing.T) {
	// Two counters in two blocks, with a call, and a REP in between.
	code := join([]byte{
		0x31, 0xC0, 0x31, 0xDB, // xor eax, eax; xor ebx, ebx
		// loop:
		0xFF, 0xC0, //             inc eax
		0xE8, 7, 0, 0, 0, //       call f
		0x3D}, le(300, 4), []byte{ // cmp eax, 300
		0x75, 0xF2, //             jnz loop
		0xFF, 0xC3, //             inc ebx (f is at +0x12)
		0xCC,
	})
	copy(code[4+2+5+5+2:], []byte{0xCC})
	f := []byte{0xFF, 0xC3, 0xC3} // f: inc ebx; ret
	code = append(code[:18], append([]byte{0xCC}, f...)...)
	code[7] = byte(19 - 11) // displacement of the call

	whole := newMachine(t, Config{})
	whole.put(0, code...)
	whole.runTo(Interrupt, codeBase+19)
	blocks := whole.Blocks()

	for _, step := range []uint64{1, 2, 7, 100} {
		m := newMachine(t, Config{})
		m.put(0, code...)
		stops := 0
		for {
			m.SetLimit(m.Blocks() + step)
			s := m.Run()
			if s.Kind == Interrupt {
				break
			}
			if s.Kind != Limit {
				t.Fatalf("step %d: got %v at %#x (%v)", step, s.Kind, s.IP, s.Err)
			}
			stops++
		}
		m.want(RAX, 300)
		m.want(RBX, 300)
		if m.Blocks() != blocks {
			t.Errorf("step %d: got %d blocks, want %d", step, m.Blocks(), blocks)
		}
		if want := int((blocks - 1) / step); stops != want {
			t.Errorf("step %d: got %d stops, want %d", step, stops, want)
		}
	}
}

func TestLimitStays(t *testing.T) {
	m := newMachine(t, Config{})
	m.put(0, 0xEB, 0xFE) // jmp $
	m.SetLimit(10)
	m.runTo(Limit, codeBase)
	m.runTo(Limit, codeBase)
	if m.Blocks() != 10 {
		t.Errorf("blocks: got %d, want 10", m.Blocks())
	}
}

// A limit that falls on an API stub comes before the call, and the call after.
func TestLimitAtStub(t *testing.T) {
	m := newMachine(t, Config{})
	m.put(0, callStub(stubBase)...)
	m.SetLimit(1)
	m.runTo(Limit, stubBase)
	m.SetLimit(NoLimit)
	m.runTo(APICall, stubBase)
}
