package scenarios

import (
	"fmt"
	"strings"
)

// Place is where something stands in a scenario's file, both from 1.
type Place struct {
	Line, Column int
}

// Problem is one thing that is wrong with a scenario.
type Problem struct {
	File    string
	Line    int // from 1; 0 for the file as a whole
	Column  int // from 1; 0 with Line
	Message string
	Hint    string // what can be done; may be empty
}

// String is the problem as compilers print theirs, without the hint.
func (p Problem) String() string {
	switch {
	case p.Line == 0:
		return p.File + ": " + p.Message
	case p.Column == 0:
		return fmt.Sprintf("%s:%d: %s", p.File, p.Line, p.Message)
	default:
		return fmt.Sprintf("%s:%d:%d: %s", p.File, p.Line, p.Column, p.Message)
	}
}

// Error is everything that is wrong with one scenario, in the order of lines.
type Error struct {
	Problems []Problem
}

// Error has a line for each problem and each hint.
func (e *Error) Error() string {
	var lines []string
	for _, p := range e.Problems {
		lines = append(lines, p.String())
		if p.Hint != "" {
			lines = append(lines, "\thint: "+p.Hint)
		}
	}
	return strings.Join(lines, "\n")
}
