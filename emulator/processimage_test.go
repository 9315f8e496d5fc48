package emulator

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"sidetrace/emulator/guest"
	"sidetrace/emulator/trace"
)

// TestProcessImages keeps the memory of a process and looks at what was kept
// when. The pieces of code are those of TestUnpacked.
func TestProcessImages(t *testing.T) {
	s := newSystem(t)
	alloc, protect := s.address(t, "kernel32.dll", "VirtualAlloc"), s.address(t, "kernel32.dll", "VirtualProtect")
	load, resolve := s.address(t, "kernel32.dll", "LoadLibraryA"), s.address(t, "kernel32.dll", "GetProcAddress")
	heap, heapAlloc := s.address(t, "kernel32.dll", "GetProcessHeap"), s.address(t, "ntdll.dll", "RtlAllocateHeap")
	const scratch = 0x0000_00E1_0000_0000 + 0x3F_0000
	const rw, rwx = 4, 0x40
	text := func(s string) []byte { // leaves the address of s in RCX
		return join([]byte{0xEB, byte(len(s) + 1)}, []byte(s), []byte{0}, []byte{0x48, 0x8D, 0x0D}, imm(uint64(-int64(len(s)+1+7)), 4))
	}
	inImage := join(
		text("lib.dll"), []byte{0x48, 0xB8}, imm(load, 8), []byte{0xFF, 0xD0}, keep,
		text("avutil_version"), []byte{0x48, 0x89, 0xCA, 0x48, 0x89, 0xD9, 0x48, 0xB8}, imm(resolve, 8), []byte{0xFF, 0xD0}, keep, // mov rdx, rcx; mov rcx, rbx
		call(protect, rbx, 64, rwx, scratch), decode(returns(1), 0x5A), callRBX)
	inPrivate := join(call(alloc, 0, 0x3000, 0x3000, rwx), keep, decode(returns(2), 0), callRBX)
	library := readFile(t, "../replicas/prebuilt/ffmpeg.clean.dll")
	all := trace.Moments()

	type kept struct {
		Moment, Path, Region string
		Size                 int
		Holds                bool // what the guest wrote
	}
	const dll, size = `C:\sample\lib.dll`, 0xE000
	for _, test := range []struct {
		name    string
		code    []byte
		moments []trace.Moment
		holds   []byte
		want    []kept
	}{
		{"never", join(inImage, inPrivate), nil, returns(1), nil},
		{"an image that is written over", inImage, all, returns(1), []kept{
			{"dllmain", dll, "image", size, false}, {"dllmain", "", "private", 0x1000, false},
			{"unpacked", dll, "image", size, true},
		}},
		{"an image at the end", inImage, []trace.Moment{trace.MomentEnd}, returns(1), []kept{
			{"end", dll, "image", size, true}, {"end", "", "private", 0x1000, false},
		}},
		{"private memory", inPrivate, all, returns(2), []kept{
			{"unpacked", "", "private", 0x1000, true}, {"unpacked", "", "private", 0x3000, true},
		}},
		{"the pages of a stack", join(useStack, call(protect, rbx, 16, rwx, scratch), decode(returns(2)[:16], 0), callRBX), all[1:2], returns(2)[:16], []kept{
			{"unpacked", "", "stack", 0x1000, true}, {"unpacked", "", "private", 0x1000, true},
		}},
		{"the pages of a heap", join(call(heap), []byte{0x48, 0x89, 0xC1, 0x31, 0xD2, 0x41, 0xB8}, imm(64, 4), []byte{0x48, 0xB8}, imm(heapAlloc, 8), []byte{0xFF, 0xD0}, keep, // mov rcx, rax; xor edx, edx; mov r8d, 64
			call(protect, rbx, 16, rwx, scratch), decode(returns(2)[:16], 0), callRBX), all[1:2], returns(2)[:16], []kept{
			{"unpacked", "", "private", 0x1000, true}, {"unpacked", "", "heap", 0x1000, true},
		}},
		{"memory that is not executable", join(call(alloc, 0, 0x3000, 0x3000, rw), keep, decode(returns(2), 0)), []trace.Moment{trace.MomentEnd}, returns(2), []kept{
			{"end", "", "private", 0x1000, true},
		}},
		{"the run is cut", []byte{0xEB, 0xFE}, []trace.Moment{trace.MomentEnd}, []byte{0xEB, 0xFE}, []kept{
			{"end", "", "private", 0x1000, true},
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			run := runRaw(t, s, join(enter, test.code, leave), func(c *guest.Config) {
				c.Files[dll], c.Images, c.Limits.Blocks = library, test.moments, 1_000_000
			})
			var got []kept
			for _, b := range behaviours[trace.ProcessImage](run) {
				data := artifact(run, b.Artifact)
				got = append(got, kept{b.Moment, b.Path, b.Region, b.Size, bytes.Contains(data, test.holds)})
				if len(data) != b.Size || trace.SHA256(data) != b.SHA256 {
					t.Errorf("%s: %d bytes, %s", b.Artifact, len(data), trace.SHA256(data))
				}
				if b.Path != "" && !bytes.Equal(data[:0x200], library[:0x200]) {
					t.Errorf("%s is no image", b.Artifact)
				}
			}
			if d := cmp.Diff(test.want, got); d != "" {
				t.Errorf("process.image (-want +got):\n%s", d)
			}
			for i := range run.Behaviours {
				if b := &run.Behaviours[i]; b.Kind() == "process.image" && len(b.Calls) > 0 {
					t.Errorf("a call is said to have kept %v", b.Fields)
				}
			}
		})
	}
}

