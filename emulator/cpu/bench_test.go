package cpu

import (
	"testing"

	"sidetrace/emulator/cpu/bare"
)

// Every benchmark has a twin on the bare library, and the ratio counts.

// An API call: stop at the stub, read the arguments, return.
func BenchmarkStop(b *testing.B) {
	b.Run("cpu", func(b *testing.B) {
		m := newMachine(b, Config{})
		m.put(0, endlessStubLoop()...)
		b.ReportAllocs()
		b.ResetTimer()
		var sum uint64
		for range b.N {
			s := m.Run()
			sum += s.RCX + s.Stack[0]
			m.Return(1)
		}
		b.StopTimer()
		if sum != 0 {
			b.Fatal("arguments: got some, want zeros")
		}
	})
	b.Run("bare", func(b *testing.B) {
		e := newBare(b, endlessStubLoop())
		if err := e.StopLoop(codeBase, stackTop, b.N); err != nil {
			b.Fatal(err)
		}
	})
}

func endlessStubLoop() []byte {
	return join(
		[]byte{0x48, 0xBB}, le(stubBase, 8), // mov rbx, stub
		[]byte{0xFF, 0xD3, 0xEB, 0xFC}) //      call rbx; jmp $-2
}

func newBare(b *testing.B, code []byte) *bare.Engine {
	e, err := bare.Open()
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(e.Close)
	text, stack, data, stub := hostMemory(b, codeSize), hostMemory(b, stackSize), hostMemory(b, dataSize), hostMemory(b, PageSize)
	copy(text, code)
	for _, err := range []error{
		e.Map(codeBase, text), e.Map(stackBase, stack), e.Map(dataBase, data), e.Map(stubBase, stub),
		e.StubLoop(stubBase, stubBase+PageSize, stackBase, stack),
	} {
		if err != nil {
			b.Fatal(err)
		}
	}
	b.ResetTimer()
	return e
}

const loopEnd = dataBase // the loop jumps here, where it is not executable

// loopCode are 10 instructions and two memory accesses to an iteration, n times.
func loopCode(n uint64) []byte {
	return join(
		[]byte{0x48, 0xBB}, le(dataBase, 8), // mov rbx, data
		[]byte{0xB9}, le(n, 4), //              mov ecx, n
		[]byte{
			0x01, 0xC8, //             add eax, ecx
			0xC1, 0xC0, 7, //          rol eax, 7
			0x31, 0xC2, //             xor edx, eax
			0x89, 0x53, 0x40, //       mov [rbx+0x40], edx
			0x0F, 0xAF, 0xC2, //       imul eax, edx
			0x03, 0x43, 0x40, //       add eax, [rbx+0x40]
			0x89, 0xC6, //             mov esi, eax
			0xC1, 0xEE, 3, //          shr esi, 3
			0xFF, 0xC9, //             dec ecx
			0x75, 0xE9, //             jnz loop
		},
		[]byte{0xFF, 0xE3}) //         jmp rbx
}

