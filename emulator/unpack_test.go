package emulator

import (
	"bytes"
	"encoding/binary"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"sidetrace/emulator/guest"
	"sidetrace/emulator/trace"
)

// Guest code for tests is put together from these pieces. RBX is kept across
// calls and holds the memory that is worked on.

var (
	enter    = []byte{0x53, 0x56, 0x57, 0x48, 0x83, 0xEC, 0x40}                   // push rbx, rsi, rdi; sub rsp, 0x40
	leave    = []byte{0x31, 0xC0, 0x48, 0x83, 0xC4, 0x40, 0x5F, 0x5E, 0x5B, 0xC3} // xor eax, eax; add rsp, 0x40; pop rdi, rsi, rbx; ret
	keep     = []byte{0x48, 0x89, 0xC3}                                           // mov rbx, rax
	callRBX  = []byte{0xFF, 0xD3}
	useStack = []byte{0x48, 0x8D, 0x9C, 0x24, 0x00, 0xF0, 0xFF, 0xFF} // lea rbx, [rsp-0x1000]
)

// rbx stands for the value of RBX among the arguments of a call.
const rbx = ^uint64(0xB)

// call calls an API with up to four arguments.
func call(fn uint64, args ...uint64) []byte {
	immediate := [][]byte{{0x48, 0xB9}, {0x48, 0xBA}, {0x49, 0xB8}, {0x49, 0xB9}}
	register := [][]byte{{0x48, 0x89, 0xD9}, {0x48, 0x89, 0xDA}, {0x49, 0x89, 0xD8}, {0x49, 0x89, 0xD9}}
	var code []byte
	for i, a := range args {
		if a == rbx {
			code = append(code, register[i]...)
		} else {
			code = append(append(code, immediate[i]...), imm(a, 8)...)
		}
	}
	return join(code, []byte{0x48, 0xB8}, imm(fn, 8), []byte{0xFF, 0xD0}) // mov rax, fn; call rax
}

// decode writes data to RBX, each byte exclusive-or key, from an encoded copy
// in the code itself.
func decode(data []byte, key byte) []byte {
	encoded := bytes.Clone(data)
	for i := range encoded {
		encoded[i] ^= key
	}
	return join(
		[]byte{0xEB, byte(len(data))}, encoded, // jmp behind the data
		[]byte{0x48, 0x8D, 0x35}, imm(uint64(-int64(len(data)+7)), 4), // lea rsi, [rip-…]
		[]byte{0x48, 0x89, 0xDF, 0xB9}, imm(uint64(len(data)), 4), // mov rdi, rbx; mov ecx, n
		[]byte{
			0x8A, 0x06, 0x34, key, 0x88, 0x07, // mov al, [rsi]; xor al, key; mov [rdi], al
			0x48, 0xFF, 0xC6, 0x48, 0xFF, 0xC7, // inc rsi; inc rdi
			0xFF, 0xC9, 0x75, 0xF0, // dec ecx; jnz
		})
}

// returns is a function that returns n, padded to 80 bytes.
func returns(n byte) []byte {
	return append([]byte{0xB8, n, 0, 0, 0, 0xC3}, bytes.Repeat([]byte{0x90, n}, 37)...)
}

// behaviours lists those of one kind.
func behaviours[T trace.Payload](run *trace.Run) []T {
	var list []T
	for _, b := range run.Behaviours {
		if p, ok := b.Fields.(T); ok {
			list = append(list, p)
		}
	}
	return list
}

// unpacked is what the tests look at of a code.unpacked.
type unpacked struct {
	Region, Module, Protection string
	History                    []string
	Head                       []byte // of the dump, as long as returns
	Size                       int
	Layer                      int
}

