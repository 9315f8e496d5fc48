package winhttp_test

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"sidetrace/emulator/guest"
	"sidetrace/emulator/win/kernel32"
	"sidetrace/emulator/win/winhttp"
	"sidetrace/emulator/win/wintest"
)

// The callback appends the status to a list at the context: a count, then the
// numbers.
var callback = []byte{
	0x8B, 0x02, // mov eax, [rdx]
	0x44, 0x89, 0x44, 0x82, 0x04, // mov [rdx+rax*4+4], r8d
	0xFF, 0x02, // inc dword [rdx]
	0xC3,
}

func TestAsync(t *testing.T) {
	a := &api{wintest.New(t, guest.Config{
		Web: []guest.WebAnswer{{URL: "https://c2.test/queue", Body: []byte("hello, world")}},
	}, winhttp.Table(), kernel32.Tables()[0]), t}
	code, _, _ := a.Call("kernel32.dll", "VirtualAlloc", 0, 4096, 0x3000, 0x40)
	a.Put(code, callback)
	list, buffer := a.Bytes(make([]byte, 256)), a.Alloc(64)
	expect := func(want ...uint64) {
		t.Helper()
		a.Call("kernel32.dll", "Sleep", 10)
		var got []uint64
		for i := range a.Uint(list, 4) {
			got = append(got, a.Uint(list+4+4*i, 4))
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("(-want +got):\n%s", diff)
		}
		a.Put(list, make([]byte, 4))
	}
	session := a.call(0, "WinHttpOpen", 0, 0, 0, 0, 0x10000000)
	if before, _, _ := a.Call(dll, "WinHttpSetStatusCallback", session, code, 0xFFFFFFFF, 0); before != 0 {
		t.Errorf("before: %#x", before)
	}
	connection := a.call(0, "WinHttpConnect", session, a.WString("c2.test"), 443, 0)
	r := a.call(0, "WinHttpOpenRequest", connection, 0, a.WString("/queue"), 0, 0, 0, 0x00800000)
	a.call(0, "WinHttpSendRequest", r, 0, 0, 0, 0, 0, list)
	if a.Uint(list, 4) != 0 {
		t.Error("it called back before it returned")
	}
	expect(0x1, 0x4, 0x10, 0x8, 0x20, 0x400000)
	a.call(0, "WinHttpReceiveResponse", r, 0)
	expect(0x40, 0x80, 0x20000)
	a.call(0, "WinHttpQueryDataAvailable", r, 0)
	expect(0x40000)
	a.call(0, "WinHttpReadData", r, buffer, 64, 0)
	expect(0x80000)
	if got := string(a.Get(buffer, 12)); got != "hello, world" {
		t.Errorf("got %q", got)
	}
	// Nothing listens: the error comes by the callback.
	other := a.call(0, "WinHttpConnect", session, a.WString("c2.test"), 80, 0)
	r = a.call(0, "WinHttpOpenRequest", other, 0, 0, 0, 0, 0, 0)
	a.call(0, "WinHttpSendRequest", r, 0, 0, 0, 0, 0, list)
	expect(0x1, 0x4, 0x10, 0x200000)
	a.call(0, "WinHttpCloseHandle", r)
	expect(0x800)
	if threads := a.Threads(); len(threads) != 2 || slices.ContainsFunc(threads, (*guest.Thread).Ended) {
		t.Errorf("%d threads", len(threads))
	}
}
