package emulator

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"sidetrace/emulator/guest"
	"sidetrace/emulator/trace"
)

// patches lists code.patched, shortened: "exports: before -> after".
func patches(run *trace.Run) (list []string) {
	for _, p := range behaviours[trace.CodePatched](run) {
		s := fmt.Sprintf("%s %s %s: %s -> %s", p.Module, p.Exports[0], p.Exports[len(p.Exports)-1], p.Before, p.After)
		if p.Target != "" {
			s += ", to " + p.Target
		}
		if p.Restored {
			s += ", restored"
		}
		list = append(list, s)
	}
	return list
}

// called lists the API calls of a run.
func called(run *trace.Run) (names []string) {
	for c := range run.Calls.All() {
		names = append(names, c.API.Name)
	}
	return names
}

// TestPatch has code of system DLLs changed in memory.
func TestPatch(t *testing.T) {
	s := newSystem(t)
	address := func(name string) uint64 { return s.address(t, "kernel32.dll", name) }
	protect, write, tick, pid := address("VirtualProtect"), address("WriteProcessMemory"), address("GetTickCount"), address("GetCurrentProcessId")
	service, closes := s.address(t, "ntdll.dll", "NtDelayExecution"), s.address(t, "ntdll.dll", "NtClose")
	alloc := address("VirtualAlloc")
	const scratch = 0x0000_00E1_0000_0000 + 0x3F_0000
	const rw, rx, rwx, self = 4, 0x20, 0x40, ^uint64(0)
	at := func(fn uint64) []byte { return join([]byte{0x48, 0xBB}, imm(fn, 8)) } // mov rbx, fn
	original := func(fn uint64, n int) []byte {
		m := s.standard(t).System.SystemModuleAt(fn)
		return m.File[fn-m.Base:][:n]
	}
	place := func(fn uint64) string {
		m := s.standard(t).System.SystemModuleAt(fn)
		return fmt.Sprintf("%s+%#x", m.Name, fn-m.Base)
	}
	text := func(fn uint64, n int) string { return hex.EncodeToString(original(fn, n)) }
	ends := func(n byte) []byte { return []byte{0x83, 0xF8, n, 0x74, 1, 0xF4} } // cmp eax, n; je; hlt
	ret42 := []byte{0xB8, 42, 0, 0, 0, 0xC3}
	jump := func(to uint64) []byte { return join([]byte{0xFF, 0x25, 0, 0, 0, 0}, imm(to, 8)) } // jmp [rip]
	const trampoline = 0x2000_0000

	for _, test := range []struct {
		name    string
		code    []byte
		patches []string
		calls   []string
		layers  int
	}{
		{"made to return at once", join(call(protect, tick, 6, rwx, scratch), at(tick), decode(ret42, 7), call(protect, tick, 6, rx, scratch), call(tick), ends(42), call(pid)),
			[]string{"kernel32.dll GetTickCount GetTickCount: " + text(tick, 6) + " -> b82a000000c3"},
			[]string{"VirtualProtect", "VirtualProtect", "GetCurrentProcessId"}, 1},
		{"written and never called", join(call(protect, tick, 6, rw, scratch), at(tick), decode(ret42, 7)),
			[]string{"kernel32.dll GetTickCount GetTickCount: " + text(tick, 6) + " -> b82a000000c3"},
			[]string{"VirtualProtect"}, 0},
		{"the system call of a service's stub", join(call(protect, service, 32, rwx, scratch), at(service+0x12), decode([]byte{0xB0, 9}, 7), call(service, 0, 0),
			[]byte{0x3C, 9, 0x74, 1, 0xF4}), // cmp al, 9; je; hlt
			[]string{"ntdll.dll NtDelayExecution ZwDelayExecution: 0f05 -> b009"}, []string{"VirtualProtect"}, 1},
		{"put back", join(call(protect, tick, 6, rwx, scratch), at(tick), decode(ret42, 7), call(tick), ends(42), decode(original(tick, 6), 7), call(protect, tick, 6, rx, scratch), call(tick)),
			[]string{"kernel32.dll GetTickCount GetTickCount: " + text(tick, 6) + " -> b82a000000c3", "kernel32.dll GetTickCount GetTickCount: b82a000000c3 -> " + text(tick, 6) + ", restored"},
			[]string{"VirtualProtect", "VirtualProtect", "GetTickCount"}, 1},
		{"a hook", join(call(protect, tick, 12, rwx, scratch), at(tick), decode(join([]byte{0x48, 0xB8}, imm(pid, 8), []byte{0xFF, 0xE0}), 7), call(tick)),
			[]string{"kernel32.dll GetTickCount GetTickCount: " + text(tick, 12) + " -> 48b8" + hex.EncodeToString(imm(pid, 8)) + "ffe0, to " + place(pid)},
			[]string{"VirtualProtect", "GetCurrentProcessId"}, 1},
		{"a hook of 14 bytes, whose trampoline comes back behind the stub's test", join(
			call(alloc, trampoline, 0x1000, 0x3000, rwx), at(trampoline), decode(join(original(closes, 16), jump(closes+16)), 7),
			call(protect, closes, 14, rwx, scratch), at(closes), decode(jump(trampoline), 7), call(closes, 0x1234),
			[]byte{0x3D}, imm(0xC0000008, 4), []byte{0x74, 1, 0xF4}), // cmp eax, STATUS_INVALID_HANDLE; je; hlt
			[]string{"ntdll.dll NtClose ZwClose: " + text(closes, 14) + " -> " + hex.EncodeToString(jump(trampoline)) + ", to 0x20000000"},
			[]string{"VirtualAlloc", "VirtualProtect", "NtClose"}, 2},
		{"another process's memory: one's own", join(useStack, decode(ret42, 7), []byte{0x48, 0xC7, 0x44, 0x24, 0x20}, imm(0, 4), call(write, self, tick, rbx, 6), call(tick), ends(42)),
			[]string{"kernel32.dll GetTickCount GetTickCount: " + text(tick, 6) + " -> b82a000000c3"},
			[]string{"WriteProcessMemory"}, 1},

		// Near misses.
		{"made writable", join(call(protect, tick, 0x2000, rwx, scratch), call(tick), call(pid), call(service, 0, 0)), nil,
			[]string{"VirtualProtect", "GetTickCount", "GetCurrentProcessId"}, 0},
		{"written with its own bytes", join(call(protect, tick, 16, rwx, scratch), at(tick), decode(original(tick, 16), 7), call(tick)), nil,
			[]string{"VirtualProtect", "GetTickCount"}, 0},
		{"a copy of a stub, called elsewhere", join(useStack, call(protect, rbx, 16, rwx, scratch), decode(original(tick, 16), 7), callRBX), nil,
			[]string{"VirtualProtect", "GetTickCount"}, 1},
		{"the middle of a stub", join(at(tick+8), callRBX, at(tick+3), callRBX, at(tick+10), callRBX), nil, []string{"GetTickCount", "GetTickCount"}, 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			run := runRaw(t, s, join(enter, test.code, leave), nil)
			if run.Stop.Reason != trace.StopExit || run.Stop.ExitCode != 0 {
				t.Fatalf("stop: %+v", run.Stop)
			}
			if d := cmp.Diff(test.patches, patches(run)); d != "" {
				t.Errorf("code.patched (-want +got):\n%s", d)
			}
			calls := slices.DeleteFunc(called(run), func(n string) bool { return n == "NtDelayExecution" })
			if d := cmp.Diff(test.calls, calls); d != "" {
				t.Errorf("calls (-want +got):\n%s", d)
			}
			if got := len(behaviours[trace.CodeUnpacked](run)); got != test.layers {
				t.Errorf("code.unpacked: got %d, want %d", got, test.layers)
			}
			for _, g := range run.Gaps {
				t.Errorf("gap: %v", g)
			}
		})
	}
}

