package crt_test

import (
	"testing"

	"sidetrace/emulator/guest"
	"sidetrace/emulator/win/wintest"
)

func machineWithFile(t *testing.T, contents string) *wintest.Machine {
	return newMachine(t, guest.Config{Files: map[string][]byte{`C:\Data\f.txt`: []byte(contents)}})
}

const path = `C:\Data\f.txt`

// fopen opens a file as a stream.
func fopen(t *testing.T, m *wintest.Machine, name, mode string) uint64 {
	t.Helper()
	return call(t, m, "fopen", m.AString(name), m.AString(mode))
}

func TestReadStream(t *testing.T) {
	for _, test := range []struct {
		name, contents, mode, want string
		eof                        bool
	}{
		{"binary", "a\r\nb\x1Ac", "rb", "a\r\nb\x1Ac", true},
		{"text", "a\r\nb\rc\r\n\x1Ad", "r", "a\nb\rc\n", true},
		{"text without line ends", "abc", "rt", "abc", true},
		{"more than asked for", "0123456789abcdefghi", "rb", "0123456789abcdef", false},
		{"empty", "", "r", "", true},
	} {
		t.Run(test.name, func(t *testing.T) {
			m := machineWithFile(t, test.contents)
			f, buffer := fopen(t, m, path, test.mode), m.Alloc(16)
			n := call(t, m, "fread", buffer, 1, 16, f)
			equal(t, "bytes", test.want, string(m.Get(buffer, int(n))))
			equal(t, "feof", test.eof, call(t, m, "feof", f) != 0)
			equal(t, "_flag of the FILE", test.eof, m.Uint(f+24, 4)&0x10 != 0)
			equal(t, "fclose", uint64(0), call(t, m, "fclose", f))
			equal(t, "fclose again", negative(-1), call(t, m, "fclose", f))
		})
	}
}

func TestReadBehaviour(t *testing.T) {
	m := machineWithFile(t, "0123456789")
	f, buffer := fopen(t, m, path, "rb"), m.Alloc(16)
	equal(t, "fseek", uint64(0), call(t, m, "fseek", f, 2, 0))
	equal(t, "whole elements", uint64(2), call(t, m, "fread", buffer, 3, 9, f))
	equal(t, "ftell", uint64(10), call(t, m, "ftell", f))
	equal(t, "behaviours", []string{`file.read path=C:\Data\f.txt offset=2 size=8`}, m.Behaviours("file.read"))
	equal(t, "fseek before the beginning", negative(-1), call(t, m, "fseek", f, negative(-11), 2))
	equal(t, "fseek from the end", uint64(0), call(t, m, "fseek", f, negative(-1), 2))
	equal(t, "fgetc", uint64('9'), call(t, m, "fgetc", f))
	equal(t, "fgetc at the end", negative(-1), call(t, m, "fgetc", f))
	equal(t, "ungetc", uint64('x'), call(t, m, "ungetc", 'x', f))
	equal(t, "feof after ungetc", uint64(0), call(t, m, "feof", f))
	equal(t, "fgetc of it", uint64('x'), call(t, m, "fgetc", f))
	call(t, m, "rewind", f)
	equal(t, "fgetc after rewind", uint64('0'), call(t, m, "fgetc", f))
}

func TestWriteStream(t *testing.T) {
	for _, test := range []struct{ name, before, mode, write, want string }{
		{"text", "old", "w", "a\nb", "a\r\nb"},
		{"binary", "old", "wb", "a\nb", "a\nb"},
		{"append", "old", "ab", "new", "oldnew"},
		{"over the beginning", "old!", "r+b", "new", "new!"},
		{"new and read", "old", "w+b", "x", "x"},
		{"nothing", "old", "w", "", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			m := machineWithFile(t, test.before)
			f := fopen(t, m, path, test.mode)
			n := uint64(len(test.write))
			equal(t, "written", n, call(t, m, "fwrite", m.Bytes([]byte(test.write)), 1, n, f))
			call(t, m, "fclose", f)
			equal(t, "file", test.want, string(m.Files.Get(path).Data()))
		})
	}
}

