package bare

import (
	"slices"
	"testing"
	"time"
)

// Side prepares n operations and returns what carries them out, which alone is
// timed, and what gives back afterwards what they took.
type Side func(b *testing.B, n int) (run, done func())

// Compare measures ours and its bare twin, each by itself and against one
// another. A machine's speed drifts by more within seconds than the two differ
// by, so the metric "x-bare" comes from slices of n operations that take turns:
// it is the median of ours over its neighbour.
func Compare(b *testing.B, n int, ours, twin Side) {
	alone := func(s Side) func(*testing.B) {
		return func(b *testing.B) {
			run, done := s(b, b.N)
			defer done()
			b.ReportAllocs()
			b.ResetTimer()
			run()
			b.StopTimer()
		}
	}
	b.Run("sidetrace", alone(ours))
	b.Run("bare", alone(twin))
	b.Run("ratio", Ratio(n, ours, twin))
}

// Ratio is the last part of [Compare] alone.
func Ratio(n int, ours, twin Side) func(*testing.B) {
	return func(b *testing.B) {
		var ratios []float64
		for b.Loop() {
			a, closeA := ours(b, n)
			t, closeT := twin(b, n)
			var us, it time.Duration
			if len(ratios)%2 == 0 {
				us, it = timed(b, a), timed(b, t)
			} else {
				it, us = timed(b, t), timed(b, a)
			}
			ratios = append(ratios, float64(us)/float64(it))
			closeT()
			closeA()
		}
		slices.Sort(ratios)
		b.ReportMetric(ratios[len(ratios)/2], "x-bare")
	}
}

func timed(b *testing.B, run func()) time.Duration {
	before := b.Elapsed()
	run()
	return b.Elapsed() - before
}
