// Package near finds what a rule that did not fire came nearest to: the value
// that differs by a few characters, the path that differs in one folder. A rule
// that is mistyped is otherwise silent for ever, and looks like one that is right.
//
// Distances are those of optimal string alignment: the least number of
// characters put in, left out, replaced or swapped with their neighbour. Letters
// are compared without their case, as Windows compares names.
package near

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// longest is how many characters of a text are compared. What differs beyond
// them is not a slip of the hand.
const longest = 1000

// Limit is how many characters two texts may differ in and still be taken for
// one another: a fifth of the wanted one, at least one, at most six.
func Limit(want string) int {
	return min(max(utf8.RuneCountInString(want)/5, 1), 6)
}

// Distance is how many characters two texts differ in, or limit+1 if these are
// more than limit.
func Distance(a, b string, limit int) int {
	x, y := fold(a), fold(b)
	for len(x) > 0 && len(y) > 0 && x[0] == y[0] {
		x, y = x[1:], y[1:]
	}
	for len(x) > 0 && len(y) > 0 && x[len(x)-1] == y[len(y)-1] {
		x, y = x[:len(x)-1], y[:len(y)-1]
	}
	if len(x)-len(y) > limit || len(y)-len(x) > limit {
		return limit + 1
	}
	// Rows of the table of distances between the beginnings of x and y: the
	// last but one, the last, and the one being made.
	before, last, row := make([]int, len(y)+1), make([]int, len(y)+1), make([]int, len(y)+1)
	for j := range last {
		last[j] = j
	}
	for i := 1; i <= len(x); i++ {
		row[0] = i
		least := i
		for j := 1; j <= len(y); j++ {
			d := min(last[j]+1, row[j-1]+1, last[j-1]+cost(x[i-1], y[j-1]))
			if i > 1 && j > 1 && x[i-1] == y[j-2] && x[i-2] == y[j-1] {
				d = min(d, before[j-2]+1)
			}
			row[j] = d
			least = min(least, d)
		}
		if least > limit {
			return limit + 1
		}
		before, last, row = last, row, before
	}
	return min(last[len(y)], limit+1)
}

// Within finds the part of text that differs least from piece, and in how many
// characters; limit+1 if no part is within the limit.
func Within(piece, text string, limit int) (part string, distance int) {
	original := []rune(text)
	if len(original) > longest {
		original = original[:longest]
	}
	x, y := fold(piece), fold(string(original))
	if len(x) == 0 {
		return "", 0
	}
	if len(y) != len(original) { // folding a letter never changes the number of them
		return "", limit + 1
	}
	// As in Distance, but a match may start anywhere in y; start[j] is where
	// the one that ends before j did.
	type cell struct{ distance, start int }
	before, last, row := make([]cell, len(y)+1), make([]cell, len(y)+1), make([]cell, len(y)+1)
	for j := range last {
		last[j] = cell{0, j}
	}
	for i := 1; i <= len(x); i++ {
		row[0] = cell{i, 0}
		for j := 1; j <= len(y); j++ {
			best := cell{last[j-1].distance + cost(x[i-1], y[j-1]), last[j-1].start}
			if d := last[j].distance + 1; d < best.distance {
				best = cell{d, last[j].start}
			}
			if d := row[j-1].distance + 1; d < best.distance {
				best = cell{d, row[j-1].start}
			}
			if i > 1 && j > 1 && x[i-1] == y[j-2] && x[i-2] == y[j-1] {
				if d := before[j-2].distance + 1; d < best.distance {
					best = cell{d, before[j-2].start}
				}
			}
			row[j] = best
		}
		before, last, row = last, row, before
	}
	end := 0
	for j := range last {
		if last[j].distance < last[end].distance {
			end = j
		}
	}
	if last[end].distance > limit {
		return "", limit + 1
	}
	return string(original[last[end].start:end]), last[end].distance
}

// Best is the first of the texts that differ least from want, and in how many
// characters. It reports false if none is within the limit.
func Best(want string, seen []string, limit int) (text string, distance int, ok bool) {
	distance = limit + 1
	for _, s := range seen {
		if d := Distance(want, s, distance-1); d < distance {
			text, distance = s, d
		}
		if distance == 0 {
			break
		}
	}
	return text, distance, distance <= limit
}

// Difference is the part in which two texts differ: what stands in a and what
// stands in b, each with whole words, so that it can be read.
func Difference(a, b string) (inA, inB string) {
	if a == b {
		return "", ""
	}
	x, y := []rune(a), []rune(b)
	start := 0
	for start < len(x) && start < len(y) && x[start] == y[start] {
		start++
	}
	end := 0
	for end < len(x)-start && end < len(y)-start && x[len(x)-1-end] == y[len(y)-1-end] {
		end++
	}
	for start > 0 && word(x[start-1]) {
		start--
	}
	for end > 0 && word(x[len(x)-end]) {
		end--
	}
	return string(x[start : len(x)-end]), string(y[start : len(y)-end])
}

func word(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) || r == '_' }

func cost(a, b rune) int {
	if a == b {
		return 0
	}
	return 1
}

// fold is the text as it is compared.
func fold(s string) []rune {
	r := make([]rune, 0, min(len(s), longest))
	for _, c := range s {
		if len(r) == longest {
			break
		}
		r = append(r, unicode.ToLower(c))
	}
	return r
}

// Shorten is text for a message of one line: at most n characters, and what
// cannot be seen left out.
func Shorten(s string, n int) string {
	s = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, s)
	if utf8.RuneCountInString(s) <= n {
		return s
	}
	r := []rune(s)
	return string(r[:n/2]) + "…" + string(r[len(r)-(n-n/2-1):])
}