func TestOpenErrors(t *testing.T) {
	m := machineWithFile(t, "x")
	for _, test := range []struct {
		name, mode string
		errno      int
	}{
		{`C:\Data\missing`, "r", 2},
		{`C:\Missing\f`, "w", 2},
		{`C:\Data`, "r", 13},
		{path, "q", 22},
		{path, "", 22},
		{path, "wx", 17},
	} {
		equal(t, test.name+" "+test.mode, uint64(0), fopen(t, m, test.name, test.mode))
		equal(t, "errno", test.errno, errno(t, m))
	}
	f := fopen(t, m, path, "r")
	equal(t, "writing what is open for reading", uint64(0), call(t, m, "fwrite", m.AString("x"), 1, 1, f))
	equal(t, "ferror", uint64(0x20), call(t, m, "ferror", f))
	call(t, m, "clearerr", f)
	equal(t, "ferror after clearerr", uint64(0), call(t, m, "ferror", f))
	equal(t, "a FILE that is none", negative(-1), call(t, m, "fgetc", 0x1234))
	equal(t, "errno", 22, errno(t, m))
}

func TestLines(t *testing.T) {
	m := machineWithFile(t, "one\r\nlong line\r\nlast")
	f, buffer := fopen(t, m, path, "r"), m.Alloc(8)
	var got []string
	for call(t, m, "fgets", buffer, 6, f) != 0 {
		got = append(got, cstring(t, m, buffer))
	}
	equal(t, "lines", []string{"one\n", "long ", "line\n", "last"}, got)
}

func TestConsole(t *testing.T) {
	m := newMachine(t, guest.Config{})
	iob := call(t, m, "__iob_func")
	other, _, _ := m.Call(ucrtbase, "__acrt_iob_func", 1)
	equal(t, "stdout of both runtimes", iob+48, other)
	call(t, m, "puts", m.AString("one"))
	call(t, m, "fputs", m.AString("err\n"), iob+2*48)
	call(t, m, "putchar", 'x')
	call(t, m, "fputwc", 'y', iob+48)
	call(t, m, "printf", m.AString("%d\n"), 5)
	equal(t, "console", "one\nerr\nxy5\n", string(m.Recorder.Run.Console))
	equal(t, "behaviours", []string{`console.write stream=stdout text="one\n"`, `console.write stream=stderr text="err\n"`, `console.write stream=stdout text="xy5\n"`}, m.Behaviours("console.write"))
	equal(t, "an empty stdin", negative(-1), call(t, m, "getchar"))
	equal(t, "_isatty", uint64(0x40), call(t, m, "_isatty", 1))
}

func TestDescriptors(t *testing.T) {
	const readWriteBinaryNew = 2 | 0x8000 | 0x100
	m := machineWithFile(t, "0123456789")
	fd := call(t, m, "_open", m.AString(path), readWriteBinaryNew, 0)
	equal(t, "first descriptor", uint64(3), fd)
	buffer := m.Alloc(8)
	equal(t, "_read", uint64(4), call(t, m, "_read", fd, buffer, 4))
	equal(t, "bytes", "0123????", string(m.Get(buffer, 8)))
	equal(t, "_lseek", uint64(8), call(t, m, "_lseek", fd, negative(-2), 2))
	equal(t, "_write", uint64(3), call(t, m, "_write", fd, m.AString("abc"), 3))
	equal(t, "file", "01234567abc", string(m.Files.Get(path).Data()))
	equal(t, "_eof", uint64(1), call(t, m, "_eof", fd))
	equal(t, "_filelength", uint64(11), call(t, m, "_filelength", fd))
	second := call(t, m, "_dup", fd)
	equal(t, "_close", uint64(0), call(t, m, "_close", fd))
	equal(t, "_tell of the other", uint64(11), call(t, m, "_tell", second))
	equal(t, "_close of the other", uint64(0), call(t, m, "_close", second))
	equal(t, "_close again", negative(-1), call(t, m, "_close", second))
	equal(t, "errno", 9, errno(t, m))
	equal(t, "_unlink", uint64(0), call(t, m, "_unlink", m.AString(path)))
	equal(t, "the file is gone", negative(-1), call(t, m, "_access", m.AString(path), 0))
	equal(t, "behaviours", []string{`file.delete path=C:\Data\f.txt`}, m.Behaviours("file.delete"))
}

func TestManyFiles(t *testing.T) {
	m := machineWithFile(t, "")
	opened := 0
	for fopen(t, m, path, "r") != 0 {
		if opened++; opened > 1000 {
			t.Fatal("no limit")
		}
	}
	equal(t, "streams", 512, opened)
	equal(t, "errno", 24, errno(t, m))
}
