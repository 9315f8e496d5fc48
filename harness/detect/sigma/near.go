package sigma

import "strings"

// nearest is the name that differs least from one that is not there; "" if none
// comes near.
func nearest(name string, names []string) string {
	best, least := "", max(1, len([]rune(name))/3)+1
	for _, n := range names {
		if strings.EqualFold(n, name) {
			return n
		}
		if abs(len(n)-len(name)) >= 2*least {
			continue
		}
		if d := alignment([]rune(fold(name)), []rune(fold(n)), true, true).distance; d < least {
			best, least = n, d
		}
	}
	return best
}

// didYouMean is a hint for a name that is not there, or "".
func didYouMean(name string, names []string) string {
	if near := nearest(name, names); near != "" {
		return "did you mean " + near + "?"
	}
	return ""
}

func abs(n int) int { return max(n, -n) }

// aligned is a stretch of a text that a pattern is nearest to.
type aligned struct {
	distance   int // insertions, deletions and replacements
	start, end int
}

// alignment finds where a pattern is nearest to a text: at its start, at its
// end, both, or anywhere. (P. H. Sellers, "The theory and computation of
// evolutionary distances: pattern recognition", 1980.)
func alignment(pattern, text []rune, fromStart, toEnd bool) aligned {
	type cell struct{ distance, start int }
	row := make([]cell, len(text)+1)
	for j := range row {
		row[j] = cell{0, j}
		if fromStart {
			row[j] = cell{j, 0}
		}
	}
	for i, p := range pattern {
		diagonal := row[0]
		row[0].distance = i + 1
		for j, t := range text {
			best := diagonal
			if p != t {
				best.distance++
			}
			if c := row[j+1]; c.distance+1 < best.distance {
				best = cell{c.distance + 1, c.start}
			}
			if c := row[j]; c.distance+1 < best.distance {
				best = cell{c.distance + 1, c.start}
			}
			diagonal = row[j+1]
			row[j+1] = best
		}
	}
	end := len(text)
	if !toEnd {
		for j := range row {
			if row[j].distance < row[end].distance {
				end = j
			}
		}
	}
	return aligned{row[end].distance, row[end].start, end}
}
