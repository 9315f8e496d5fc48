package wininet_test

import (
	"testing"

	"sidetrace/emulator/guest"
	"sidetrace/emulator/win"
	"sidetrace/emulator/win/httpstack"
	"sidetrace/emulator/win/kernel32"
	"sidetrace/emulator/win/wininet"
	"sidetrace/emulator/win/wintest"
)

// The callback keeps, at the context, the last status and the first number of
// what it is told.
var callback = []byte{
	0x44, 0x89, 0x02, // mov [rdx], r8d
	0x4D, 0x85, 0xC9, // test r9, r9
	0x74, 0x07, // jz out
	0x49, 0x8B, 0x01, // mov rax, [r9]
	0x48, 0x89, 0x42, 0x08, // mov [rdx+8], rax
	0xC3, // out: ret
}

func TestAsync(t *testing.T) {
	a := &api{wintest.New(t, guest.Config{
		Web: []guest.WebAnswer{{URL: "https://c2.test/queue", Body: []byte("hello, world")}},
	}, wininet.Table(), kernel32.Tables()[0]), t}
	code, _, _ := a.Call("kernel32.dll", "VirtualAlloc", 0, 4096, 0x3000, 0x40)
	a.Put(code, callback)
	told := a.Bytes(make([]byte, 16))
	session := a.call(0, "InternetOpenW", 0, 0, 0, 0, 0x10000000)
	a.Call(dll, "InternetSetStatusCallback", session, code)
	a.call(997, "InternetOpenUrlW", session, a.WString("https://c2.test/queue"), 0, 0, 0, told)
	if a.Uint(told, 4) != 60 {
		t.Errorf("status %d, want that a handle was made", a.Uint(told, 4))
	}
	a.Call("kernel32.dll", "Sleep", 10)
	h := a.Uint(told+8, 8)
	if a.Uint(told, 4) != 100 || h == 0 {
		t.Fatalf("status %d, handle %#x", a.Uint(told, 4), h)
	}
	if got := a.readAll(h); got != "hello, world" {
		t.Errorf("got %q", got)
	}
	a.call(997, "InternetOpenUrlW", session, a.WString("http://c2.test/"), 0, 0, 0, told)
	a.Call("kernel32.dll", "Sleep", 10)
	if a.Uint(told, 4) != 100 || a.Uint(told+8, 8) != 0 {
		t.Errorf("status %d, result %#x, want a failure", a.Uint(told, 4), a.Uint(told+8, 8))
	}
}

func TestURLs(t *testing.T) {
	a := newAPI(t)
	buffer := a.Alloc(400)
	size := func(n byte) uint64 { return a.Bytes([]byte{n, 0, 0, 0}) }
	text := func() string {
		b := a.Get(buffer, 200)
		for i := range b {
			if b[i] == 0 {
				return string(b[:i])
			}
		}
		return string(b)
	}
	a.call(0, "InternetCombineUrlA", a.AString("http://c2.test/a/b?q"), a.AString("../c.txt"), buffer, size(200), 0)
	if got := text(); got != "http://c2.test/c.txt" {
		t.Errorf("got %q", got)
	}
	a.call(win.ErrInsufficientBuffer, "InternetCanonicalizeUrlA", a.AString("HTTP://C2.test:80/a b"), buffer, size(5), 0)
	a.call(0, "InternetCanonicalizeUrlA", a.AString("HTTP://C2.test:80/a b"), buffer, size(100), 0)
	if got := text(); got != "http://c2.test/a%20b" {
		t.Errorf("got %q", got)
	}
	parts := make([]byte, 104)
	parts[0] = 104
	at := a.Bytes(parts)
	url := a.AString("https://user:pw@c2.test:8443/x?y=1")
	for _, field := range []uint64{8, 24, 40, 56, 72, 88} {
		a.Put(at+field+8, []byte{1})
	}
	a.call(0, "InternetCrackUrlA", url, 0, 0, at)
	a.call(0, "InternetCreateUrlA", at, 0, buffer, size(200))
	if got := text(); got != "https://user:pw@c2.test:8443/x?y=1" {
		t.Errorf("got %q", got)
	}
	a.call(0, "InternetCheckConnectionW", a.WString("http://c2.test/"), 1, 0)
	a.call(httpstack.ErrCannotConnect, "InternetCheckConnectionW", a.WString("http://c2.test:81/"), 1, 0)
	a.call(httpstack.ErrNameNotResolved, "InternetCheckConnectionW", a.WString("http://nobody.test/"), 1, 0)
}

func TestSeek(t *testing.T) {
	a := newAPI(t)
	h := a.openURL(0, "https://c2.test/queue?id=7")
	if got, _, _ := a.Call(dll, "InternetSetFilePointer", h, 7, 0, 0, 0); got != 7 {
		t.Errorf("got %d", got)
	}
	if got := a.readAll(h); got != "world" {
		t.Errorf("got %q", got)
	}
	if got, err, _ := a.Call(dll, "InternetSetFilePointer", h, 1, 0, 2, 0); uint32(got) != 0xFFFFFFFF || err != win.ErrInvalidParameter {
		t.Errorf("got %#x, error %d", got, err)
	}
}

func TestNoProxy(t *testing.T) {
	a := newAPI(t)
	size, buffer := a.Bytes([]byte{24, 0, 0, 0}), a.Alloc(24)
	a.call(0, "InternetQueryOptionW", 0, 38, buffer, size)
	if a.Uint(buffer, 4) != 1 || a.Uint(buffer+8, 8) != 0 {
		t.Errorf("got %x", a.Get(buffer, 24))
	}
	options := a.Bytes(append([]byte{1: 0, 15: 0}, 2, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1))
	a.Put(options, []byte{1})
	list := a.Bytes([]byte{32, 16: 2, 31: 0})
	for i := range uint64(8) {
		a.Put(list+24+i, []byte{byte(options >> (8 * i))})
	}
	a.call(0, "InternetQueryOptionW", 0, 75, list, a.Bytes([]byte{32, 0, 0, 0}))
	if a.Uint(options+8, 4) != 9 || a.Uint(options+24, 8) != 0 {
		t.Errorf("got %x", a.Get(options, 32))
	}
	session := a.call(0, "InternetOpenW", 0, 0, 0, 0, 0)
	a.call(0, "InternetSetOptionW", session, 45, a.Bytes([]byte{7, 0, 0, 0, 0, 0, 0, 0}), 8)
	a.call(0, "InternetQueryOptionW", session, 45, buffer, a.Bytes([]byte{8, 0, 0, 0}))
	if a.Uint(buffer, 8) != 7 || a.Gaps() != nil {
		t.Errorf("context %d, gaps %q", a.Uint(buffer, 8), a.Gaps())
	}
}
