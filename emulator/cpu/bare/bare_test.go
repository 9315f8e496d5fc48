package bare

import (
	"syscall"
	"testing"
)

func hostMemory(t *testing.T, size int) []byte {
	mem, err := syscall.Mmap(-1, 0, size, syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_ANON|syscall.MAP_PRIVATE)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { syscall.Munmap(mem) })
	return mem
}

func TestTenInstructions(t *testing.T) {
	mem := hostMemory(t, 0x1000)
	for range 3 {
		if err := TenInstructions(mem); err != nil {
			t.Fatal(err)
		}
	}
}

func TestStopLoop(t *testing.T) {
	e, err := Open()
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	mem, stack := hostMemory(t, 0x2000), hostMemory(t, 0x2000)
	const base, stackBase = 0x400000, 0x500000
	copy(mem, []byte{
		0x01, 0x03, //                   add [rbx], eax
		0xE8, 0xF9, 0x0F, 0x00, 0x00, // call base+0x1000
		0xEB, 0xF7, //                   jmp base
	})
	mem[0x1000] = 0xC3
	for _, err := range []error{
		e.Map(base, mem), e.Map(stackBase, stack),
		e.StubLoop(base+0x1000, base+0x2000, stackBase, stack),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	e.SetRegister(3, stackBase) // RBX
	if err := e.StopLoop(base, stackBase+0x1000, 100); err != nil {
		t.Fatal(err)
	}
	if got := stack[0]; got != 99 {
		t.Errorf("calls counted by the guest: got %d, want 99", got)
	}
}

func TestRunUntil(t *testing.T) {
	e, err := Open()
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	if err := e.RunUntil(0x400000, 0x500000); err == nil {
		t.Error("running what is not mapped: got no error")
	}
}
