package crt

import (
	"fmt"
	"strings"

	"sidetrace/emulator/win"
)

// index finds rows by name.
func index(rows win.Rows) map[string]win.Row {
	known := make(map[string]win.Row, len(rows))
	for _, r := range rows {
		known[r.Name] = r
	}
	return known
}

// alias gives functions further names, as in "new=old".
func alias(rows win.Rows, pairs string) win.Rows {
	known := index(rows)
	var list win.Rows
	for _, pair := range strings.Fields(pairs) {
		name, old, _ := strings.Cut(pair, "=")
		list = append(list, find1(known, old).Named(name))
	}
	return append(rows[:len(rows):len(rows)], list...)
}

func find1(known map[string]win.Row, name string) win.Row {
	r, ok := known[name]
	if !ok {
		panic(fmt.Sprintf("crt: no row %s", name))
	}
	return r
}

// localized makes the variants of functions that are told a locale as the last
// argument. They follow the current one: the locales there are differ in little
// that these functions look at.
func localized(rows win.Rows, names string) win.Rows {
	known := index(rows)
	var list win.Rows
	for _, name := range strings.Fields(names) {
		r := find1(known, name)
		list = append(list, win.Trailing(r, "locale").Named("_"+strings.TrimLeft(name, "_")+"_l"))
	}
	return append(rows[:len(rows):len(rows)], list...)
}

// withPrivate adds the names that DLLs of Windows import the functions of
// ucrtbase.dll by: "_o_" before the public one.
func withPrivate(rows win.Rows) win.Rows {
	known := index(rows)
	for _, name := range strings.Fields(privateNames) {
		if r, ok := known[name]; ok && r.Support != win.Variable {
			rows = append(rows, r.Named("_o_"+name))
		}
	}
	return rows
}
