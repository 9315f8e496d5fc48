package detect

import (
	"os"
	"path/filepath"
	"runtime"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
)

func TestReadFiles(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{"b.csv": "2", "a.CSV": "1", "sub/c.csv": "3", "d.md": "no", "big.csv": "0123456789"} {
		name = filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	files, problems := ReadFiles([]Source{
		{Path: dir, Revision: "new"},
		{Path: filepath.Join(dir, "d.md")}, // a file that is named is read
		{Path: filepath.Join(dir, "none")},
	}, 9, ".csv")
	var got []string
	for _, f := range files {
		rel, _ := filepath.Rel(dir, f.Path)
		got = append(got, rel+" "+f.Revision+" "+string(f.Data))
	}
	if diff := cmp.Diff([]string{"a.CSV new 1", "b.csv new 2", "sub/c.csv new 3", "d.md  no"}, got); diff != "" {
		t.Errorf("files (-want +got):\n%s", diff)
	}
	var said []string
	for _, p := range problems {
		rel, _ := filepath.Rel(dir, p.File)
		said = append(said, rel+": "+p.Message)
	}
	want := []string{"big.csv: 10 bytes; more than 9 are not read", "none: no such file or directory"}
	if diff := cmp.Diff(want, said); diff != "" {
		t.Errorf("problems (-want +got):\n%s", diff)
	}
}

func TestDecode(t *testing.T) {
	for _, test := range []struct {
		data, text string
		encoding   Encoding
	}{
		{"a\r\nb\rc", "a\nb\nc", UTF8},
		{"\xef\xbb\xbfä", "ä", UTF8}, // the mark is no text
		{"\xff\xfea\x00\xac\x20", "a€", UTF16LE},
		{"\xfe\xff\x00a\x20\xac", "a€", UTF16BE},
		{"a\x00b\x00", "ab", UTF16LE},
		{"\x00a\x00b", "ab", UTF16BE},
		{"\x80\xe4", "€ä", Windows},
		{"", "", UTF8},
	} {
		text, encoding := Decode([]byte(test.data))
		if text != test.text || encoding != test.encoding {
			t.Errorf("Decode(%q): got %q, %s, want %q, %s", test.data, text, encoding, test.text, test.encoding)
		}
	}
}

func FuzzDecode(f *testing.F) {
	f.Add([]byte("\xff\xfe\x00"))
	f.Add([]byte("\x80"))
	f.Fuzz(func(t *testing.T, data []byte) {
		if text, _ := Decode(data); !utf8.ValidString(text) {
			t.Errorf("Decode(%q): %q is not valid", data, text)
		}
	})
}

func TestMemo(t *testing.T) {
	var m Memo[int]
	built := 0
	released := make(chan int, 1)
	get := func(s *Subject) int {
		return m.Get(s, func() int { built++; return built }, func(n int) { released <- n })
	}
	s, other := &Subject{Name: "a"}, &Subject{Name: "b"}
	if a, b, again := get(s), get(other), get(s); a != 1 || b != 2 || again != 1 {
		t.Errorf("got %d, %d, %d, want 1, 2, 1", a, b, again)
	}
	runtime.KeepAlive(s)
	s = nil
	for range 100 {
		runtime.GC()
		select {
		case n := <-released:
			if n != 1 {
				t.Errorf("released %d, want 1", n)
			}
			runtime.KeepAlive(other)
			return
		case <-time.After(10 * time.Millisecond):
		}
	}
	t.Error("nothing was released")
}
