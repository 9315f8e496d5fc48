package cpu

import (
	"bytes"
	"testing"
)

var specials = []struct {
	name  string
	class Class
	code  []byte
}{
	{"rdtsc", RDTSC, []byte{0x0F, 0x31}},
	{"rdtscp", RDTSCP, []byte{0x0F, 0x01, 0xF9}},
	{"rdrand rax", RDRAND, []byte{0x48, 0x0F, 0xC7, 0xF0}},
	{"rdrand r8w", RDRAND, []byte{0x66, 0x41, 0x0F, 0xC7, 0xF0}},
	{"rdseed ecx", RDSEED, []byte{0x0F, 0xC7, 0xF9}},
	{"xgetbv", XGETBV, []byte{0x0F, 0x01, 0xD0}},
	{"vgf2p8mulb xmm0, xmm1, xmm2", VEX, []byte{0xC4, 0xE2, 0x71, 0xCF, 0xC2}},
	{"XOP vpcmov", VEX, []byte{0x8F, 0xE8, 0x78, 0xA2, 0xC2, 0x30}},
	{"vpxord zmm0, zmm1, zmm2", EVEX, []byte{0x62, 0xF1, 0x75, 0x48, 0xEF, 0xC2}},
	{"iretq", IRET, []byte{0x48, 0xCF}},
	{"hlt", Privileged, []byte{0xF4}},
	{"cli", Privileged, []byte{0xFA}},
	{"sti", Privileged, []byte{0xFB}},
	{"in al, dx", Privileged, []byte{0xEC}},
	{"in eax, 0x10", Privileged, []byte{0xE5, 0x10}},
	{"out dx, eax", Privileged, []byte{0xEF}},
	{"insb", Privileged, []byte{0x6C}},
	{"rep outsd", Privileged, []byte{0xF3, 0x6F}},
	{"rdmsr", Privileged, []byte{0x0F, 0x32}},
	{"wrmsr", Privileged, []byte{0x0F, 0x30}},
	{"rdpmc", Privileged, []byte{0x0F, 0x33}},
	{"mov rax, cr0", Privileged, []byte{0x0F, 0x20, 0xC0}},
	{"mov dr7, rax", Privileged, []byte{0x0F, 0x23, 0xF8}},
	{"mov cr8, rax", Privileged, []byte{0x44, 0x0F, 0x22, 0xC0}},
	{"clts", Privileged, []byte{0x0F, 0x06}},
	{"invd", Privileged, []byte{0x0F, 0x08}},
	{"wbinvd", Privileged, []byte{0x0F, 0x09}},
	{"sysretq", Privileged, []byte{0x48, 0x0F, 0x07}},
	{"sysexit", Privileged, []byte{0x0F, 0x35}},
	{"lgdt [rax]", Privileged, []byte{0x0F, 0x01, 0x10}},
	{"lidt [rax+8]", Privileged, []byte{0x0F, 0x01, 0x58, 8}},
	{"lmsw ax", Privileged, []byte{0x0F, 0x01, 0xF0}},
	{"invlpg [rax]", Privileged, []byte{0x0F, 0x01, 0x38}},
	{"swapgs", Privileged, []byte{0x0F, 0x01, 0xF8}},
	{"sidt [rbx]", Table, []byte{0x0F, 0x01, 0x0B}},
	{"sgdt [rbx]", Table, []byte{0x0F, 0x01, 0x03}},
	{"smsw eax", Table, []byte{0x0F, 0x01, 0xE0}},
	{"str eax", Table, []byte{0x0F, 0x00, 0xC8}},
	{"sldt [rbx]", Table, []byte{0x0F, 0x00, 0x03}},
	{"mwait", Undefined, []byte{0x0F, 0x01, 0xC9}},
	{"stac", Undefined, []byte{0x0F, 0x01, 0xCB}},
	{"sysenter", Far, []byte{0x0F, 0x34}},
	{"retfq", Far, []byte{0x48, 0xCB}},
	{"retf 8", Far, []byte{0xCA, 8, 0}},
	{"jmp far [rbx]", Far, []byte{0x48, 0xFF, 0x2B}},
	{"call far [rip]", Far, []byte{0xFF, 0x1D, 0, 0, 0, 0}},
	{"mov gs, eax", Segment, []byte{0x8E, 0xE8}},
	{"pop fs", Segment, []byte{0x0F, 0xA1}},
	{"lldt ax", Privileged, []byte{0x0F, 0x00, 0xD0}},
	{"ltr [rax]", Privileged, []byte{0x0F, 0x00, 0x18}},
}

