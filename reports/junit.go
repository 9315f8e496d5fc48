package reports

import (
	"encoding/xml"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// The elements of the form that Jenkins, GitLab and Surefire read. There is no
// standard of it; the schema that Jenkins' xUnit plugin validates with comes
// nearest: https://github.com/jenkinsci/xunit-plugin, junit-10.xsd.
type (
	junitSuite struct {
		XMLName    xml.Name        `xml:"testsuite"`
		Name       string          `xml:"name,attr"`
		Tests      int             `xml:"tests,attr"`
		Failures   int             `xml:"failures,attr"`
		Errors     int             `xml:"errors,attr"`
		Skipped    int             `xml:"skipped,attr"`
		Time       string          `xml:"time,attr,omitempty"`
		File       string          `xml:"file,attr,omitempty"`
		Properties []junitProperty `xml:"properties>property"`
		Cases      []junitCase     `xml:"testcase"`
	}
	junitProperty struct {
		Name  string `xml:"name,attr"`
		Value string `xml:"value,attr"`
	}
	junitCase struct {
		Name    string       `xml:"name,attr"`
		Class   string       `xml:"classname,attr"`
		Skipped *junitResult `xml:"skipped"`
		Error   *junitResult `xml:"error"`
		Failure *junitResult `xml:"failure"`
	}
	junitResult struct {
		Type    string `xml:"type,attr"`
		Message string `xml:"message,attr"`
		Text    string `xml:",cdata"`
	}
)

// WriteJUnit writes a suite as JUnit XML: a test suite for each scenario and a
// test case for each thing it checks. A check that is inconclusive is a failure of
// that type, for it must not pass; one that only warns is skipped. What kept a
// scenario from being judged is an error.
func WriteJUnit(w io.Writer, s *Suite) error {
	var suites []junitSuite
	root := junitSuite{}
	took := map[string]int64{}
	if s.Wall != nil {
		for _, t := range s.Wall.Scenarios {
			took[t.ID] = t.ElapsedNS
		}
	}
	for i := range s.Scenarios {
		one := junitOf(&s.Scenarios[i])
		if ns, ok := took[s.Scenarios[i].ID]; ok {
			one.Time = strconv.FormatFloat(float64(ns)/1e9, 'f', 3, 64)
		}
		suites = append(suites, one)
	}
	for _, id := range s.NotRun {
		id = Printable(id)
		suites = append(suites, junitSuite{
			Name: id, Tests: 1, Skipped: 1,
			Cases: []junitCase{{Name: "run", Class: id, Skipped: &junitResult{Type: "not_run", Message: "it was not run"}}},
		})
	}
	for i := range suites {
		root.Tests, root.Failures, root.Errors = root.Tests+suites[i].Tests, root.Failures+suites[i].Failures, root.Errors+suites[i].Errors
	}
	attribute := func(name, value string) xml.Attr { return xml.Attr{Name: xml.Name{Local: name}, Value: value} }
	start := xml.StartElement{Name: xml.Name{Local: "testsuites"}, Attr: []xml.Attr{
		attribute("name", "sidetrace"), attribute("tests", strconv.Itoa(root.Tests)),
		attribute("failures", strconv.Itoa(root.Failures)), attribute("errors", strconv.Itoa(root.Errors)),
	}}
	if _, err := io.WriteString(w, xml.Header); err != nil {
		return err
	}
	enc := xml.NewEncoder(w)
	enc.Indent("", "  ")
	if err := enc.EncodeToken(start); err != nil {
		return err
	}
	for i := range suites {
		if err := enc.Encode(suites[i]); err != nil {
			return err
		}
	}
	if err := enc.EncodeToken(start.End()); err != nil {
		return err
	}
	if err := enc.Close(); err != nil {
		return err
	}
	_, err := io.WriteString(w, "\n")
	return err
}

func junitOf(s *Scenario) junitSuite {
	out := junitSuite{Name: Printable(s.ID), File: Printable(s.File)}
	property := func(name, value string) {
		if value != "" {
			out.Properties = append(out.Properties, junitProperty{name, Printable(value)})
		}
	}
	property("title", s.Title)
	property("verdict", string(s.Verdict))
	property("reason", s.Reason)
	property("attack", strings.Join(s.Attack, ","))
	seen := map[string]int{}
	for _, o := range outcomes(s) {
		c := junitCase{Name: Printable(o.name), Class: out.Name}
		if o.broken() {
			c.Name = o.kind.id + ": " + Printable(o.at.file) // its own name is what is wrong with it
		}
		if seen[c.Name]++; seen[c.Name] > 1 { // Jenkins takes two of a name for one
			c.Name += fmt.Sprintf(" (%d)", seen[c.Name])
		}
		out.Tests++
		switch r := o.junit(); {
		case o.status == Passed:
		case o.status == Skipped:
			out.Skipped++
			c.Skipped = &junitResult{Type: "skipped", Message: "not decided"}
		case o.warning:
			out.Skipped++
			c.Skipped = r
		case o.broken() || o.kind.id == "run":
			out.Errors++
			c.Error = r
		default:
			out.Failures++
			c.Failure = r
		}
		out.Cases = append(out.Cases, c)
	}
	return out
}

// broken says that the outcome is a mistake in a file, and not one of the run.
func (o *outcome) broken() bool { return o.kind.id == "scenario" || o.kind.id == "detections.rules" }

// junit is how an outcome that does not hold is told.
func (o *outcome) junit() *junitResult {
	if o.holds() {
		return nil
	}
	r := &junitResult{Type: o.kind.id, Message: Printable(o.text)}
	switch {
	case o.status == Doubtful:
		r.Type = string(Doubtful)
	case o.warning:
		r.Type = "warning"
	}
	if r.Message == "" {
		r.Message = Printable(o.name)
	}
	lines := append([]string{Printable(o.message()), "at " + Printable(o.at.String())}, o.details...)
	r.Text = "\n" + strings.Join(lines, "\n") + "\n"
	return r
}

// String is "file:line:column", as far as they are known.
func (l location) String() string {
	text := l.file
	if l.line > 0 {
		text += fmt.Sprintf(":%d", l.line)
		if l.column > 0 {
			text += fmt.Sprintf(":%d", l.column)
		}
	}
	return text
}
