package cpu

import (
	"errors"
	"testing"
)

// call runs the code at an address as a function called by the test.
func (m *machine) call(address uint64) {
	m.put(codeSize-0x100, join(callStub(address), []byte{0xCC})...)
	m.SetReg(RSP, stackTop)
	m.SetIP(codeBase + codeSize - 0x100)
}

const returned = codeBase + codeSize - 0x100 + 13

// moveTo returns mov eax, v; ret.
func movRet(v byte) []byte { return []byte{0xB8, v, 0, 0, 0, 0xC3} }

func TestNewCode(t *testing.T) {
	m := newMachine(t, Config{})
	known := hostMemory(t, dataSize)
	m.check(m.Protect(dataBase, dataSize, Read|Write|Exec))
	copy(m.data, movRet(1))
	copy(known, m.data)
	m.check(m.Watch(dataBase, m.data, known))

	m.call(dataBase) // known bytes
	m.runTo(Interrupt, returned)
	m.want(RAX, 1)

	copy(m.data, movRet(2)) // the host writes
	m.Invalidate(dataBase, 6)
	m.call(dataBase)
	s := m.runTo(NewCode, dataBase)
	if s.BlockSize != 6 {
		t.Errorf("block size: got %d, want 6", s.BlockSize)
	}
	m.runTo(Interrupt, returned) // resuming goes on
	m.want(RAX, 2)
	m.call(dataBase) // not fresh any more
	m.runTo(Interrupt, returned)

	copy(known, m.data) // now it is known
	m.Invalidate(dataBase, 6)
	m.call(dataBase)
	m.runTo(Interrupt, returned)

	// The guest writes: mov byte [data+1], 3; jmp data.
	m.SetReg(RBX, dataBase)
	m.put(0, 0xC6, 0x43, 1, 3, 0xFF, 0xE3)
	m.call(codeBase)
	m.runTo(NewCode, dataBase)
	m.runTo(Interrupt, returned)
	m.want(RAX, 3)
	m.call(codeBase) // the same bytes again are written again
	m.runTo(NewCode, dataBase)
	m.runTo(Interrupt, returned)

	m.Unwatch(dataBase)
	m.call(codeBase)
	m.runTo(Interrupt, returned)
}

// Memory that is written while writable and run while executable, in cycles:
// every cycle's code is the new one, and is seen.
func TestWriteXorExecute(t *testing.T) {
	m := newMachine(t, Config{})
	known := hostMemory(t, dataSize)
	m.check(m.Watch(dataBase, m.data, known))
	m.SetReg(RBX, dataBase)
	m.put(0, 0xC7, 0x03, 0xB8, 0, 0, 0, //            mov dword [rbx], 0xB8
		0x88, 0x4B, 1, //                             mov [rbx+1], cl
		0x66, 0xC7, 0x43, 4, 0, 0xC3, 0xC3) //        mov word [rbx+4], 0xC300; ret
	for cycle := range uint64(4) {
		m.check(m.Protect(dataBase, dataSize, Read|Write))
		m.SetReg(RCX, 10+cycle)
		m.call(codeBase)
		m.runTo(Interrupt, returned)
		m.call(dataBase)
		m.runTo(Fault, dataBase) // not executable, though it has run before
		m.check(m.Protect(dataBase, dataSize, Read|Exec))
		m.runTo(NewCode, dataBase)
		m.runTo(Interrupt, returned)
		m.want(RAX, 10+cycle)
	}
}

// Without known bytes every fresh block is new: here two, of a branch.
func TestWatchWithoutKnown(t *testing.T) {
	m := newMachine(t, Config{})
	m.check(m.Watch(codeBase, m.code[:PageSize], nil))
	copy(m.code, []byte{0xEB, 0x10})        // jmp $+0x12
	copy(m.code[0x12:], []byte{0x90, 0xCC}) // nop; int3
	m.runTo(NewCode, codeBase)
	m.runTo(NewCode, codeBase+0x12)
	m.runTo(Interrupt, codeBase+0x14)
	m.SetIP(codeBase)
	m.runTo(Interrupt, codeBase+0x14)
}