// Each stops before it runs, in the middle of a block, in a cold and in a warm
// run, and what is around it runs once.
func TestSpecial(t *testing.T) {
	for _, test := range specials {
		t.Run(test.name, func(t *testing.T) {
			m := newMachine(t, Config{})
			m.put(0, join(
				[]byte{0x48, 0xFF, 0xC6}, // inc rsi
				test.code,
				[]byte{0x48, 0xFF, 0xC7, 0xCC}, // inc rdi; int3
			)...)
			for i := range uint64(2) {
				m.SetIP(codeBase)
				s := m.runTo(Special, codeBase+3)
				want := Instruction{Class: test.class, Length: len(test.code), ModRM: s.Instruction.ModRM}
				copy(want.Bytes[:], test.code)
				if s.Instruction != want {
					t.Errorf("instruction: got %v % x, want %v % x", s.Instruction.Class, s.Instruction.Bytes[:s.Instruction.Length], test.class, test.code)
				}
				m.want(RSI, i+1)
				m.want(RDI, i)
				m.SetIP(s.IP + uint64(s.Instruction.Length))
				m.runTo(Interrupt, codeBase+3+uint64(len(test.code))+4)
				m.want(RDI, i+1)
			}
		})
	}
}

// Close relatives that the engine runs, or refuses itself.
var plains = []struct {
	name string
	code []byte
}{
	{"lfence", []byte{0x0F, 0xAE, 0xE8}},
	{"mov eax, 0x310f310f", []byte{0xB8, 0x0F, 0x31, 0x0F, 0x31}},
	{"cmpxchg16b [rbx]", []byte{0x48, 0x0F, 0xC7, 0x0B}},
	{"andn eax, ebx, ecx", []byte{0xC4, 0xE2, 0x60, 0xF2, 0xC1}},
	{"pdep rax, rbx, rcx", []byte{0xC4, 0xE2, 0xE3, 0xF5, 0xC1}},
	{"rorx eax, ebx, 5", []byte{0xC4, 0xE3, 0x7B, 0xF0, 0xC3, 5}},
	{"mulx eax, ebx, ecx", []byte{0xC4, 0xE2, 0x63, 0xF6, 0xC1}},
	{"pop rax, long form", []byte{0x8F, 0xC0}},
	{"endbr64", []byte{0xF3, 0x0F, 0x1E, 0xFA}},
	{"pause", []byte{0xF3, 0x90}},
	{"emms", []byte{0x0F, 0x77}},
}

func TestNotSpecial(t *testing.T) {
	for _, test := range plains {
		t.Run(test.name, func(t *testing.T) {
			m := newMachine(t, Config{})
			m.SetReg(RBX, dataBase)
			m.put(0, append(test.code, 0xCC)...)
			m.runTo(Interrupt, codeBase+uint64(len(test.code))+1)
		})
	}
}

// A place is judged by what it holds when it is reached.
func TestSpecialRewritten(t *testing.T) {
	m := newMachine(t, Config{})
	m.put(0, 0x0F, 0x31, 0xCC) // rdtsc; int3
	m.runTo(Special, codeBase)
	m.put(0, 0x66, 0x90) // nop
	m.runTo(Interrupt, codeBase+3)
	m.put(0, 0xF4, 0x90) // hlt; nop
	m.SetIP(codeBase)
	if s := m.runTo(Special, codeBase); s.Instruction.Class != Privileged {
		t.Errorf("class: got %v, want %v", s.Instruction.Class, Privileged)
	}
}

