package reports

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"net/url"
	"path"
	"strings"
)

// The objects of SARIF 2.1.0 that are written.
//
// https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/sarif-v2.1.0-errata01-os-complete.html
type (
	sarifLog struct {
		Schema  string     `json:"$schema"`
		Version string     `json:"version"`
		Runs    []sarifRun `json:"runs"`
	}
	sarifRun struct {
		Tool        sarifTool         `json:"tool"`
		Invocations []sarifInvocation `json:"invocations"`
		ColumnKind  string            `json:"columnKind"`
		Results     []sarifResult     `json:"results"`
	}
	sarifTool struct {
		Driver sarifDriver `json:"driver"`
	}
	sarifDriver struct {
		Name    string      `json:"name"`
		Version string      `json:"version,omitempty"`
		Rules   []sarifRule `json:"rules"`
	}
	sarifRule struct {
		ID            string       `json:"id"`
		Short         sarifMessage `json:"shortDescription"`
		Configuration sarifDefault `json:"defaultConfiguration"`
	}
	sarifDefault struct {
		Level string `json:"level"`
	}
	sarifMessage struct {
		Text string `json:"text"`
	}
	sarifInvocation struct {
		Successful    bool                `json:"executionSuccessful"`
		ExitCode      int                 `json:"exitCode"`
		Notifications []sarifNotification `json:"toolExecutionNotifications,omitempty"`
	}
	sarifNotification struct {
		Level   string       `json:"level"`
		Message sarifMessage `json:"message"`
	}
	sarifResult struct {
		RuleID       string            `json:"ruleId"`
		RuleIndex    int               `json:"ruleIndex"`
		Level        string            `json:"level"`
		Message      sarifMessage      `json:"message"`
		Locations    []sarifLocation   `json:"locations"`
		Related      []sarifLocation   `json:"relatedLocations,omitempty"`
		Fingerprints map[string]string `json:"partialFingerprints"`
	}
	sarifLocation struct {
		ID       *int           `json:"id,omitempty"`
		Physical sarifPhysical  `json:"physicalLocation"`
		Logical  []sarifLogical `json:"logicalLocations,omitempty"`
		Message  *sarifMessage  `json:"message,omitempty"`
	}
	sarifPhysical struct {
		Artifact sarifArtifact `json:"artifactLocation"`
		Region   *sarifRegion  `json:"region,omitempty"`
	}
	sarifArtifact struct {
		URI  string `json:"uri"`
		Base string `json:"uriBaseId,omitempty"`
	}
	sarifRegion struct {
		StartLine   int `json:"startLine"`
		StartColumn int `json:"startColumn,omitempty"`
	}
	sarifLogical struct {
		Name string `json:"name"`
		Kind string `json:"kind"`
	}
)

// sarifFingerprint names the way fingerprints are made; another way is another name.
const sarifFingerprint = "sidetrace/v1"

// WriteSARIF writes what does not hold, and the stages of chains that no rule sees,
// as SARIF 2.1.0. Fingerprints are made of the scenario's id and of what it
// expects, so that they stay when lines move.
func WriteSARIF(w io.Writer, s *Suite) error {
	run := sarifRun{
		Tool:        sarifTool{sarifDriver{Name: "sidetrace", Version: Printable(s.Version)}},
		Invocations: []sarifInvocation{{Successful: s.Verdict != Crashed && len(s.NotRun) == 0, ExitCode: s.ExitCode()}},
		ColumnKind:  "unicodeCodePoints",
		Results:     []sarifResult{},
	}
	index := map[*outcomeKind]int{}
	for i, k := range outcomeKinds() {
		index[k] = i
		run.Tool.Driver.Rules = append(run.Tool.Driver.Rules, sarifRule{k.id, sarifMessage{k.about + "."}, sarifDefault{k.level}})
	}
	seen := map[string]int{}
	for i := range s.Scenarios {
		sc := &s.Scenarios[i]
		for _, o := range append(failed(sc), stageOutcomes(sc)...) {
			owner := sc.ID
			if o.kind.id == "detections.rules" {
				owner = o.at.file // the rule is broken in every scenario
			}
			print := fingerprint(owner, o.kind.id, o.name)
			n := seen[print]
			seen[print]++
			if n > 0 && owner != sc.ID {
				continue
			}
			run.Results = append(run.Results, o.sarif(sc, index[o.kind], fmt.Sprintf("%s:%d", print, n+1)))
		}
	}
	for _, id := range s.NotRun {
		run.Invocations[0].Notifications = append(run.Invocations[0].Notifications, sarifNotification{"warning", sarifMessage{Printable(id) + " was not run."}})
	}
	return writeJSON(w, sarifLog{"https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json", "2.1.0", []sarifRun{run}})
}

func fingerprint(parts ...string) string {
	sum := sha256.Sum256([]byte(strings.Join(parts, "\x00")))
	return hex.EncodeToString(sum[:16])
}

func (o *outcome) sarif(s *Scenario, rule int, print string) sarifResult {
	text := strings.Join(append([]string{Printable(o.message())}, o.details...), "\n")
	r := sarifResult{
		RuleID: o.kind.id, RuleIndex: rule, Level: o.level(), Message: sarifMessage{text},
		Locations:    []sarifLocation{{Physical: o.at.sarif(), Logical: []sarifLogical{{Printable(s.ID), "scenario"}}}},
		Fingerprints: map[string]string{sarifFingerprint: print},
	}
	if o.rule != nil && o.rule.File != "" {
		other := location{file: o.rule.File, line: o.rule.Line}
		if o.at.file == other.file && o.at.line == other.line {
			other = location{file: s.File}
		}
		id := 0
		r.Related = append(r.Related, sarifLocation{ID: &id, Physical: other.sarif(), Message: &sarifMessage{"the rule"}})
		if other.file == s.File {
			r.Related[0].Message.Text = "the scenario"
		}
	}
	return r
}

func (l location) sarif() sarifPhysical {
	p := sarifPhysical{Artifact: sarifArtifact{URI: fileURI(l.file)}}
	if !path.IsAbs(l.file) {
		p.Artifact.Base = "%SRCROOT%"
	}
	if l.line > 0 {
		p.Region = &sarifRegion{l.line, l.column}
	}
	return p
}

// fileURI is a path as a URI; one that is not absolute stays so.
func fileURI(file string) string {
	u := url.URL{Path: file}
	if path.IsAbs(file) {
		u.Scheme = "file"
	}
	return u.String()
}
