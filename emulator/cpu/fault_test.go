package cpu

import (
	"bytes"
	"testing"
)

// Each faulting sequence starts behind a loop, so that the fault happens in a
// chained block, and behind a comparison, so that flags are known.
func TestFaultIsExact(t *testing.T) {
	if !ExactFaults() {
		t.Skipf("libunicorn %s does not let RIP be recovered at data faults", Version())
	}
	prologue := []byte{
		0xB9, 3, 0, 0, 0, // mov ecx, 3
		0xFF, 0xC9, //       dec ecx
		0x75, 0xFC, //       jnz $-2
		0x48, 0xFF, 0xC6, // inc rsi: must run once
		0x39, 0xC9, //       cmp ecx, ecx: ZF, PF
	}
	const zf = 1 << 6
	tests := []struct {
		name   string
		code   []byte
		at     uint64 // offset of the faulting instruction
		access Access
		size   int
	}{
		{"mov load", []byte{0x48, 0x8B, 0x03}, 0, ReadAccess, 8},                                // mov rax, [rbx]
		{"byte load after nop", []byte{0x90, 0x8A, 0x03}, 1, ReadAccess, 1},                     // nop; mov al, [rbx]
		{"mov store", []byte{0x89, 0x03}, 0, WriteAccess, 4},                                    // mov [rbx], eax
		{"read-modify-write", []byte{0x48, 0xFF, 0x03}, 0, ReadAccess, 8},                       // inc qword [rbx]
		{"locked", []byte{0xF0, 0x48, 0x0F, 0xC1, 0x03}, 0, ReadAccess, 8},                      // lock xadd [rbx], rax
		{"SSE load", []byte{0x0F, 0x10, 0x03}, 0, ReadAccess, 8},                                // movups xmm0, [rbx]
		{"SSE store", []byte{0x0F, 0x11, 0x03}, 0, WriteAccess, 8},                              // movups [rbx], xmm0
		{"push", []byte{0x48, 0x89, 0xDC, 0x50}, 3, WriteAccess, 8},                             // mov rsp, rbx; push rax
		{"call memory", []byte{0xFF, 0x13}, 0, ReadAccess, 8},                                   // call [rbx]
		{"rep movsb", []byte{0x48, 0x89, 0xDF, 0xB1, 5, 0xF3, 0xA4}, 5, WriteAccess, 1},         // mov rdi, rbx; mov cl, 5; rep movsb
		{"x87 load", []byte{0xDD, 0x03}, 0, ReadAccess, 8},                                      // fld qword [rbx]
		{"second in a row", []byte{0x48, 0x8B, 0x0C, 0x24, 0x48, 0x8B, 0x03}, 4, ReadAccess, 8}, // mov rcx, [rsp]; mov rax, [rbx]
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			m := newMachine(t, Config{})
			m.put(0, join(prologue, test.code, []byte{0xFF, 0xC5, 0xCC})...) // inc ebp; int3
			m.SetReg(RBX, nowhere)
			m.SetReg(RSI, dataBase)
			ip := codeBase + uint64(len(prologue)) + test.at
			s := m.runTo(Fault, ip)
			address := uint64(nowhere)
			if test.name == "push" {
				address -= 8
			}
			if s.Address != address || s.Access != test.access || s.Size != test.size || !s.Unmapped {
				t.Errorf("fault: got %v of %d bytes at %#x, unmapped %v, want %v of %d at %#x, unmapped",
					s.Access, s.Size, s.Address, s.Unmapped, test.access, test.size, address)
			}
			if m.Reg(EFLAGS)&zf == 0 {
				t.Errorf("EFLAGS: got %#x, want ZF set", m.Reg(EFLAGS))
			}
			m.want(RBP, 0)

			// Repaired outside, it goes on from there and repeats nothing.
			page := hostMemory(t, 2*PageSize)
			for i := range page {
				page[i] = 0x90
			}
			m.check(m.Map(address&^(PageSize-1)-PageSize, page, Read|Write))
			s = m.Run()
			if test.name == "call memory" {
				if s.Kind != Fault || s.Access != FetchAccess {
					t.Errorf("after repair: got %v at %#x, want a fetch fault", s.Kind, s.IP)
				}
				return
			}
			if end := codeBase + uint64(len(prologue)+len(test.code)) + 3; s.Kind != Interrupt || s.IP != end {
				t.Fatalf("after repair: got %v at %#x, want interrupt at %#x", s.Kind, s.IP, end)
			}
			m.want(RBP, 1)
			if got := m.Reg(RSI); got != dataBase+1 && test.name != "rep movsb" {
				t.Errorf("RSI: got %#x, want %#x: the block ran twice", got, uint64(dataBase+1))
			}
		})
	}
}

// A REP instruction faults in the middle with its finished iterations done.
func TestFaultWithinREP(t *testing.T) {
	m := newMachine(t, Config{})
	m.put(0, 0xF3, 0xA4, 0xCC) // rep movsb; int3
	for i := range 32 {
		m.data[i] = byte(i + 1)
	}
	m.SetReg(RSI, dataBase)
	m.SetReg(RDI, dataBase+dataSize-10)
	m.SetReg(RCX, 32)
	s := m.runTo(Fault, codeBase)
	if s.Address != dataBase+dataSize || s.Access != WriteAccess {
		t.Errorf("fault: got %v at %#x, want write at %#x", s.Access, s.Address, uint64(dataBase+dataSize))
	}
	m.want(RCX, 22)
	m.want(RSI, dataBase+10)
	m.want(RDI, dataBase+dataSize)
	more := hostMemory(t, PageSize)
	m.check(m.Map(dataBase+dataSize, more, Read|Write))
	m.runTo(Interrupt, codeBase+3)
	if got := append(m.data[dataSize-10:dataSize:dataSize], more[:22]...); !bytes.Equal(got, m.data[:32]) {
		t.Errorf("copied: got %v, want %v", got, m.data[:32])
	}
}

