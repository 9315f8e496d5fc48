package main

import (
	"fmt"
	"strings"

	"sidetrace/reports"
)

// showValue is the flag --show: the streams of a run that text lists.
type showValue struct{ reports.Show }

var _ interface {
	String() string
	Set(string) error
	Type() string
} = (*showValue)(nil)

// String is the flag's value as it is written.
func (s *showValue) String() string {
	var words []string
	for _, stream := range s.streams() {
		if *stream.on {
			words = append(words, stream.name)
		}
	}
	return strings.Join(words, ",")
}

// Set replaces the selection by a list of streams.
func (s *showValue) Set(text string) error {
	s.Show = reports.Show{}
next:
	for _, word := range strings.Split(text, ",") {
		for _, stream := range s.streams() {
			if word == stream.name {
				*stream.on = true
				continue next
			}
		}
		return fmt.Errorf("%q is none of behaviours, calls, gaps, detections", word)
	}
	return nil
}

// Type names the value in the help.
func (s *showValue) Type() string { return "streams" }

type stream struct {
	name string
	on   *bool
}

func (s *showValue) streams() []stream {
	return []stream{{"behaviours", &s.Behaviours}, {"calls", &s.Calls}, {"gaps", &s.Gaps}, {"detections", &s.Detections}}
}
