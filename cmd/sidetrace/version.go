package main

import (
	"fmt"
	"runtime/debug"

	"github.com/spf13/cobra"

	"sidetrace/emulator/cpu"
	"sidetrace/harness/detect/yara"
)

func (c *command) versionCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "Print the version of sidetrace, of Go, of libunicorn and of libyara",
		Args:  none,
		RunE: func(*cobra.Command, []string) error {
			info, _ := debug.ReadBuildInfo()
			fmt.Fprintf(c.stdout, "sidetrace %s\n", version(info))
			if info != nil {
				fmt.Fprintf(c.stdout, "go %s\n", info.GoVersion)
			}
			fmt.Fprintf(c.stdout, "libunicorn %s\n", cpu.Version())
			fmt.Fprintf(c.stdout, "libyara %s\n", yara.Version())
			return nil
		},
	}
}

// toolVersion is the version of this program, as reports show it.
func toolVersion() string {
	info, _ := debug.ReadBuildInfo()
	return version(info)
}

// version is the module's version if it has one, else the commit it was built
// from, else "devel".
func version(info *debug.BuildInfo) string {
	if info == nil {
		return "devel"
	}
	if v := info.Main.Version; v != "" && v != "(devel)" {
		return v
	}
	revision, modified := "", ""
	for _, s := range info.Settings {
		switch {
		case s.Key == "vcs.revision":
			revision = s.Value[:min(12, len(s.Value))]
		case s.Key == "vcs.modified" && s.Value == "true":
			modified = "+changes"
		}
	}
	if revision == "" {
		return "devel"
	}
	return revision + modified
}