func TestFaultOfRights(t *testing.T) {
	tests := []struct {
		name   string
		code   []byte
		prot   Prot
		access Access
	}{
		{"write to read-only", []byte{0x89, 0x03}, Read, WriteAccess},         // mov [rbx], eax
		{"read from write-only", []byte{0x8B, 0x03}, Write, ReadAccess},       // mov eax, [rbx]
		{"read from nothing", []byte{0x8B, 0x03}, 0, ReadAccess},              // mov eax, [rbx]
		{"execute read-write", []byte{0xFF, 0xD3}, Read | Write, FetchAccess}, // call rbx
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			m := newMachine(t, Config{})
			m.put(0, append(test.code, 0xCC)...)
			m.data[0] = 0xC3 // ret
			m.SetReg(RBX, dataBase)
			m.check(m.Protect(dataBase, PageSize, test.prot))
			ip := uint64(codeBase)
			if test.access == FetchAccess {
				ip = dataBase
			}
			s := m.runTo(Fault, ip)
			if s.Address != dataBase || s.Access != test.access || s.Unmapped {
				t.Errorf("fault: got %v at %#x, unmapped %v, want %v at %#x, mapped", s.Access, s.Address, s.Unmapped, test.access, uint64(dataBase))
			}
			m.check(m.Protect(dataBase, PageSize, Read|Write|Exec))
			m.runTo(Interrupt, codeBase+3)
			m.want(RSP, stackTop)
		})
	}
}

func TestFetchFault(t *testing.T) {
	for _, target := range []uint64{nowhere, 0, 1, 0x8000000000000000, 0xFFFFFFFFFFFFF000, 0xFFFFFFFFFFFFFFFF} {
		m := newMachine(t, Config{})
		m.put(0, join(callStub(target), []byte{0xCC})...)
		s := m.runTo(Fault, target)
		if s.Access != FetchAccess || s.Address != target || !s.Unmapped {
			t.Errorf("call %#x: got %v at %#x, unmapped %v, want fetch, unmapped", target, s.Access, s.Address, s.Unmapped)
		}
		m.want(RSP, stackTop-8)
		if got := m.readStack(stackTop - 8); got != codeBase+12 {
			t.Errorf("call %#x: return address is %#x, want %#x", target, got, uint64(codeBase+12))
		}
		m.SetReg(RSP, stackTop)
		m.SetIP(codeBase + 12) // the caller recovers
		m.runTo(Interrupt, codeBase+13)
	}
}

// An access over the end of a mapping names the first byte that is missing.
func TestFaultAcrossPages(t *testing.T) {
	m := newMachine(t, Config{})
	end := uint64(dataBase + dataSize)
	m.SetReg(RBX, end-3)
	m.put(0, 0x48, 0x8B, 0x03) // mov rax, [rbx]
	if s := m.runTo(Fault, codeBase); s.Address != end {
		t.Errorf("read: got %#x, want %#x", s.Address, end)
	}
	m.put(0x10, 0x48, 0xC7, 0x03, 1, 1, 1, 1) // mov qword [rbx], 0x1010101
	m.SetIP(codeBase + 0x10)
	if s := m.runTo(Fault, codeBase+0x10); s.Address != end {
		t.Errorf("write: got %#x, want %#x", s.Address, end)
	}
}

// An instruction that runs over the end of executable memory.
func TestFetchAcrossPages(t *testing.T) {
	m := newMachine(t, Config{})
	m.put(codeSize-2, 0x48, 0xB8) // mov rax, imm64, which is not there
	m.SetIP(codeBase + codeSize - 2)
	s := m.runTo(Fault, codeBase+codeSize-2)
	if s.Access != FetchAccess || s.Address != codeBase+codeSize {
		t.Errorf("fault: got %v at %#x, want fetch at %#x", s.Access, s.Address, uint64(codeBase+codeSize))
	}
}

func TestFaultAddress(t *testing.T) {
	tests := []struct{ address, want uint64 }{
		{0, 0},
		{0x00007FFFFFFFF000, 0x00007FFFFFFFF000},
		{0xFFFF800000001234, 0xFFFF800000001234}, // kernel space
		{0xFFFFFFFFFFFFF123, 0xFFFFFFFFFFFFF123},
		{0x0000800000000000, 0xFFFFFFFFFFFFFFFF}, // not canonical
		{0x4141414141414141, 0xFFFFFFFFFFFFFFFF},
	}
	for _, test := range tests {
		m := newMachine(t, Config{})
		m.put(0, 0x8B, 0x03) // mov eax, [rbx]
		m.SetReg(RBX, test.address)
		if s := m.runTo(Fault, codeBase); s.Address != test.want {
			t.Errorf("read of %#x: got %#x, want %#x", test.address, s.Address, test.want)
		}
	}
}

// Two CPUs recover their own faults.
func TestFaultsOfTwoEngines(t *testing.T) {
	a, b := newMachine(t, Config{}), newMachine(t, Config{})
	for _, m := range []*machine{a, b} {
		m.put(0, 0x90, 0x8B, 0x03) // nop; mov eax, [rbx]
		m.SetReg(RBX, nowhere)
		m.runTo(Fault, codeBase+1)
	}
	a.runTo(Fault, codeBase+1)
}
