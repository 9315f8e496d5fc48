package emulator

import (
	"context"
	"encoding/binary"
	"testing"

	"golang.org/x/sys/unix"

	"sidetrace/emulator/cpu/bare"
	"sidetrace/emulator/guest"
	"sidetrace/emulator/trace"
)

// Each benchmark runs its bare libunicorn twin in the same run; what counts is
// the ratio, since machines differ in speed.

// address finds the stub of an export.
func (s *System) address(b testing.TB, dll, name string) uint64 {
	b.Helper()
	m := s.standard(b).System.Module(dll)
	x, ok := m.Image.Exports.Lookup(name)
	if !ok {
		b.Fatalf("%s does not export %s", dll, name)
	}
	return m.Base + uint64(x.RVA)
}

func imm(v uint64, size int) []byte {
	return binary.LittleEndian.AppendUint64(nil, v)[:size]
}

func join(parts ...[]byte) []byte {
	var all []byte
	for _, p := range parts {
		all = append(all, p...)
	}
	return all
}

// callLoop calls a function n times with four arguments.
func callLoop(fn, n uint64) []byte {
	return join(
		[]byte{0x48, 0x83, 0xEC, 0x28, 0x48, 0xBB}, imm(fn, 8), // sub rsp, 40; mov rbx, fn
		[]byte{0xBE}, imm(n, 4), // mov esi, n
		[]byte{
			0x31, 0xC9, // xor ecx, ecx
			0x31, 0xD2, // xor edx, edx
			0x41, 0xB8, 0x00, 0x10, 0, 0, // mov r8d, 0x1000
			0x41, 0xB9, 0x04, 0, 0, 0, // mov r9d, 4
			0xFF, 0xD3, // call rbx
			0xFF, 0xCE, // dec esi
			0x75, 0xEA, // jnz
			0x48, 0x83, 0xC4, 0x28, 0xC3, // add rsp, 40; ret
		})
}

// hostMemory is memory outside the Go heap, and what gives it back.
func hostMemory(b testing.TB, size int) (mem []byte, free func()) {
	b.Helper()
	m, err := unix.Mmap(-1, 0, size, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_PRIVATE|unix.MAP_ANON)
	if err != nil {
		b.Fatal(err)
	}
	return m, func() { _ = unix.Munmap(m) }
}

const (
	bareCode  = 0x10000
	bareStack = 0x200000
	bareStub  = 0x300000
	bareEnd   = 0x400000
	bareData  = 0x1000000
	bareSize  = 0x10000
)

// newBare maps code, a stack with the return address bareEnd on it, stubs and
// data.
func newBare(b *testing.B, code []byte, dataSize int) (e *bare.Engine, done func()) {
	e, err := bare.Open()
	if err != nil {
		b.Fatal(err)
	}
	memory, free := hostMemory(b, 4*bareSize+dataSize) // code, stubs, end, stack, data
	part := func(i int) []byte { return memory[i*bareSize : (i+1)*bareSize] }
	stack := part(3)
	copy(memory, code)
	binary.LittleEndian.PutUint64(stack[bareSize-0x100:], bareEnd)
	for _, err := range []error{
		e.Map(bareCode, part(0)), e.Map(bareStub, part(1)), e.Map(bareEnd, part(2)), e.Map(bareStack, stack), e.Map(bareData, memory[4*bareSize:]),
		e.StubLoop(bareStub, bareStub+bareSize, bareStack, stack),
	} {
		if err != nil {
			b.Fatal(err)
		}
	}
	e.SetRegister(4, bareStack+bareSize-0x100) // RSP
	return e, func() { e.Close(); free() }
}

// BenchmarkAPICall is a fully recorded call of four arguments that does
// nothing: VirtualAlloc of no bytes.
func BenchmarkAPICall(b *testing.B) {
	s := newSystem(b)
	fn := s.address(b, "kernel32.dll", "VirtualAlloc")
	bare.Compare(b, 200_000, func(b *testing.B, n int) (run, done func()) {
		m := benchMachine(b, s, callLoop(fn, uint64(n)), nil)
		return func() {
			run := m.Run(context.Background())
			if got := run.Calls.Len(); run.Stop.Reason != trace.StopExit || got != n {
				b.Fatalf("got %d calls recorded, want %d; stop %+v", got, n, run.Stop)
			}
		}, m.Close
	}, func(b *testing.B, n int) (run, done func()) {
		e, done := newBare(b, callLoop(bareStub, uint64(n)+1), bareSize)
		return func() {
			if err := e.StopLoop(bareCode, bareStack+bareSize-0x100, n); err != nil {
				b.Fatal(err)
			}
		}, done
	})
}

