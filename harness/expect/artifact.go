package expect

import (
	"encoding/binary"
	"fmt"
	"math"
	"slices"

	"sidetrace/emulator/trace"
	"sidetrace/reports"
	"sidetrace/scenarios"
)

// artifacts checks the data that steps saved.
func (j *judge) artifacts(artifacts []scenarios.Artifact, steps []reports.Step) []reports.ArtifactCheck {
	var out []reports.ArtifactCheck
	for i := range artifacts {
		a := &artifacts[i]
		r := reports.ArtifactCheck{Line: a.Line, Name: a.Name, Status: reports.Skipped, Checks: []reports.Check{}}
		if at, ok := j.saved[a.Name]; ok {
			b := &j.run.Behaviours[at]
			r.Artifact = artifactName(b)
			doubt := j.doubts.at(b.Seq)
			kept := slices.IndexFunc(j.run.Artifacts, func(k trace.Artifact) bool { return r.Artifact != "" && k.Name == r.Artifact })
			for _, c := range a.Conditions {
				if kept < 0 {
					r.Checks = append(r.Checks, j.withoutArtifact(c, doubt))
				} else {
					r.Checks = append(r.Checks, j.artifact(c, &j.run.Artifacts[kept], doubt))
				}
			}
			r.Status = worst(r.Checks)
		}
		out = append(out, r)
	}
	return out
}

func worst(checks []reports.Check) reports.Status {
	result := reports.Passed
	for _, c := range checks {
		if c.Status == reports.Failed {
			return reports.Failed
		}
		if c.Status == reports.Doubtful {
			result = reports.Doubtful
		}
	}
	return result
}

// withoutArtifact is a check of data that was not recorded.
func (j *judge) withoutArtifact(c scenarios.Condition, doubt *reports.Doubt) reports.Check {
	if doubt == nil {
		doubt = j.doubts.limited("artifacts", "artifact bytes")
	}
	return reports.Check{Line: c.Line, Name: c.Key, Want: c.Want, Got: "no artifact", Status: status(false, doubt), Doubt: doubt}
}

func (j *judge) artifact(c scenarios.Condition, a *trace.Artifact, doubt *reports.Doubt) reports.Check {
	out := reports.Check{Line: c.Line, Name: c.Key, Want: c.Want, Doubt: doubt}
	var value any
	switch c.Field {
	case "kind":
		value = a.Kind
	case "sha256":
		value = a.SHA256
	case "size":
		value = int64(a.Size)
	default:
		if len(a.Data) != a.Size {
			return j.withoutArtifact(c, doubt)
		}
		value = contentField(c.Field, a.Data)
	}
	out.Got = show(value)
	if data, ok := value.([]byte); ok {
		out.Got = showBytes(data)
	}
	out.Status = status(c.Holds(value), doubt)
	return out
}

func contentField(field string, data []byte) any {
	switch field {
	case "entropy":
		return entropy(data)
	case "pe":
		return isPE(data)
	default:
		return data
	}
}

func showBytes(data []byte) string {
	const shown = 16
	if len(data) <= shown {
		return fmt.Sprintf("% x", data)
	}
	return fmt.Sprintf("% x … (%d bytes)", data[:shown], len(data))
}

// entropy is Shannon's, in bits per byte.
func entropy(data []byte) float64 {
	var counts [256]int
	for _, b := range data {
		counts[b]++
	}
	sum := 0.0
	for _, n := range counts {
		if n > 0 {
			p := float64(n) / float64(len(data))
			sum -= p * math.Log2(p)
		}
	}
	return sum
}

// isPE reports whether data starts with an MS-DOS header that leads to a PE
// signature.
func isPE(data []byte) bool {
	if len(data) < 0x40 || data[0] != 'M' || data[1] != 'Z' {
		return false
	}
	at := uint64(binary.LittleEndian.Uint32(data[0x3C:]))
	return at+4 <= uint64(len(data)) && string(data[at:at+4]) == "PE\x00\x00"
}
