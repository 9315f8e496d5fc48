package guest

import (
	"testing"

	"sidetrace/emulator/cpu"
)

// The registers are in the order of the stack in memory, their tags are not.
func TestX87(t *testing.T) {
	x := cpu.X87{FPCW: 0x27F, FPSW: 6 << 11, FPTag: 0x0FFF} // two on the stack, in the last registers
	x.FP[6] = [16]byte{0: 0x66, 9: 0x3F}
	x.FP[7] = [16]byte{0: 0x77, 9: 0xBF}
	b := make([]byte, 0xA0)
	storeX87(b, &x)
	if b[fxTags] != 0xC0 || b[fxRegisters] != 0x66 || b[fxRegisters+16] != 0x77 {
		t.Errorf("tags %#x, top %#x, then %#x", b[fxTags], b[fxRegisters], b[fxRegisters+16])
	}
	if got := loadX87(b); got != x {
		t.Errorf("read back %+v, want %+v", got, x)
	}
}