// TestStomping runs the program that puts code over a system DLL's and looks at
// what is recorded of it.
func TestStomping(t *testing.T) {
	const image = `C:\app\stomp.exe`
	data := readFile(t, "testdata/windows/hooks/stomp.exe")
	run := runRaw(t, newSystem(t), nil, func(c *guest.Config) { c.Image, c.Files = image, map[string][]byte{image: data} })
	layers, patches := behaviours[trace.CodeUnpacked](run), behaviours[trace.CodePatched](run)
	if len(layers) != 1 || len(patches) != 1 {
		t.Fatalf("got %d code.unpacked and %d code.patched, want one of each", len(layers), len(patches))
	}
	layer, patch := layers[0], patches[0]
	if layer.Region != "image" || layer.Module != "winmm.dll" || !slices.Equal(layer.History, []string{"rw-", "r-x"}) {
		t.Errorf("code.unpacked: got %+v", layer)
	}
	dump := artifact(run, layer.Artifact)
	if !bytes.Contains(data, dump) || len(dump) < 64 {
		t.Errorf("the dump of %d bytes is not of the program's code", len(dump))
	}
	if patch.Address != layer.Address || patch.Size != len(dump) || patch.RVA != 0x1100 || len(patch.Exports) < len(dump)/guest.StubSize || patch.Target != "" || patch.After != hex.EncodeToString(dump[:32]) {
		t.Errorf("code.patched: got %+v", patch)
	}
	inside := 0
	for c := range run.Calls.All() {
		if c.API.Name == "GetCurrentProcessId" && strings.HasPrefix(run.Place(c.Caller), "winmm.dll+") {
			inside++
		}
	}
	if inside != 2 {
		t.Errorf("calls from the payload: got %d, want 2", inside)
	}
}

