package emulator

import (
	"bytes"
	"compress/zlib"
	"context"
	"encoding/binary"
	"hash/adler32"
	"hash/crc32"
	"io"
	"maps"
	"os"
	"testing"

	"sidetrace/emulator/guest"
	"sidetrace/emulator/trace"
)

const zlibDLL = "/usr/x86_64-w64-mingw32/lib/zlib1.dll"

// Where the raw code of callDLL and its data lie.
const (
	rawBase   = 0x0000_0180_0000_0000
	rawDLL    = 0x400
	rawName   = 0x480
	rawLength = 0x4F0
	rawCount  = 0x4F8
	rawIn     = 0x500
	rawOut    = 0x8000
	rawSize   = 0x10000
)

// callZlib calls one function of zlib1.dll. It may not meet a gap.
func callZlib(t *testing.T, system *System, dll []byte, name string, in []byte, length uint32, args ...uint64) (result uint32, out []byte) {
	t.Helper()
	run := callDLL(t, system, guest.Config{Files: map[string][]byte{`C:\app\zlib1.dll`: dll}}, "zlib1.dll", name, in, length, args...)
	if run.Stop.Reason != trace.StopExit || len(run.Gaps) > 0 {
		t.Fatalf("%s: stop %+v, gaps %v", name, run.Stop, run.Gaps)
	}
	return run.Stop.ExitCode, run.Console
}

// callDLL makes a program of raw code that calls one function of a DLL with
// four arguments, writes what it left behind rawOut, if length is not 0, and
// ends with its result.
func callDLL(t *testing.T, system *System, config guest.Config, dll, name string, in []byte, length uint32, args ...uint64) *trace.Run {
	t.Helper()
	call := func(function string) []byte {
		return join([]byte{0x48, 0xB8}, imm(system.address(t, "kernel32.dll", function), 8), []byte{0xFF, 0xD0}) // mov rax, …; call rax
	}
	into := func(opcode ...byte) func(v uint64) []byte {
		return func(v uint64) []byte { return join(opcode, imm(v, 8)) }
	}
	rcx, rdx, r8, r9, rax := into(0x48, 0xB9), into(0x48, 0xBA), into(0x49, 0xB8), into(0x49, 0xB9), into(0x48, 0xB8)
	code := join(
		[]byte{0x48, 0x83, 0xEC, 0x38}, // sub rsp, 56
		rcx(rawBase+rawDLL), call("LoadLibraryA"),
		[]byte{0x48, 0x89, 0xC1}, rdx(rawBase+rawName), call("GetProcAddress"), // mov rcx, rax
		[]byte{0x49, 0x89, 0xC2}, rcx(args[0]), rdx(args[1]), r8(args[2]), r9(args[3]), // mov r10, rax
		[]byte{0x41, 0xFF, 0xD2, 0x89, 0xC3}, // call r10; mov ebx, eax
	)
	if length != 0 {
		code = join(code,
			[]byte{0xB9, 0xF5, 0xFF, 0xFF, 0xFF}, call("GetStdHandle"), // mov ecx, -11
			[]byte{0x48, 0x89, 0xC1}, rdx(rawBase+rawOut), // mov rcx, rax
			rax(rawBase+rawLength), []byte{0x44, 0x8B, 0x00}, r9(rawBase+rawCount), // mov r8d, [rax]
			[]byte{0x48, 0xC7, 0x44, 0x24, 0x20, 0, 0, 0, 0}, call("WriteFile")) // mov qword [rsp+32], 0
	}
	code = append(code, 0x89, 0xD8, 0x48, 0x83, 0xC4, 0x38, 0xC3) // mov eax, ebx; add rsp, 56; ret
	image := make([]byte, rawSize)
	copy(image, code)
	copy(image[rawDLL:], dll)
	copy(image[rawName:], name)
	binary.LittleEndian.PutUint32(image[rawLength:], length)
	copy(image[rawIn:], in)
	config.Image = `C:\app\raw.bin`
	files := map[string][]byte{config.Image: image}
	maps.Copy(files, config.Files)
	config.Files = files
	m, err := New(system, config)
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close()
	return m.Run(context.Background())
}

// TestZlib calls a compiled zlib and compares what it says with Go's.
func TestZlib(t *testing.T) {
	dll, err := os.ReadFile(zlibDLL)
	if err != nil {
		t.Skip("libz-mingw-w64 is not installed (scripts/deps.sh corpus)")
	}
	system := newSystem(t)
	text := bytes.Repeat([]byte("Side-loading is what this is about. "), 200)
	size := uint64(len(text))
	if got, _ := callZlib(t, system, dll, "crc32", text, 0, 0, rawBase+rawIn, size, 0); got != crc32.ChecksumIEEE(text) {
		t.Errorf("crc32: got %#x, want %#x", got, crc32.ChecksumIEEE(text))
	}
	if got, _ := callZlib(t, system, dll, "adler32", text, 0, 1, rawBase+rawIn, size, 0); got != adler32.Checksum(text) {
		t.Errorf("adler32: got %#x, want %#x", got, adler32.Checksum(text))
	}

	const room = 0x7000
	result, packed := callZlib(t, system, dll, "compress", text, room, rawBase+rawOut, rawBase+rawLength, rawBase+rawIn, size)
	r, err := zlib.NewReader(bytes.NewReader(packed))
	if err != nil || result != 0 {
		t.Fatalf("compress: result %d, %v", result, err)
	}
	if got, err := io.ReadAll(r); err != nil || !bytes.Equal(got, text) {
		t.Errorf("what compress made is not the text to Go: %v", err)
	}

	var b bytes.Buffer
	w := zlib.NewWriter(&b)
	if _, err := w.Write(text); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	result, plain := callZlib(t, system, dll, "uncompress", b.Bytes(), room, rawBase+rawOut, rawBase+rawLength, rawBase+rawIn, uint64(b.Len()))
	if result != 0 || !bytes.Equal(plain, text) {
		t.Errorf("uncompress: result %d, got %d bytes, want %d", result, len(plain), len(text))
	}
	broken := bytes.Clone(b.Bytes())
	broken[len(broken)-1] ^= 1
	if result, _ := callZlib(t, system, dll, "uncompress", broken, 0, rawBase+rawOut, rawBase+rawLength, rawBase+rawIn, uint64(len(broken))); int32(result) >= 0 {
		t.Errorf("uncompress of broken data: got %d", int32(result))
	}
}
