package cpu

import (
	"bytes"
	"testing"
)

// What a VEX coded instruction does besides computing.

var (
	loadYMM0   = []byte{0xC5, 0xFE, 0x6F, 0x03} // vmovdqu ymm0, [rbx]
	loadYMM1A  = []byte{0xC5, 0xFD, 0x6F, 0x0B} // vmovdqa ymm1, [rbx]
	storeYMM0  = []byte{0xC5, 0xFE, 0x7F, 0x03} // vmovdqu [rbx], ymm0
	addYMM0    = []byte{0xC5, 0xFD, 0xFC, 0xC0} // vpaddb ymm0, ymm0, ymm0
	addXMM0    = []byte{0xC5, 0xF9, 0xFC, 0xC0} // vpaddb xmm0, xmm0, xmm0
	legacyXMM0 = []byte{0x66, 0x0F, 0xFC, 0xC0} // paddb xmm0, xmm0
)

func ones(n int, v byte) []byte { return bytes.Repeat([]byte{v}, n) }

func (m *machine) wantYMM0(low, high byte) {
	m.t.Helper()
	x, y := m.XMM(0), m.Upper()[0]
	if !bytes.Equal(x[:], ones(16, low)) || !bytes.Equal(y[:], ones(16, high)) {
		m.t.Errorf("ymm0: got %x %x, want bytes of %#x and %#x", x, y, low, high)
	}
}

// A 128-bit form clears the upper half, a legacy SSE one leaves it.
func TestVEXUpperHalf(t *testing.T) {
	m := newMachine(t, Config{})
	copy(m.data, ones(32, 3))
	m.SetReg(RBX, dataBase)
	m.put(0, join(loadYMM0, legacyXMM0, []byte{0xCC}, addXMM0, []byte{0xCC})...)
	m.runTo(Interrupt, codeBase+9)
	m.wantYMM0(6, 3)
	m.runTo(Interrupt, codeBase+14)
	m.wantYMM0(12, 0)
}

// A fault leaves the state of before the instruction, and what is before it in
// the same run done.
func TestVEXFaults(t *testing.T) {
	for _, test := range []struct {
		name    string
		rbx     uint64
		code    []byte
		address uint64
		access  Access
		absent  bool
	}{
		{"load, nothing there", nowhere + 5, loadYMM0, nowhere + 5, ReadAccess, true},
		{"load, over the end", dataBase + dataSize - 8, loadYMM0, dataBase + dataSize, ReadAccess, true},
		{"store, nothing there", nowhere, storeYMM0, nowhere, WriteAccess, true},
		{"store, not writable", codeBase + 0x100, storeYMM0, codeBase + 0x100, WriteAccess, false},
		{"not canonical", 1 << 60, loadYMM0, ^uint64(0), ReadAccess, true},
		{"misaligned", dataBase + 16, loadYMM1A, ^uint64(0), ReadAccess, true},
	} {
		t.Run(test.name, func(t *testing.T) {
			m := newMachine(t, Config{})
			m.SetXMM(0, [16]byte(ones(16, 1)))
			m.SetUpper(Upper{[16]byte(ones(16, 2))})
			m.SetReg(RBX, test.rbx)
			m.put(0, join([]byte{0x90}, addYMM0, test.code, addYMM0, []byte{0xCC})...)
			for range 2 {
				m.SetIP(codeBase + 5)
				s := m.runTo(Fault, codeBase+5)
				if s.Address != test.address || s.Access != test.access || s.Unmapped != test.absent {
					t.Errorf("fault: got %v of %#x, unmapped %v, want %v of %#x, unmapped %v", s.Access, s.Address, s.Unmapped, test.access, test.address, test.absent)
				}
				m.wantYMM0(1, 2)
			}
			m.SetIP(codeBase)
			m.runTo(Fault, codeBase+5)
			m.wantYMM0(2, 4)
			m.SetReg(RBX, dataBase) // repaired
			m.runTo(Interrupt, codeBase+5+uint64(len(test.code))+5)
		})
	}
}

// Rights that change are those that count.
func TestVEXRights(t *testing.T) {
	m := newMachine(t, Config{})
	m.SetReg(RBX, dataBase+2*PageSize-16) // over two pages
	m.put(0, join(storeYMM0, []byte{0xCC})...)
	store := func(kind Kind) *Stop {
		m.SetIP(codeBase)
		s := m.Run()
		if s.Kind != kind {
			t.Fatalf("got %v at %#x, want %v", s.Kind, s.IP, kind)
		}
		return s
	}
	store(Interrupt)
	m.check(m.Protect(dataBase+2*PageSize, PageSize, Read))
	if s := store(Fault); s.Address != dataBase+2*PageSize || s.Unmapped {
		t.Errorf("got a fault of %#x, unmapped %v", s.Address, s.Unmapped)
	}
	m.check(m.Protect(dataBase, 4*PageSize, Read|Write))
	store(Interrupt)
	m.check(m.Unmap(dataBase+2*PageSize, PageSize))
	if s := store(Fault); s.Address != dataBase+2*PageSize || !s.Unmapped {
		t.Errorf("got a fault of %#x, unmapped %v", s.Address, s.Unmapped)
	}
}