// benchMachine makes a machine whose program is raw code. Whoever asks closes it.
func benchMachine(b *testing.B, s *System, code []byte, change func(*guest.Config)) *Machine {
	b.Helper()
	cfg := guest.Config{Image: `C:\bench\code.bin`, Files: map[string][]byte{`C:\bench\code.bin`: code}}
	cfg.Limits.Blocks = 1 << 60
	cfg.Trace.CallBytes = 8 << 30
	if change != nil {
		change(&cfg)
	}
	m, err := New(s, cfg)
	if err != nil {
		b.Fatal(err)
	}
	return m
}

// integerLoop runs 40 instructions n times: a round of SHA-256 without its
// constants, on memory at RBX. A loop of fewer instructions pays more for the
// hook that counts blocks: 1.3 times bare at ten to a block.
func integerLoop(n uint64) []byte {
	body := []byte{
		0x44, 0x89, 0xD2, 0xC1, 0xCA, 6, // mov edx, r10d; ror edx, 6
		0x44, 0x89, 0xD6, 0xC1, 0xCE, 11, 0x31, 0xF2, // mov esi, r10d; ror esi, 11; xor edx, esi
		0x44, 0x89, 0xD6, 0xC1, 0xCE, 25, 0x31, 0xF2, // mov esi, r10d; ror esi, 25; xor edx, esi
		0x44, 0x89, 0xDE, 0x33, 0x73, 0x44, 0x44, 0x21, 0xD6, // mov esi, r11d; xor esi, [rbx+0x44]; and esi, r10d
		0x33, 0x73, 0x44, 0x01, 0xF2, 0x03, 0x53, 0x40, // xor esi, [rbx+0x44]; add edx, esi; add edx, [rbx+0x40]
		0x44, 0x89, 0x5B, 0x44, 0x45, 0x89, 0xD3, // mov [rbx+0x44], r11d; mov r11d, r10d
		0x45, 0x89, 0xCA, 0x41, 0x01, 0xD2, // mov r10d, r9d; add r10d, edx
		0x89, 0xC6, 0xC1, 0xCE, 2, // mov esi, eax; ror esi, 2
		0x89, 0xC7, 0xC1, 0xCF, 13, 0x31, 0xFE, // mov edi, eax; ror edi, 13; xor esi, edi
		0x89, 0xC7, 0xC1, 0xCF, 22, 0x31, 0xFE, // mov edi, eax; ror edi, 22; xor esi, edi
		0x44, 0x89, 0xC7, 0x44, 0x31, 0xCF, 0x21, 0xC7, 0x01, 0xFE, // mov edi, r8d; xor edi, r9d; and edi, eax; add esi, edi
		0x44, 0x89, 0xC7, 0x44, 0x21, 0xCF, 0x01, 0xFE, // mov edi, r8d; and edi, r9d; add esi, edi
		0x45, 0x89, 0xC1, 0x41, 0x89, 0xC0, // mov r9d, r8d; mov r8d, eax
		0x89, 0xD0, 0x01, 0xF0, 0x89, 0x43, 0x40, // mov eax, edx; add eax, esi; mov [rbx+0x40], eax
		0xFF, 0xC9, // dec ecx
	}
	return join([]byte{0xB9}, imm(n, 4), body, []byte{0x75, byte(-len(body) - 2)}) // mov ecx, n; …; jnz
}

// BenchmarkIntegerLoop is 50 million instructions. "floor" is the library with
// nothing but an empty hook for blocks, which differs between machines more than
// what is ours: counting blocks cannot cost less.
func BenchmarkIntegerLoop(b *testing.B) {
	const rounds = 50_000_000 / 40
	s := newSystem(b)
	library := func(hooked bool) bare.Side {
		return func(b *testing.B, n int) (run, done func()) {
			return runBare(b, join([]byte{0x48, 0xBB}, imm(bareData, 8), integerLoop(uint64(n)*rounds), []byte{0xC3}), bareSize, hooked)
		}
	}
	bare.Compare(b, 2, func(b *testing.B, n int) (run, done func()) {
		return runCode(b, s, join(enter, useStack, integerLoop(uint64(n)*rounds), leave))
	}, library(false))
	b.Run("floor", bare.Ratio(2, library(true), library(false)))
}

