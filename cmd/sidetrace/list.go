package main

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"sidetrace/reports"
)

// listed is one scenario as "list --format json" prints it.
type listed struct {
	ID     string   `json:"id"`
	Title  string   `json:"title"`
	File   string   `json:"file"`
	Tags   []string `json:"tags"`
	Attack []string `json:"attack"`
}

func (c *command) listCommand() *cobra.Command {
	var choice selection
	var format string
	cmd := &cobra.Command{
		Use:   "list [PATH|ID ...]",
		Short: "List scenarios with their tags and ATT&CK techniques",
		RunE: func(_ *cobra.Command, args []string) error {
			found, err := choice.choose(args)
			if err != nil {
				return err
			}
			list := []listed{}
			for _, f := range found {
				if f.Err != nil {
					c.say("%v", f.Err)
					continue
				}
				s := f.Scenario
				list = append(list, listed{s.ID, s.Title, filepath.ToSlash(f.File), orEmpty(s.Tags), orEmpty(s.Attack)})
			}
			switch format {
			case "text":
				return c.listText(list)
			case "json":
				enc := json.NewEncoder(c.stdout)
				enc.SetEscapeHTML(false)
				enc.SetIndent("", "  ")
				return enc.Encode(list)
			}
			return unknownFormat(format, "text", "json")
		},
	}
	choice.flags(cmd)
	cmd.Flags().StringVar(&format, "format", "text", "`FORMAT` of the list: text or json")
	return cmd
}

func (c *command) listText(list []listed) error {
	w := tabwriter.NewWriter(c.stdout, 0, 0, 2, ' ', 0)
	for _, s := range list {
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\n", s.ID, reports.Printable(s.Title), strings.Join(s.Tags, ","), strings.Join(s.Attack, ","))
	}
	return w.Flush()
}

func orEmpty(list []string) []string {
	if list == nil {
		return []string{}
	}
	return list
}

func unknownFormat(format string, known ...string) error {
	return usage(fmt.Errorf("unknown format %q", format), "the formats are "+strings.Join(known, ", "))
}
