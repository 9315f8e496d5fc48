package reports

import (
	"bufio"
	"fmt"
	"io"
	"strings"
)

// WriteGitHub writes the commands that GitHub's runner turns into annotations: one
// for each check that does not hold, at the line of the scenario or the rule, and
// a notice that sums up. The runner shows the first ten of each level of a step.
//
// https://docs.github.com/actions/reference/workflow-commands-for-github-actions
func WriteGitHub(w io.Writer, s *Suite) error {
	out := bufio.NewWriter(w)
	said := map[string]bool{} // a rule that is broken is so in every scenario
	for i := range s.Scenarios {
		sc := &s.Scenarios[i]
		for _, o := range failed(sc) {
			text := strings.Join(append([]string{Printable(o.message())}, o.details...), "\n")
			if o.kind.id == "detections.rules" {
				key := o.at.String() + "\x00" + text
				if said[key] {
					continue
				}
				said[key] = true
			}
			out.WriteString(githubCommand(o.level(), sc.ID, o.at, text))
		}
	}
	for _, id := range s.NotRun {
		out.WriteString(githubCommand("warning", id, location{}, "it was not run"))
	}
	out.WriteString(githubCommand("notice", "sidetrace", location{}, sum(s)))
	return out.Flush()
}

// githubCommand is one workflow command. Its text is printable but for ends of
// lines.
func githubCommand(level, title string, at location, text string) string {
	var properties []string
	add := func(name, value string) {
		properties = append(properties, name+"="+githubProperty.Replace(Printable(value)))
	}
	if at.file != "" {
		add("file", at.file)
		if at.line > 0 {
			add("line", fmt.Sprint(at.line))
		}
		if at.line > 0 && at.column > 0 {
			add("col", fmt.Sprint(at.column))
		}
	}
	add("title", title)
	return "::" + level + " " + strings.Join(properties, ",") + "::" + githubData.Replace(text) + "\n"
}

// The escapes are those of GitHub's own toolkit: the runner knows these alone.
var (
	githubData     = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A")
	githubProperty = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A", ":", "%3A", ",", "%2C")
)
