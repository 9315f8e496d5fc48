package main

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"sidetrace/harness"
	"sidetrace/reports"
)

// sharding is the flags that choose one part of the scenarios.
type sharding struct {
	part     string
	previous string
}

func (s *sharding) flags(cmd *cobra.Command) {
	cmd.Flags().StringVar(&s.part, "shard", "", "only part `I/N` of the scenarios, such as 1/3; see merge")
	cmd.Flags().StringVar(&s.previous, "previous", "", "result (JSON, written with --times) whose durations make shards alike: `FILE`")
}

// apply leaves the scenarios of the shard.
func (s *sharding) apply(entries []harness.Entry) ([]harness.Entry, error) {
	if s.part == "" {
		if s.previous != "" {
			return nil, usage(errors.New("--previous goes with --shard"), "")
		}
		return entries, nil
	}
	first, second, ok := strings.Cut(s.part, "/")
	i, err1 := strconv.Atoi(first)
	n, err2 := strconv.Atoi(second)
	if !ok || err1 != nil || err2 != nil || i < 1 || i > n || n > maxShards {
		return nil, usage(fmt.Errorf("--shard %s: not of the form I/N with I from 1 to N", s.part), "for example --shard 1/3")
	}
	var durations map[string]int64
	if s.previous != "" {
		result, err := readResult(s.previous)
		if err != nil {
			return nil, usage(err, "")
		}
		if result.Wall == nil {
			return nil, usage(fmt.Errorf("%s has no durations", s.previous), "write it with run --times")
		}
		durations = map[string]int64{}
		for _, w := range result.Wall.Scenarios {
			durations[w.ID] = w.ElapsedNS
		}
	}
	return harness.Shard{Index: i, Of: n}.Part(entries, durations), nil
}

const maxShards = 100_000

func (c *command) mergeCommand() *cobra.Command {
	format := "json"
	var files []string
	cmd := &cobra.Command{
		Use:   "merge [flags] RESULT ...",
		Short: "Join the results of shards into one",
		Long: `Joins results that were written as JSON by "run --shard" into one, and writes it in
any format but those of single runs. The exit code is that of the whole: 0 if every scenario passed.`,
		Example: `  sidetrace run --shard 1/2 --report json=1.json   # on one machine
  sidetrace run --shard 2/2 --report json=2.json   # on another
  sidetrace merge --format text 1.json 2.json`,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return usage(errors.New("merge: a result is missing"), "usage: "+cmd.UseLine())
			}
			return nil
		},
		RunE: func(_ *cobra.Command, args []string) error {
			chosen, err := suiteFormat(format)
			if err != nil {
				return err
			}
			var suites []*reports.Suite
			for _, name := range args {
				s, err := readResult(name)
				if err != nil {
					return usage(err, "")
				}
				suites = append(suites, s)
			}
			whole, err := reports.Merge(suites)
			if err != nil {
				return usage(err, "")
			}
			return c.merged(whole, chosen, files)
		},
	}
	cmd.Flags().StringVar(&format, "format", format, "`FORMAT` of standard output, as of run")
	cmd.Flags().StringArrayVar(&files, "report", nil, "write a report to a file too, as `FORMAT=FILE`; may be repeated")
	return cmd
}

func (c *command) merged(whole *reports.Suite, format format, files []string) error {
	written, err := createReports(files, suiteFormat)
	if err != nil {
		return err
	}
	defer written.abandon()
	err = errors.Join(format.Write(c.stdout, whole, reports.TextOptions{Colour: c.colour}), written.commit(whole, reports.Show{}))
	if err != nil {
		return internal(err, "")
	}
	return verdict(whole.ExitCode())
}
