package ntdll_test

import (
	"fmt"
	"testing"

	"sidetrace/emulator/guest"
	"sidetrace/emulator/win/ntdll"
	"sidetrace/emulator/win/wintest"
)

func TestSection(t *testing.T) {
	m := machine(t)
	const commit, rw, rx, rwx = 0x8000000, 4, 0x20, 0x40
	handle := m.Alloc(8)
	want(t, m, 0, "NtCreateSection", handle, 0xF001F, 0, m.Bytes(le(0x1800)), rwx, commit, 0)
	section := m.Uint(handle, 8)

	// One part of memory at two places: written here, executable there.
	view := func(status, base, offset, size, prot uint64) uint64 {
		t.Helper()
		at, length := m.Bytes(le(base)), m.Bytes(le(size))
		want(t, m, status, "NtMapViewOfSection", section, self, at, 0, 0, m.Bytes(le(offset)), length, 2, 0, prot)
		if status == 0 && m.Uint(length, 8) != 0x2000 {
			t.Errorf("size: got %#x", m.Uint(length, 8))
		}
		return m.Uint(at, 8)
	}
	first, second := view(0, 0, 0, 0, rw), view(0, 0x20000000, 0, 0x1800, rx)
	m.Put(first+5, []byte("code"))
	same(t, "shared", string(m.Get(second+5, 4)), "code")
	same(t, "behaviours", m.Behaviours("memory.alloc"), []string{
		fmt.Sprintf("memory.alloc address=%#x size=8192 protection=rw- type=reserve|commit", first),
		"memory.alloc address=0x20000000 size=8192 protection=r-x type=reserve|commit",
	})

	view(0xC0000018, 0x20000000, 0, 0, rw)
	view(0xC0000220, 0x20001000, 0, 0, rw)
	view(0xC0000220, 0, 0x1000, 0, rw)
	view(0xC000001F, 0, 0x10000, 0, rw)
	view(0xC000001F, 0, 0, 0x1801, rw)
	view(0xC0000045, 0, 0, 0, 3)
	want(t, m, invalidHandle, "NtMapViewOfSection", bad, self, m.Bytes(le(0)), 0, 0, 0, m.Bytes(le(0)), 2, 0, rw)

	info := m.Alloc(48)
	want(t, m, 0, "NtQueryVirtualMemory", self, second, 0, info, 48, 0)
	same(t, "MEM_MAPPED", m.Uint(info+40, 4), uint64(0x40000))
	want(t, m, 0xC000001B, "NtFreeVirtualMemory", self, m.Bytes(le(second)), m.Bytes(le(0)), 0x8000)
	want(t, m, 0, "NtUnmapViewOfSection", self, second+0x1000)
	want(t, m, 0xC0000019, "NtUnmapViewOfSection", self, second)
	want(t, m, 0xC0000019, "NtUnmapViewOfSection", self, info)
	want(t, m, 0, "NtClose", section)
	same(t, "the other view stays", string(m.Get(first+5, 4)), "code")
	same(t, "gaps", m.Gaps(), []string(nil))

	want(t, m, 0xC00000F2, "NtCreateSection", handle, 0, 0, 0, rw, commit, 0)
	want(t, m, 0xC0000045, "NtCreateSection", handle, 0, 0, m.Bytes(le(1)), 1, commit, 0)
	want(t, m, invalidHandle, "NtCreateSection", handle, 0, 0, 0, rw, commit, bad)
	const image = 0x1000000
	want(t, m, invalidHandle, "NtCreateSection", handle, 0, 0, 0, 2, image, bad)
	want(t, m, 0xC0000034, "NtOpenSection", handle, 0, attributes(m, `\KnownDlls\version.dll`, 0))
	want(t, m, 0xC000003A, "NtOpenSection", handle, 0, attributes(m, `\KnownDlls32\ntdll.dll`, 0))

	// Read-only ones give no writable views.
	want(t, m, 0, "NtCreateSection", handle, 0, attributes(m, `\BaseNamedObjects\Shared`, 0), m.Bytes(le(1)), 2, commit, 0)
	want(t, m, 0, "NtOpenSection", handle, 0, attributes(m, `\BaseNamedObjects\Shared`, 0))
	section = m.Uint(handle, 8)
	view(0xC000004E, 0, 0, 0, rw)
	view(0xC000004E, 0, 0, 0, rx)
}

func TestFileSection(t *testing.T) {
	const path = `C:\Data\blob.bin`
	m := wintest.New(t, guest.Config{Files: map[string][]byte{path: []byte("container with code")}}, ntdll.Table())
	file := uint64(m.Handles.Add(&guest.File{Node: m.Files.Get(path), Read: true, Write: true}))
	handle, base, size := m.Alloc(8), m.Bytes(le(0)), m.Bytes(le(0))
	want(t, m, 0, "NtCreateSection", handle, 0, 0, 0, 4, 0x8000000, file)
	want(t, m, 0, "NtMapViewOfSection", m.Uint(handle, 8), self, base, 0, 0, 0, size, 2, 0, 4)
	at := m.Uint(base, 8)
	same(t, "contents", string(m.Get(at, 19)), "container with code")
	m.Put(at, []byte("C"))
	want(t, m, 0, "NtUnmapViewOfSection", self, at)
	same(t, "file", string(m.Files.Get(path).Data()), "Container with code")
	want(t, m, 0xC0000040, "NtCreateSection", handle, 0, 0, m.Bytes(le(24)), 2, 0x8000000, file)
	want(t, m, 0xC000007F, "NtCreateSection", handle, 0, 0, m.Bytes(le(1<<62)), 4, 0x8000000, file)
	want(t, m, 0, "NtCreateSection", handle, 0, 0, m.Bytes(le(24)), 4, 0x8000000, file)
	same(t, "grown", m.Files.Get(path).Size(), int64(24))
	same(t, "gaps", m.Gaps(), []string(nil))
	same(t, "read", m.Behaviours("file.read"), []string{`file.read path=C:\Data\blob.bin size=19`})
	same(t, "written", m.Behaviours("file.write"), []string{`file.write path=C:\Data\blob.bin size=1`})
}
