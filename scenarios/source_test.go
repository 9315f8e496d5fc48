package scenarios_test

import (
	"os"
	"path/filepath"
	"testing"

	"sidetrace/scenarios"
)

func TestRead(t *testing.T) {
	outside := t.TempDir()
	dir := filepath.Join(outside, "scenario")
	write := func(path, text string) {
		t.Helper()
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.MkdirAll(filepath.Join(dir, "sub"), 0o700); err != nil {
		t.Fatal(err)
	}
	write(filepath.Join(outside, "secret"), "secret")
	write(filepath.Join(dir, "sub", "a.txt"), "inside")
	for name, target := range map[string]string{"out": "../secret", "in": "sub/a.txt", "absolute": filepath.Join(outside, "secret")} {
		if err := os.Symlink(target, filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	large, err := os.Create(filepath.Join(dir, "large"))
	if err != nil {
		t.Fatal(err)
	}
	if err := large.Truncate(scenarios.MaxSourceSize + 1); err != nil {
		t.Fatal(err)
	}
	large.Close()

	s := &scenarios.Scenario{File: "s.yaml", Dir: dir}
	replicas := map[string][]byte{"ffmpeg.dll": []byte("MZ")}
	tests := []struct {
		source scenarios.Source
		want   string
		err    string
	}{
		{scenarios.Source{Place: scenarios.Place{Line: 1, Column: 9}, Path: "sub/a.txt"}, "inside", ""},
		{scenarios.Source{Place: scenarios.Place{Line: 1, Column: 9}, Path: "in"}, "inside", ""},
		{scenarios.Source{Place: scenarios.Place{Line: 1, Column: 9}, Data: []byte("x")}, "x", ""},
		{scenarios.Source{}, "", ""},
		{scenarios.Source{Place: scenarios.Place{Line: 1, Column: 9}, Replica: "ffmpeg.dll"}, "MZ", ""},
		{scenarios.Source{Place: scenarios.Place{Line: 2, Column: 9}, Replica: "x.dll"}, "", "s.yaml:2:9: replica:x.dll: the set of replicas has no such file"},
		{scenarios.Source{Place: scenarios.Place{Line: 3, Column: 9}, Path: "none"}, "", "s.yaml:3:9: none: no such file or directory\n\thint: sources are relative to the scenario's folder"},
		{scenarios.Source{Place: scenarios.Place{Line: 4, Column: 9}, Path: "sub"}, "", "s.yaml:4:9: sub: not a regular file"},
		{scenarios.Source{Place: scenarios.Place{Line: 5, Column: 9}, Path: "out"}, "", "s.yaml:5:9: out: path escapes from parent"},
		{scenarios.Source{Place: scenarios.Place{Line: 6, Column: 9}, Path: "absolute"}, "", "s.yaml:6:9: absolute: path escapes from parent"},
		{scenarios.Source{Place: scenarios.Place{Line: 7, Column: 9}, Path: "large"}, "", "s.yaml:7:9: large: more than 64 MiB"},
	}
	for _, tt := range tests {
		data, err := s.Read(tt.source, replicas)
		got := ""
		if err != nil {
			got = err.Error()
		}
		if got != tt.err || err == nil && string(data) != tt.want {
			t.Errorf("%s: got %.20q, %q; want %q, %q", tt.source, data, got, tt.want, tt.err)
		}
	}
}
