package harness

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestShard(t *testing.T) {
	entries := func(n int) (list []Entry) {
		for i := range n {
			list = append(list, Entry{File: fmt.Sprintf("scenarios/s%02d/scenario.yaml", i)})
		}
		return list
	}
	ids := func(list []Entry) (out []string) {
		for _, e := range list {
			out = append(out, e.ID())
		}
		return out
	}
	// Every scenario is in one part, however many there are of both.
	for of := 1; of <= 7; of++ {
		for n := 0; n <= 12; n++ {
			seen := map[string]int{}
			for i := 1; i <= of; i++ {
				part := Shard{i, of}.Part(entries(n), map[string]int64{"s03": 50, "s04": 0})
				if diff := cmp.Diff(ids(part), ids(Shard{i, of}.Part(entries(n), map[string]int64{"s03": 50, "s04": 0}))); diff != "" {
					t.Errorf("%d of %d of %d is not the same twice:\n%s", i, of, n, diff)
				}
				for _, id := range ids(part) {
					seen[id]++
				}
			}
			if len(seen) != n {
				t.Errorf("%d parts of %d scenarios have %d", of, n, len(seen))
			}
			for id, times := range seen {
				if times != 1 {
					t.Errorf("%d parts of %d: %s is in %d", of, n, id, times)
				}
			}
		}
	}
	for _, test := range []struct {
		name      string
		durations map[string]int64
		want      [2][]string
	}{
		{"in turn", nil, [2][]string{{"s00", "s02", "s04"}, {"s01", "s03"}}},
		{"by time", map[string]int64{"s00": 10, "s01": 1, "s02": 1, "s03": 1, "s04": 1}, [2][]string{{"s00"}, {"s01", "s02", "s03", "s04"}}},
		{"one is new", map[string]int64{"s00": 4, "s01": 2, "s02": 2}, [2][]string{{"s00", "s03"}, {"s01", "s02", "s04"}}},
	} {
		for i, want := range test.want {
			if diff := cmp.Diff(want, ids(Shard{i + 1, 2}.Part(entries(5), test.durations))); diff != "" {
				t.Errorf("%s, part %d (-want +got)\n%s", test.name, i+1, diff)
			}
		}
	}
}