// Code that an AVX store overwrites is translated anew.
func TestVEXStoreOverCode(t *testing.T) {
	m := newMachine(t, Config{})
	m.check(m.Protect(codeBase, PageSize, Read|Write|Exec))
	copy(m.data, append([]byte{0xFF, 0xC6, 0xC3}, ones(29, 0x90)...)) // inc esi; ret
	m.put(0x80, 0xFF, 0xC7, 0xC3)                                     // inc edi; ret
	m.SetReg(RBX, dataBase)
	m.SetReg(RBP, codeBase+0x80)
	m.put(0, join(
		[]byte{0xFF, 0xD5},                   //                    call rbp
		loadYMM0,                             // vmovdqu ymm0, [rbx]
		[]byte{0xC5, 0xFE, 0x7F, 0x45, 0x00}, //  vmovdqu [rbp], ymm0
		[]byte{0xFF, 0xD5, 0xCC})...)         // call rbp; int3
	m.runTo(Interrupt, codeBase+14)
	m.want(RDI, 1)
	m.want(RSI, 1)
}

// The upper halves are part of a context.
func TestVEXContext(t *testing.T) {
	m := newMachine(t, Config{})
	m.SetUpper(Upper{[16]byte(ones(16, 7))})
	saved, err := m.NewContext()
	m.check(err)
	defer saved.Free()
	m.put(0, 0xC5, 0xFC, 0x77, 0xCC) // vzeroall; int3
	m.runTo(Interrupt, codeBase+4)
	m.wantYMM0(0, 0)
	m.check(m.Restore(saved))
	m.wantYMM0(0, 7)
}

// Every addressing form gives the address the engine gives.
func TestVEXAddress(t *testing.T) {
	m := newMachine(t, Config{})
	for i := range m.data {
		m.data[i] = byte(i * 7)
	}
	m.check(m.Map(0x10000, hostMemory(t, PageSize), Read))
	for _, tail := range [][]byte{
		{0x03}, {0x43, 0x10}, {0x83, 0, 1, 0, 0}, // [rbx], + 8 bits, + 32 bits
		{0x04, 0x8B}, {0x44, 0xCB, 0x20}, {0x84, 0x4B, 0, 2, 0, 0}, // [rbx+rcx*4], …
		{0x04, 0x25, 0, 0, 1, 0}, {0x04, 0x0D, 0, 0, 1, 0}, // [disp32], [rcx*1+disp32]
		{0x05, 0x10, 0, 0, 0},         // [rip+16]
		{0x44, 0x24, 0xF0}, {0x45, 8}, // [rsp-16], [rbp+8]
	} {
		for _, prefix := range [][]byte{{}, {0x65}, {0x64}} {
			m.SetReg(RBX, dataBase)
			m.SetReg(RCX, 9)
			m.SetReg(RBP, dataBase+0x300)
			m.SetReg(GSBase, 16)
			m.SetReg(FSBase, 32)
			m.put(0, join(prefix, []byte{0x0F, 0x10}, tail, prefix, []byte{0xC5, 0xF8, 0x10}, tail)...) // movups; vmovups
			m.put(3*16, 0xCC)
			length := uint64(len(prefix) + 2 + len(tail))
			if tail[0] == 0x05 { // the same address from the second instruction
				m.put(0, join(prefix, []byte{0x0F, 0x10, 0x05}, le(0x100, 4), prefix, []byte{0xC5, 0xF8, 0x10, 0x05}, le(0x100-uint64(len(prefix)+8), 4))...)
			}
			m.put(int(2*length)+1, 0xCC)
			run := func() [16]byte {
				m.SetIP(codeBase)
				m.runTo(Interrupt, codeBase+2*length+2)
				return m.XMM(0)
			}
			got := run()
			m.put(int(length), append(ones(int(length)+1, 0x90), 0xCC)...) // the engine's alone
			if want := run(); got != want {
				t.Errorf("% x % x: got %x, want %x", prefix, tail, got, want)
			}
		}
	}
}

// Endless runs of VEX coded instructions are counted and can be interrupted.
func TestVEXLimit(t *testing.T) {
	m := newMachine(t, Config{})
	m.put(0, 0xC5, 0xF8, 0x77, 0xEB, 0xFB) // vzeroupper; jmp $-3
	m.SetLimit(1000)
	if s := m.Run(); s.Kind != Limit || m.Blocks() != 1000 {
		t.Errorf("got %v after %d blocks, want the limit of 1000", s.Kind, m.Blocks())
	}
}

func FuzzVEX(f *testing.F) {
	f.Add([]byte{0xC5, 0xFD, 0xFC, 0xC0})
	f.Add([]byte{0xC4, 0xE2, 0x7D, 0x90, 0x04, 0x0B})
	f.Add([]byte{0x65, 0x67, 0xC4, 0x63, 0x7D, 0x19, 0xC8, 0x01})
	m := newMachine(f, Config{})
	f.Fuzz(func(t *testing.T, code []byte) {
		m.t = t
		const most = 0x80 // longer runs of x87 instructions crash libunicorn: see the package's comment
		m.put(0, append(code[:min(len(code), most)], ones(0x400, 0xCC)...)...)
		for r := RAX; r <= R15; r++ {
			m.SetReg(r, dataBase+uint64(r)*64)
		}
		m.SetReg(EFLAGS, 0x202)
		m.SetReg(MXCSR, 0x1F80)
		m.SetIP(codeBase)
		m.SetLimit(m.Blocks() + 1000)
		if s := m.Run(); s.Kind == Failure {
			t.Fatalf("% x: %v", code, s.Err)
		}
	})
}
