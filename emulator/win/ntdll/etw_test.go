package ntdll_test

import (
	"testing"

	"sidetrace/emulator/win"
)

// TestEventTracing registers providers, writes to them and lets them go.
func TestEventTracing(t *testing.T) {
	m := machine(t)
	const invalid, handle = uint64(win.ErrInvalidParameter), uint64(win.ErrInvalidHandle)
	guid, first, second, context := m.Alloc(16), m.Alloc(8), m.Alloc(8), m.Alloc(8)

	want(t, m, invalid, "EtwEventRegister", 0, 0, 0, first)
	want(t, m, invalid, "EtwEventRegister", guid, 0, 0, 0)
	want(t, m, invalid, "EtwEventRegister", guid, 0, 5, first) // a context of no callback
	want(t, m, 0, "EtwEventRegister", guid, 0, 0, first)
	want(t, m, 0, "EtwNotificationRegister", guid, 3, 0x1000, 0x55, second)
	a, b := m.Uint(first, 8), m.Uint(second, 8)
	if a == b || a == 0 {
		t.Fatalf("handles %#x and %#x", a, b)
	}
	for _, write := range []struct {
		name string
		args []uint64
	}{
		{"EtwEventWrite", []uint64{guid, 0, 0}},
		{"EtwEventWriteFull", []uint64{guid, 0, 0, 0, 0, 0}},
		{"EtwEventWriteEx", []uint64{guid, 0, 0, 0, 0, 0, 0}},
		{"EtwEventWriteTransfer", []uint64{guid, 0, 0, 0, 0}},
		{"EtwEventWriteString", []uint64{4, 0, m.WString("text")}},
		{"EtwEventSetInformation", []uint64{2, guid, 16}},
	} {
		want(t, m, 0, write.name, append([]uint64{a}, write.args...)...)
		want(t, m, handle, write.name, append([]uint64{0}, write.args...)...)
		want(t, m, handle, write.name, append([]uint64{b + 1}, write.args...)...)
	}
	want(t, m, 0, "EtwEventEnabled", a, guid)
	want(t, m, 0, "EtwEventProviderEnabled", a, 5, 0)

	want(t, m, 0, "EtwNotificationUnregister", b, context)
	same(t, "context", m.Uint(context, 8), uint64(0x55))
	want(t, m, handle, "EtwEventWrite", b, guid, 0, 0)
	want(t, m, 0, "EtwEventUnregister", a)
	want(t, m, handle, "EtwEventUnregister", a)
	want(t, m, 0, "EtwEventRegister", guid, 0, 0, first)
	if got := m.Uint(first, 8); got == a || got == b {
		t.Errorf("a handle is given twice: %#x", got)
	}
}

// TestActivity passes the identifier of the thread's activity about.
func TestActivity(t *testing.T) {
	m := machine(t)
	const get, set, create, getSet, createSet = 1, 2, 3, 4, 5
	id, none := m.Bytes([]byte("0123456789abcdef")), string(make([]byte, 16))
	read := func() string { return string(m.Get(id, 16)) }
	want(t, m, 0, "EtwEventActivityIdControl", set, id)
	m.Put(id, []byte("ABCDEFGHIJKLMNOP"))
	want(t, m, 0, "EtwEventActivityIdControl", getSet, id)
	same(t, "the one before", read(), "0123456789abcdef")
	want(t, m, 0, "EtwEventActivityIdControl", get, id)
	same(t, "the new one", read(), "ABCDEFGHIJKLMNOP")
	want(t, m, 0, "EtwEventActivityIdControl", createSet, id)
	same(t, "before one was made", read(), "ABCDEFGHIJKLMNOP")
	want(t, m, 0, "EtwEventActivityIdControl", get, id)
	current := read()
	want(t, m, 0, "EtwEventActivityIdControl", create, id)
	if fresh := read(); fresh == current || fresh == none || current == none || current == "ABCDEFGHIJKLMNOP" {
		t.Errorf("made %x and %x", current, fresh)
	}
	want(t, m, 0, "EtwEventActivityIdControl", get, id)
	same(t, "what was made is not set", read(), current)
	for _, code := range []uint64{0, 6} {
		want(t, m, uint64(win.ErrInvalidParameter), "EtwEventActivityIdControl", code, id)
	}
	want(t, m, uint64(win.ErrInvalidParameter), "EtwEventActivityIdControl", get, 0)
}