// Many places, again and again.
func TestManySpecials(t *testing.T) {
	const places = 300
	m := newMachine(t, Config{})
	copy(m.code, bytes.Repeat([]byte{0x0F, 0x31, 0xFF, 0xC6}, places)) // rdtsc; inc esi
	m.code[4*places] = 0xCC
	for round := range uint64(3) {
		m.SetIP(codeBase)
		for i := range uint64(places) {
			m.runTo(Special, codeBase+4*i)
			m.SetIP(m.IP() + 2)
		}
		m.runTo(Interrupt, codeBase+4*places+1)
		m.want(RSI, (round+1)*places)
	}
}

// A special instruction and a watch: each is told, the watch once.
func TestSpecialInNewCode(t *testing.T) {
	m := newMachine(t, Config{})
	m.check(m.Watch(codeBase, m.code, nil))
	copy(m.code, []byte{0x90, 0x0F, 0x31, 0xCC}) // nop; rdtsc; int3
	m.runTo(NewCode, codeBase)
	m.runTo(Special, codeBase+1)
	m.SetIP(codeBase + 3)
	m.runTo(NewCode, codeBase+3)
	m.runTo(Interrupt, codeBase+4)
}

// The trap in the place of a special instruction is not in memory: the guest
// reads its own code.
func TestSpecialUnseen(t *testing.T) {
	m := newMachine(t, Config{})
	m.put(0,
		0x48, 0x8D, 0x1D, 2, 0, 0, 0, // lea rbx, [rip+2]
		0x8A, 0x03, //                   mov al, [rbx]
		0x0F, 0x31, //                   rdtsc
		0x8A, 0x03, 0xCC) //             mov al, [rbx]; int3
	for range 2 {
		m.SetIP(codeBase)
		m.runTo(Special, codeBase+9)
		m.want(RAX, 0x0F)
		if m.code[9] != 0x0F {
			t.Errorf("memory: got %#x, want 0x0f", m.code[9])
		}
		m.SetIP(codeBase + 11)
		m.runTo(Interrupt, codeBase+14)
		m.want(RAX, 0x0F)
	}
}

// A place that is reached from two blocks keeps both translations: the second
// round translates nothing.
func TestSpecialInTwoBlocks(t *testing.T) {
	m := newMachine(t, Config{})
	m.put(0, 0x90, 0x90, 0x0F, 0x31, 0xEB, 0xFB) // nop; nop; rdtsc; jmp $-3: to the second nop
	translated := func() uint64 { return uint64(m.e.used) }
	round := func() {
		m.SetIP(codeBase)
		for range 3 {
			m.runTo(Special, codeBase+2)
			m.SetIP(codeBase + 4)
		}
	}
	round()
	before := translated()
	round()
	if got := translated(); got != before {
		t.Errorf("translated in the second round: %d bytes", got-before)
	}
}

// Code that is written at another address of the same memory.
func TestAlias(t *testing.T) {
	m := newMachine(t, Config{})
	shared := hostMemory(t, 2*PageSize)
	const write, execute = 0x1000000, 0x2000000
	m.check(m.Map(write, shared, Read|Write))
	m.check(m.Map(execute, shared, Read|Exec))
	m.check(m.Alias(execute, 2*PageSize))
	m.SetReg(RBX, write)
	m.SetReg(RBP, execute)
	copy(shared, []byte{0xB8, 0, 0, 0, 0, 0xC3}) // mov eax, imm; ret
	m.put(0,
		0xFF, 0x43, 0x01, //       inc dword [rbx+1]
		0xFF, 0xD5, //             call rbp
		0x39, 0xC8, //             cmp eax, ecx
		0x75, 0xF7, 0xCC) //       jnz; int3
	m.SetReg(RCX, 1000)
	m.runTo(Interrupt, codeBase+10)
	m.want(RAX, 1000)
	m.check(m.Unmap(execute, 2*PageSize))
	m.check(m.Map(execute, shared, Read|Exec))
	m.SetReg(RCX, 1001)
	m.SetIP(codeBase)
	m.runTo(Interrupt, codeBase+10)
}
