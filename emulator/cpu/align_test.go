package cpu

import (
	"bytes"
	"testing"
)

// Legacy SSE instructions with [rbx] as operand, and whether it must be aligned.
var alignments = []struct {
	name    string
	aligned bool
	code    []byte
}{
	{"movaps xmm0, [rbx]", true, []byte{0x0F, 0x28, 0x03}},
	{"movaps [rbx], xmm0", true, []byte{0x0F, 0x29, 0x03}},
	{"movdqa xmm0, [rbx]", true, []byte{0x66, 0x0F, 0x6F, 0x03}},
	{"movdqa [rbx], xmm8", true, []byte{0x66, 0x44, 0x0F, 0x7F, 0x03}},
	{"movntps [rbx], xmm0", true, []byte{0x0F, 0x2B, 0x03}},
	{"movntdq [rbx], xmm0", true, []byte{0x66, 0x0F, 0xE7, 0x03}},
	{"movntdqa xmm0, [rbx]", true, []byte{0x66, 0x0F, 0x38, 0x2A, 0x03}},
	{"pxor xmm0, [rbx]", true, []byte{0x66, 0x0F, 0xEF, 0x03}},
	{"addps xmm0, [rbx]", true, []byte{0x0F, 0x58, 0x03}},
	{"cvtdq2ps xmm0, [rbx]", true, []byte{0x0F, 0x5B, 0x03}},
	{"pshufd xmm0, [rbx], 0", true, []byte{0x66, 0x0F, 0x70, 0x03, 0}},
	{"pshufb xmm0, [rbx]", true, []byte{0x66, 0x0F, 0x38, 0x00, 0x03}},
	{"aesenc xmm0, [rbx]", true, []byte{0x66, 0x0F, 0x38, 0xDC, 0x03}},
	{"palignr xmm0, [rbx], 3", true, []byte{0x66, 0x0F, 0x3A, 0x0F, 0x03, 3}},
	{"movsldup xmm0, [rbx]", true, []byte{0xF3, 0x0F, 0x12, 0x03}},

	{"movups xmm0, [rbx]", false, []byte{0x0F, 0x10, 0x03}},
	{"movdqu [rbx], xmm0", false, []byte{0xF3, 0x0F, 0x7F, 0x03}},
	{"lddqu xmm0, [rbx]", false, []byte{0xF2, 0x0F, 0xF0, 0x03}},
	{"addss xmm0, [rbx]", false, []byte{0xF3, 0x0F, 0x58, 0x03}},
	{"movq xmm0, [rbx]", false, []byte{0xF3, 0x0F, 0x7E, 0x03}},
	{"movhps xmm0, [rbx]", false, []byte{0x0F, 0x16, 0x03}},
	{"movd xmm0, [rbx]", false, []byte{0x66, 0x0F, 0x6E, 0x03}},
	{"cvtps2pd xmm0, [rbx]", false, []byte{0x0F, 0x5A, 0x03}},
	{"pmovzxbw xmm0, [rbx]", false, []byte{0x66, 0x0F, 0x38, 0x30, 0x03}},
	{"pinsrw xmm0, [rbx], 1", false, []byte{0x66, 0x0F, 0xC4, 0x03, 1}},
	{"pcmpistri xmm0, [rbx], 0", false, []byte{0x66, 0x0F, 0x3A, 0x63, 0x03, 0}},
	{"paddb mm0, [rbx]", false, []byte{0x0F, 0xFC, 0x03}},
	{"movaps xmm0, xmm1", false, []byte{0x0F, 0x28, 0xC1}},
	{"vmovups xmm0, [rbx]", false, []byte{0xC5, 0xF8, 0x10, 0x03}},
	{"vpxor xmm0, xmm0, [rbx]", false, []byte{0xC5, 0xF9, 0xEF, 0x03}},
	{"vmovaps xmm0, [rbx]", true, []byte{0xC5, 0xF8, 0x28, 0x03}},
}

// It faults whenever the operand is misaligned, whatever it was before, and has
// had no effect then.
func TestAlignment(t *testing.T) {
	for _, test := range alignments {
		t.Run(test.name, func(t *testing.T) {
			m := newMachine(t, Config{})
			m.put(0, join([]byte{0xFF, 0xC6}, test.code, []byte{0xFF, 0xC7, 0xCC})...) // inc esi; …; inc edi
			end := codeBase + uint64(len(test.code)) + 5
			run := func(rbx uint64) *Stop {
				m.SetReg(RBX, rbx)
				m.SetReg(EFLAGS, 0x202)
				m.SetIP(codeBase)
				return m.Run()
			}
			for i := range 1000 {
				if s := run(dataBase + 0x110); s.Kind != Interrupt || s.IP != end {
					t.Fatalf("aligned: got %v at %#x", s.Kind, s.IP)
				}
				if i > 2 && i < 997 {
					continue
				}
				want, before := bytes.Clone(m.data), m.Registers()
				s := run(dataBase + 0x108)
				if !test.aligned {
					if s.Kind != Interrupt || s.IP != end {
						t.Fatalf("misaligned: got %v at %#x", s.Kind, s.IP)
					}
					continue
				}
				if s.Kind != Fault || s.IP != codeBase+2 || s.Access != ReadAccess || s.Address != ^uint64(0) {
					t.Fatalf("misaligned: got %v at %#x, %v of %#x, want a read fault of the last address", s.Kind, s.IP, s.Access, s.Address)
				}
				if after := m.Registers(); after.XMM != before.XMM || after.GPR[7] != before.GPR[7] || !bytes.Equal(m.data, want) {
					t.Fatal("the faulting instruction had an effect")
				}
			}
		})
	}
}

