package cpu

import (
	"sync"
	"syscall"
)

// ExactFaults says whether the loaded libunicorn lets RIP and EFLAGS be
// recovered at data faults; see [CPU.ExactFaults].
var ExactFaults = sync.OnceValue(func() bool {
	mem, err := syscall.Mmap(-1, 0, PageSize, syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_ANON|syscall.MAP_PRIVATE)
	if err != nil {
		return false
	}
	defer syscall.Munmap(mem)
	c, err := open(Config{TranslationBuffer: minBuffer}, true)
	if err != nil {
		return false
	}
	defer c.Close()

	const base = 0x20000
	copy(mem, []byte{
		0xEB, 0x00, //             jmp $+2: the fault is in a chained block
		0x48, 0x31, 0xC0, //       xor rax, rax: sets ZF
		0x48, 0x8B, 0x18, //       mov rbx, [rax]
	})
	if c.Map(base, mem, Read|Exec) != nil {
		return false
	}
	const faulting, zero = base + 5, 1 << 6
	for range 2 { // cold, then from the cache
		c.SetReg(EFLAGS, 0x202)
		c.SetIP(base)
		if s := c.Run(); s.Kind != Fault || s.IP != faulting || c.Reg(EFLAGS)&zero == 0 {
			return false
		}
	}
	return true
})
