package emulator

import (
	"strings"
	"testing"

	"sidetrace/emulator/guest"
	"sidetrace/emulator/trace"
)

// Instructions of the system, as user mode sees them. Each piece of code returns
// a value in EAX, or ends in an exception.
func TestSystemInstructions(t *testing.T) {
	s := newSystem(t)
	const privileged, illegal, violation = guest.StatusPrivilegedInstruction, guest.StatusIllegalInstruction, guest.StatusAccessViolation
	for _, test := range []struct {
		name string
		code []byte
		want uint32 // EAX, or the exception
		gap  string
	}{
		{"sidt: its limit", []byte{0x0F, 0x01, 0x4C, 0x24, 0x08, 0x0F, 0xB7, 0x44, 0x24, 0x08, 0xC3}, 0xFFF, ""},                                      // sidt [rsp+8]; movzx eax, word [rsp+8]; ret
		{"sgdt: the end of its base", []byte{0x0F, 0x01, 0x44, 0x24, 0x08, 0x8B, 0x44, 0x24, 0x0E, 0xC3}, 0xFFFFF804, ""},                             // sgdt [rsp+8]; mov eax, [rsp+14]; ret
		{"sidt: not writable", []byte{0x0F, 0x01, 0x0C, 0x25, 0, 0, 0, 0, 0xC3}, violation, ""},                                                       // sidt [0]
		{"smsw", []byte{0x0F, 0x01, 0xE0, 0xC3}, 0x80050033, ""},                                                                                      // smsw eax; ret
		{"str", []byte{0x83, 0xC8, 0xFF, 0x66, 0x0F, 0x00, 0xC8, 0xC3}, 0xFFFF0040, ""},                                                               // or eax, -1; str ax; ret
		{"sldt", []byte{0x83, 0xC8, 0xFF, 0x0F, 0x00, 0xC0, 0xC3}, 0, ""},                                                                             // or eax, -1; sldt eax; ret
		{"rdrand sets the carry", []byte{0x0F, 0xC7, 0xF1, 0x0F, 0x92, 0xC0, 0x0F, 0xB6, 0xC0, 0xC3}, 1, ""},                                          // rdrand ecx; setc al; movzx eax, al; ret
		{"rdrand differs", []byte{0x48, 0x0F, 0xC7, 0xF1, 0x48, 0x0F, 0xC7, 0xF8, 0x48, 0x29, 0xC8, 0x0F, 0x95, 0xC0, 0x0F, 0xB6, 0xC0, 0xC3}, 1, ""}, // rdrand rcx; rdseed rax; sub rax, rcx; setnz al; …
		{"rdrand r10w leaves the rest", []byte{0x4D, 0x31, 0xD2, 0x66, 0x41, 0x0F, 0xC7, 0xF2, 0x44, 0x89, 0xD0, 0xC1, 0xE8, 16, 0xC3}, 0, ""},
		{"mov gs takes the TEB away", []byte{0xB8, 0x2B, 0, 0, 0, 0x8E, 0xE8, 0x65, 0x48, 0x8B, 0x04, 0x25, 0x30, 0, 0, 0, 0xC3}, violation, ""},
		{"mov es", []byte{0xB8, 0x2B, 0, 0, 0, 0x8E, 0xC0, 0x8C, 0xC0, 0xC3}, 0x2B, ""},  // mov eax, 0x2b; mov es, eax; mov eax, es; ret
		{"mov ds, kernel", []byte{0xB8, 0x10, 0, 0, 0, 0x8E, 0xD8, 0xC3}, violation, ""}, // mov ds, eax
		{"mov cs", []byte{0x8E, 0xC8, 0xC3}, illegal, ""},                                //
		{"retf to 32-bit code", []byte{0x6A, 0x23, 0x6A, 0x00, 0x48, 0xCB}, illegal, "32-bit code"},
		{"jmp far to 32-bit code", []byte{0x6A, 0x23, 0x6A, 0x00, 0x48, 0xFF, 0x2C, 0x24}, illegal, "32-bit code"},
		{"jmp far to itself, in effect", []byte{0x48, 0x8D, 0x05, 9, 0, 0, 0, 0x6A, 0x33, 0x50, 0x48, 0xFF, 0x2C, 0x24, 0xCC, 0xCC, 0x58, 0x58, 0xB8, 7, 0, 0, 0, 0xC3}, 7, ""},
		{"call far and retf", []byte{0xEB, 7, 0xB8, 9, 0, 0, 0, 0x48, 0xCB, 0x48, 0x8D, 0x05, 0xF2, 0xFF, 0xFF, 0xFF, 0x6A, 0x33, 0x50, 0x48, 0xFF, 0x1C, 0x24, 0x59, 0x59, 0xC3}, 9, ""},
		{"sysenter", []byte{0x0F, 0x34}, violation, ""},
		{"monitor", []byte{0x0F, 0x01, 0xC8}, illegal, ""},
		{"xgetbv", []byte{0x0F, 0x01, 0xD0}, illegal, ""},
		{"wrmsr", []byte{0x0F, 0x30}, privileged, ""},
		{"AVX-512", []byte{0x62, 0xF1, 0x75, 0x48, 0xEF, 0xC2}, illegal, "evex 62 f1 75 48 ef c2"},
		{"XOP", []byte{0x8F, 0xE8, 0x78, 0xA2, 0xC2, 0x30}, illegal, "vex 8f e8 78 a2 c2 30"},
		{"vzeroupper", []byte{0xC5, 0xF8, 0x77, 0x31, 0xC0, 0xC3}, 0, ""},
		{"movaps, misaligned", []byte{0x0F, 0x28, 0x44, 0x24, 0x01, 0xC3}, violation, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			run := runRaw(t, s, test.code, nil)
			if run.Stop.ExitCode != test.want {
				t.Errorf("got %#x (%+v), want %#x", run.Stop.ExitCode, run.Stop, test.want)
			}
			var gaps []string
			for _, g := range run.Gaps {
				gaps = append(gaps, g.Name)
				if g.Kind != trace.GapInstruction {
					t.Errorf("gap: got kind %v", g.Kind)
				}
			}
			if got := strings.Join(gaps, ", "); got != test.gap {
				t.Errorf("gaps: got %q, want %q", got, test.gap)
			}
		})
	}
}
