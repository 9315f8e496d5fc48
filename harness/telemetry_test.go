package harness_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"sidetrace/emulator/guest"
	"sidetrace/emulator/trace"
	"sidetrace/harness"
	"sidetrace/harness/telemetry"
)

// record runs a scenario and gives its record with the host of its telemetry.
func record(t *testing.T, id string) (*trace.Run, telemetry.Host) {
	t.Helper()
	var config guest.Config
	run := newMachine(t)
	r := harness.Runner{KeepTraces: true, Machine: func(ctx context.Context, c guest.Config) (*trace.Run, error) {
		config = c
		return run(ctx, c)
	}}
	suite := r.Run(context.Background(), load(t, "../scenarios", id))
	return suite.Scenarios[0].Trace, telemetry.Host{Files: telemetry.FileMap(config.Files)}
}

// TestTelemetry lists what sensors see of the whole chain.
func TestTelemetry(t *testing.T) {
	run, host := record(t, "3cx-2023")
	var got []string
	for _, e := range telemetry.Build(run, host) {
		line := fmt.Sprint(e.ID, " ", e.Source.Category)
		for _, name := range []string{"ImageLoaded", "QueryName", "DestinationHostname", "PipeName", "c-uri", "ParentImage"} {
			if v, ok := e.Get(name); ok {
				line += " " + trace.BaseName(v.Text)
			}
		}
		got = append(got, line)
	}
	want := []string{
		"1 process_creation explorer.exe",
		"7 image_load 3CXDesktopApp.exe", "7 image_load ntdll.dll", "7 image_load kernel32.dll", "7 image_load kernelbase.dll",
		"7 image_load ffmpeg.dll", "7 image_load bcrypt.dll", "7 image_load msvcrt.dll",
		"22 dns_query raw.githubusercontent.com", "3 network_connection raw.githubusercontent.com", "0 proxy icon3.ico",
		"22 dns_query glcloudservice.com", "3 network_connection glcloudservice.com", "0 proxy console",
		"17 pipe_created <Anonymous Pipe>", "17 pipe_created <Anonymous Pipe>", "1 process_creation 3CXDesktopApp.exe",
		"5 process_termination",
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
}
