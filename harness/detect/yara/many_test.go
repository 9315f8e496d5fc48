package yara

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"sidetrace/harness/detect"
)

// TestManyBroken loads a file of which every other rule is broken, each at a
// place of its own and building on the one before.
func TestManyBroken(t *testing.T) {
	var b strings.Builder
	for i := range 500 {
		fmt.Fprintf(&b, "rule good_%d { condition: filesize > %d }\nrule bad_%d { strings: $a = \"x%d\" condition: $b }\n", i, i, i, i)
	}
	started := time.Now()
	e, problems := load(t, map[string]string{"a.yar": b.String(), "b.yar": "rule b { condition: true }"}, Options{})
	if ok, _, broken := e.Count(); ok != 501 || broken != 500 || len(problems) != 500 {
		t.Errorf("%d rules, %d broken, %d problems", ok, broken, len(problems))
	}
	if took := time.Since(started); took > time.Minute {
		t.Errorf("took %s", took)
	}
}

// TestManyStrings explains a rule of thousands of strings.
func TestManyStrings(t *testing.T) {
	var b strings.Builder
	b.WriteString("rule it { strings:\n")
	for i := range 5000 {
		fmt.Fprintf(&b, "$s%d = \"string number %d.\" wide\n", i, i)
	}
	b.WriteString("condition: filesize > 1 and (4999 of them or 4998 of ($s*) or all of ($s*) or 4997 of them or 4996 of them or 4995 of them) }")
	e := one(t, b.String())
	started := time.Now()
	s := e.Explain(context.Background(), 0, &detect.Subject{Objects: []detect.Object{object("o", "string number 77.")}})
	if want := "on o, with 0 of 5000 strings: false is 4999 of them or 4998 of ($s*) or all of ($s*) or 4997 of them or 4996 of them or 4995 of them"; s.Reason != want {
		t.Errorf("reason: got %q, want %q", s.Reason, want)
	}
	if len(s.Terms) > 100 {
		t.Errorf("%d terms", len(s.Terms))
	}
	if took := time.Since(started); took > time.Minute {
		t.Errorf("took %s", took)
	}
}
