package emulator

import (
	"context"
	"testing"

	"sidetrace/emulator/guest"
	"sidetrace/emulator/trace"
)

// Where the raw code of [BenchmarkOperation] has its data.
const (
	benchPath   = fuzzBase + 0x1000
	benchFormat = fuzzBase + 0x1100
	benchDLL    = fuzzBase + 0x1200
	benchExport = fuzzBase + 0x1300
	benchCount  = fuzzBase + 0x1400
	benchBuffer = fuzzBase + 0x2000
)

// BenchmarkOperation is what programs do all the time, in a loop of guest code
// with every call recorded. What a call costs at the least is the twin: as many
// bare stops and restarts.
func BenchmarkOperation(b *testing.B) {
	s := newSystem(b)
	kernel := func(name string) uint64 { return s.address(b, "kernel32.dll", name) }
	crt := func(name string) uint64 { return s.address(b, "msvcrt.dll", name) }
	for _, o := range []struct {
		name  string
		calls int
		code  []byte
	}{
		{"file", 3, join( // CreateFile, ReadFile of a page, CloseHandle
			onStack(0x20, 3), onStack(0x28, 0x80), onStack(0x30, 0), call(kernel("CreateFileA"), benchPath, 0x8000_0000, 1, 0), keep,
			onStack(0x20, 0), call(kernel("ReadFile"), rbx, benchBuffer, guest.PageSize, benchCount), call(kernel("CloseHandle"), rbx))},
		{"sprintf", 1, join(onStack(0x20, 0x1234), call(crt("sprintf"), benchBuffer, benchFormat, benchPath, 42))},
		{"malloc", 2, join(call(crt("malloc"), 100), keep, call(crt("free"), rbx))},
		{"library", 3, join( // LoadLibrary of a DLL that is not loaded, GetProcAddress, FreeLibrary
			call(kernel("LoadLibraryA"), benchDLL), keep, call(kernel("GetProcAddress"), rbx, benchExport), call(kernel("FreeLibrary"), rbx))},
	} {
		b.Run(o.name+"/sidetrace", func(b *testing.B) {
			b.ReportAllocs()
			image := make([]byte, fuzzSize)
			copy(image, join([]byte{0x55, 0x53, 0x48, 0x83, 0xEC, 0x58, 0xBD}, imm(uint64(b.N), 4), // push rbp; push rbx; sub rsp, 0x58; mov ebp, n
				o.code, []byte{0xFF, 0xCD, 0x0F, 0x85}, imm(uint64(-int64(len(o.code)+8)), 4), // dec ebp; jnz
				[]byte{0x89, 0xC0, 0x48, 0x83, 0xC4, 0x58, 0x5B, 0x5D, 0xC3})) // mov eax, eax; add rsp, 0x58; pop rbx; pop rbp; ret
			for at, text := range map[uint64]string{benchPath: `C:\bench\data.txt`, benchFormat: "%s %d %08x", benchDLL: "version.dll", benchExport: "VerQueryValueA"} {
				copy(image[at-fuzzBase:], text)
			}
			m := benchMachine(b, s, image, func(c *guest.Config) { c.Files[`C:\bench\data.txt`] = make([]byte, guest.PageSize) })
			defer m.Close()
			b.ResetTimer()
			run := m.Run(context.Background())
			b.StopTimer()
			if got := run.Calls.Len(); run.Stop.Reason != trace.StopExit || got != b.N*o.calls {
				b.Fatalf("got %d calls recorded, want %d; stop %+v", got, b.N*o.calls, run.Stop)
			}
			for c := range run.Calls.All() {
				if c.Result == 0 || c.Result == 0xFFFF_FFFF || c.Result == ^uint64(0) {
					if c.API.Name != "free" {
						b.Fatalf("%s failed: error %d", c.API.Name, c.LastError)
					}
				}
				if c.Seq > 10 {
					break
				}
			}
		})
		b.Run(o.name+"/bare", func(b *testing.B) {
			e, done := newBare(b, callLoop(bareStub, uint64(b.N*o.calls)+1), bareSize)
			defer done()
			b.ResetTimer()
			if err := e.StopLoop(bareCode, bareStack+bareSize-0x100, b.N*o.calls); err != nil {
				b.Fatal(err)
			}
		})
	}
}

// onStack sets a stack argument: mov qword [rsp+at], v.
func onStack(at byte, v uint64) []byte { return join([]byte{0x48, 0xC7, 0x44, 0x24, at}, imm(v, 4)) }