func TestUnpacked(t *testing.T) {
	s := newSystem(t)
	alloc, protect := s.address(t, "kernel32.dll", "VirtualAlloc"), s.address(t, "kernel32.dll", "VirtualProtect")
	heap, heapAlloc := s.address(t, "kernel32.dll", "GetProcessHeap"), s.address(t, "ntdll.dll", "RtlAllocateHeap")
	load, resolve := s.address(t, "kernel32.dll", "LoadLibraryA"), s.address(t, "kernel32.dll", "GetProcAddress")
	const scratch = 0x0000_00E1_0000_0000 + 0x3F_0000 // unused bytes among the process structures, for results
	const rw, rx, rwx = 4, 0x20, 0x40
	size := uint64(len(returns(1)))

	onHeap := join(call(heap), keep, []byte{0x48, 0x89, 0xC1}, // mov rcx, rax
		[]byte{0x31, 0xD2, 0x41, 0xB8}, imm(size, 4), []byte{0x48, 0xB8}, imm(heapAlloc, 8), []byte{0xFF, 0xD0}, keep)
	text := func(s string) []byte { // leaves the address of s in RCX
		return join([]byte{0xEB, byte(len(s) + 1)}, []byte(s), []byte{0}, []byte{0x48, 0x8D, 0x0D}, imm(uint64(-int64(len(s)+1+7)), 4))
	}
	inImage := join(
		text("lib.dll"), []byte{0x48, 0xB8}, imm(load, 8), []byte{0xFF, 0xD0}, keep,
		text("avutil_version"), []byte{0x48, 0x89, 0xCA, 0x48, 0x89, 0xD9, 0x48, 0xB8}, imm(resolve, 8), []byte{0xFF, 0xD0}, keep) // mov rdx, rcx; mov rcx, rbx
	library, err := os.ReadFile("../replicas/prebuilt/ffmpeg.clean.dll")
	if err != nil {
		t.Fatal(err)
	}

	for _, test := range []struct {
		name string
		code []byte
		want []unpacked
	}{
		{"VirtualAlloc RW, then RX", join(call(alloc, 0, size, 0x3000, rw), keep, decode(returns(1), 0x5A), call(protect, rbx, size, rx, scratch), callRBX),
			[]unpacked{{"private", "", "r-x", []string{"rw-", "r-x"}, returns(1), 0x1000, 1}}},
		{"VirtualAlloc RWX", join(call(alloc, 0, size, 0x3000, rwx), keep, decode(returns(2), 0), callRBX),
			[]unpacked{{"private", "", "rwx", []string{"rwx"}, returns(2), 0x1000, 1}}},
		{"a block of the heap", join(onHeap, decode(returns(3), 0x77), call(protect, rbx, size, rwx, scratch), callRBX),
			[]unpacked{{"heap", "", "rwx", []string{"rw-", "rwx"}, returns(3), int(size), 1}}},
		{"the stack", join(useStack, call(protect, rbx, size, rwx, scratch), decode(returns(4), 1), callRBX),
			[]unpacked{{"stack", "", "rwx", []string{"rw-", "rwx"}, returns(4), int(size), 1}}},
		{"over an image's code", join(inImage, call(protect, rbx, size, rwx, scratch), decode(returns(5), 9), callRBX),
			[]unpacked{{"image", "lib.dll", "rwx", []string{"r-x", "rwx"}, nil, 0, 1}}},
		{"twice, the second time other code", join(call(alloc, 0, size, 0x3000, rwx), keep, decode(returns(6), 3), callRBX, decode(returns(7), 3), callRBX),
			[]unpacked{{"private", "", "rwx", []string{"rwx"}, returns(6), 0x1000, 1}, {"private", "", "rwx", []string{"rwx"}, returns(7), 0x1000, 2}}},
		{"rewritten without execute right in between", join(call(alloc, 0, size, 0x3000, rw), keep, decode(returns(1), 3), call(protect, rbx, size, rx, scratch), callRBX,
			call(protect, rbx, size, rw, scratch), decode(returns(8), 3), call(protect, rbx, size, rx, scratch), callRBX),
			[]unpacked{{"private", "", "r-x", []string{"rw-", "r-x"}, returns(1), 0x1000, 1}, {"private", "", "r-x", []string{"rw-", "r-x", "rw-", "r-x"}, returns(8), 0x1000, 2}}},

		// Near misses.
		{"called twice", join(call(alloc, 0, size, 0x3000, rwx), keep, decode(returns(1), 3), callRBX, callRBX),
			[]unpacked{{"private", "", "rwx", []string{"rwx"}, returns(1), 0x1000, 1}}},
		{"written and not called", join(call(alloc, 0, size, 0x3000, rwx), keep, decode(returns(1), 3)), nil},
		{"an image's code made writable and called", join(inImage, call(protect, rbx, size, rwx, scratch), callRBX), nil},
		{"an image's code rewritten with its own bytes", join(inImage, call(protect, rbx, size, rwx, scratch), []byte{0x8A, 0x03, 0x88, 0x03}, callRBX), nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			run := runRaw(t, s, join(enter, test.code, leave), func(c *guest.Config) { c.Files[`C:\sample\lib.dll`] = library })
			if run.Stop.Reason != trace.StopExit {
				t.Fatalf("stop: %+v", run.Stop)
			}
			var got []unpacked
			for _, b := range behaviours[trace.CodeUnpacked](run) {
				u := unpacked{Region: b.Region, Module: b.Module, Protection: b.Protection, History: b.History, Layer: b.Layer}
				dump := artifact(run, b.Artifact)
				if trace.SHA256(dump) != b.SHA256 {
					t.Errorf("the dump's digest is not the one recorded")
				}
				if b.Region == "image" { // the dump is the section
					if at := b.Entry - b.Address; !bytes.HasPrefix(dump[at:], returns(5)) {
						t.Errorf("the dump does not show the new code at the entry")
					}
				} else {
					u.Head, u.Size = dump[:size], b.Size
				}
				got = append(got, u)
			}
			if d := cmp.Diff(test.want, got); d != "" {
				t.Errorf("code.unpacked (-want +got):\n%s", d)
			}
		})
	}
}

