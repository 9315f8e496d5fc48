package main

import (
	"testing"

	"sidetrace/reports"
)

func TestShowValue(t *testing.T) {
	tests := []struct {
		text string
		want reports.Show
		ok   bool
	}{
		{"behaviours", reports.Show{Behaviours: true}, true},
		{"gaps,calls", reports.Show{Calls: true, Gaps: true}, true},
		{"behaviour", reports.Show{}, false},
		{"", reports.Show{}, false},
	}
	for _, test := range tests {
		v := showValue{reports.Show{Behaviours: true}}
		err := v.Set(test.text)
		if (err == nil) != test.ok || (test.ok && v.Show != test.want) {
			t.Errorf("Set(%q): got %+v, %v; want %+v, ok %t", test.text, v.Show, err, test.want, test.ok)
		}
	}
	if got := (&showValue{reports.Show{Calls: true, Behaviours: true}}).String(); got != "behaviours,calls" {
		t.Errorf("String: got %q", got)
	}
}