// A block that differs from what is known only behind its end is not new, nor
// one behind the watch.
func TestWatchLooksAtTheBlockOnly(t *testing.T) {
	m := newMachine(t, Config{})
	known := hostMemory(t, PageSize)
	copy(m.code, movRet(1))
	copy(m.code[PageSize:], movRet(1))
	copy(known, movRet(1))
	m.code[6] = 0x90
	m.check(m.Watch(codeBase, m.code[:PageSize], known))
	m.call(codeBase)
	m.runTo(Interrupt, returned)
	m.call(codeBase + PageSize)
	m.runTo(Interrupt, returned)
	m.call(codeBase + 6)
	m.runTo(NewCode, codeBase+6)
}

func TestManyWatches(t *testing.T) {
	m := newMachine(t, Config{})
	known := hostMemory(t, codeSize)
	const step = 0x100
	order := []int{7, 3, 11, 0, 5, 9, 1, 13, 2, 14, 4, 12, 6, 10, 8}
	for _, i := range order {
		copy(m.code[i*step:], movRet(byte(i)))
		m.check(m.Watch(codeBase+uint64(i*step), m.code[i*step:(i+1)*step-0x10], known[i*step:(i+1)*step-0x10]))
	}
	for _, addr := range []uint64{codeBase - 8, codeBase + 8, codeBase + 5*step + 1} {
		if err := m.Watch(addr, m.code[:16], nil); !errors.Is(err, ErrOverlap) {
			t.Errorf("watch at %#x: got %v, want %v", addr, err, ErrOverlap)
		}
	}
	if err := m.Watch(codeBase, m.code[:step+1], nil); !errors.Is(err, ErrOverlap) {
		t.Errorf("longer watch: got %v, want %v", err, ErrOverlap)
	}
	m.Unwatch(codeBase + 5*step)
	m.Unwatch(codeBase + 5*step)
	m.Unwatch(codeBase + 6*step + 1) // no watch starts here
	for _, i := range order {
		at := codeBase + uint64(i*step)
		m.call(at)
		if i != 5 {
			m.runTo(NewCode, at)
		}
		m.runTo(Interrupt, returned)
		m.want(RAX, uint64(i))
	}
}

// A block over a page boundary goes when either page is invalidated.
func TestInvalidateBlockOverTwoPages(t *testing.T) {
	m := newMachine(t, Config{})
	copy(m.code[PageSize-3:], movRet(1))
	m.call(codeBase + PageSize - 3)
	m.runTo(Interrupt, returned)
	m.code[PageSize-2] = 2
	m.Invalidate(codeBase+PageSize-2, 1)
	m.call(codeBase + PageSize - 3)
	m.runTo(Interrupt, returned)
	m.want(RAX, 2)
	copy(m.code[PageSize:], []byte{0, 1, 0xC3}) // the immediate is now 0x10002
	m.Invalidate(codeBase+PageSize+1, 1)
	m.call(codeBase + PageSize - 3)
	m.runTo(Interrupt, returned)
	m.want(RAX, 0x1000002)
}

// Remapping an address runs the new memory, and unmapping ends it.
func TestUnmapCode(t *testing.T) {
	m := newMachine(t, Config{})
	one, two := hostMemory(t, 3*PageSize), hostMemory(t, PageSize)
	copy(one[PageSize:], movRet(1))
	copy(one[2*PageSize:], movRet(3))
	copy(two, movRet(2))
	m.check(m.Map(nowhere&^0xFFF, one, Read|Exec))
	at := uint64(nowhere&^0xFFF) + PageSize
	m.call(at)
	m.runTo(Interrupt, returned)
	m.want(RAX, 1)
	m.check(m.Unmap(at, PageSize))
	m.call(at)
	m.runTo(Fault, at)
	m.check(m.Map(at, two, Read|Exec))
	m.runTo(Interrupt, returned)
	m.want(RAX, 2)
	m.call(at + PageSize) // the rest of the first mapping is still there
	m.runTo(Interrupt, returned)
	m.want(RAX, 3)
}
