package harness

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"

	"sidetrace/reports"
)

// One runs and judges one scenario, as often as is asked for. All results must be
// the same to the byte, else the first is a failure that names the difference. It
// returns nil if the context ended it.
func (r *Runner) One(ctx context.Context, e Entry) *reports.Scenario {
	if r.Isolated != nil && e.Err == nil {
		return r.Isolated(ctx, e)
	}
	first := r.one(ctx, e, true)
	if first == nil || r.Repeat < 2 {
		return first
	}
	want := written(first)
	for n := 2; n <= r.Repeat; n++ {
		again := r.one(ctx, e, false)
		if again == nil {
			return nil
		}
		if got := written(again); !bytes.Equal(got, want) {
			a, b := difference(want, got)
			first.Verdict = reports.Fail
			first.Reason = fmt.Sprintf("run %d of %d differs from the first: it has %s where that has %s", n, r.Repeat, b, a)
			return first
		}
	}
	return first
}

// written is a result as JSON has it, a line for each value.
func written(s *reports.Scenario) []byte {
	data, err := json.MarshalIndent(s, "", " ")
	if err != nil {
		return []byte(err.Error()) // cannot be: it is written to reports as well
	}
	return data
}

// difference is the first lines that differ.
func difference(a, b []byte) (string, string) {
	left, right := bytes.Split(a, []byte("\n")), bytes.Split(b, []byte("\n"))
	line := func(list [][]byte, i int) string {
		if i >= len(list) {
			return "nothing"
		}
		return string(bytes.TrimRight(bytes.TrimSpace(list[i]), ","))
	}
	i := 0
	for i < len(left) && i < len(right) && bytes.Equal(left[i], right[i]) {
		i++
	}
	return line(left, i), line(right, i)
}
