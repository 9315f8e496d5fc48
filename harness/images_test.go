package harness_test

import (
	"context"
	"encoding/hex"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"sidetrace/emulator"
	"sidetrace/emulator/guest"
	"sidetrace/emulator/trace"
	"sidetrace/harness"
	"sidetrace/reports"
)

// TestProcessImagesScanned has a rule look for text that only the memory of the
// process has: the code takes it apart from a key and never executes it.
func TestProcessImagesScanned(t *testing.T) {
	code := []byte{0x48, 0xB9} // mov rcx, key
	code = append(code, "\x11\x11\x11\x11\x11\x11\x11\x11"...)
	code = append(code, 0x48, 0xB8) // mov rax, text ^ key
	for _, c := range []byte("unsealed") {
		code = append(code, c^0x11)
	}
	code = append(code, 0x48, 0x31, 0xC8, 0x48, 0x89, 0x05, 0x40, 0, 0, 0, 0x31, 0xC0, 0xC3) // xor rax, rcx; mov [rip+0x40], rax; xor eax, eax; ret
	text := func(run, detections string) string {
		return fmt.Sprintf("id: images\ntitle: A test\nwhy: To have one.\nmachine: {files: {'C:\\a.bin': 'hex:%s'}}\nrun: {image: 'C:\\a.bin'%s}\nexpect: {exit: 0}\ndetections:\n  rules: [memory.yar]\n  %s\n", hex.EncodeToString(code), run, detections)
	}
	const rule = "rule memory { strings: $a = \"unsealed\" condition: $a and not defined filesize }\n"
	system, err := emulator.NewSystem()
	if err != nil {
		t.Fatal(err)
	}
	defer system.Close()
	for _, test := range []struct {
		name, run, detections string
		kept                  int // bytes of artifacts; 0 for the default
		verdict               reports.Verdict
		fires                 []string
	}{
		{"asked for", ", images: [end]", "must_fire: [memory]", 0, reports.Pass, []string{"process.image behind process.image"}},
		{"at another moment", ", images: [dllmain, unpacked]", "must_stay_silent: [{rule: memory, why: nothing is loaded or unpacked}]", 0, reports.Pass, nil},
		{"not asked for", "", "must_stay_silent: [{rule: memory, why: no file has it}]", 0, reports.Pass, nil},
		{"asked for, and too large", ", images: [end]", "must_stay_silent: [{rule: memory, why: it was not scanned}]", 0x800, reports.Inconclusive, nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			root := tree(t, map[string]string{"a/scenario.yaml": text(test.run, test.detections), "a/memory.yar": rule})
			var run *trace.Run
			r := &harness.Runner{Machine: func(ctx context.Context, c guest.Config) (*trace.Run, error) {
				c.Trace.ArtifactBytes = test.kept
				var err error
				run, err = harness.Emulator(system)(ctx, c)
				return run, err
			}}
			s := r.Run(context.Background(), load(t, root))
			if s.Verdict != test.verdict {
				t.Fatalf("got %s, want %s: %+v", s.Verdict, test.verdict, summary(s))
			}
			kinds := map[uint64]string{}
			for i := range run.Behaviours {
				kinds[run.Behaviours[i].Seq] = run.Behaviours[i].Kind()
			}
			var fires []string
			for _, r := range s.Scenarios[0].Detections.Rules {
				for _, f := range r.Fires {
					fires = append(fires, f.Kind+" behind "+kinds[f.Seqs[0]])
				}
			}
			if d := cmp.Diff(test.fires, fires); d != "" {
				t.Errorf("fires (-want +got):\n%s", d)
			}
		})
	}
}