func artifact(run *trace.Run, name string) []byte {
	for _, a := range run.Artifacts {
		if a.Name == name {
			return a.Data
		}
	}
	return nil
}

// TestUnpackedExecuteOnlyWhereAllowed checks that writing code into memory that
// may not execute ends in the exception Windows raises, not in a behaviour.
func TestUnpackedExecuteOnlyWhereAllowed(t *testing.T) {
	s := newSystem(t)
	alloc := s.address(t, "kernel32.dll", "VirtualAlloc")
	run := runRaw(t, s, join(enter, call(alloc, 0, 100, 0x3000, 4), keep, decode(returns(1), 3), callRBX, leave), nil)
	if run.Stop.Reason != trace.StopException || run.Stop.ExitCode != guest.StatusAccessViolation || !strings.Contains(run.Stop.Detail, "execute") {
		t.Errorf("got %+v, want an access violation, execute", run.Stop)
	}
	if got := behaviours[trace.CodeUnpacked](run); len(got) != 0 {
		t.Errorf("got %d code.unpacked, want none", len(got))
	}
}

// TestResolveByHand finds an export as shellcode does, by walking from the PEB
// over the loader's list and the export directory, and compares it with what
// GetProcAddress gives.
func TestResolveByHand(t *testing.T) {
	s := newSystem(t)
	run := runRaw(t, s, []byte{
		0x65, 0x48, 0x8B, 0x04, 0x25, 0x60, 0, 0, 0, // mov rax, gs:[0x60]
		0x48, 0x8B, 0x40, 0x18, // mov rax, [rax+0x18]: Ldr
		0x48, 0x8B, 0x40, 0x20, // mov rax, [rax+0x20]: InMemoryOrderModuleList: the program
		0x48, 0x8B, 0x00, // mov rax, [rax]: ntdll
		0x48, 0x8B, 0x00, // mov rax, [rax]: kernel32
		0x48, 0x8B, 0x50, 0x20, // mov rdx, [rax+0x20]: DllBase
		0x8B, 0x42, 0x3C, // mov eax, [rdx+0x3C]: e_lfanew
		0x8B, 0x84, 0x02, 0x88, 0, 0, 0, // mov eax, [rdx+rax+0x88]: export directory
		0x44, 0x8B, 0x44, 0x02, 0x20, // mov r8d, [rdx+rax+0x20]: AddressOfNames
		0x46, 0x8B, 0x04, 0x02, // mov r8d, [rdx+r8]: the first name
		0x42, 0x8B, 0x04, 0x02, // mov eax, [rdx+r8]: its first four letters
		0xC3,
	}, nil)
	first := s.standard(t).System.Module("kernel32.dll").Image.Exports
	name := first.Symbols[first.ByName[0]].Name
	if want := binary.LittleEndian.Uint32([]byte(name)); run.Stop.ExitCode != want {
		t.Errorf("got %#x, want the first letters of %s, %#x; stop %+v", run.Stop.ExitCode, name, want, run.Stop)
	}
}
