package cpu

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestRegistersAtOnce(t *testing.T) {
	m := newMachine(t, Config{})
	want := Registers{RIP: codeBase, Flags: 0x246, MXCSR: 0x1FA0}
	for i := range want.GPR {
		want.GPR[i] = 0x1111111111111111 * uint64(i)
		want.XMM[i] = [16]byte{byte(i), 15: 0xAA}
	}
	want.GPR[RSP] = stackTop
	want.X87 = X87{FPCW: 0x37F, FPSW: 6 << 11, FPTag: 0x0FFF} // two numbers, in the last registers
	for i := range want.FP {
		want.FP[i] = [16]byte{byte(i), 7: 0x80, 8: 0xFF, 9: 0x3F}
	}
	m.SetRegisters(&want)
	m.put(0, 0x48, 0xFF, 0xC0, 0x0F, 0x28, 0xC1, 0xCC) // inc rax; movaps xmm0, xmm1; int3
	m.runTo(Interrupt, codeBase+7)
	want.GPR[RAX]++
	want.XMM[0], want.RIP = want.XMM[1], codeBase+7
	got := m.Registers()
	want.Flags = got.Flags // of the addition
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	m.SetReg(RAX, 5) // not yet in the engine
	m.SetReg(RSP, 0x1000)
	if got := m.Registers(); got.GPR[RAX] != 5 || got.GPR[RSP] != 0x1000 {
		t.Errorf("RAX and RSP: got %#x and %#x", got.GPR[RAX], got.GPR[RSP])
	}
}