// TestProcessImagesBounded makes two equal regions and one that is too large.
func TestProcessImagesBounded(t *testing.T) {
	s := newSystem(t)
	alloc := s.address(t, "kernel32.dll", "VirtualAlloc")
	const rwx = 0x40
	code := join(enter, call(alloc, 0, 0x3000, 0x3000, rwx), call(alloc, 0, 0x3000, 0x3000, rwx), call(alloc, 0, 0x20000, 0x3000, rwx), leave)
	run := runRaw(t, s, code, func(c *guest.Config) {
		c.Images, c.Trace.ArtifactBytes = []trace.Moment{trace.MomentEnd}, 0x10000
	})
	var got []string
	for _, b := range behaviours[trace.ProcessImage](run) {
		got = append(got, fmt.Sprintf("%s %#x of %#x", b.Artifact, len(artifact(run, b.Artifact)), b.Size))
	}
	want := []string{
		"01-end-18000000000.bin 0x1000 of 0x1000",
		"02-end-1e000000000.bin 0x3000 of 0x3000", "02-end-1e000000000.bin 0x3000 of 0x3000",
		"03-end-1e000020000.bin 0x0 of 0x20000",
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("process.image (-want +got):\n%s", d)
	}
	if len(run.Gaps) != 1 || run.Gaps[0].Name != "artifact bytes" {
		t.Errorf("gaps: %v", run.Gaps)
	}
}

// TestProcessImagesOfSystem runs programs that map a system DLL by hand and write
// over one: what is not the guest's is not kept.
func TestProcessImagesOfSystem(t *testing.T) {
	s := newSystem(t)
	for name, want := range map[string][]string{
		"hooks/unhook": {`C:\app\unhook.exe image`},
		"hooks/stomp":  {`C:\app\stomp.exe image`},
	} {
		path := "C:\\app\\" + name[strings.IndexByte(name, '/')+1:] + ".exe"
		run := runRaw(t, s, nil, func(c *guest.Config) {
			c.Image, c.Files = path, map[string][]byte{path: readFile(t, "testdata/windows/"+name+".exe")}
			c.Images = []trace.Moment{trace.MomentEnd}
		})
		var got []string
		for _, b := range behaviours[trace.ProcessImage](run) {
			got = append(got, b.Path+" "+b.Region)
		}
		if d := cmp.Diff(want, got); d != "" {
			t.Errorf("%s: process.image (-want +got):\n%s", name, d)
		}
	}
}
