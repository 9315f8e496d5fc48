package cpu

import (
	"encoding/binary"
	"errors"
	"os"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// Where tests put things.
const (
	codeBase  = 0x140000000
	dataBase  = 0x150000000
	stackBase = 0x160000000
	stubBase  = 0x7FF800000000
	nowhere   = 0x1234000
	codeSize  = 0x10000
	dataSize  = 0x10000
	stackSize = 0x10000
	stackTop  = stackBase + stackSize - 0x1000
)

// hostMemory returns zeroed memory outside the Go heap.
func hostMemory(t testing.TB, size int) []byte {
	t.Helper()
	mem, err := syscall.Mmap(-1, 0, size, syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_ANON|syscall.MAP_PRIVATE)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { syscall.Munmap(mem) })
	return mem
}

// machine is a CPU with code, data, a stack and API stubs.
type machine struct {
	*CPU
	t                       testing.TB
	code, data, stack, stub []byte
}

func newMachine(t testing.TB, config Config) *machine {
	t.Helper()
	if config.StubEnd == 0 {
		config.StubStart, config.StubEnd = stubBase, stubBase+PageSize
	}
	c, err := New(config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	m := &machine{c, t, hostMemory(t, codeSize), hostMemory(t, dataSize), hostMemory(t, stackSize), hostMemory(t, PageSize)}
	for i := range m.stub {
		m.stub[i] = 0xC3 // ret
	}
	m.check(m.Map(codeBase, m.code, Read|Exec))
	m.check(m.Map(dataBase, m.data, Read|Write))
	m.check(m.Map(stackBase, m.stack, Read|Write))
	m.check(m.Map(stubBase, m.stub, Read|Exec))
	m.SetStack(stackBase, m.stack)
	m.SetReg(RSP, stackTop)
	m.SetIP(codeBase)
	return m
}

func (m *machine) check(err error) {
	m.t.Helper()
	if err != nil {
		m.t.Fatal(err)
	}
}

// put writes code at an offset of the code area.
func (m *machine) put(offset int, code ...byte) {
	copy(m.code[offset:], code)
	m.Invalidate(codeBase+uint64(offset), uint64(len(code)))
}

// runTo runs and requires a stop.
func (m *machine) runTo(kind Kind, ip uint64) *Stop {
	m.t.Helper()
	s := m.Run()
	if s.Kind != kind || s.IP != ip {
		m.t.Fatalf("stop: got %v at %#x (%v), want %v at %#x", s.Kind, s.IP, s.Err, kind, ip)
	}
	if m.IP() != ip || m.Reg(RIP) != ip {
		m.t.Fatalf("IP: got %#x and %#x, want %#x", m.IP(), m.Reg(RIP), ip)
	}
	return s
}

func (m *machine) want(r Reg, value uint64) {
	m.t.Helper()
	if got := m.Reg(r); got != value {
		m.t.Errorf("register %d: got %#x, want %#x", r, got, value)
	}
}

// le is v in n bytes, little-endian, for immediates and displacements.
func le(v uint64, n int) []byte {
	return binary.LittleEndian.AppendUint64(nil, v)[:n]
}

// join makes one code sequence of several.
func join(parts ...[]byte) []byte {
	var all []byte
	for _, p := range parts {
		all = append(all, p...)
	}
	return all
}

func TestVersion(t *testing.T) {
	if v := Version(); strings.Count(v, ".") != 2 {
		t.Errorf("version: got %q, want three numbers", v)
	}
}

func TestInitialState(t *testing.T) {
	c, err := New(Config{})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	type state struct {
		MXCSR, FPCW, CS, SS, DS, ES, FS, GS, EFLAGS, RAX, RSP, RIP, Blocks uint64
	}
	got := state{c.Reg(MXCSR), c.Reg(FPCW), c.Reg(CS), c.Reg(SS), c.Reg(DS), c.Reg(ES), c.Reg(FS), c.Reg(GS),
		c.Reg(EFLAGS), c.Reg(RAX), c.Reg(RSP), c.IP(), c.Blocks()}
	want := state{MXCSR: 0x1F80, FPCW: 0x27F, CS: 0x33, SS: 0x2B, DS: 0x2B, ES: 0x2B, FS: 0x53, GS: 0x2B, EFLAGS: 0x202}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("state after New (-want +got):\n%s", d)
	}
}

