package main

import "testing"

func TestCommandLine(t *testing.T) {
	tests := []struct {
		args []string
		want string
	}{
		{nil, ``},
		{[]string{`/q`, `a\b`}, `/q a\b`},
		{[]string{`a b`, `c`}, `"a b" c`},
		{[]string{``}, `""`},
		{[]string{`C:\My Folder\`}, `"C:\My Folder\\"`},
		{[]string{`say "hi"`}, `"say \"hi\""`},
		{[]string{`a\"b`}, `"a\\\"b"`},
		{[]string{`a\b c\\d`}, `"a\b c\\d"`},
	}
	for _, test := range tests {
		if got := commandLine(test.args); got != test.want {
			t.Errorf("commandLine(%q): got %s, want %s", test.args, got, test.want)
		}
	}
}