// runCode runs raw code on a machine.
func runCode(b *testing.B, s *System, code []byte) (run, done func()) {
	m := benchMachine(b, s, code, nil)
	return func() {
		if run := m.Run(context.Background()); run.Stop.Reason != trace.StopExit {
			b.Fatalf("stop: %+v", run.Stop)
		}
	}, m.Close
}

// runBare runs it without anything around the engine, which has run once
// before: the first run of an engine's life is slower.
func runBare(b *testing.B, code []byte, dataSize int, hooked bool) (run, done func()) {
	e, done := newBare(b, join(code, []byte{0xC3}), dataSize)
	if hooked {
		if err := e.HookBlocks(); err != nil {
			b.Fatal(err)
		}
	}
	from := func(start uint64) {
		e.SetRegister(4, bareStack+bareSize-0x100) // RSP
		if err := e.RunUntil(start, bareEnd); err != nil {
			b.Fatal(err)
		}
	}
	from(bareCode + uint64(len(code)))
	return func() { from(bareCode) }, done
}

// rc4Code encrypts size bytes at RCX in place: the key schedule over a state of
// 256 bytes on the stack with an eight-byte key, then the generator.
func rc4Code(size uint64) []byte {
	return join([]byte{
		0x53, 0x56, 0x57, 0x48, 0x81, 0xEC, 0x20, 0x01, 0, 0, // push rbx, rsi, rdi; sub rsp, 0x120
		0x31, 0xC0, // xor eax, eax
		0x88, 0x04, 0x04, // s: mov [rsp+rax], al
		0xFF, 0xC0, 0x3D, 0x00, 0x01, 0, 0, 0x75, 0xF4, // inc eax; cmp eax, 256; jne s
		0x31, 0xC0, 0x31, 0xD2, // xor eax, eax; xor edx, edx
		0x0F, 0xB6, 0x1C, 0x04, // k: movzx ebx, [rsp+rax]
		0x01, 0xDA, // add edx, ebx
		0x89, 0xC6, 0x83, 0xE6, 0x07, 0x8D, 0x54, 0x32, 0x31, // mov esi, eax; and esi, 7; lea edx, [rdx+rsi+0x31]
		0x0F, 0xB6, 0xD2, // movzx edx, dl
		0x40, 0x8A, 0x34, 0x14, 0x88, 0x1C, 0x14, 0x40, 0x88, 0x34, 0x04, // mov sil, [rsp+rdx]; mov [rsp+rdx], bl; mov [rsp+rax], sil
		0xFF, 0xC0, 0x3D, 0x00, 0x01, 0, 0, 0x75, 0xDA, // inc eax; cmp eax, 256; jne k
		0x31, 0xC0, 0x31, 0xD2, 0x41, 0xB8}, imm(size, 4), []byte{ // xor eax, eax; xor edx, edx; mov r8d, size
		0xFF, 0xC0, 0x0F, 0xB6, 0xC0, // g: inc eax; movzx eax, al
		0x0F, 0xB6, 0x1C, 0x04, // movzx ebx, [rsp+rax]
		0x01, 0xDA, 0x0F, 0xB6, 0xD2, // add edx, ebx; movzx edx, dl
		0x0F, 0xB6, 0x34, 0x14, // movzx esi, [rsp+rdx]
		0x88, 0x1C, 0x14, 0x40, 0x88, 0x34, 0x04, // mov [rsp+rdx], bl; mov [rsp+rax], sil
		0x01, 0xF3, 0x0F, 0xB6, 0xDB, // add ebx, esi; movzx ebx, bl
		0x8A, 0x1C, 0x1C, // mov bl, [rsp+rbx]
		0x30, 0x19, // xor [rcx], bl
		0x48, 0xFF, 0xC1, 0x41, 0xFF, 0xC8, 0x75, 0xD5, // inc rcx; dec r8d; jne g
		0x48, 0x81, 0xC4, 0x20, 0x01, 0, 0, 0x5F, 0x5E, 0x5B, 0xC3, // add rsp, 0x120; pop rdi, rsi, rbx; ret
	})
}