// Compute: 50 M instructions in a loop.
func BenchmarkLoop(b *testing.B) {
	code := loopCode(5_000_000)
	b.Run("cpu", func(b *testing.B) {
		m := newMachine(b, Config{})
		m.put(0, code...)
		b.ResetTimer()
		for range b.N {
			m.SetIP(codeBase)
			if s := m.Run(); s.Kind != Fault || s.IP != loopEnd {
				b.Fatalf("got %v at %#x", s.Kind, s.IP)
			}
		}
	})
	b.Run("bare", func(b *testing.B) {
		e := newBare(b, code)
		for range b.N {
			if err := e.RunUntil(codeBase, loopEnd); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// The engine of one process.
func BenchmarkOpen(b *testing.B) {
	mem := hostMemory(b, PageSize)
	b.Run("cpu", func(b *testing.B) {
		for i := range 10 {
			copy(mem[2*i:], []byte{0xFF, 0xC0}) // inc eax
		}
		mem[20] = 0xCC
		for range b.N {
			c, err := New(Config{StubStart: stubBase, StubEnd: stubBase + PageSize})
			if err != nil {
				b.Fatal(err)
			}
			if err := c.Map(codeBase, mem, Read|Exec); err != nil {
				b.Fatal(err)
			}
			c.SetIP(codeBase)
			c.Run()
			c.Close()
		}
	})
	b.Run("bare", func(b *testing.B) {
		for range b.N {
			if err := bare.TenInstructions(mem); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// A page fault that is repaired outside.
func BenchmarkFault(b *testing.B) {
	m := newMachine(b, Config{})
	m.put(0, 0x8B, 0x03, 0xEB, 0xFC) // mov eax, [rbx]; jmp $-2
	m.SetReg(RBX, nowhere)
	for b.Loop() {
		m.Run()
	}
}

// An instruction the engine must not run.
func BenchmarkSpecial(b *testing.B) {
	m := newMachine(b, Config{})
	m.put(0, 0x0F, 0x31, 0xEB, 0xFC) // rdtsc; jmp $-2
	for b.Loop() {
		m.SetIP(m.Run().IP + 2)
	}
}

// A loop of AVX2 code: copies of 32 bytes with an addition, four at a time.
func BenchmarkVEX(b *testing.B) {
	m := newMachine(b, Config{})
	body := []byte{
		0xC5, 0xFE, 0x6F, 0x04, 0x0B, //       vmovdqu ymm0, [rbx+rcx]
		0xC5, 0xFE, 0x6F, 0x4C, 0x0B, 0x20, // vmovdqu ymm1, [rbx+rcx+32]
		0xC5, 0xFD, 0xFE, 0xC1, //             vpaddd ymm0, ymm0, ymm1
		0xC5, 0xFE, 0x7F, 0x04, 0x0B, //       vmovdqu [rbx+rcx], ymm0
		0x48, 0x83, 0xC1, 0x20, //             add rcx, 32
		0x48, 0x81, 0xF9, 0, 0x10, 0, 0, //    cmp rcx, 0x1000
	}
	m.put(0, join([]byte{0x31, 0xC9}, body, []byte{0x75, byte(-len(body) - 2), 0xCC})...) // xor ecx, ecx; …; jnz; int3
	m.SetReg(RBX, dataBase)
	b.SetBytes(0x1000)
	for b.Loop() {
		m.SetIP(codeBase)
		if s := m.Run(); s.Kind != Interrupt {
			b.Fatal(s.Kind)
		}
	}
}

// Moves of 16 bytes to and from memory, whose operands must be aligned or need
// not: the check costs nothing.
func BenchmarkAligned(b *testing.B) {
	for _, test := range []struct {
		name        string
		load, store byte
	}{{"movaps", 0x28, 0x29}, {"movups", 0x10, 0x11}} {
		var body []byte
		for i := range byte(8) {
			body = append(body, 0x0F, test.load, 0x44|i&7<<3, 0x24, i<<4&0x70)  //   movaps xmm0…7, [rsp+16*i]
			body = append(body, 0x0F, test.store, 0x44|i&7<<3, 0x24, i<<4&0x70) // movaps [rsp+16*i], xmm0…7
		}
		code := join([]byte{0xB9}, le(1_000_000, 4), body, []byte{0xFF, 0xC9, 0x75, byte(-len(body) - 4)}) // mov ecx, n; …; dec ecx; jnz
		b.Run(test.name, func(b *testing.B) {
			m := newMachine(b, Config{})
			m.put(0, append(code, 0xCC)...)
			m.SetReg(RSP, stackTop-0x100)
			for b.Loop() {
				m.SetIP(codeBase)
				if s := m.Run(); s.Kind != Interrupt {
					b.Fatal(s.Kind)
				}
			}
		})
	}
}
