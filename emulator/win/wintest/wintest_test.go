package wintest_test

import (
	"testing"

	"sidetrace/emulator/guest"
	"sidetrace/emulator/trace"
	"sidetrace/emulator/win"
	"sidetrace/emulator/win/wintest"
)

func add(c *win.Call, a, b win.DWORD, lpResult win.Out[uint32]) (win.Bool, win.Error) {
	if a == 0 {
		return false, win.ErrInvalidParameter
	}
	lpResult.Set(c, uint32(a+b))
	return true, 0
}

func TestCall(t *testing.T) {
	m := wintest.New(t, guest.Config{}, win.DLL("sum.dll", win.Func3("Add", add, "a b lpResult")))
	at := m.Alloc(4)
	result, lastError, line := m.Call("sum.dll", "Add", 2, 3, at)
	if result != 1 || lastError != 0 || m.Uint(at, 4) != 5 {
		t.Errorf("got %d, %d, %d, want 1, 0, 5", result, lastError, m.Uint(at, 4))
	}
	if want := "sum.dll!Add(a=2, b=3, lpResult=" + trace.Pointer.Format(at) + ") = TRUE"; line != want {
		t.Errorf("got %q, want %q", line, want)
	}
	result, lastError, line = m.Call("sum.dll", "Add", 0, 3, 0)
	if want := "sum.dll!Add(a=0, b=3, lpResult=NULL) = FALSE (last error 87)"; result != 0 || lastError != win.ErrInvalidParameter || line != want {
		t.Errorf("got %d, %d, %q, want 0, 87, %q", result, lastError, line, want)
	}
	if got := string(m.Get(at+4, wintest.Margin)); got != "????????????????" {
		t.Errorf("margin: got %q", got)
	}
}

func TestEnds(t *testing.T) {
	m := wintest.New(t, guest.Config{}, win.DLL("sum.dll", win.Func3("Add", add, "a b lpResult")))
	if stop := m.Ends("sum.dll", "Add", 2, 3, 0x1234); stop.Reason != trace.StopException || stop.ExitCode != guest.StatusAccessViolation {
		t.Errorf("got %+v, want an access violation", stop)
	}
}
