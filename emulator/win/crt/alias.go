package crt

import (
	"fmt"
	"strings"

	"sidetrace/emulator/win"
)

// named is a list of rows that are found by name.
type named struct {
	rows win.Rows
	at   map[string]int
}

// listOf joins topics, with room for as many names again as they have.
func listOf(topics ...win.Rows) *named {
	n := 0
	for _, t := range topics {
		n += len(t)
	}
	l := &named{make(win.Rows, 0, 2*n), make(map[string]int, 2*n)}
	for _, t := range topics {
		for i := range t {
			l.add(t[i])
		}
	}
	return l
}

func (l *named) add(r win.Row) {
	l.at[r.Name] = len(l.rows)
	l.rows = append(l.rows, r)
}

func (l *named) find(name string) win.Row {
	i, ok := l.at[name]
	if !ok {
		panic(fmt.Sprintf("crt: no row %s", name))
	}
	return l.rows[i]
}

// alias gives functions further names, as in "new=old".
func (l *named) alias(pairs string) *named {
	for pair := range strings.FieldsSeq(pairs) {
		name, old, _ := strings.Cut(pair, "=")
		l.add(l.find(old).Named(name))
	}
	return l
}

// localized makes the variants of functions that are told a locale as the last
// argument. They follow the current one: the locales there are differ in little
// that these functions look at.
func (l *named) localized(names string) *named {
	for name := range strings.FieldsSeq(names) {
		l.add(win.Trailing(l.find(name), "locale").Named("_" + strings.TrimLeft(name, "_") + "_l"))
	}
	return l
}

// private adds the names that DLLs of Windows import the functions of
// ucrtbase.dll by: "_o_" before the public one.
func (l *named) private() *named {
	for name := range strings.FieldsSeq(privateNames) {
		if i, ok := l.at[name]; ok && l.rows[i].Support != win.Variable {
			l.add(l.rows[i].Named("_o_" + name))
		}
	}
	return l
}
