package cpu

import "testing"

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
	{"fxsave [rbx]", true, []byte{0x0F, 0xAE, 0x03}},

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

func TestAlignment(t *testing.T) {
	for _, test := range alignments {
		t.Run(test.name, func(t *testing.T) {
			m := newMachine(t, Config{})
			m.put(0, join([]byte{0xFF, 0xC6}, test.code, []byte{0xFF, 0xC7, 0xCC})...) // inc esi; …; inc edi
			end := codeBase + uint64(len(test.code)) + 5
			run := func(rbx uint64) *Stop {
				m.SetReg(RBX, rbx)
				m.SetIP(codeBase)
				return m.Run()
			}
			for range 2 {
				s := run(dataBase + 0x108)
				if test.aligned && (s.Kind != Fault || s.IP != codeBase+2 || s.Address != ^uint64(0)) {
					t.Errorf("misaligned: got %v at %#x of %#x, want a fault of the last address", s.Kind, s.IP, s.Address)
				}
				if !test.aligned && (s.Kind != Interrupt || s.IP != end) {
					t.Errorf("misaligned: got %v at %#x", s.Kind, s.IP)
				}
			}
			if s := run(dataBase + 0x110); s.Kind != Interrupt || s.IP != end {
				t.Errorf("aligned: got %v at %#x", s.Kind, s.IP)
			}
		})
	}
}

// An operand that has been seen aligned costs nothing more, and a block with
// many is looked at once.
func TestAlignmentOnce(t *testing.T) {
	m := newMachine(t, Config{})
	m.SetReg(RBX, dataBase)
	var code []byte
	for i := range byte(16) {
		code = append(code, 0x0F, 0x28, 0x43, i<<4&0x70) // movaps xmm0, [rbx+…]
	}
	m.put(0, append(code, 0xCC)...)
	m.runTo(Interrupt, codeBase+65)
	first := m.e.used
	if first > 5*(450+17*220) {
		t.Errorf("translations of the first run: %d bytes", first)
	}
	m.SetIP(codeBase)
	m.runTo(Interrupt, codeBase+65)
	again := m.e.used
	m.SetIP(codeBase)
	m.runTo(Interrupt, codeBase+65)
	if m.e.used != again {
		t.Errorf("translations of the third run: %d bytes", m.e.used-again)
	}
	// The limit: what is misaligned later is not noticed.
	m.SetReg(RBX, dataBase+8)
	m.SetIP(codeBase)
	m.runTo(Interrupt, codeBase+65)
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
