package cpu

import (
	"encoding/binary"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// callStub is mov rax, stub; call rax.
func callStub(stub uint64) []byte {
	return join([]byte{0x48, 0xB8}, le(stub, 8), []byte{0xFF, 0xD0})
}

func TestAPICall(t *testing.T) {
	m := newMachine(t, Config{})
	m.put(0, join(callStub(stubBase+0x20), []byte{0xCC})...) // int3
	for i := range 20 {
		binary.LittleEndian.PutUint64(m.stack[stackTop-stackBase+8*i:], uint64(0x100+i))
	}
	m.SetReg(RCX, 1)
	m.SetReg(RDX, 2)
	m.SetReg(R8, 3)
	m.SetReg(R9, 4)
	want := Stop{Kind: APICall, IP: stubBase + 0x20, RCX: 1, RDX: 2, R8: 3, R9: 4,
		RSP: stackTop - 8, ReturnAddress: codeBase + 12}
	for i := range want.Stack { // [RSP+0x28] is [stackTop+0x20]: slot 4
		want.Stack[i] = uint64(0x104 + i)
	}
	got := *m.runTo(APICall, stubBase+0x20)
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("stop (-want +got):\n%s", d)
	}
	m.runTo(APICall, stubBase+0x20) // nothing was done: it stops there again

	m.Return(0xDEADBEEFCAFE)
	m.want(RAX, 0xDEADBEEFCAFE)
	m.want(RSP, stackTop)
	m.want(RIP, codeBase+12)
	m.runTo(Interrupt, codeBase+13)
	m.want(RAX, 0xDEADBEEFCAFE)
	m.want(RSP, stackTop)
}

// Without a view of the stack, and with a stack that ends early.
func TestAPICallElsewhere(t *testing.T) {
	tests := []struct {
		name     string
		rsp      uint64
		setStack bool
		readable int // stack arguments that are mapped
	}{
		{"no view", stackTop, false, StackArgs},
		{"end of the stack", stackBase + stackSize - 0x28, true, 1},
		{"nothing but the return address", stackBase + stackSize, true, 0},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			m := newMachine(t, Config{})
			if !test.setStack {
				m.SetStack(0, nil)
			}
			for i := 0; i < stackSize; i += 8 {
				binary.LittleEndian.PutUint64(m.stack[i:], 7)
			}
			m.put(0, join(callStub(stubBase), []byte{0xCC})...)
			m.SetReg(RSP, test.rsp)
			var want [StackArgs]uint64
			for i := range test.readable {
				want[i] = 7
			}
			s := m.runTo(APICall, stubBase)
			if d := cmp.Diff(want, s.Stack); d != "" {
				t.Errorf("stack arguments (-want +got):\n%s", d)
			}
			if s.ReturnAddress != codeBase+12 {
				t.Errorf("return address: got %#x, want %#x", s.ReturnAddress, uint64(codeBase+12))
			}
			m.Return(0)
			m.runTo(Interrupt, codeBase+13)
		})
	}
}

// A handler may run guest code and switch registers before it returns.
func TestReturnAfterContextSwitch(t *testing.T) {
	m := newMachine(t, Config{})
	m.put(0, join(callStub(stubBase), []byte{0xCC})...)
	m.put(0x100, join(callStub(stubBase+0x10), []byte{0xCC})...)
	m.runTo(APICall, stubBase)
	outer, err := m.NewContext()
	m.check(err)
	defer outer.Free()

	m.SetReg(RSP, stackTop-0x800)
	m.SetIP(codeBase + 0x100)
	m.runTo(APICall, stubBase+0x10)
	m.Return(2)
	m.runTo(Interrupt, codeBase+0x10D)

	m.check(m.Restore(outer))
	m.Return(1)
	m.runTo(Interrupt, codeBase+13)
	m.want(RAX, 1)
	m.want(RSP, stackTop)
}

func TestContext(t *testing.T) {
	m := newMachine(t, Config{})
	set := func(v uint64) {
		for r := RAX; r <= R15; r++ {
			m.SetReg(r, v+uint64(r))
		}
		m.SetIP(v)
		m.SetReg(GSBase, v)
		m.SetReg(EFLAGS, 0x202|v&0x400) // DF
		m.SetReg(MXCSR, 0x1F80|v&0x8000)
		m.SetXMM(5, [16]byte{byte(v >> 8)})
	}
	read := func() (all []uint64) {
		for r := range numRegs {
			all = append(all, m.Reg(r))
		}
		x := m.XMM(5)
		return append(all, uint64(x[0]))
	}
	set(0x8400)
	first := read()
	a, err := m.NewContext()
	m.check(err)
	defer a.Free()
	set(0x3000)
	second := read()
	b, err := m.NewContext()
	m.check(err)
	defer b.Free()

	m.check(m.Restore(a))
	if d := cmp.Diff(first, read()); d != "" {
		t.Errorf("first context (-want +got):\n%s", d)
	}
	m.SetReg(RAX, 99) // pending, and must not survive
	m.check(m.Restore(b))
	if d := cmp.Diff(second, read()); d != "" {
		t.Errorf("second context (-want +got):\n%s", d)
	}
	m.SetReg(RAX, 99)
	m.check(m.Save(a)) // pending, and must be saved
	m.check(m.Restore(b))
	m.check(m.Restore(a))
	m.want(RAX, 99)
}

// One loop of calls: 1000 API calls, none lost or doubled.
func TestAPICallLoop(t *testing.T) {
	m := newMachine(t, Config{})
	m.put(0, stubLoop(1000)...)
	calls := 0
	for {
		s := m.Run()
		if s.Kind != APICall {
			break
		}
		calls++
		m.Return(uint64(calls))
	}
	if calls != 1000 {
		t.Errorf("calls: got %d, want 1000", calls)
	}
	m.want(RAX, 1000)
	m.want(RSI, 1000*1001/2)
}

func TestAPICallDoesNotAllocate(t *testing.T) {
	m := newMachine(t, Config{})
	m.put(0, endlessStubLoop()...)
	calls := func() {
		m.runTo(APICall, stubBase)
		m.Return(m.Blocks())
	}
	if got := testing.AllocsPerRun(1000, calls); got != 0 {
		t.Errorf("allocations per call: got %v, want 0", got)
	}
}

// stubLoop calls the first stub n times and adds up the results in RSI.
func stubLoop(n uint64) []byte {
	return join(
		[]byte{0x31, 0xF6, 0xBF}, le(n, 4), // xor esi, esi; mov edi, n
		[]byte{0x48, 0xBB}, le(stubBase, 8), // mov rbx, stub
		[]byte{
			0xFF, 0xD3, //       call rbx
			0x48, 0x01, 0xC6, // add rsi, rax
			0xFF, 0xCF, //       dec edi
			0x75, 0xF7, //       jnz call
			0xCC, //             int3
		})
}
