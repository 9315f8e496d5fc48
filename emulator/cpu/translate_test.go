package cpu

import (
	"bytes"
	"fmt"
	"testing"
)

// Instructions whose temporaries the engine does not free, for a block as long
// as it may be: without a guard the library crashes.
func TestFloods(t *testing.T) {
	for _, code := range [][]byte{
		{0xDF, 0xDF},                         // fstp st(7), undocumented
		{0xD9, 0x23},                         // fldenv [rbx]
		{0xD9, 0x33},                         // fnstenv [rbx]
		{0xDD, 0x23},                         // frstor [rbx]
		{0xDD, 0x33},                         // fnsave [rbx]
		{0x66, 0x0F, 0x78, 0xC1, 0x02, 0x02}, // extrq xmm1, 2, 2
		{0xF2, 0x0F, 0x78, 0xC1, 0x02, 0x02}, // insertq xmm0, xmm1, 2, 2
		{0xDF, 0xDF, 0xD9, 0x23},             // two of them
	} {
		t.Run(fmt.Sprintf("% X", code), func(t *testing.T) {
			m := newMachine(t, Config{})
			mem := hostMemory(t, 1<<14)
			end := copy(mem, bytes.Repeat(code, 1000))
			mem[end] = 0xCC
			const base = 0x200000000
			m.check(m.Map(base, mem, Read|Exec))
			m.SetReg(RBX, dataBase)
			m.SetIP(base)
			if m.Run(); m.IP() < base || m.IP() > base+uint64(end)+1 {
				t.Errorf("stopped at %#x", m.IP())
			}
			if m.Blocks() > 20 {
				t.Errorf("%d blocks, want a few long ones", m.Blocks())
			}
		})
	}
}

// LOCK with an operand in a register is undefined, and that of a bit test ended
// the process.
func TestLockOfRegister(t *testing.T) {
	for _, code := range [][]byte{
		{0xF0, 0x0F, 0xA3, 0xC0},             // lock bt eax, eax
		{0xF0, 0x0F, 0xBB, 0xC8},             // lock btc eax, ecx
		{0xF0, 0x48, 0x0F, 0xBA, 0xE8, 7},    // lock bts rax, 7
		{0x66, 0xF0, 0xF2, 0x0F, 0xB3, 0xDB}, // repne lock btr bx, bx
		{0xF0, 0x01, 0xC8},                   // lock add eax, ecx
		{0xF0, 0x90},                         // lock nop
	} {
		t.Run(fmt.Sprintf("% X", code), func(t *testing.T) {
			m := newMachine(t, Config{})
			m.put(0, join([]byte{0x90, 0x90}, code)...)
			if s := m.Run(); s.IP != codeBase+2 || s.Kind != Special || s.Instruction.Class != Undefined {
				t.Errorf("got %v at %#x, class %v, want an undefined instruction at %#x", s.Kind, s.IP, s.Instruction.Class, codeBase+2)
			}
		})
	}
}

// A loop that changes itself is translated each time, and the limit ends it.
func TestTranslationLimit(t *testing.T) {
	m := newMachine(t, Config{})
	m.check(m.Protect(codeBase, PageSize, Read|Write|Exec))
	m.put(0, 0x48, 0x8D, 0x1D, 0, 0, 0, 0, //     lea rbx, [rip]
		0xFF, 0xC0, 0xFE, 0x43, 8, 0x90, 0x90, // inc eax; inc byte [rbx+8]; nop; nop
		0xB1, 0, 0xEB, 0xF5) //                   mov cl, 0; jmp to the first inc
	m.SetReg(RAX, 0)
	m.SetTranslationLimit(10_000)
	if s := m.Run(); s.Kind != Limit {
		t.Fatalf("got %v, want a limit", s.Kind)
	}
	if n := m.Translated(); n < 10_000 || n > 10_200 {
		t.Errorf("translated: got %d instructions, want 10,000", n)
	}
	n := m.Reg(RAX)
	if n < 500 || n > 2_000 {
		t.Errorf("iterations: got %d, want about a thousand", n)
	}
	m.SetTranslationLimit(20_000) // and goes on
	if s := m.Run(); s.Kind != Limit || m.Reg(RAX) < 2*n-10 || m.Reg(RAX) > 2*n+10 {
		t.Errorf("got %v after %d iterations, want a limit after %d", s.Kind, m.Reg(RAX), 2*n)
	}
}
