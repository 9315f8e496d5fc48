package harness

import (
	"errors"
	"os"
	"path/filepath"

	"sidetrace/emulator/trace"
	"sidetrace/harness/expect"
	"sidetrace/reports"
	"sidetrace/scenarios"
)

// golden compares a run with the scenario's golden file, or writes the file.
func (r *Runner) golden(s *scenarios.Scenario, run *trace.Run, out *reports.Scenario) error {
	if s.Expect.Golden.Path == "" {
		return nil
	}
	switch out.Verdict {
	case reports.Error, reports.Crashed, reports.Timeout:
		return nil // the run proves nothing
	}
	if r.Update {
		text := expect.Golden(s, run, out.Steps)
		if err := writeGolden(s, text); err != nil {
			return err
		}
		expect.CheckGolden(s, run, text, out)
		return nil
	}
	data, err := s.Read(s.Expect.Golden, nil)
	if err != nil {
		return withHint(err, "run --update writes it")
	}
	expect.CheckGolden(s, run, string(data), out)
	return nil
}

// writeGolden writes the golden file, which lies in the scenario's folder.
func writeGolden(s *scenarios.Scenario, text string) error {
	root, err := os.OpenRoot(s.Dir)
	if err != nil {
		return err
	}
	defer root.Close()
	if dir := filepath.Dir(filepath.FromSlash(s.Expect.Golden.Path)); dir != "." {
		if err := root.MkdirAll(dir, 0o755); err != nil {
			return err
		}
	}
	return root.WriteFile(filepath.FromSlash(s.Expect.Golden.Path), []byte(text), 0o644)
}

// withHint says what can be done about the problems of an error.
func withHint(err error, hint string) error {
	var list *scenarios.Error
	if errors.As(err, &list) {
		for i := range list.Problems {
			list.Problems[i].Hint = hint
		}
	}
	return err
}