// BenchmarkRC4 encrypts 1 MiB in guest code.
func BenchmarkRC4(b *testing.B) {
	const size = 1 << 20
	again := func(n int) []byte { // encrypts the buffer at RDI n times
		code := join([]byte{0x48, 0x89, 0xF9}, subroutine(rc4Code(size)), []byte{0xFF, 0xCD}) // mov rcx, rdi; …; dec ebp
		return join([]byte{0xBD}, imm(uint64(n), 4), code, []byte{0x0F, 0x85}, imm(uint64(-int64(len(code)+6)), 4))
	}
	s := newSystem(b)
	alloc := s.address(b, "kernel32.dll", "VirtualAlloc")
	bare.Compare(b, 4, func(b *testing.B, n int) (run, done func()) {
		return runCode(b, s, join([]byte{0x55}, enter[:3], []byte{0x48, 0x83, 0xEC, 0x38}, call(alloc, 0, size, 0x3000, 4), // push rbp, …; sub rsp, 0x38
			[]byte{0x48, 0x89, 0xC7}, again(n), []byte{0x48, 0x83, 0xC4, 0x38, 0x5F, 0x5E, 0x5B, 0x5D, 0xC3})) // mov rdi, rax; …; add rsp, 0x38; pop rdi, …; ret
	}, func(b *testing.B, n int) (run, done func()) {
		return runBare(b, join([]byte{0x48, 0xBF}, imm(bareData, 8), again(n), []byte{0xC3}), size, false) // mov rdi, data
	})
}

// subroutine calls code that ends in a return.
func subroutine(code []byte) []byte {
	return join([]byte{0xE8}, imm(5, 4), []byte{0xE9}, imm(uint64(len(code)), 4), code) // call $+5; jmp behind; …
}

// BenchmarkBoot is a machine from nothing to the end of its program, which
// returns at once. Its twin opens an engine, maps a page, runs ten instructions
// and closes it.
func BenchmarkBoot(b *testing.B) {
	s := newSystem(b)
	bare.Compare(b, 200, func(b *testing.B, n int) (run, done func()) {
		return func() {
			for range n {
				m, err := New(s, guest.Config{Image: `C:\a.bin`, Files: map[string][]byte{`C:\a.bin`: {0xC3}}})
				if err != nil {
					b.Fatal(err)
				}
				if run := m.Run(context.Background()); run.Stop.Reason != trace.StopExit {
					b.Fatalf("stop: %+v", run.Stop)
				}
				m.Close()
			}
		}, func() {}
	}, tenInstructions)
}

func tenInstructions(b *testing.B, n int) (run, done func()) {
	page, done := hostMemory(b, guest.PageSize)
	return func() {
		for range n {
			if err := bare.TenInstructions(page); err != nil {
				b.Fatal(err)
			}
		}
	}, done
}

// BenchmarkString measures a string of 10 MiB by strlen: guest memory is the
// host's, so that no byte of it crosses cgo.
func BenchmarkString(b *testing.B) {
	const size = 10 << 20
	s := newSystem(b)
	alloc := s.address(b, "kernel32.dll", "VirtualAlloc")
	memset, strlen := s.address(b, "msvcrt.dll", "memset"), s.address(b, "msvcrt.dll", "strlen")
	measure := call(strlen, rbx)
	m := benchMachine(b, s, join([]byte{0x55}, enter, call(alloc, 0, size+1, 0x3000, 4), keep, call(memset, rbx, 'A', size), // push rbp; …
		[]byte{0xBD}, imm(uint64(b.N), 4), measure, []byte{0xFF, 0xCD, 0x75, byte(-len(measure) - 4)}, // mov ebp, n; …; dec ebp; jnz
		[]byte{0x48, 0x83, 0xC4, 0x40, 0x5F, 0x5E, 0x5B, 0x5D, 0xC3}), nil) // add rsp, 0x40; pop rdi, …; ret
	defer m.Close()
	b.SetBytes(size)
	b.ResetTimer()
	if run := m.Run(context.Background()); run.Stop.ExitCode != size {
		b.Fatalf("stop: %+v, want a length of %d", run.Stop, size)
	}
}

