package harness

import (
	"cmp"
	"slices"
)

// Shard is one of Of parts of the scenarios, from 1.
type Shard struct{ Index, Of int }

// Part leaves the scenarios of one shard. With the durations of an earlier run, by
// id and in any unit, the parts take about as long as one another; a scenario
// without one counts as the median. Without any, scenarios are dealt out in turn.
// The same scenarios and durations give the same parts, which have each scenario
// once.
func (s Shard) Part(entries []Entry, durations map[string]int64) []Entry {
	order := make([]int, len(entries))
	cost := make([]int64, len(entries))
	median := middle(durations)
	for i, e := range entries {
		order[i] = i
		cost[i] = median
		if d, ok := durations[e.ID()]; ok {
			cost[i] = d
		}
	}
	// The longest first, each to the part that has the least so far.
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(cost[b], cost[a]) })
	load, count := make([]int64, s.Of), make([]int, s.Of)
	mine := make([]bool, len(entries))
	for _, i := range order {
		least := 0
		for k := range load {
			if load[k] < load[least] || load[k] == load[least] && count[k] < count[least] {
				least = k
			}
		}
		load[least] += cost[i]
		count[least]++
		mine[i] = least == s.Index-1
	}
	var part []Entry
	for i, e := range entries {
		if mine[i] {
			part = append(part, e)
		}
	}
	return part
}

// middle is the median of durations, at least 1.
func middle(durations map[string]int64) int64 {
	var all []int64
	for _, d := range durations {
		all = append(all, d)
	}
	if len(all) == 0 {
		return 1
	}
	slices.Sort(all)
	return max(all[len(all)/2], 1)
}
