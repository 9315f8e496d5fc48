package trace

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"sort"
	"time"
)

// MarshalJSON gives {"seq":…,"time_ns":…,"pid":…,"tid":…,"kind":…,"calls":[…],"fields":{…}}.
func (b Behaviour) MarshalJSON() ([]byte, error) {
	return json.Marshal(struct {
		Seq    uint64   `json:"seq"`
		TimeNS int64    `json:"time_ns"`
		PID    uint32   `json:"pid"`
		TID    uint32   `json:"tid"`
		Kind   string   `json:"kind"`
		Calls  []uint64 `json:"calls,omitempty"`
		Fields Payload  `json:"fields"`
	}{b.Seq, int64(b.Time), b.PID, b.TID, b.Kind(), b.Calls, b.Fields})
}

// UnmarshalJSON reads what [Behaviour.MarshalJSON] wrote. Unknown kinds and
// fields are errors.
func (b *Behaviour) UnmarshalJSON(data []byte) error {
	var raw struct {
		Seq    uint64          `json:"seq"`
		TimeNS int64           `json:"time_ns"`
		PID    uint32          `json:"pid"`
		TID    uint32          `json:"tid"`
		Kind   string          `json:"kind"`
		Calls  []uint64        `json:"calls"`
		Fields json.RawMessage `json:"fields"`
	}
	if err := json.Unmarshal(data, &raw); err != nil {
		return err
	}
	p, err := decodePayload(raw.Kind, raw.Fields)
	if err != nil {
		return err
	}
	*b = Behaviour{Seq: raw.Seq, Time: time.Duration(raw.TimeNS), PID: raw.PID, TID: raw.TID, Calls: raw.Calls, Fields: p}
	return nil
}

// callJSON is the form of a call in JSON.
type callJSON struct {
	Seq       uint64    `json:"seq"`
	TimeNS    int64     `json:"time_ns"`
	TID       uint32    `json:"tid"`
	Caller    string    `json:"caller"`
	API       string    `json:"api"`
	Direct    bool      `json:"direct,omitempty"` // a system call by an instruction
	Args      []argJSON `json:"args,omitempty"`
	Result    string    `json:"result,omitempty"`
	Returned  bool      `json:"returned"`
	LastError uint32    `json:"last_error"`
}

type argJSON struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

func (r *Run) callJSON(c Call) callJSON {
	out := callJSON{
		Seq: c.Seq, TimeNS: int64(c.Time), TID: c.TID, Caller: r.Place(c.Caller),
		API: c.API.DLL + "!" + c.API.Name, Direct: c.Direct, Returned: c.Returned, LastError: c.LastError,
	}
	if c.Returned {
		out.Result = c.API.Result.Format(c.Result)
	}
	for i, a := range c.Args {
		name, format := fmt.Sprintf("arg%d", i+1), Hex
		if i < len(c.API.Params) {
			name, format = c.API.Params[i].Name, c.API.Params[i].Format
		}
		value := a.Text
		if !a.HasText {
			value = format.Format(a.Value)
		}
		out.Args = append(out.Args, argJSON{name, value})
	}
	return out
}

// Place names an address by module and offset, or in hexadecimal outside of
// every module.
func (r *Run) Place(addr uint64) string {
	for i := range r.Modules {
		if m := &r.Modules[i]; addr >= m.Base && addr-m.Base < uint64(m.Size) {
			return fmt.Sprintf("%s+%#x", m.Name(), addr-m.Base)
		}
	}
	return fmt.Sprintf("%#x", addr)
}

// Name is the module's file name.
func (m *Module) Name() string { return BaseName(m.Path) }

// BaseName is what follows the last backslash of a guest path.
func BaseName(path string) string {
	for i := len(path) - 1; i >= 0; i-- {
		if path[i] == '\\' || path[i] == '/' {
			return path[i+1:]
		}
	}
	return path
}

// Text is the call on one line: caller, name, arguments, result.
func (r *Run) CallText(c Call) string {
	j := r.callJSON(c)
	out := j.Caller + " "
	if j.Direct {
		out += "syscall "
	}
	out += j.API + "("
	for i, a := range j.Args {
		if i > 0 {
			out += ", "
		}
		out += a.Name + "=" + Quote(a.Value)
	}
	out += ")"
	if j.Returned && j.Result != "" {
		out += " = " + j.Result
	}
	if c.LastError != 0 && c.Returned {
		out += fmt.Sprintf(" (last error %d)", c.LastError)
	}
	return out
}

// WriteJSONLines writes the three streams, merged by sequence, one JSON object
// a line: {"call":{…}}, {"behaviour":{…}} or {"gap":{…}}.
func (r *Run) WriteJSONLines(w io.Writer) error {
	buf := bufio.NewWriter(w)
	enc := json.NewEncoder(buf)
	enc.SetEscapeHTML(false)

	type line struct {
		Call      *callJSON  `json:"call,omitempty"`
		Behaviour *Behaviour `json:"behaviour,omitempty"`
		Gap       *Gap       `json:"gap,omitempty"`
	}
	type other struct {
		seq  uint64
		line line
	}
	others := make([]other, 0, len(r.Behaviours)+len(r.Gaps))
	for i := range r.Behaviours {
		others = append(others, other{r.Behaviours[i].Seq, line{Behaviour: &r.Behaviours[i]}})
	}
	for i := range r.Gaps {
		others = append(others, other{r.Gaps[i].Seq, line{Gap: &r.Gaps[i]}})
	}
	sort.Slice(others, func(i, j int) bool { return others[i].seq < others[j].seq })

	next := 0
	until := func(seq uint64) error {
		for ; next < len(others) && others[next].seq < seq; next++ {
			if err := enc.Encode(others[next].line); err != nil {
				return err
			}
		}
		return nil
	}
	if r.Calls != nil {
		for c := range r.Calls.All() {
			if err := until(c.Seq); err != nil {
				return err
			}
			j := r.callJSON(c)
			if err := enc.Encode(line{Call: &j}); err != nil {
				return err
			}
		}
	}
	if err := until(^uint64(0)); err != nil {
		return err
	}
	return buf.Flush()
}