// BenchmarkLoadLibrary loads a DLL of the program's folder, finds an export and
// frees the DLL again: three calls, a mapped image and its way out.
func BenchmarkLoadLibrary(b *testing.B) {
	s := newSystem(b)
	const data, name = rawBase + 0x400, rawBase + 0x480
	call := func(function string) []byte {
		return join([]byte{0x48, 0xB8}, imm(s.address(b, "kernel32.dll", function), 8), []byte{0xFF, 0xD0}) // mov rax, …; call rax
	}
	body := join(
		[]byte{0x48, 0xB9}, imm(data, 8), call("LoadLibraryA"), // mov rcx, …
		[]byte{0x48, 0x89, 0xC3, 0x48, 0x89, 0xC1, 0x48, 0xBA}, imm(name, 8), call("GetProcAddress"), // mov rbx, rax; mov rcx, rax; mov rdx, …
		[]byte{0x48, 0x89, 0xD9}, call("FreeLibrary"), // mov rcx, rbx
		[]byte{0xFF, 0xCE}, // dec esi
	)
	code := join([]byte{0x48, 0x83, 0xEC, 0x28, 0xBE}, imm(uint64(b.N), 4), body, // sub rsp, 40; mov esi, n
		[]byte{0x0F, 0x85}, imm(uint64(-int64(len(body)+6)), 4), []byte{0x48, 0x83, 0xC4, 0x28, 0xC3}) // jnz; add rsp, 40; ret
	image := make([]byte, 0x500)
	copy(image, code)
	copy(image[0x400:], "numbers.dll")
	copy(image[0x480:], "named")
	m := benchMachine(b, s, image, func(c *guest.Config) {
		c.Files[`C:\bench\numbers.dll`] = readFile(b, programs+"/loader/ordinal.d/numbers.dll")
	})
	defer m.Close()
	b.ReportAllocs()
	b.ResetTimer()
	run := m.Run(context.Background())
	b.StopTimer()
	if run.Stop.Reason != trace.StopExit || run.Calls.Len() != 3*b.N {
		b.Fatalf("got %d calls, want %d; stop %+v", run.Calls.Len(), 3*b.N, run.Stop)
	}
}

// BenchmarkFile opens a file, reads from it and closes it: three calls.
func BenchmarkFile(b *testing.B) {
	s := newSystem(b)
	invoke := func(name string) []byte {
		return join([]byte{0x48, 0xB8}, imm(s.address(b, "kernel32.dll", name), 8), []byte{0xFF, 0xD0}) // mov rax, fn; call rax
	}
	stack := func(offset, v byte) []byte { return []byte{0x48, 0xC7, 0x44, 0x24, offset, v, 0, 0, 0} } // mov qword [rsp+offset], v
	body := join(
		[]byte{0x48, 0xB8}, imm(uint64('C')|uint64(':')<<8|uint64('\\')<<16|uint64('a')<<24, 8), // mov rax, "C:\a"
		[]byte{0x48, 0x89, 0x44, 0x24, 0x40}, stack(0x20, 3), stack(0x28, 0), stack(0x30, 0), // mov [rsp+40h], rax; OPEN_EXISTING
		[]byte{0x48, 0x8D, 0x4C, 0x24, 0x40, 0xBA}, imm(0x80000000, 4), // lea rcx, [rsp+40h]; mov edx, GENERIC_READ
		[]byte{0x45, 0x31, 0xC0, 0x45, 0x31, 0xC9}, invoke("CreateFileA"), // xor r8d, r8d; xor r9d, r9d
		[]byte{0x48, 0x89, 0xC3}, stack(0x20, 0), []byte{0x48, 0x89, 0xD9, 0x48, 0x8D, 0x54, 0x24, 0x48, 0x41, 0xB8}, imm(16, 4), // mov rbx, rax; mov rcx, rbx; lea rdx, [rsp+48h]; mov r8d, 16
		[]byte{0x4C, 0x8D, 0x4C, 0x24, 0x58}, invoke("ReadFile"), // lea r9, [rsp+58h]
		[]byte{0x48, 0x89, 0xD9}, invoke("CloseHandle"), []byte{0xFF, 0xCD}) // mov rcx, rbx; dec ebp
	code := join([]byte{0x53, 0x55, 0x48, 0x83, 0xEC, 0x68, 0xBD}, imm(uint64(b.N), 4), // push rbx; push rbp; sub rsp, 68h; mov ebp, n
		body, []byte{0x0F, 0x85}, imm(uint64(-int64(len(body)+6)), 4), []byte{0x48, 0x83, 0xC4, 0x68, 0x5D, 0x5B, 0xC3}) // jnz body; …
	b.ReportAllocs()
	m := benchMachine(b, s, code, func(c *guest.Config) { c.Files[`C:\a`] = make([]byte, 16) })
	defer m.Close()
	b.ResetTimer()
	run := m.Run(context.Background())
	b.StopTimer()
	reads := 0
	for i := range run.Behaviours {
		if run.Behaviours[i].Kind() == "file.read" {
			reads++
		}
	}
	if run.Stop.Reason != trace.StopExit || reads == 0 {
		b.Fatalf("%d files were read; stop %+v", reads, run.Stop)
	}
}
