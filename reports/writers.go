package reports

import "io"

// Writer is a form a suite can be written in.
type Writer struct {
	Name      string // what the command calls it
	Extension string // of files, with the dot
	About     string // one line
	Write     func(io.Writer, *Suite, TextOptions) error
}

// Writers lists the forms, those for people first. All but text leave the options
// alone.
func Writers() []Writer {
	plain := func(write func(io.Writer, *Suite) error) func(io.Writer, *Suite, TextOptions) error {
		return func(w io.Writer, s *Suite, _ TextOptions) error { return write(w, s) }
	}
	return []Writer{
		{"text", ".txt", "for people: verdicts, what was missed and what came nearest", WriteText},
		{"markdown", ".md", "the same for the summary of a GitHub job or a comment, with a table of rules by stage", plain(WriteMarkdown)},
		{"json", ".json", "everything, as reports/schema.json describes it", plain(WriteJSON)},
		{"junit", ".xml", "JUnit XML: a test suite for each scenario, a test case for each check", plain(WriteJUnit)},
		{"github", ".txt", "commands that become annotations of a GitHub job", plain(WriteGitHub)},
		{"sarif", ".sarif", "SARIF 2.1.0: checks that do not hold, and stages that no rule sees", plain(WriteSARIF)},
		{"navigator", ".json", "a layer of the ATT&CK Navigator, scored by how often rules see a technique", plain(WriteNavigator)},
	}
}
