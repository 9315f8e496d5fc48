package emulator

import (
	"testing"

	"sidetrace/emulator/guest"
	"sidetrace/emulator/trace"
)

// allocateBy reserves and commits two pages by NtAllocateVirtualMemory, called
// through a stub of the program's own, writes to them and ends with the status.
func allocateBy(stub ...[]byte) []byte {
	code := join(enter, []byte{
		0x48, 0xC7, 0x44, 0x24, 0x20, 0x00, 0x30, 0, 0, // mov qword [rsp+0x20], MEM_COMMIT | MEM_RESERVE
		0x48, 0xC7, 0x44, 0x24, 0x28, 4, 0, 0, 0, // mov qword [rsp+0x28], PAGE_READWRITE
		0x48, 0xC7, 0x44, 0x24, 0x30, 0, 0, 0, 0, // mov qword [rsp+0x30], 0: the address
		0x48, 0xC7, 0x44, 0x24, 0x38, 0x00, 0x20, 0, 0, // mov qword [rsp+0x38], 0x2000: the size
		0x48, 0xC7, 0xC1, 0xFF, 0xFF, 0xFF, 0xFF, // mov rcx, -1
		0x48, 0x8D, 0x54, 0x24, 0x30, // lea rdx, [rsp+0x30]
		0x45, 0x31, 0xC0, // xor r8d, r8d
		0x4C, 0x8D, 0x4C, 0x24, 0x38, // lea r9, [rsp+0x38]
	}, subroutine(join(stub...)), []byte{
		0x85, 0xC0, 0x75, 0x07, // test eax, eax; jnz past the store
		0x48, 0x8B, 0x4C, 0x24, 0x30, // mov rcx, [rsp+0x30]
		0x88, 0x01, // mov [rcx], al
	}, leave[2:])
	return code
}

var enterService = []byte{0x4C, 0x8B, 0xD1, 0xB8} // mov r10, rcx; mov eax, …

func TestSystemCalls(t *testing.T) {
	s := newSystem(t)
	service := s.address(t, "ntdll.dll", "NtClose")
	jump := func(to uint64) []byte { return join([]byte{0x49, 0xBB}, imm(to, 8), []byte{0x41, 0xFF, 0xE3}) } // mov r11, to; jmp r11
	syscall, interrupt := []byte{0x0F, 0x05, 0xC3}, []byte{0xCD, 0x2E, 0xC3}
	const allocate = 0x18
	for _, test := range []struct {
		name   string
		stub   []byte
		build  uint32
		status uint32
		direct bool
		gap    string
	}{
		{name: "syscall", stub: join(enterService, imm(allocate, 4), syscall), direct: true},
		{name: "int 2e", stub: join(enterService, imm(allocate, 4), interrupt), direct: true},
		{name: "the instruction of another stub", stub: join(enterService, imm(allocate, 4), jump(service+0x12)), direct: true},
		{name: "the test of another stub", stub: join(enterService, imm(allocate, 4), jump(service+8)), direct: true},
		{name: "the interrupt of another stub", stub: join(enterService, imm(allocate, 4), jump(service+0x15)), direct: true},
		{name: "the stub behind its first instruction", stub: join([]byte{0x4C, 0x8B, 0xD1}, jump(s.address(t, "ntdll.dll", "ZwAllocateVirtualMemory")+3)), direct: true},
		{name: "the export", stub: jump(s.address(t, "ntdll.dll", "NtAllocateVirtualMemory"))},
		{name: "a number there is not", stub: join(enterService, imm(0x0FFF, 4), syscall), status: 0xC000001C, gap: "ntdll.dll!system service 0xfff"},
		{name: "of user32", stub: join(enterService, imm(0x1001, 4), syscall), status: 0xC000001C, gap: "ntdll.dll!system service 0x1001"},
		{name: "without a handler", stub: join(enterService, imm(0x1D7, 4), syscall), build: 26100, status: 0xC0000002, gap: "ntdll.dll!NtTranslateFilePath"},
		{name: "Windows 11", stub: join(enterService, imm(allocate, 4), syscall), build: 22631, direct: true},
	} {
		t.Run(test.name, func(t *testing.T) {
			run := runRaw(t, s, allocateBy(test.stub), func(c *guest.Config) {
				if test.build != 0 {
					c.Version = guest.OSVersion{Major: 10, Build: test.build}
				}
			})
			if run.Stop.Reason != trace.StopExit || run.Stop.ExitCode != test.status {
				t.Fatalf("stop %+v, want the exit code %#x", run.Stop, test.status)
			}
			if test.gap != "" {
				if len(run.Gaps) != 1 || run.Gaps[0].Name != test.gap || run.Gaps[0].Args[0] != "0xffffffffffffffff" || run.Gaps[0].Caller == "" {
					t.Errorf("got gaps %+v, want %s", run.Gaps, test.gap)
				}
				return
			}
			if len(run.Gaps) > 0 {
				t.Errorf("gaps: %+v", run.Gaps)
			}
			found := false
			for c := range run.Calls.All() {
				if c.API.DLL == "ntdll.dll" && c.API.Name == "NtAllocateVirtualMemory" {
					found = true
					if c.Direct != test.direct || c.Args[4].Value != 0x3000 || c.Args[5].Value != 4 {
						t.Errorf("got %+v, want direct %v", c, test.direct)
					}
					if place := run.Place(c.Caller); place != "" && place[:2] != "0x" {
						t.Errorf("the caller is %s, want the program's code", place)
					}
				}
			}
			if !found {
				t.Error("the call is not recorded")
			}
		})
	}
}

// SYSCALL leaves the address behind it in RCX and the flags in R11.
func TestSystemCallRegisters(t *testing.T) {
	run := runRaw(t, newSystem(t), allocateBy(enterService, imm(0x18, 4), []byte{
		0x31, 0xD2, 0xF9, // xor edx, edx; stc: the size is nowhere, which is no matter
		0x0F, 0x05, // syscall
		0x48, 0x8B, 0xC1, // mov rax, rcx
		0x48, 0x8D, 0x15, 0xF6, 0xFF, 0xFF, 0xFF, // lea rdx, [rip-10]
		0x48, 0x29, 0xD0, // sub rax, rdx
		0x75, 0x09, // jnz to ret
		0x4C, 0x89, 0xD8, 0x83, 0xE0, 0x01, 0x83, 0xC0, 0x06, // mov rax, r11; and eax, 1; add eax, 6
		0xC3,
	}), nil)
	if run.Stop.ExitCode != 7 {
		t.Errorf("stop %+v, want the exit code 7", run.Stop)
	}
}
