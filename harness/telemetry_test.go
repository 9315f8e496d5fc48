package harness_test

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"sidetrace/emulator/guest"
	"sidetrace/emulator/trace"
	"sidetrace/emulator/win/machine"
	"sidetrace/harness"
	"sidetrace/harness/telemetry"
)

var update = flag.Bool("update", false, "rewrite what the tests compare with")

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
	return suite.Scenarios[0].Trace, harness.Host(&config)
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

// TestBlindStages lists what only behaviours and calls show of the chain: no
// rule on Sysmon's events can see these stages.
func TestBlindStages(t *testing.T) {
	run, host := record(t, "3cx-2023")
	var sysmon, calls []string
	for _, s := range telemetry.Stages(run, host) {
		if slices.Contains(s.Blind(), telemetry.SensorSysmon) {
			sysmon = append(sysmon, s.Kind)
		}
		if slices.Contains(s.Blind(), telemetry.SensorAPI) {
			calls = append(calls, s.Kind)
		}
	}
	want := []string{
		"dllmain.enter", "event.create", "file.read", "memory.protect", "code.unpacked", "payload.decrypted", "memory.alloc", "module.manual_map",
		"thread.create", "dllmain.return", "export.call", "console.write", "sleep", "registry.read", "http.request", "http.response", "crypto.decrypt",
	}
	if d := cmp.Diff(want, sysmon); d != "" {
		t.Errorf("Sysmon (-want +got):\n%s", d)
	}
	if d := cmp.Diff([]string{"module.load", "code.unpacked", "payload.decrypted", "module.manual_map", "export.call"}, calls); d != "" {
		t.Errorf("calls (-want +got):\n%s", d)
	}
}

// TestTelemetryGolden holds the events in each form against what was looked
// through before.
func TestTelemetryGolden(t *testing.T) {
	run, host := record(t, "3cx-2023")
	built := telemetry.Build(run, host)
	for _, form := range telemetry.Forms() {
		events := built
		if form == telemetry.OCSF { // has classes for what Sysmon does not see
			events = telemetry.Merge(built, telemetry.Behaviours(run, host))
		}
		var got bytes.Buffer
		if err := telemetry.Write(&got, form, events); err != nil {
			t.Fatal(err)
		}
		name := filepath.Join("telemetry", "testdata", "3cx-2023."+string(form)+".jsonl")
		if *update {
			if err := os.WriteFile(name, got.Bytes(), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(got.String(), "\n")); d != "" {
			t.Errorf("%s: run with -update if this is meant (-want +got):\n%s", form, d)
		}
		if form == telemetry.OCSF {
			continue
		}
		again, err := telemetry.Read(&got)
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(built, again, cmpopts.IgnoreFields(telemetry.Event{}, "Seq", "Line")); d != "" {
			t.Errorf("%s, read again (-want +got):\n%s", form, d)
		}
	}
}

// TestTelemetryOfMachine holds what the telemetry says of the machine against
// what the guest is told.
func TestTelemetryOfMachine(t *testing.T) {
	if got := machine.Address.String(); got != telemetry.DefaultAddress {
		t.Errorf("the adapter has the address %s, telemetry says %s", got, telemetry.DefaultAddress)
	}
}
