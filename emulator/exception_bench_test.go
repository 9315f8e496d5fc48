package emulator

import (
	"context"
	"testing"

	"sidetrace/emulator/guest"
	"sidetrace/emulator/trace"
)

// breakpoints executes n breakpoints, each of which a vectored handler skips.
func breakpoints(add, n uint64) []byte {
	handler := []byte{
		0x48, 0x8B, 0x41, 0x08, // mov rax, [rcx+8]: the context
		0x48, 0xFF, 0x80, 0xF8, 0, 0, 0, // inc qword [rax+0xF8]: Rip
		0xB8, 0xFF, 0xFF, 0xFF, 0xFF, 0xC3, // mov eax, -1; ret
	}
	loop := join([]byte{0xBB}, imm(n, 4), []byte{ // mov ebx, n
		0xCC,       // int3
		0xFF, 0xCB, // dec ebx
		0x75, 0xFB, // jnz
		0x31, 0xC0, 0x48, 0x83, 0xC4, 0x28, 0xC3, // xor eax, eax; add rsp, 40; ret
	})
	call := join([]byte{0x48, 0xB8}, imm(add, 8), []byte{0xFF, 0xD0}) // mov rax, add; call rax
	distance := uint64(len(call) + len(loop))
	return join(
		[]byte{0x48, 0x83, 0xEC, 0x28, 0xB9, 1, 0, 0, 0, 0x48, 0x8D, 0x15}, imm(distance, 4), // sub rsp, 40; mov ecx, 1; lea rdx, handler
		call, loop, handler)
}

// BenchmarkException is a breakpoint that a vectored handler skips. Its twin is
// what the engine needs for a stop alone.
func BenchmarkException(b *testing.B) {
	s := newSystem(b)
	add := s.address(b, "ntdll.dll", "RtlAddVectoredExceptionHandler")
	b.Run("vectored", func(b *testing.B) {
		m := benchMachine(b, s, breakpoints(add, uint64(b.N)), nil)
		defer m.Close()
		b.ResetTimer()
		run := m.Run(context.Background())
		b.StopTimer()
		if run.Stop.Reason != trace.StopExit || run.Stop.ExitCode != 0 {
			b.Fatalf("stop %+v", run.Stop)
		}
	})
	b.Run("bare", func(b *testing.B) {
		e, done := newBare(b, callLoop(bareStub, uint64(b.N)+1), bareSize)
		defer done()
		b.ResetTimer()
		if err := e.StopLoop(bareCode, bareStack+bareSize-0x100, b.N); err != nil {
			b.Fatal(err)
		}
	})
}

// BenchmarkThrow is a C++ exception of Microsoft's compiler, thrown, its
// function's object destroyed, and caught; a thousand to a run.
func BenchmarkThrow(b *testing.B) {
	s := newSystem(b)
	const image, throws = `C:\bench\throw.exe`, 1000
	files := map[string][]byte{image: readFile(b, "testdata/throw/throw.exe")}
	for range b.N {
		b.StopTimer()
		m, err := New(s, guest.Config{Image: image, Files: files})
		if err != nil {
			b.Fatal(err)
		}
		b.StartTimer()
		run := m.Run(context.Background())
		b.StopTimer()
		m.Close()
		if run.Stop.Reason != trace.StopExit || run.Stop.ExitCode != 0 {
			b.Fatalf("stop %+v", run.Stop)
		}
		b.StartTimer()
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/throws, "ns/throw")
}
