// Package html writes a suite as one page that needs nothing else: no network,
// no folder beside it, no server.
//
//	err := html.Write(f, suite)
//
// Verdicts, the picture of the chain, expectations and the matrix of detections
// are HTML and can be read without a script. Why a rule fired or not, the
// timeline, artifacts and the call trace are drawn by the page's script from
// compressed blocks, each unpacked when it is first looked at.
//
// The rules are:
//
//   - nothing of a guest, a scenario or a rule becomes markup: Go writes it by
//     html/template, the script by textContent alone;
//   - what is not printable (control codes, direction marks) is written as an
//     escape, as in text reports;
//   - a content security policy names the one script and the one style sheet by
//     hash and forbids everything else;
//   - the page has a limit; what was left out for it is said where it is missing;
//   - the same suite gives the same bytes.
package html

import (
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"fmt"
	"html/template"
	"io"
	"strings"
	"time"

	"sidetrace/reports"
)

//go:embed page.html scenario.html page.css script/*.js
var files embed.FS

// scripts lists the parts of the page's script in their order.
var scripts = [...]string{"page.js", "list.js", "timeline.js", "calls.js", "artifacts.js"}

// page is what the template is filled with.
type page struct {
	Suite     *reports.Suite
	Verdicts  []reports.Verdict
	Scenarios []*scenario
	Policy    string // Content-Security-Policy
	Style     template.CSS
	Script    template.JS
}

// Write writes the suite. Calls and the bytes of artifacts are there for
// scenarios that still have their trace.
func Write(w io.Writer, suite *reports.Suite) error {
	style, err := files.ReadFile("page.css")
	if err != nil {
		return err
	}
	var script strings.Builder
	for _, name := range scripts {
		part, err := files.ReadFile("script/" + name)
		if err != nil {
			return err
		}
		script.Write(part)
	}
	p := page{
		Suite: suite, Verdicts: reports.Verdicts(),
		Style: template.CSS(style), Script: template.JS(script.String()), // our own files
		Policy: fmt.Sprintf("default-src 'none'; script-src '%s'; style-src '%s'; base-uri 'none'; form-action 'none'",
			hash([]byte(script.String())), hash(style)),
	}
	for i := range suite.Scenarios {
		p.Scenarios = append(p.Scenarios, newScenario(i, &suite.Scenarios[i]))
	}
	t, err := template.New("page.html").Funcs(template.FuncMap{
		"clean": reports.Printable, "lines": lines, "clock": clock, "words": words,
		"pair": func(s *scenario, v any) map[string]any { return map[string]any{"S": s, "V": v} },
	}).ParseFS(files, "page.html", "scenario.html")
	if err != nil {
		return err
	}
	// What cannot be left out is measured, and the rest of the page is for blocks.
	var size counter
	if err := t.Execute(&size, &p); err != nil {
		return err
	}
	if err := pack(p.Scenarios, pageBytes-int(size)); err != nil {
		return err
	}
	return t.Execute(w, &p)
}

// counter counts what is written to it.
type counter int

func (c *counter) Write(data []byte) (int, error) {
	*c += counter(len(data))
	return len(data), nil
}

// hash is the source expression of inline content in a policy.
//
// https://www.w3.org/TR/CSP3/#grammardef-hash-source
func hash(content []byte) string {
	sum := sha256.Sum256(content)
	return "sha256-" + base64.StdEncoding.EncodeToString(sum[:])
}

// lines is text of several lines, each without characters that cannot be seen.
// The no-break spaces of go-cmp's diffs become plain ones.
func lines(text string) string {
	list := strings.Split(strings.TrimRight(strings.ReplaceAll(text, "\u00a0", " "), "\n"), "\n")
	for i, line := range list {
		list[i] = reports.Printable(strings.ReplaceAll(line, "\t", "    "))
	}
	return strings.Join(list, "\n")
}

// words is a name of the model as people write it.
func words(name any) string { return strings.ReplaceAll(fmt.Sprint(name), "_", " ") }

// clock is a virtual time since the start.
func clock(ns int64) string {
	const day = 24 * time.Hour
	d := time.Duration(ns)
	text := fmt.Sprintf("%02d:%02d:%02d.%03d", d%day/time.Hour, d%time.Hour/time.Minute, d%time.Minute/time.Second, d%time.Second/time.Millisecond)
	if d >= day {
		text = fmt.Sprintf("%dd %s", d/day, text)
	}
	return text
}
