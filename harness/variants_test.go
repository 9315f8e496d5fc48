package harness_test

import (
	"context"
	"testing"

	"github.com/google/go-cmp/cmp"

	"sidetrace/emulator/trace"
	"sidetrace/harness"
	"sidetrace/scenarios"
)

// TestVariants runs the chain with every cipher in every container: the tracer
// names cipher, key and place of each, and the chain goes on to its end.
func TestVariants(t *testing.T) {
	type claim struct {
		Cipher, Key string
		Shell       bool // the chain came to its last stage
	}
	want := map[string]claim{
		"rc4":     {"rc4", "3jB(2bsG#@c7", true},
		"xor":     {"xor", "3jB(2bsG#@c7", true},
		"aes-cbc": {"aes-cbc", "sidetrace-aeskey", true},
	}
	run := newMachine(t)
	entries := load(t, "../scenarios", "3cx-2023")
	for cipher, want := range want {
		for _, place := range []string{"certificate", "overlay", "resource"} {
			t.Run(cipher+" in the "+place, func(t *testing.T) {
				r := harness.Runner{Machine: run, Replicas: func(name string, p []scenarios.Parameter) (map[string][]byte, error) {
					return harness.Replicas(name, append(p[:len(p):len(p)],
						scenarios.Parameter{Key: "cipher", Value: cipher}, scenarios.Parameter{Key: "place", Value: place}))
				}}
				var got claim
				for _, b := range r.Run(context.Background(), entries).Scenarios[0].Run.Behaviours {
					switch f := b.Fields.(type) {
					case trace.PayloadDecrypted:
						got.Cipher, got.Key = f.Cipher, f.Key
					case trace.ProcessCreate:
						got.Shell = true
					}
				}
				if d := cmp.Diff(want, got); d != "" {
					t.Errorf("(-want +got):\n%s", d)
				}
			})
		}
	}
}
