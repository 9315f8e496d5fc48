package catalogue

import (
	"slices"
	"strings"
	"testing"
)

func TestExports(t *testing.T) {
	for _, dll := range DLLs() {
		list := Exports(dll)
		if len(list) == 0 {
			t.Errorf("%s: no exports", dll)
		}
		ordinals := map[uint32]string{}
		for i, e := range list {
			if i > 0 && e.Name != "" && e.Name <= list[i-1].Name {
				t.Errorf("%s: %q comes after %q", dll, e.Name, list[i-1].Name)
			}
			if e.Name == "" && e.Ordinal == 0 {
				t.Errorf("%s: an export without name and ordinal", dll)
			}
			if other, ok := ordinals[e.Ordinal]; ok && e.Ordinal != 0 {
				t.Errorf("%s: %q and %q have the ordinal %d", dll, e.Name, other, e.Ordinal)
			}
			ordinals[e.Ordinal] = e.Name
		}
	}
	if got := Exports("nothing.dll"); got != nil {
		t.Errorf("a DLL that is not there has %d exports", len(got))
	}
}

// Exports that are documented by ordinal or known to programs.
func TestKnownExports(t *testing.T) {
	for _, test := range []struct {
		dll string
		Export
	}{
		{"kernel32.dll", Export{Name: "GetProcAddress"}},
		{"kernelbase.dll", Export{Name: "CreateFileW"}},
		{"ntdll.dll", Export{Name: "NtCreateThreadEx"}},
		{"ntdll.dll", Export{Name: "_snprintf"}},
		{"ntdll.dll", Export{Name: "NlsAnsiCodePage", Data: true}},
		{"user32.dll", Export{Name: "MessageBoxA"}},
		{"ws2_32.dll", Export{Name: "WSAStartup", Ordinal: 115}},
		{"ws2_32.dll", Export{Name: "socket", Ordinal: 23}},
		{"oleaut32.dll", Export{Name: "SysAllocString", Ordinal: 2}},
		{"oleaut32.dll", Export{Name: "VariantClear", Ordinal: 9}},
		{"shell32.dll", Export{Name: "ILFree", Ordinal: 155}},
		{"comctl32.dll", Export{Name: "InitCommonControls", Ordinal: 17}},
		{"shlwapi.dll", Export{Name: "SHCreateMemStream", Ordinal: 12}},
		{"wldap32.dll", Export{Name: "ldap_init", Ordinal: 143}},
		{"msvcrt.dll", Export{Name: "cos"}},
		{"msvcrt.dll", Export{Name: "_acmdln", Data: true}},
	} {
		if !slices.Contains(Exports(test.dll), test.Export) {
			t.Errorf("%s has no %+v", test.dll, test.Export)
		}
	}
}

func TestAPISets(t *testing.T) {
	sets := APISets()
	for contract, host := range map[string]string{
		"api-ms-win-core-file-l1-1": "kernelbase.dll", "api-ms-win-crt-runtime-l1-1": "ucrtbase.dll",
		"api-ms-win-core-com-l1-1": "combase.dll", "api-ms-win-service-management-l1-1": "sechost.dll",
		"api-ms-win-core-rtlsupport-l1-1": "ntdll.dll", "ext-ms-win-ntuser-window-l1-1": "user32.dll",
	} {
		if sets[contract] != host {
			t.Errorf("%s: got %q, want %q", contract, sets[contract], host)
		}
	}
	for contract, host := range sets {
		if !strings.HasPrefix(contract, "api-") && !strings.HasPrefix(contract, "ext-") || host == "" {
			t.Errorf("contract %q, host %q", contract, host)
		}
	}
}

// Numbers as published, each edition's first, some of the middle and the last.
func TestServices(t *testing.T) {
	for edition, numbers := range map[uint32]map[string]int{
		17763: {"NtAccessCheck": 0, "NtClose": 0x0F, "NtAllocateVirtualMemory": 0x18, "NtCreateThreadEx": 0xBC, "NtQueueApcThreadEx": 0x15E, "NtUnmapViewOfSectionEx": 0x1C5},
		18362: {"NtProtectVirtualMemory": 0x50, "NtCreateThreadEx": 0xBD, "NtQueueApcThreadEx": 0x15F, "NtWaitLowEventPair": 0x1CF},
		19041: {"NtWriteVirtualMemory": 0x3A, "NtCreateThreadEx": 0xC1, "NtOpenThread": 0x12E, "NtQueueApcThreadEx": 0x165},
		19044: {"NtDelayExecution": 0x34, "NtCreateThreadEx": 0xC2, "NtGetContextThread": 0xF3, "NtOpenThread": 0x12F, "NtLoadKey3": 0x1D7, "NtWaitLowEventPair": 0x1D8},
		20348: {"NtPropagationFailed": 321, "NtQueueApcThreadEx2": 364, "NtReadVirtualMemoryEx": 368, "NtWaitLowEventPair": 477},
		22000: {"NtCreateThreadEx": 0xC6, "NtLoadKey3": 0x10F, "NtGetContextThread": 0xF8, "NtTestAlert": 0x1CC, "NtWaitLowEventPair": 0x1E1},
		22621: {"NtCreateThreadEx": 0xC7, "NtOpenThread": 0x138 - 1, "NtQueueApcThreadEx2": 0x171, "NtWaitLowEventPair": 0x1E5},
		26100: {"NtCreateThreadEx": 0xC9, "NtOpenThread": 0x139, "NtSetContextThread": 0x19A, "NtWaitLowEventPair": 0x1E8},
	} {
		list := Services(edition)
		for name, number := range numbers {
			if got := slices.Index(list, name); got != number {
				t.Errorf("%d: %s is %#x, want %#x", edition, name, got, number)
			}
		}
		if i := slices.IndexFunc(list, func(name string) bool { return !strings.HasPrefix(name, "Nt") }); i >= 0 {
			t.Errorf("%d: service %d is %q", edition, i, list[i])
		}
		seen := slices.Sorted(slices.Values(list))
		if len(slices.Compact(seen)) != len(list) {
			t.Errorf("%d: a service has two numbers", edition)
		}
	}
}

func TestEdition(t *testing.T) {
	for build, edition := range map[uint32]uint32{7601: 17763, 17763: 17763, 18363: 18362, 19043: 19041, 19045: 19044, 20350: 20348, 22631: 22621, 26200: 26100} {
		if got := Edition(build); got != edition {
			t.Errorf("build %d: got %d, want %d", build, got, edition)
		}
	}
}
