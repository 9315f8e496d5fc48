package main

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"sidetrace/emulator/win"
)

// api is one exported name as "apis --format json" prints it.
type api struct {
	DLL     string      `json:"dll"`
	Name    string      `json:"name"`
	Support win.Support `json:"support"`
	Note    string      `json:"note,omitempty"`
}

// apisCommand lists what tables gives.
func (c *command) apisCommand(tables func() []win.Table) *cobra.Command {
	var format string
	cmd := &cobra.Command{
		Use:   "apis [DLL ...]",
		Short: "List the modelled Windows functions and how well they are modelled",
		Long: `Lists the modelled Windows functions. The levels are

  full     does what Windows does, as far as a guest can see
  partial  does less; the note says what is missing
  stub     always succeeds, and does nothing
  forward  leads to another DLL's export
  data     an exported variable

Any other function can be imported and looked up; calling it is a gap.`,
		RunE: func(_ *cobra.Command, args []string) error {
			list, err := selectAPIs(tables(), args)
			if err != nil {
				return err
			}
			switch format {
			case "text":
				w := tabwriter.NewWriter(c.stdout, 0, 0, 2, ' ', 0)
				for _, a := range list {
					fmt.Fprintf(w, "%s\t%s\t%s\t%s\n", a.DLL, a.Name, a.Support, a.Note)
				}
				return w.Flush()
			case "json":
				enc := json.NewEncoder(c.stdout)
				enc.SetEscapeHTML(false)
				enc.SetIndent("", "  ")
				return enc.Encode(list)
			}
			return unknownFormat(format, "text", "json")
		},
	}
	cmd.Flags().StringVar(&format, "format", "text", "`FORMAT` of the list: text or json")
	return cmd
}

// selectAPIs lists the rows of the DLLs that args name, with or without
// ".dll", or of all.
func selectAPIs(tables []win.Table, args []string) ([]api, error) {
	var names []string
	for _, t := range tables {
		if len(t.Rows) > 0 {
			names = append(names, t.DLL)
		}
	}
	wanted := map[string]bool{}
	for _, arg := range args {
		name := strings.TrimSuffix(strings.ToLower(arg), ".dll") + ".dll"
		if !slices.Contains(names, name) {
			return nil, usage(fmt.Errorf("no functions of %s are modelled", name), "the DLLs are "+strings.Join(names, ", "))
		}
		wanted[name] = true
	}
	list := []api{}
	for _, t := range tables {
		if len(wanted) > 0 && !wanted[t.DLL] {
			continue
		}
		for _, r := range t.Rows {
			list = append(list, api{t.DLL, r.Name, r.Support, r.Note})
		}
	}
	slices.SortFunc(list, func(a, b api) int { return cmp.Or(strings.Compare(a.DLL, b.DLL), strings.Compare(a.Name, b.Name)) })
	return list, nil
}
