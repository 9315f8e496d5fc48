package cpu

import "testing"

// Stubs that may be written to run as what they are, once they are changed.
func TestPatchable(t *testing.T) {
	m := newMachine(t, Config{})
	original := hostMemory(t, PageSize)
	m.check(m.Protect(stubBase, PageSize, Read|Write|Exec))
	for i := 0; i < PageSize; i += StubSize {
		copy(m.stub[i:], []byte{0xB8, byte(i / StubSize), 0, 0, 0, 0x0F, 0x05, 0xC3}) // mov eax, n; syscall; ret
	}
	copy(original, m.stub)
	m.check(m.Patchable(stubBase, PageSize, m.stub, original))

	m.call(stubBase + 3*StubSize)
	m.runTo(APICall, stubBase+3*StubSize)
	m.Return(7)
	m.runTo(Interrupt, returned)

	copy(m.stub[5*StubSize:], movRet(9))
	m.Invalidate(stubBase, PageSize)
	m.call(stubBase + 5*StubSize)
	m.runTo(Interrupt, returned)
	m.want(RAX, 9)

	m.call(stubBase + 4*StubSize) // the one in front, which may be half of one
	m.runTo(Syscall, stubBase+4*StubSize+7)
	m.want(RAX, 4)
	m.runTo(Interrupt, returned)
	m.call(stubBase + 3*StubSize + 5) // the middle of one
	m.runTo(Syscall, stubBase+3*StubSize+7)
	m.call(stubBase + 6*StubSize)
	m.runTo(APICall, stubBase+6*StubSize)

	copy(m.stub[5*StubSize:], original[5*StubSize:][:StubSize])
	m.Invalidate(stubBase, PageSize)
	m.call(stubBase + 5*StubSize)
	m.runTo(APICall, stubBase+5*StubSize)
	m.call(stubBase + PageSize - StubSize) // the last one
	m.runTo(APICall, stubBase+PageSize-StubSize)

	for name, err := range map[string]error{
		"part of a page":   m.Patchable(stubBase, 1, m.stub, original),
		"no stubs":         m.Patchable(codeBase, PageSize, m.stub, original),
		"too many":         m.Patchable(stubBase, 2*PageSize, m.stub, original),
		"too short memory": m.Patchable(stubBase, PageSize, m.stub[1:], original),
	} {
		if err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}
