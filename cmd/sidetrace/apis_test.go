package main

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"sidetrace/emulator/win"
)

func TestSelectAPIs(t *testing.T) {
	tables := []win.Table{
		win.DLL("a.dll", win.Partial(win.Stub("First", win.Bool(true), ""), "a note")),
		win.DLL("b.dll", win.Forward("Second", "a.First")),
		win.DLL("empty.dll"),
	}
	first := api{"a.dll", "First", win.PartialOnly, "a note"}
	second := api{"b.dll", "Second", win.Forwarded, ""}
	tests := []struct {
		args []string
		want []api
		err  string
	}{
		{nil, []api{first, second}, ""},
		{[]string{"B"}, []api{second}, ""},
		{[]string{"a.dll", "b"}, []api{first, second}, ""},
		{[]string{"c"}, nil, "no functions of c.dll are modelled"},
		{[]string{"empty"}, nil, "no functions of empty.dll are modelled"},
	}
	for _, test := range tests {
		got, err := selectAPIs(tables, test.args)
		if diff := cmp.Diff(test.want, got); diff != "" || errorText(err) != test.err {
			t.Errorf("%q: error %q, want %q; list (-want +got):\n%s", test.args, errorText(err), test.err, diff)
		}
	}
}
