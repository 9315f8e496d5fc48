package wintest

import (
	"strings"
	"testing"

	"sidetrace/emulator/guest"
	"sidetrace/emulator/trace"
	"sidetrace/emulator/win"
)

// Monkey calls every export of the tables with arguments that a hostile guest
// may pass, rounds times each: numbers near the ends of their ranges, good and
// bad pointers, and whatever calls before returned or stored. A run may end by
// an exception of the guest, never by a failure of a handler.
func Monkey(t *testing.T, config guest.Config, rounds int, tables ...win.Table) {
	t.Helper()
	names, library := exports(tables), Library(t, config, tables...)
	var random guest.Random
	var m *monkey
	for range rounds {
		for _, e := range names {
			if m == nil {
				m = newMonkey(t, config, &random, library)
			}
			if !m.call(e[0], e[1]) {
				m.end()
				m = nil
			}
		}
	}
}

// exports lists the exports of tables by DLL and name.
func exports(tables []win.Table) [][2]string {
	var names [][2]string
	for i := range tables {
		for j := range tables[i].Rows {
			row := &tables[i].Rows[j]
			if row.Support == win.Forwarded || row.Support == win.Variable {
				continue
			}
			if base, both := strings.CutSuffix(row.Name, "{A,W}"); both {
				names = append(names, [2]string{tables[i].DLL, base + "A"}, [2]string{tables[i].DLL, base + "W"})
			} else {
				names = append(names, [2]string{tables[i].DLL, row.Name})
			}
		}
	}
	return names
}

type monkey struct {
	*Machine
	random *guest.Random
	places []uint64 // good pointers
	seen   []uint64 // results, and what calls stored
}

func newMonkey(t *testing.T, config guest.Config, random *guest.Random, library *win.Library) *monkey {
	m := &monkey{Machine: On(t, library, config), random: random}
	for range 4 {
		m.places = append(m.places, m.Bytes(make([]byte, 256)))
	}
	m.places = append(m.places, m.AString("AES"), m.WString("AES"), m.WString("http://c2.test/x"), m.AString("https://c2.test/?q=%zz#f"))
	return m
}

// call makes one call and reports whether the process lives.
func (m *monkey) call(dll, name string) bool {
	m.t.Helper()
	args := make([]uint64, 12)
	for i := range args {
		args[i] = m.argument()
	}
	m.calls <- call{dll: dll, name: name, args: args}
	select {
	case back := <-m.done:
		m.remember(back.result)
		for _, at := range m.places {
			m.remember(m.Uint(at, 8))
		}
		return true
	case <-m.ended:
		if stop := m.Recorder.Run.Stop; stop.Reason == trace.StopInternal {
			m.t.Fatalf("%s!%s%#x: %+v", dll, name, args, stop)
		}
		return false
	}
}

// remember keeps a value to pass on later; the oldest give way.
func (m *monkey) remember(v uint64) {
	const most = 64
	if v == 0 || v == ^uint64(0) {
		return
	}
	if len(m.seen) < most {
		m.seen = append(m.seen, v)
	} else {
		m.seen[m.random.Uint64()%most] = v
	}
}

var numbers = [...]uint64{0, 0, 0, 1, 2, 3, 4, 7, 8, 12, 16, 24, 64, 256, 0x8003, 0x6801, 0x80000002, 0xF0000000, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF, ^uint64(0), 0x1000, 0x7FFFFFFF0000}

func (m *monkey) argument() uint64 {
	r := m.random.Uint64()
	switch pick := r >> 32; {
	case r%8 < 4:
		return m.places[pick%uint64(len(m.places))]
	case r%8 < 6 && len(m.seen) > 0:
		return m.seen[pick%uint64(len(m.seen))]
	default:
		return numbers[pick%uint64(len(numbers))]
	}
}
