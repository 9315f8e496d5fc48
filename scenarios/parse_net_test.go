package scenarios_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"sidetrace/scenarios"
)

func TestParseNet(t *testing.T) {
	s, err := scenarios.Parse("s.yaml", []byte(machineWith("net: {'TCP://C2.example:4444': [{send: 'text:hi'}, {expect: 'hex:00', send: 'text:x'}], 'udp://192.0.2.1:9': []}")))
	if err != nil {
		t.Fatal(err)
	}
	var got []scenarios.NetAnswer
	for _, a := range s.Machine.Net {
		for i := range a.Steps {
			for _, source := range []*scenarios.Source{a.Steps[i].Expect, a.Steps[i].Send} {
				if source != nil {
					source.Place = scenarios.Place{}
				}
			}
		}
		got = append(got, a)
	}
	source := func(text string) *scenarios.Source { return &scenarios.Source{Data: []byte(text)} }
	want := []scenarios.NetAnswer{
		{Protocol: "tcp", Host: "c2.example", Port: 4444, Steps: []scenarios.NetStep{{Send: source("hi")}, {Expect: source("\x00"), Send: source("x")}}},
		{Protocol: "udp", Host: "192.0.2.1", Port: 9},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	for _, bad := range []string{"net: {'c2.example:4444': []}", "net: {'tcp://c2.example': []}", "net: {'tcp://c2.example:70000': []}", "net: {'tcp://c2.example:1': text}", "net: {'tcp://c2.example:1': [{expects: 'text:x'}]}"} {
		if _, err := scenarios.Parse("s.yaml", []byte(machineWith(bad))); err == nil {
			t.Errorf("%s is accepted", bad)
		}
	}
}

// machineWith is a scenario whose machine has one more line.
func machineWith(line string) string { return replaced("machine:\n", "machine:\n  "+line+"\n") }