func TestRegisters(t *testing.T) {
	m := newMachine(t, Config{})
	for r := RAX; r <= R15; r++ {
		m.SetReg(r, 0x1122334455667700+uint64(r))
	}
	for r := RAX; r <= R15; r++ {
		m.want(r, 0x1122334455667700+uint64(r))
	}
	m.SetReg(GSBase, dataBase)
	m.SetReg(FSBase, dataBase+8)
	for i := range 16 {
		m.SetXMM(i, [16]byte{0: byte(i), 15: 0xFF})
	}
	for i := range 16 {
		if d := cmp.Diff([16]byte{0: byte(i), 15: 0xFF}, m.XMM(i)); d != "" {
			t.Errorf("XMM%d (-want +got):\n%s", i, d)
		}
	}
	binary.LittleEndian.PutUint64(m.data[0x30:], 0xABCD)
	m.put(0,
		0x65, 0x48, 0x8B, 0x04, 0x25, 0x30, 0, 0, 0, // mov rax, gs:[0x30]
		0x64, 0x48, 0x8B, 0x1C, 0x25, 0x28, 0, 0, 0, // mov rbx, fs:[0x28]
		0xCC) //                                        int3
	m.runTo(Interrupt, codeBase+19)
	m.want(RAX, 0xABCD)
	m.want(RBX, 0xABCD)
	m.want(GSBase, dataBase)
}

// fxsave keeps XMM registers only if CR4.OSFXSR is set.
func TestFXSAVE(t *testing.T) {
	m := newMachine(t, Config{})
	m.SetXMM(3, [16]byte{1, 2, 3})
	m.SetReg(RDI, dataBase)
	m.put(0, 0x0F, 0xAE, 0x07, 0xCC) // fxsave [rdi]; int3
	m.runTo(Interrupt, codeBase+4)
	if d := cmp.Diff([]byte{1, 2, 3, 0}, m.data[160+3*16:160+3*16+4]); d != "" {
		t.Errorf("saved XMM3 (-want +got):\n%s", d)
	}
	if got := binary.LittleEndian.Uint32(m.data[24:]); got != 0x1F80 {
		t.Errorf("saved MXCSR: got %#x, want 0x1f80", got)
	}
}

func TestCPUID(t *testing.T) {
	m := newMachine(t, Config{})
	m.put(0, 0x0F, 0xA2, 0xCC) // cpuid; int3
	cpuid := func(leaf, sub uint64) (a, b, c, d uint64) {
		m.SetReg(RAX, leaf)
		m.SetReg(RCX, sub)
		m.SetIP(codeBase)
		m.runTo(Interrupt, codeBase+3)
		return m.Reg(RAX), m.Reg(RBX), m.Reg(RCX), m.Reg(RDX)
	}
	const avx, osxsave, fma, hypervisor = 1 << 28, 1 << 27, 1 << 12, 1 << 31
	if _, _, c, _ := cpuid(0xFFFFFFFF00000001, 0); c&(avx|osxsave|fma|hypervisor) != 0 || c&(1<<20) == 0 {
		t.Errorf("leaf 1 ECX: got %#x, want SSE4.2 and none of AVX, OSXSAVE, FMA, hypervisor", c)
	}
	const avx2 = 1 << 5
	if _, b, _, _ := cpuid(7, 0); b&avx2 != 0 || b&(1<<8) == 0 {
		t.Errorf("leaf 7 EBX: got %#x, want BMI2 and no AVX2", b)
	}
	if a, b, c, d := cpuid(0x40000000, 0); a|b|c|d != 0 {
		t.Errorf("hypervisor leaf: got %#x %#x %#x %#x, want zeros", a, b, c, d)
	}
	var brand []byte
	for leaf := uint64(0x80000002); leaf <= 0x80000004; leaf++ {
		a, b, c, d := cpuid(leaf, 0)
		brand = append(brand, join(le(a, 4), le(b, 4), le(c, 4), le(d, 4))...)
	}
	if got, want := strings.TrimRight(string(brand), "\x00"), "Intel(R) Core(TM) i7-8565U CPU @ 1.80GHz"; got != want {
		t.Errorf("brand: got %q, want %q", got, want)
	}
}

