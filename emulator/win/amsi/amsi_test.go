package amsi_test

import (
	"testing"

	"sidetrace/emulator/guest"
	"sidetrace/emulator/win/amsi"
	"sidetrace/emulator/win/wintest"
)

func TestMonkey(t *testing.T) { wintest.Monkey(t, guest.Config{}, 20, amsi.Table()) }

// TestScan scans with a context, and with one whose signature is gone.
func TestScan(t *testing.T) {
	const ok, invalid = 0, 0x80070057
	m := wintest.New(t, guest.Config{}, amsi.Table())
	call := func(want uint64, name string, args ...uint64) {
		t.Helper()
		if got, _, line := m.Call("amsi.dll", name, args...); got != want {
			t.Errorf("%s: got %#x, want %#x", line, got, want)
		}
	}
	out, session, result, text := m.Alloc(8), m.Alloc(8), m.Alloc(8), m.WString("Invoke-Something")
	call(invalid, "AmsiInitialize", 0, out)
	call(invalid, "AmsiInitialize", m.WString("app"), 0)
	call(ok, "AmsiInitialize", m.WString("app"), out)
	context := m.Uint(out, 8)
	call(ok, "AmsiOpenSession", context, session)
	call(ok, "AmsiScanBuffer", context, text, 8, text, m.Uint(session, 8), result)
	if got := m.Uint(result, 4); got != 1 {
		t.Errorf("result: got %d, want 1, not detected", got)
	}
	call(ok, "AmsiScanString", context, text, text, 0, result)
	call(invalid, "AmsiScanString", context, m.WString(""), text, 0, result)
	call(invalid, "AmsiScanBuffer", context, text, 0, text, 0, result)
	call(invalid, "AmsiScanBuffer", context, 0, 8, text, 0, result)
	call(invalid, "AmsiScanBuffer", context, text, 8, text, 0, 0)
	m.Put(context, []byte{0})
	call(invalid, "AmsiScanBuffer", context, text, 8, text, 0, result)
	call(invalid, "AmsiOpenSession", context, session)
	if gaps := m.Gaps(); gaps != nil {
		t.Errorf("gaps: %v", gaps)
	}
}
