package wintest_test

import (
	"testing"

	"sidetrace/emulator/guest"
	"sidetrace/emulator/trace"
	"sidetrace/emulator/win"
	"sidetrace/emulator/win/wintest"
)

func add(c *win.Call, a, b win.DWORD, sum win.Out[uint32]) (win.Bool, win.Error) {
	if b == 0 {
		return false, win.ErrInvalidParameter
	}
	sum.Set(c, uint32(a+b))
	return true, 0
}

func quit(c *win.Call, code win.DWORD) (win.Void, win.Error) {
	c.ExitProcess(c.T, uint32(code), "ExitProcess")
	return win.Void{}, 0
}

func machine(t *testing.T) *wintest.Machine {
	return wintest.New(t, guest.Config{}, win.DLL("x.dll", win.Func3("Add", add, "a b sum"), win.Func1("Quit", quit, "code")))
}

func TestCall(t *testing.T) {
	m := machine(t)
	sum := m.Alloc(8)
	result, lastError, text := m.Call("x.dll", "Add", 2, 3, sum)
	if want := "x.dll!Add(a=2, b=3, sum=0x20000000) = TRUE"; result != 1 || lastError != 0 || text != want {
		t.Errorf("got %d, %d, %q, want 1, 0, %q", result, lastError, text, want)
	}
	if got, want := m.Uint(sum, 8), uint64('?'<<24|'?'<<16|'?'<<8|'?')<<32|5; got != want {
		t.Errorf("the sum's memory: got %#x, want %#x", got, want)
	}
	result, lastError, text = m.Call("x.dll", "Add", 2, 0, sum)
	if want := "x.dll!Add(a=2, b=0, sum=0x20000000) = FALSE (last error 87)"; result != 0 || lastError != 87 || text != want {
		t.Errorf("got %d, %d, %q, want 0, 87, %q", result, lastError, text, want)
	}
}

func TestCallThatEndsTheProcess(t *testing.T) {
	for _, c := range []struct {
		name string
		call func(*wintest.Machine)
		want trace.StopReason
	}{
		{"exit", func(m *wintest.Machine) { m.Call("x.dll", "Quit", 7) }, trace.StopExit},
		{"bad pointer", func(m *wintest.Machine) { m.Call("x.dll", "Add", 1, 2, 8) }, trace.StopException},
	} {
		t.Run(c.name, func(t *testing.T) {
			m := machine(t)
			c.call(m)
			stop, ended := m.Ended()
			if !ended || stop.Reason != c.want {
				t.Errorf("got %v, %v, want %s", stop, ended, c.want)
			}
		})
	}
}