// Where the operand is, and in what block, makes no difference.
func TestAlignmentPlaces(t *testing.T) {
	movaps := []byte{0x0F, 0x29, 0x43, 0} // movaps [rbx+0], xmm0
	for _, test := range []struct {
		name string
		code []byte
		rbx  uint64
		want uint64 // the fault's place
	}{
		{"after an access of eight bytes", join([]byte{0x48, 0x8B, 0x03}, movaps), dataBase + 8, 3}, // mov rax, [rbx]
		{"after another", join([]byte{0x66, 0x0F, 0x6F, 0x43, 8}, movaps), dataBase + 8, 5},         // movdqa xmm0, [rbx+8]
		{"unmapped", movaps, 0x10008, 0},
		{"over two pages", movaps, dataBase + PageSize - 8, 0},
		{"in a loop", join([]byte{0xFF, 0xC8}, movaps, []byte{0x75, 0xF8}, []byte{0x83, 0xC3, 8}, movaps), dataBase, 11}, // dec eax; …; jnz; add ebx, 8
	} {
		t.Run(test.name, func(t *testing.T) {
			m := newMachine(t, Config{})
			m.put(0, append(test.code, 0xCC)...)
			m.SetReg(RAX, 100)
			m.SetReg(RBX, test.rbx)
			if s := m.runTo(Fault, codeBase+test.want); s.Address != ^uint64(0) {
				t.Errorf("address: got %#x, want all ones", s.Address)
			}
		})
	}
	t.Run("fxsave", func(t *testing.T) { // the engine's own check
		m := newMachine(t, Config{})
		m.put(0, 0x0F, 0xAE, 0x03, 0xCC)
		m.SetReg(RBX, dataBase+8)
		if s := m.runTo(Interrupt, codeBase); s.Vector != 13 {
			t.Errorf("vector: got %d, want 13", s.Vector)
		}
	})
}

// User mode cannot disable interrupts, nor raise its I/O privilege.
func TestPopFlags(t *testing.T) {
	for _, test := range []struct {
		name         string
		code         []byte
		before, want uint64
	}{
		{"all ones", []byte{0x6A, 0xFF, 0x9D}, 0x202, 0x244FD7 &^ 0x100},                          // push -1; popf: TF below
		{"zero", []byte{0x6A, 0x00, 0x9D}, 0x244ED7, 0x202},                                       // IF stays
		{"16 bits", []byte{0x66, 0x6A, 0x00, 0x66, 0x9D}, 0x244ED7, 0x240202},                     // the upper half stays
		{"push and pop", []byte{0x9C, 0x81, 0x24, 0x24, 0, 0xFD, 0xFF, 0xFF, 0x9D}, 0x2D5, 0x202}, // clears IF in between
	} {
		t.Run(test.name, func(t *testing.T) {
			m := newMachine(t, Config{})
			m.put(0, append(test.code, 0x90, 0xCC)...)
			m.SetReg(EFLAGS, test.before)
			s := m.Run()
			if trap := test.name == "all ones"; s.Kind != Interrupt || (s.Vector == 1) != trap {
				t.Fatalf("got %v %d", s.Kind, s.Vector)
			}
			if got := m.Reg(EFLAGS) &^ 0x10100; got != test.want {
				t.Errorf("flags: got %#x, want %#x", got, test.want)
			}
			m.want(RSP, stackTop)
		})
	}
}

func TestSegmentBases(t *testing.T) {
	m := newMachine(t, Config{})
	m.SetReg(GSBase, dataBase)
	m.SetReg(RCX, dataBase+0x100)
	m.put(0,
		0xF3, 0x48, 0x0F, 0xAE, 0xC8, // rdgsbase rax
		0xF3, 0x48, 0x0F, 0xAE, 0xD1, // wrfsbase rcx
		0xF3, 0x48, 0x0F, 0xAE, 0xC3, // rdfsbase rbx
		0xCC)
	m.runTo(Interrupt, codeBase+16)
	m.want(RAX, dataBase)
	m.want(RBX, dataBase+0x100)
}
