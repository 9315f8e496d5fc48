package ntdll_test

import (
	"bytes"
	"fmt"
	"os"
	"testing"

	"sidetrace/emulator/guest"
	"sidetrace/emulator/win/ntdll"
	"sidetrace/emulator/win/wintest"
	"sidetrace/loaders/pe"
)

const notAtBase = 0x40000003

// mapImage maps a section and returns where, with the status.
func mapImage(m *wintest.Machine, section, base uint64) (at, size, status uint64) {
	a, n := m.Bytes(le(base)), m.Bytes(le(0))
	status, _, _ = m.Call("ntdll.dll", "NtMapViewOfSection", section, self, a, 0, 0, 0, n, 1, 0, 2)
	return m.Uint(a, 8), m.Uint(n, 8), status
}

// TestKnownDLL maps a second ntdll.dll, as code does that looks for hooks.
func TestKnownDLL(t *testing.T) {
	m := machine(t)
	loaded := m.FindModule("ntdll.dll")
	handle := m.Alloc(8)
	want(t, m, 0, "NtOpenSection", handle, 0xC, attributes(m, `\KnownDlls\NTDLL.dll`, 0))
	section := m.Uint(handle, 8)
	at, size, status := mapImage(m, section, 0)
	same(t, "status", status, uint64(notAtBase))
	if at == loaded.Base || size != uint64(loaded.Image.Size) {
		t.Fatalf("mapped %#x bytes at %#x, loaded %#x at %#x", size, at, loaded.Image.Size, loaded.Base)
	}
	if got, want := m.Get(at, int(size)), loaded.System.File; !bytes.Equal(got, want) {
		t.Error("the fresh image differs from the file")
	}
	if m.ModuleAt(at) != nil || m.FindModule("ntdll.dll") != loaded {
		t.Error("the loader knows the view")
	}
	loads := m.Behaviours("module.load")
	same(t, "behaviours", loads[len(loads)-1:], []string{fmt.Sprintf(
		`module.load path=C:\Windows\System32\ntdll.dll name=ntdll.dll base=%#x size=%#x reason=section found="known dll" side_loaded=false signed=false system=true`, at, size)})

	// At an address of the guest's own, and where there is no room.
	at, _, status = mapImage(m, section, 0x30000000)
	same(t, "status", status, uint64(notAtBase))
	same(t, "address", at, uint64(0x30000000))
	_, _, status = mapImage(m, section, 0x30000000)
	same(t, "taken", status, uint64(0xC0000018))
	_, _, status = mapImage(m, section, 0x40001000)
	same(t, "alignment", status, uint64(0xC0000220))
	want(t, m, 0, "NtClose", section)
	want(t, m, 0, "NtUnmapViewOfSection", self, 0x30000000)
	want(t, m, 0xC0000019, "NtUnmapViewOfSection", self, 0x30000000)
	same(t, "gaps", m.Gaps(), []string(nil))
}

// TestImageSection maps a DLL whose preferred base is taken: the section gets
// another, and the image is relocated for that.
func TestImageSection(t *testing.T) {
	const path = `C:\Data\part.dll`
	data, err := os.ReadFile("../../testdata/windows/memory/image.d/part.dll")
	if err != nil {
		t.Fatal(err)
	}
	img, err := pe.Parse(data)
	if err != nil {
		t.Fatal(err)
	}
	pointer, _ := img.Exports.Lookup("pointer")
	m := wintest.New(t, guest.Config{Files: map[string][]byte{path: data}}, ntdll.Table())
	file := uint64(m.Handles.Add(&guest.File{Node: m.Files.Get(path), Read: true}))
	want(t, m, 0, "NtAllocateVirtualMemory", self, m.Bytes(le(img.Base)), 0, m.Bytes(le(0x1000)), 0x3000, 4)
	handle := m.Alloc(8)
	want(t, m, 0, "NtCreateSection", handle, 0xF001F, 0, 0, 2, 0x1000000, file)
	section := m.Uint(handle, 8)
	first, size, status := mapImage(m, section, 0)
	same(t, "first", status, uint64(0))
	target := m.Uint(first+uint64(pointer.RVA), 8)
	if target-first >= size {
		t.Errorf("the pointer leads to %#x, the image lies at %#x", target, first)
	}
	second, _, status := mapImage(m, section, 0)
	same(t, "second", status, uint64(notAtBase))
	same(t, "not relocated again", m.Uint(second+uint64(pointer.RVA), 8), target)

	// Pages are copied when written to, and those without execute right have none.
	want(t, m, 0, "NtWriteVirtualMemory", self, second+uint64(pointer.RVA), m.Bytes(le(1)), 8, 0)
	same(t, "the other's", m.Uint(first+uint64(pointer.RVA), 8), target)
	want(t, m, 0, "NtCreateSection", handle, 0xF001F, 0, 0, 2, 0x11000000, file)
	third, _, _ := mapImage(m, m.Uint(handle, 8), 0)
	for _, s := range img.Sections {
		if got := m.Mem.Query(third + uint64(s.RVA)).Protection; got.Executable() || got == guest.PageReadWrite {
			t.Errorf("%s: protection %#x", s.Name, uint32(got))
		}
	}
	want(t, m, 0xC0000040, "NtCreateSection", handle, 0, 0, m.Bytes(le(size+1)), 2, 0x1000000, file)
	want(t, m, 0, "NtUnmapViewOfSection", self, first)
	want(t, m, 0, "NtUnmapViewOfSection", self, second+5)
	same(t, "gaps", m.Gaps(), []string(nil))
}
