package cpu

import (
	"bytes"
	"testing"
)

// The translation buffer is flushed in time: without that the library crashes.
func TestTranslationBuffer(t *testing.T) {
	tests := []struct {
		name   string
		buffer uint32
		blocks int
		block  []byte // ends with jmp $+2
		watch  bool
	}{
		{"64 MiB, small blocks", 0, 262144, []byte{0xFF, 0xC0, 0xEB, 0x00}, false},                                               // inc eax
		{"1 MiB, small blocks", 1 << 20, 65536, []byte{0xFF, 0xC0, 0xEB, 0x00}, false},                                           //
		{"1 MiB, locked memory", 1 << 20, 65536, []byte{0xFF, 0xC0, 0xF0, 0x48, 0x01, 0x0B, 0xEB, 0x00}, false},                  // inc eax; lock add [rbx], rcx
		{"4 MiB, rotates through memory", 4 << 20, 65536, []byte{0xFF, 0xC0, 0xD3, 0x13, 0xD3, 0x13, 0xD3, 0x13, 0xEB, 0}, true}, // inc eax; rcl dword [rbx], cl (3)
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			m := newMachine(t, Config{TranslationBuffer: test.buffer})
			blocks := test.blocks
			size := (blocks*len(test.block) + 2*PageSize - 1) &^ (PageSize - 1)
			code := hostMemory(t, size)
			for i := range blocks {
				copy(code[i*len(test.block):], test.block)
			}
			code[blocks*len(test.block)] = 0xCC
			const base = 0x200000000
			m.check(m.Map(base, code, Read|Exec))
			if test.watch {
				known := hostMemory(t, size)
				copy(known, code)
				m.check(m.Watch(base, code, known))
			}
			m.SetReg(RBX, dataBase)
			m.SetIP(base)
			m.runTo(Interrupt, base+uint64(blocks*len(test.block))+1)
			m.want(RAX, uint64(blocks))
			if m.Blocks() != uint64(blocks)+1 {
				t.Errorf("blocks: got %d, want %d", m.Blocks(), blocks+1)
			}
		})
	}
}

// The instructions with the longest translations, in long blocks and in chained
// ones of one instruction.
func TestTranslationBufferLongTranslations(t *testing.T) {
	instructions := [][]byte{
		{0xF0, 0x48, 0x0F, 0xC7, 0x0B},    // lock cmpxchg16b [rbx]
		{0x48, 0xD3, 0x13},                // rcl qword [rbx], cl
		{0xDF, 0x2B},                      // fild qword [rbx]
		{0x0F, 0x11, 0x03},                // movups [rbx], xmm0
		{0x9C},                            // pushfq
		{0x48, 0x0F, 0xAB, 0x03},          // bts [rbx], rax
		{0x48, 0x0F, 0xC1, 0x03},          // xadd [rbx], rax
		{0x48, 0x0F, 0xA5, 0x03},          // shld [rbx], rax, cl
		{0xC8, 0x00, 0x00, 0x1F},          // enter 0, 31
		{0x66, 0x0F, 0x3A, 0x61, 0x03, 0}, // pcmpestri xmm0, [rbx], 0
	}
	for _, code := range instructions {
		for _, jump := range [][]byte{nil, {0xEB, 0}} { // jmp $+2
			m := newMachine(t, Config{TranslationBuffer: minBuffer})
			mem := hostMemory(t, 1<<20)
			end := copy(mem, bytes.Repeat(join(code, jump), 8_000))
			mem[end] = 0xCC
			const base = 0x200000000
			m.check(m.Map(base, mem, Read|Exec))
			const stack, stackSize = 0x300000000, 128 << 20
			m.check(m.Map(stack, hostMemory(t, stackSize), Read|Write))
			m.SetReg(RSP, stack+stackSize)
			m.SetReg(RBP, stack+stackSize)
			m.SetReg(RBX, dataBase)
			m.SetIP(base)
			m.runTo(Interrupt, base+uint64(end)+1)
		}
	}
}
