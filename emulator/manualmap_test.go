package emulator

import (
	"context"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"sidetrace/emulator/guest"
	"sidetrace/emulator/trace"
)

// tinyDLL is a PE with one section of code, at 0x1000 in memory and at 0x200 in
// the file, whose entry point returns 7, and an export directory.
func tinyDLL() []byte {
	const header, optional, table, code, raw = 0x40, 0x58, 0x148, 0x1000, 0x200
	b := make([]byte, 0x400)
	put := func(at, size int, v uint64) { copy(b[at:], imm(v, size)) }
	copy(b, "MZ")
	put(0x3C, 4, header)
	copy(b[header:], "PE\x00\x00")
	put(header+4, 2, 0x8664)
	put(header+6, 2, 1)
	put(header+20, 2, 240)
	put(header+22, 2, 0x2022)
	for _, f := range [][3]uint64{
		{0, 2, 0x20B}, {16, 4, code}, {24, 8, 0x190000000}, {32, 4, 0x1000}, {36, 4, 0x200}, {40, 2, 6}, {48, 2, 6},
		{56, 4, 0x2000}, {60, 4, 0x200}, {68, 2, 2}, {108, 4, 16}, {112, 4, code + 0x80}, {116, 4, 0x40},
	} {
		put(optional+int(f[0]), int(f[1]), f[2])
	}
	copy(b[table:], ".text")
	for i, v := range []uint64{0x200, code, 0x200, raw} {
		put(table+8+4*i, 4, v)
	}
	put(table+36, 4, 0x60000020)
	copy(b[raw:], []byte{0xB8, 7, 0, 0, 0, 0xC3}) // mov eax, 7; ret
	put(raw+0x80+12, 4, code+0xC0)
	copy(b[raw+0xC0:], "inner.dll")
	for i := raw + 0x100; i < raw+0x200; i++ { // something to recognise it by
		b[i] = byte(i * 7)
	}
	return b
}

// spread puts the file's section where it lies in memory.
func spread(file []byte) []byte {
	b := make([]byte, 0x2000)
	copy(b, file[:0x200])
	copy(b[0x1000:], file[0x200:])
	return b
}

// TestManualMap runs raw code that copies bytes into memory it allocates and
// calls into them.
func TestManualMap(t *testing.T) {
	file := tinyDLL()
	image := spread(file)
	wiped := append(make([]byte, 0x1000), image[0x1000:]...)
	base := uint64(0)
	for _, test := range []struct {
		name   string
		data   []byte
		entry  uint64 // called; 0 for nothing
		beside []byte // another copy in memory
		want   *trace.ModuleManualMap
	}{
		{"an image", image, 0x1000, nil, &trace.ModuleManualMap{Size: 0x2000, Layout: "image", Name: "inner.dll"}},
		{"a file", file, 0x200, nil, &trace.ModuleManualMap{Size: 0x400, Layout: "file", Name: "inner.dll"}},
		{"wiped headers", wiped, 0x1000, file, &trace.ModuleManualMap{Size: 0x2000, Layout: "image", HeadersWiped: true, Name: "inner.dll"}},
		{"an image that does not run", image, 0, nil, nil},
		{"code without headers", wiped, 0x1000, nil, nil},
		{"code behind an image", append(append(make([]byte, 0, 0x3000), image...), wiped[0x1000:]...), 0x2000, nil, nil},
		{"a signature and no header", append([]byte("MZ"), wiped[2:]...), 0x1000, nil, nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			run := runCopied(t, test.data, test.entry, test.beside)
			got := behaviours[trace.ModuleManualMap](run)
			if test.want == nil {
				if len(got) > 0 {
					t.Errorf("got %+v, want none", got)
				}
				return
			}
			if len(got) != 1 {
				t.Fatalf("got %d, want 1: %+v", len(got), got)
			}
			want := *test.want
			base = got[0].Address
			want.Address, want.Entry, want.EntryPoint, want.Region = base, base+test.entry, base+test.entry, "private"
			want.SHA256 = trace.SHA256(append(test.data, make([]byte, want.Size)...)[:want.Size])
			if d := cmp.Diff(want, got[0], cmpopts.IgnoreFields(trace.ModuleManualMap{}, "Artifact")); d != "" {
				t.Errorf("(-want +got):\n%s", d)
			}
			if run.Stop.ExitCode != 7 || got[0].Artifact == "" {
				t.Errorf("stop %+v, artifact %q", run.Stop, got[0].Artifact)
			}
		})
	}
}

// runCopied runs code that copies data into fresh memory and calls it at an
// offset, twice.
func runCopied(t *testing.T, data []byte, entry uint64, beside []byte) *trace.Run {
	t.Helper()
	system := newSystem(t)
	const at, copyAt = 0x1000, 0x8000
	call := []byte{}
	if entry != 0 {
		call = join([]byte{0x48, 0x8D, 0x83}, imm(entry, 4), []byte{0xFF, 0xD0, 0x48, 0x8D, 0x83}, imm(entry, 4), []byte{0xFF, 0xD0}) // lea rax, [rbx+entry]; call rax; …
	}
	code := join(
		[]byte{0x48, 0x83, 0xEC, 0x28, 0x31, 0xC9, 0xBA}, imm(uint64(len(data)), 4), // sub rsp, 40; xor ecx, ecx; mov edx, …
		[]byte{0x41, 0xB8, 0x00, 0x30, 0, 0, 0x41, 0xB9, 0x40, 0, 0, 0, 0x48, 0xB8}, imm(system.address(t, "kernel32.dll", "VirtualAlloc"), 8), // mov r8d, 3000h; mov r9d, 40h
		[]byte{0xFF, 0xD0, 0x48, 0x89, 0xC3, 0x48, 0x89, 0xC7, 0x48, 0xBE}, imm(rawBase+at, 8), // call rax; mov rbx, rax; mov rdi, rax; mov rsi, …
		[]byte{0xB9}, imm(uint64(len(data)), 4), []byte{0xF3, 0xA4}, // mov ecx, …; rep movsb
		call, []byte{0x48, 0x83, 0xC4, 0x28, 0xC3})
	raw := make([]byte, 0x10000)
	copy(raw, code)
	copy(raw[at:], data)
	copy(raw[copyAt:], beside)
	m, err := New(system, guest.Config{Image: `C:\app\raw.bin`, Files: map[string][]byte{`C:\app\raw.bin`: raw}})
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close()
	return m.Run(context.Background())
}
