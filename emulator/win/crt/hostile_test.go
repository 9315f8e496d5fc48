package crt_test

import (
	"runtime"
	"strings"
	"testing"

	"sidetrace/emulator/guest"
	"sidetrace/emulator/trace"
	"sidetrace/emulator/win"
	"sidetrace/emulator/win/crt"
	"sidetrace/emulator/win/kernel32"
	"sidetrace/emulator/win/wintest"
)

// quiet is a test in which a run may end: that ends the goroutine.
type quiet struct {
	testing.TB
}

func (quiet) Fatalf(string, ...any) { runtime.Goexit() }

// survive makes a call that may end the run, and reports whether it did not.
func survive(m *wintest.Machine, dll, name string, args ...uint64) bool {
	back := make(chan bool)
	go func() {
		alive := false
		defer func() { back <- alive }()
		m.Call(dll, name, args...)
		alive = true
	}()
	return <-back
}

// Whatever a guest passes, a handler fails, or the guest does: never the
// emulator.
func TestHostileArguments(t *testing.T) {
	all := func(v uint64) []uint64 { return []uint64{v, v, v, v, v, v, v, v} }
	patterns := map[string]func(m *wintest.Machine) []uint64{
		"zeros": func(*wintest.Machine) []uint64 { return all(0) },
		"ones":  func(*wintest.Machine) []uint64 { return all(^uint64(0)) },
		"text":  func(m *wintest.Machine) []uint64 { return all(m.AString("%s%d 12 C:\\f*")) },
		"sizes": func(m *wintest.Machine) []uint64 {
			p := m.Alloc(64)
			return []uint64{p, 1 << 40, p, 1 << 62, p, p, p, p}
		},
		"pointers": func(m *wintest.Machine) []uint64 { p := m.Alloc(256); return []uint64{p, p + 1, p + 8, p, p, 7, 7, 7} },
		"stream": func(m *wintest.Machine) []uint64 {
			f, _, _ := m.Call(ucrtbase, "__acrt_iob_func", 1)
			p := m.AString("%x")
			return []uint64{p, 1 << 33, f, f, p, p, p, p}
		},
	}
	library := wintest.Library(t, guest.Config{}, append(kernel32.Tables(), crt.Tables()...)...)
	for name, pattern := range patterns {
		calls := everyFunction()
		for len(calls) > 0 {
			t.Run(name, func(t *testing.T) { // until a machine ends
				m := wintest.On(quiet{t}, library, guest.Config{})
				patient(m)
				for len(calls) > 0 {
					f := calls[0]
					calls = calls[1:]
					if survive(m, f.dll, f.name, pattern(m)...) {
						continue
					}
					if stop := m.Recorder.Run.Stop; stop.Reason == trace.StopInternal {
						t.Errorf("%s!%s: %s", f.dll, f.name, stop.Detail)
					}
					return
				}
			})
		}
	}
}

// patient lets functions of ucrtbase.dll fail instead of ending the process:
// the handler of invalid parameters is a function that does nothing.
func patient(m *wintest.Machine) {
	dll := m.System().Module(ucrtbase)
	nothing, _ := dll.Image.Exports.Lookup("_c_exit")
	m.Call(ucrtbase, "_set_invalid_parameter_handler", dll.Base+uint64(nothing.RVA))
}

// otherName tells whether a function is another under a further name.
func otherName(name string) bool {
	return strings.HasPrefix(name, "_o_") || strings.HasPrefix(name, "_mbs") || strings.HasSuffix(name, "_l")
}

type function struct{ dll, name string }

// everyFunction lists the functions of all DLLs, each name once: the DLLs
// share handlers.
func everyFunction() []function {
	var list []function
	seen := map[string]bool{}
	for _, table := range crt.Tables() {
		for _, row := range table.Rows {
			if row.Support != win.Variable && row.Support != win.Forwarded && !seen[row.Name] && !otherName(row.Name) {
				seen[row.Name] = true
				list = append(list, function{table.DLL, row.Name})
			}
		}
	}
	return list
}
