package telemetry

import (
	"bytes"
	"testing"
)

// BenchmarkParse reads a log of evtx_dump.
func BenchmarkParse(b *testing.B) {
	var out bytes.Buffer
	if err := Write(&out, EventLog, Build(hostile(), Host{})); err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(out.Len()))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Parse(bytes.Clone(out.Bytes())); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkBuild makes the events of a run whose files are known already.
func BenchmarkBuild(b *testing.B) {
	run, host := hostile(), Host{Files: FileMap(nil)}
	b.ReportAllocs()
	for b.Loop() {
		Build(run, host)
	}
}
