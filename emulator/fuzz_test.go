package emulator

import (
	"context"
	"os"
	"testing"

	"sidetrace/emulator/guest"
	"sidetrace/emulator/trace"
)

// fuzzRun runs a sample that may be anything. Whatever it is, the run ends, and
// not because the emulator failed.
func fuzzRun(t *testing.T, s *System, name string, sample []byte) *trace.Run {
	m, err := New(s, guest.Config{
		Image:  `C:\fuzz\` + name,
		Files:  map[string][]byte{`C:\fuzz\` + name: sample},
		Limits: guest.Limits{Blocks: 200_000, Memory: 64 << 20, Threads: 16},
		Trace:  trace.Limits{CallBytes: 1 << 20, ArtifactBytes: 4 << 20, Behaviours: 1000},
	})
	if err != nil {
		return nil // refused: broken, or of another kind
	}
	defer m.Close()
	run := m.Run(context.Background())
	if run.Stop.Reason == trace.StopInternal {
		t.Fatalf("stop: %+v", run.Stop)
	}
	return run
}

// FuzzRawCode runs random bytes as code.
func FuzzRawCode(f *testing.F) {
	s := newSystem(f)
	alloc, protect := s.address(f, "kernel32.dll", "VirtualAlloc"), s.address(f, "kernel32.dll", "VirtualProtect")
	for _, seed := range [][]byte{
		{0xC3}, {0xEB, 0xFE}, {0x0F, 0x31, 0xC3}, {0x0F, 0x05, 0xC3}, {0xCD, 0x29}, {0xF4},
		{0xC5, 0xF9, 0xEF, 0xC0, 0xC3}, // vpxor
		{0xC5, 0xFE, 0x6F, 0x04, 0x24, 0xC4, 0xE2, 0x7D, 0x90, 0x0C, 0x04, 0xC5, 0xFE, 0x7F, 0x04, 0x24, 0xC5, 0xF8, 0x77, 0xC3}, // vmovdqu, vpgatherdd, vmovdqu, vzeroupper
		{0xC4, 0xE2, 0x7D, 0x8E, 0x03, 0xC5, 0xF9, 0xF7, 0xC1, 0xC5, 0xF8, 0xAE, 0x14, 0x24, 0xC3},                               // vpmaskmovd, vmaskmovdqu, vldmxcsr
		{0x0F, 0x28, 0x44, 0x24, 0x08, 0xC3}, // movaps, misaligned
		{0x9C, 0x9D, 0x0F, 0xC7, 0xF0, 0x0F, 0x01, 0x0C, 0x24, 0x8E, 0xD8, 0x48, 0xCF, 0xCB, 0xFF, 0x2C, 0x24}, // popf, rdrand, sidt, mov ds, iretq, retf, jmp far
		join(enter, call(alloc, 0, 100, 0x3000, 0x40), keep, decode(returns(1), 3), callRBX, leave),
		join(enter, call(alloc, 0, 0x10000, 0x2000, 1), keep, call(protect, rbx, 1, 0x40, rbx), leave),
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, code []byte) {
		if len(code) > 1<<16 {
			t.Skip("longer than is useful")
		}
		fuzzRun(t, s, "code.bin", code)
	})
}

// FuzzImage runs damaged copies of a replica: bytes is a list of offset, value
// pairs of three and one bytes.
func FuzzImage(f *testing.F) {
	s := newSystem(f)
	image, err := os.ReadFile("../replicas/prebuilt/ffmpeg.clean.dll")
	if err != nil {
		f.Fatal(err)
	}
	f.Add([]byte{})
	f.Add([]byte{0, 0, 0x3C, 0x40})
	f.Add([]byte{0, 0, 0xA8, 0x00, 0, 0, 0xA9, 0x10})
	f.Fuzz(func(t *testing.T, changes []byte) {
		damaged := append([]byte(nil), image...)
		for ; len(changes) >= 4; changes = changes[4:] {
			at := int(changes[0])<<16 | int(changes[1])<<8 | int(changes[2])
			damaged[at%len(damaged)] = changes[3]
		}
		fuzzRun(t, s, "damaged.dll", damaged)
	})
}
