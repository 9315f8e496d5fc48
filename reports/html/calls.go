package html

import (
	"fmt"
	"strings"

	"sidetrace/emulator/trace"
	"sidetrace/reports"
)

// callColumns is a call trace column by column. Text is told once, in Strings,
// and sequence numbers and times by what they rise: so that calls that are like
// one another take a few bytes each once compressed.
type callColumns struct {
	Strings []string `json:"strings"`
	Seq     []uint64 `json:"seq"`
	Time    []int64  `json:"time"` // ns
	TID     []uint32 `json:"tid"`
	Caller  []int    `json:"caller"` // these are indices of Strings
	DLL     []int    `json:"dll"`
	Name    []int    `json:"name"`
	Args    []int    `json:"args"` // one argument a line
	Result  []int    `json:"result"`
	Error   []uint32 `json:"error"`  // last error
	Direct  []int    `json:"direct"` // rows that are system calls by an instruction
	Total   uint64   `json:"total"`  // calls the guest made
}

func (s *scenario) calls(room int) (block, error) {
	if s.Trace == nil || s.Trace.Calls == nil || s.Trace.Calls.Len() == 0 {
		return block{}, nil
	}
	made := s.Trace.Calls.Len()
	kept := min(made, callsKept)
	b, err := encode("calls", newCallColumns(s.Trace, kept))
	for err == nil && len(b.Data) > room && kept > 0 {
		kept /= 2
		b, err = encode("calls", newCallColumns(s.Trace, kept))
	}
	if kept < made {
		s.omit("The call trace has the first %d of %d calls: the page has a limit. sidetrace run --keep has all.", kept, made)
	}
	if n := s.Trace.Calls.Dropped(); n > 0 {
		s.omit("%d calls more were made than a run records.", n)
	}
	return b, err
}

func newCallColumns(run *trace.Run, most int) *callColumns {
	c := &callColumns{Total: uint64(run.Calls.Len()) + run.Calls.Dropped(), Direct: []int{}}
	index := map[string]int{}
	text := func(s string) int {
		i, ok := index[s]
		if !ok {
			i = len(c.Strings)
			index[s] = i
			c.Strings = append(c.Strings, s)
		}
		return i
	}
	clean := func(s string) int { return text(reports.Printable(s)) }
	var seq uint64
	var at int64
	for call := range run.Calls.All() {
		if len(c.Seq) == most {
			break
		}
		c.Seq = append(c.Seq, call.Seq-seq)
		c.Time = append(c.Time, int64(call.Time)-at)
		seq, at = call.Seq, int64(call.Time)
		c.TID = append(c.TID, call.TID)
		c.Caller = append(c.Caller, clean(run.Place(call.Caller)))
		c.DLL = append(c.DLL, clean(call.API.DLL))
		c.Name = append(c.Name, clean(call.API.Name))
		c.Args = append(c.Args, text(arguments(&call)))
		result := "does not return"
		if call.Returned {
			result = call.API.Result.Format(call.Result)
		}
		c.Result = append(c.Result, clean(result))
		c.Error = append(c.Error, call.LastError)
		if call.Direct {
			c.Direct = append(c.Direct, len(c.Seq)-1)
		}
	}
	return c
}

// arguments is one argument a line; guest text is quoted, and so has no line
// break of its own.
func arguments(call *trace.Call) string {
	var b strings.Builder
	for i, a := range call.Args {
		if i > 0 {
			b.WriteByte('\n')
		}
		name, format := fmt.Sprintf("arg%d", i+1), trace.Hex
		if i < len(call.API.Params) {
			name, format = call.API.Params[i].Name, call.API.Params[i].Format
		}
		b.WriteString(name)
		b.WriteByte('=')
		if a.HasText {
			b.WriteString(reports.Printable(trace.Quote(a.Text)))
		} else {
			b.WriteString(format.Format(a.Value))
		}
	}
	return b.String()
}
