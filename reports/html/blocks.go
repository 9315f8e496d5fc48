package html

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strings"

	"sidetrace/emulator/trace"
	"sidetrace/reports"
)

// Limits of a page. With them it stays below 15 MB whatever was run.
const (
	pageBytes     = 14 << 20
	callsKept     = 200_000   // of a scenario
	artifactBytes = 256 << 10 // of an artifact
)

// block is data for the script: JSON, compressed, in letters that no HTML
// parser takes for anything.
type block struct {
	Name string // "events", "calls", "artifacts"
	Data string
}

// event is a behaviour or a gap for the timeline.
type event struct {
	Seq    uint64      `json:"seq"`
	Time   int64       `json:"t"` // ns; -1 for gaps, which have none
	TID    uint32      `json:"tid,omitempty"`
	Kind   string      `json:"kind"`
	Text   string      `json:"text"`
	Fields [][2]string `json:"fields,omitempty"`
	Calls  []uint64    `json:"calls,omitempty"`
	Step   int         `json:"step,omitempty"`
	Stage  string      `json:"stage,omitempty"`
}

// artifact is one with its first bytes.
type artifact struct {
	Name   string `json:"name"`
	Kind   string `json:"kind"`
	SHA256 string `json:"sha256"`
	Size   int    `json:"size"`
	Data   []byte `json:"data"`
}

// pack gives each scenario its blocks, as long as there is room: first what
// happened in all of them, then what rules say, then artifacts, then calls.
func pack(list []*scenario, room int) error {
	kinds := []func(*scenario, int) (block, error){(*scenario).events, (*scenario).explanations, (*scenario).artifacts, (*scenario).calls}
	for _, encode := range kinds {
		for _, s := range list {
			if s.Run == nil {
				continue
			}
			b, err := encode(s, max(room, 0))
			if err != nil {
				return err
			}
			if b.Name != "" {
				s.Blocks = append(s.Blocks, b)
				room -= len(b.Data)
			}
		}
	}
	return nil
}

// encode compresses a value. Base64 in the alphabet for URLs needs no escape.
func encode(name string, value any) (block, error) {
	var buf bytes.Buffer
	z := gzip.NewWriter(&buf)
	enc := json.NewEncoder(z)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(value); err != nil {
		return block{}, err
	}
	if err := z.Close(); err != nil {
		return block{}, err
	}
	return block{name, base64.RawURLEncoding.EncodeToString(buf.Bytes())}, nil
}

func (s *scenario) omit(format string, args ...any) {
	s.Omitted = append(s.Omitted, fmt.Sprintf(format, args...))
}

func (s *scenario) events(room int) (block, error) {
	steps, stages := map[uint64]int{}, map[uint64]string{}
	stage := ""
	for _, step := range s.Steps {
		if step.Stage != "" {
			stage = step.Stage
		}
		if step.Seq > 0 {
			steps[step.Seq], stages[step.Seq] = step.Index, stage
		}
	}
	list := make([]event, 0, len(s.Run.Behaviours)+len(s.Run.Gaps))
	for i := range s.Run.Behaviours {
		b := &s.Run.Behaviours[i]
		e := event{
			Seq: b.Seq, Time: int64(b.Time), TID: b.TID, Kind: b.Kind(), Text: reports.Printable(reports.Line(b.Fields)),
			Calls: b.Calls, Step: steps[b.Seq], Stage: reports.Printable(stages[b.Seq]),
		}
		for _, f := range trace.Fields(b.Fields) {
			e.Fields = append(e.Fields, [2]string{f.Name, value(f.Value)})
		}
		list = append(list, e)
	}
	for _, g := range s.Run.Gaps {
		list = append(list, event{
			Seq: g.Seq, Time: -1, Kind: "gap." + string(g.Kind), Text: reports.Printable(g.Name),
			Fields: [][2]string{{"caller", reports.Printable(g.Caller)}, {"detail", reports.Printable(g.Detail)}, {"arguments", reports.Printable(strings.Join(g.Args, ", "))}, {"count", fmt.Sprint(g.Count)}},
		})
	}
	b, err := encode("events", list)
	for err == nil && len(b.Data) > room && len(list) > 0 {
		list = list[:len(list)/2]
		b, err = encode("events", list)
	}
	if all := len(s.Run.Behaviours) + len(s.Run.Gaps); len(list) < all {
		s.omit("The timeline has %d of %d events: the page has a limit.", len(list), all)
	}
	return b, err
}

// explanation is why a rule fired or did not.
type explanation struct {
	Rule   *reports.RuleResult  `json:"rule"`
	Checks []*reports.RuleCheck `json:"checks,omitempty"`
}

// explanations stand in the order of the matrix. What is in them is made
// printable by the script.
func (s *scenario) explanations(room int) (block, error) {
	if s.Detections == nil {
		return block{}, nil
	}
	list := make([]explanation, len(s.Rules))
	for i, r := range s.Rules {
		list[i] = explanation{r.RuleResult, r.Checks}
	}
	b, err := encode("rules", list)
	if err == nil && len(b.Data) > room {
		s.omit("Why rules fired or did not is left out: the page has a limit.")
		return block{}, nil
	}
	return b, err
}

// value is a field as text that is safe to show.
func value(v any) string {
	switch v := v.(type) {
	case uint64:
		if v >= 0x10000 {
			return fmt.Sprintf("%#x", v)
		}
	case string:
		return lines(strings.ReplaceAll(v, "\r\n", "\n"))
	case []string:
		clean := make([]string, len(v))
		for i := range v {
			clean[i] = reports.Printable(v[i])
		}
		return strings.Join(clean, "\n")
	}
	return reports.Printable(fmt.Sprint(v))
}

func (s *scenario) artifacts(room int) (block, error) {
	most := artifactBytes
	b, cut, err := s.artifactsCut(most)
	for err == nil && len(b.Data) > room && most > 0 {
		most /= 4
		b, cut, err = s.artifactsCut(most)
	}
	if cut > 0 && s.Trace != nil {
		s.omit("Of %d of %d artifacts the first %d bytes are here: the page has a limit. sidetrace run --keep has all.", cut, len(s.Run.Artifacts), most)
	}
	return b, err
}

// artifactsCut has at most so many bytes of each artifact, and says of how many
// that is not all.
func (s *scenario) artifactsCut(most int) (block, int, error) {
	list := make([]artifact, len(s.Run.Artifacts))
	cut := 0
	for i, a := range s.Run.Artifacts {
		list[i] = artifact{Name: reports.Printable(a.Name), Kind: a.Kind, SHA256: a.SHA256, Size: a.Size, Data: a.Data[:min(len(a.Data), most)]}
		if len(list[i].Data) < a.Size {
			cut++
		}
	}
	b, err := encode("artifacts", list)
	return b, cut, err
}