func TestConfigRefused(t *testing.T) {
	if _, err := New(Config{StubStart: 2, StubEnd: 1}); err == nil {
		t.Error("a stub range that ends before it starts: got no error")
	}
}

func TestMemoryErrors(t *testing.T) {
	m := newMachine(t, Config{})
	mem := hostMemory(t, 2*PageSize)
	tests := []struct {
		name string
		err  error
	}{
		{"map at an odd address", m.Map(nowhere+1, mem, Read)},
		{"map part of a page", m.Map(nowhere, mem[:100], Read)},
		{"map nothing", m.Map(nowhere, nil, Read)},
		{"map over the end of the address space", m.Map(0xFFFFFFFFFFFFF000, mem, Read)},
		{"map over a mapping", m.Map(codeBase+codeSize-PageSize, mem, Read)},
		{"unmap what is not mapped", m.Unmap(nowhere, PageSize)},
		{"unmap more than is mapped", m.Unmap(codeBase, codeSize+PageSize)},
		{"protect what is not mapped", m.Protect(nowhere, PageSize, Read)},
		{"watch nothing", m.Watch(nowhere, nil, nil)},
		{"watch with too little known", m.Watch(nowhere, mem, mem[:5])},
	}
	for _, test := range tests {
		var e *Error
		if !errors.As(test.err, &e) {
			t.Errorf("%s: got %v, want an *Error", test.name, test.err)
		}
	}
	m.Invalidate(nowhere, 0)
	m.Invalidate(0xFFFFFFFFFFFFF000, PageSize)
	m.Invalidate(0xFFFFFFFFFFFFF000, 2*PageSize)
}

func TestClose(t *testing.T) {
	c, err := New(Config{})
	if err != nil {
		t.Fatal(err)
	}
	ctx, err := c.NewContext()
	if err != nil {
		t.Fatal(err)
	}
	c.Close()
	c.Close()
	c.Interrupt()
	ctx.Free()
	ctx.Free()
}

// resident returns the process's resident memory in bytes.
func resident(t *testing.T) int {
	stat, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		t.Skip("no /proc: ", err)
	}
	pages, err := strconv.Atoi(strings.Fields(string(stat))[1])
	if err != nil {
		t.Fatal(err)
	}
	return pages * os.Getpagesize()
}

func TestOpenDoesNotLeak(t *testing.T) {
	mem := hostMemory(t, PageSize)
	copy(mem, []byte{0xFF, 0xC0, 0xCC}) // inc eax; int3
	open := func(n int) {
		for range n {
			c, err := New(Config{})
			if err != nil {
				t.Fatal(err)
			}
			if err := c.Map(codeBase, mem, Read|Exec); err != nil {
				t.Fatal(err)
			}
			c.SetIP(codeBase)
			c.Run()
			c.Close()
		}
	}
	open(50)
	before := resident(t)
	open(200)
	if grown := resident(t) - before; grown > 8<<20 {
		t.Errorf("memory after 200 more engines: grown by %d bytes", grown)
	}
}

func TestInterrupt(t *testing.T) {
	m := newMachine(t, Config{})
	m.put(0, 0xFF, 0xC0, 0xEB, 0xFC) // inc eax; jmp $-2
	m.Interrupt()                    // before Run: the next one stops
	m.runTo(Interrupted, codeBase)
	go func() {
		time.Sleep(5 * time.Millisecond)
		m.Interrupt()
	}()
	m.runTo(Interrupted, codeBase)
	m.SetLimit(m.Blocks() + 1000) // the request is gone, and the guest can go on
	m.runTo(Limit, codeBase)
}

// Requests from another goroutine, around the start of a run: none is lost, and
// blocks are counted all the same.
func TestManyInterrupts(t *testing.T) {
	m := newMachine(t, Config{})
	m.put(0, 0xFF, 0xC0, 0xEB, 0xFC) // inc eax; jmp $-2
	ask := make(chan bool)
	defer close(ask)
	go func() {
		for range ask {
			m.Interrupt()
		}
	}()
	for range 2000 {
		ask <- true
		m.runTo(Interrupted, codeBase)
	}
	m.SetLimit(m.Blocks() + 100)
	m.runTo(Limit, codeBase)
	m.want(RAX, m.Blocks()&0xFFFFFFFF)
}