// TestHookTargets runs the program with hooks and looks at where they lead.
func TestHookTargets(t *testing.T) {
	const image = `C:\app\inline.exe`
	data := readFile(t, "testdata/windows/hooks/inline.exe")
	run := runRaw(t, newSystem(t), nil, func(c *guest.Config) { c.Image, c.Files = image, map[string][]byte{image: data} })
	var got []string
	for _, p := range behaviours[trace.CodePatched](run) {
		got = append(got, fmt.Sprintf("%s jump %t, restored %t", p.Exports[0], p.Target != "", p.Restored))
	}
	want := []string{
		"CreateFileW jump true, restored false", "CreateFileW jump false, restored true",
		"MoveFileExW jump true, restored false", "MoveFileExW jump false, restored true",
		"MoveFileExW jump true, restored false", "MoveFileExW jump false, restored true",
		"GetConsoleOutputCP jump false, restored false", "GetConsoleOutputCP jump false, restored false", "GetConsoleOutputCP jump false, restored true",
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("code.patched (-want +got):\n%s", d)
	}
}

// TestPatchedTelemetry has a program silence AMSI and ETW in the ways that are
// common, and call them afterwards.
func TestPatchedTelemetry(t *testing.T) {
	s := newSystem(t)
	protect, load, resolve := s.address(t, "kernel32.dll", "VirtualProtect"), s.address(t, "kernel32.dll", "LoadLibraryA"), s.address(t, "kernel32.dll", "GetProcAddress")
	scan, write, register := s.address(t, "amsi.dll", "AmsiScanBuffer"), s.address(t, "ntdll.dll", "EtwEventWrite"), s.address(t, "ntdll.dll", "EtwEventRegister")
	const scratch = 0x0000_00E1_0000_0000 + 0x3F_0000
	const rwx, rx = 0x40, 0x20
	text := func(s string) []byte { // leaves the address of s in RCX
		return join([]byte{0xEB, byte(len(s) + 1)}, []byte(s), []byte{0}, []byte{0x48, 0x8D, 0x0D}, imm(uint64(-int64(len(s)+1+7)), 4))
	}
	loaded := func(dll string) []byte {
		return join(text(dll), []byte{0x48, 0xB8}, imm(load, 8), []byte{0xFF, 0xD0}, keep)
	}
	patch := func(fn uint64, code []byte) []byte {
		return join(call(protect, fn, uint64(len(code)), rwx, scratch), []byte{0x48, 0xBB}, imm(fn, 8), decode(code, 7), call(protect, fn, uint64(len(code)), rx, scratch))
	}
	gives := func(v uint32) []byte { return join([]byte{0x3D}, imm(uint64(v), 4), []byte{0x74, 1, 0xF4}) } // cmp eax, v; je; hlt
	// EventWrite, as advapi32.dll exports it, is EtwEventWrite.
	forwarded := join(loaded("advapi32.dll"), text("EventWrite"), []byte{0x48, 0x89, 0xCA, 0x48, 0x89, 0xD9, 0x48, 0xB8}, imm(resolve, 8), []byte{0xFF, 0xD0}, keep, // mov rdx, rcx; mov rcx, rbx
		[]byte{0x31, 0xC9}, callRBX) // xor ecx, ecx
	invalidArgument := []byte{0xB8, 0x57, 0x00, 0x07, 0x80, 0xC3} // mov eax, E_INVALIDARG; ret
	returnsZero, returnsAtOnce := []byte{0x33, 0xC0, 0xC3}, []byte{0xC3}

	for _, test := range []struct {
		name    string
		code    []byte
		patched []string // exports
		calls   []string // of those in question
	}{
		{"neither", join(loaded("amsi.dll"), call(scan, 0, 0, 0, 0), gives(0x80070057), call(register, scratch, 0, 0, scratch+16), gives(0), call(write, 0), gives(6), forwarded, gives(6)),
			nil, []string{"AmsiScanBuffer", "EtwEventRegister", "EtwEventWrite", "EtwEventWrite"}},
		{"AmsiScanBuffer says that its arguments are wrong", join(loaded("amsi.dll"), patch(scan, invalidArgument), call(scan, 0, 0, 0, 0), gives(0x80070057)),
			[]string{"amsi.dll AmsiScanBuffer b857000780c3"}, []string{}},
		{"EtwEventWrite succeeds", join(patch(write, returnsZero), call(write, 0), gives(0), forwarded, gives(0)),
			[]string{"ntdll.dll EtwEventWrite 33c0c3"}, []string{}},
		{"EtwEventWrite returns", join(patch(write, returnsAtOnce), call(write, 0), gives(uint32(write)), forwarded),
			[]string{"ntdll.dll EtwEventWrite c3"}, []string{}},
		{"both", join(loaded("amsi.dll"), patch(scan, invalidArgument), patch(write, returnsAtOnce), call(scan, 0, 0, 0, 0), gives(0x80070057), call(write, 0)),
			[]string{"amsi.dll AmsiScanBuffer b857000780c3", "ntdll.dll EtwEventWrite c3"}, []string{}},
	} {
		t.Run(test.name, func(t *testing.T) {
			run := runRaw(t, s, join(enter, test.code, leave), nil)
			if run.Stop.Reason != trace.StopExit || run.Stop.ExitCode != 0 {
				t.Fatalf("stop: %+v", run.Stop)
			}
			var patched []string
			for _, p := range behaviours[trace.CodePatched](run) {
				patched = append(patched, fmt.Sprintf("%s %s %s", p.Module, p.Exports[0], p.After))
			}
			if d := cmp.Diff(test.patched, patched); d != "" {
				t.Errorf("code.patched (-want +got):\n%s", d)
			}
			calls := slices.DeleteFunc(called(run), func(n string) bool { return !strings.HasPrefix(n, "Amsi") && !strings.HasPrefix(n, "Etw") })
			if d := cmp.Diff(test.calls, calls); d != "" {
				t.Errorf("calls (-want +got):\n%s", d)
			}
			ran := map[string]bool{} // the patched functions whose own bytes ran
			for _, u := range behaviours[trace.CodeUnpacked](run) {
				ran[u.Module] = true
			}
			if len(ran) != len(test.patched) {
				t.Errorf("code ran in %v", ran)
			}
			for _, g := range run.Gaps {
				t.Errorf("gap: %v", g)
			}
		})
	}
}
