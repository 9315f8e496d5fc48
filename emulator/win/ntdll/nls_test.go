package ntdll_test

import (
	"testing"

	"sidetrace/emulator/guest"
	"sidetrace/emulator/win/ntdll"
	"sidetrace/emulator/win/wintest"
)

// TestLanguageFiles maps the tables of languages of a machine that has them.
func TestLanguageFiles(t *testing.T) {
	m := wintest.New(t, guest.Config{Files: map[string][]byte{
		`C:\Windows\System32\locale.nls`:                   []byte("tables"),
		`C:\Windows\System32\c_037.nls`:                    []byte("a code page"),
		`C:\Windows\Globalization\Sorting\sortdefault.nls`: []byte("weights"),
		`C:\Windows\System32\normnfkc.nls`:                 []byte("forms"),
	}}, ntdll.Table())
	base, locale := m.Alloc(8), m.Alloc(4)
	want(t, m, 0, "NtInitializeNlsFiles", base, locale, 0)
	first := m.Uint(base, 8)
	same(t, "contents", string(m.Get(first, 8)), "tables\x00\x00")
	same(t, "locale", m.Uint(locale, 4), uint64(0x409))
	info := m.Alloc(48)
	want(t, m, 0, "NtQueryVirtualMemory", self, first, 0, info, 48, 0)
	same(t, "protection", m.Uint(info+36, 4), uint64(2))
	same(t, "MEM_MAPPED", m.Uint(info+40, 4), uint64(0x40000))
	want(t, m, 0, "NtUnmapViewOfSection", self, first)

	want(t, m, 0, "RtlGetLocaleFileMappingAddress", base, locale, 0)
	mapped := m.Uint(base, 8)
	want(t, m, 0, "RtlGetLocaleFileMappingAddress", base, locale, 0)
	same(t, "the same view", m.Uint(base, 8), mapped)
	want(t, m, 0xC00000EF, "RtlGetLocaleFileMappingAddress", 0, locale, 0)
	want(t, m, 0xC00000F0, "RtlGetLocaleFileMappingAddress", base, 0, 0)
	want(t, m, accessViolation, "NtInitializeNlsFiles", bad, locale, 0)

	at, size := m.Alloc(8), m.Alloc(4)
	for _, table := range []struct {
		kind, data uint64
		text       string
	}{{11, 37, "a code page"}, {9, 0, "weights"}, {12, 5, "forms"}} {
		want(t, m, 0, "NtGetNlsSectionPtr", table.kind, table.data, 0, at, size)
		same(t, "contents", string(m.Get(m.Uint(at, 8), len(table.text))), table.text)
		same(t, "size", m.Uint(size, 4), uint64(0x1000))
	}
	want(t, m, 0xC00000EF, "NtGetNlsSectionPtr", 8, 0, 0, at, size)
	want(t, m, 0xC0000034, "NtGetNlsSectionPtr", 12, 3, 0, at, size) // no form
	want(t, m, accessViolation, "NtGetNlsSectionPtr", 9, 0, 0, at, bad)
	want(t, m, 0, "NtQueryDefaultLocale", 1, locale)
	same(t, "the user's locale", m.Uint(locale, 4), uint64(0x409))
	want(t, m, 0, "NtQueryDefaultUILanguage", locale)
	want(t, m, accessViolation, "NtQueryInstallUILanguage", bad)
	same(t, "gaps", m.Gaps(), []string(nil))

	// A machine that has none says so.
	m = machine(t)
	base, locale = m.Alloc(8), m.Alloc(4)
	want(t, m, 0xC0000034, "NtInitializeNlsFiles", base, locale, 0)
	want(t, m, 0xC0000034, "RtlGetLocaleFileMappingAddress", base, locale, 0)
	same(t, "one gap for each", len(m.Gaps()), 2)
}
