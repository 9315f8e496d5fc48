package kernel32_test

import (
	"encoding/binary"
	"testing"

	"sidetrace/emulator/guest"
	"sidetrace/emulator/win"
	"sidetrace/emulator/win/kernel32"
	"sidetrace/emulator/win/wintest"
)

const openAlways, openExisting, readWrite = 4, 3, 0xC0000000

// TestStreams keeps contents beside a file's own.
func TestStreams(t *testing.T) {
	m := wintest.New(t, guest.Config{Files: map[string][]byte{`C:\a.txt`: []byte("own")}}, kernel32.Tables()...)
	create := func(name string, disposition uint64) (uint64, win.Error) {
		h, err, _ := m.Call("kernel32.dll", "CreateFileA", m.AString(name), readWrite, 0, 0, disposition, 0, 0)
		return h, err
	}
	if _, err := create(`C:\a.txt:hidden`, openExisting); err != win.ErrFileNotFound {
		t.Errorf("missing stream: %d", err)
	}
	h, _ := create(`C:\a.txt:hidden`, openAlways)
	m.Call("kernel32.dll", "WriteFile", h, m.AString("beside"), 6, 0, 0)
	m.Call("kernel32.dll", "CloseHandle", h)
	for name, want := range map[string]string{`C:\a.txt`: "own", `C:\A.TXT:HIDDEN`: "beside", `C:\a.txt::$DATA`: "own", `C:\a.txt:hidden:$DATA`: "beside"} {
		h, err := create(name, openExisting)
		out := m.Alloc(16)
		m.Call("kernel32.dll", "ReadFile", h, out, 16, 0, 0)
		if got := string(m.Get(out, len(want))); got != want {
			t.Errorf("%s: got %q, want %q (%d)", name, got, want, err)
		}
		m.Call("kernel32.dll", "CloseHandle", h)
	}
	for _, name := range []string{`C:\a.txt:`, `C:\:x`, `C:\a.txt:x:y`} {
		if _, err := create(name, openAlways); err != win.ErrInvalidName {
			t.Errorf("%s: %d", name, err)
		}
	}
	data := m.Alloc(600)
	find, _, _ := m.Call("kernel32.dll", "FindFirstStreamW", m.WString(`C:\a.txt`), 0, data, 0)
	if got := guest.FromUTF16(m.Get(data+8, 40)); got != "::$DATA" {
		t.Errorf("first stream %q", got)
	}
	m.Call("kernel32.dll", "FindNextStreamW", find, data)
	if got := guest.FromUTF16(m.Get(data+8, 40)); got != ":hidden:$DATA" {
		t.Errorf("second stream %q", got)
	}
	if ok, err, _ := m.Call("kernel32.dll", "FindNextStreamW", find, data); ok != 0 || err != win.ErrHandleEOF {
		t.Errorf("third stream: %d, %d", ok, err)
	}
	m.Call("kernel32.dll", "MoveFileA", m.AString(`C:\a.txt`), m.AString(`C:\b.txt`))
	if m.Files.Get(`C:\b.txt:hidden`) == nil {
		t.Error("the stream did not move with its file")
	}
	m.Call("kernel32.dll", "DeleteFileA", m.AString(`C:\b.txt`))
	if m.Files.Get(`C:\b.txt:hidden`) != nil {
		t.Error("the stream did not go with its file")
	}
	if len(m.Gaps()) > 0 {
		t.Errorf("gaps %q", m.Gaps())
	}
}

// TestSelfDelete renames an image that runs to a stream, which may be removed.
func TestSelfDelete(t *testing.T) {
	m := wintest.New(t, guest.Config{Files: map[string][]byte{`C:\Windows\System32\rundll32.exe`: []byte("MZ")}}, kernel32.Tables()...)
	image := m.Program().Path
	const del, share = 0x10000, 7
	open := func() uint64 {
		h, err, _ := m.Call("kernel32.dll", "CreateFileA", m.AString(image), del, share, 0, openExisting, 0, 0)
		if h == ^uint64(0) {
			t.Fatal(err)
		}
		return h
	}
	const renameInfo, dispositionInfo = 3, 4
	h := open()
	if ok, err, _ := m.Call("kernel32.dll", "SetFileInformationByHandle", h, dispositionInfo, m.Bytes([]byte{1}), 1); ok != 0 || err != win.ErrAccessDenied {
		t.Errorf("an image that runs: %d, %d", ok, err)
	}
	name := guest.UTF16(":gone")
	info := make([]byte, 20, 64)
	binary.LittleEndian.PutUint32(info[16:], uint32(len(name)-2))
	info = append(info, name...)
	if ok, err, _ := m.Call("kernel32.dll", "SetFileInformationByHandle", h, renameInfo, m.Bytes(info), uint64(len(info))); ok != 1 {
		t.Fatal(err)
	}
	m.Call("kernel32.dll", "CloseHandle", h)
	h = open()
	if ok, err, _ := m.Call("kernel32.dll", "SetFileInformationByHandle", h, dispositionInfo, m.Bytes([]byte{1}), 1); ok != 1 {
		t.Fatal(err)
	}
	m.Call("kernel32.dll", "CloseHandle", h)
	if m.Files.Get(image) != nil || m.Files.Get(image+":gone") != nil {
		t.Error("the file is still there")
	}
}
