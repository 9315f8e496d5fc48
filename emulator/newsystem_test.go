package emulator

import "testing"

// BenchmarkNewSystem builds the system DLLs.
func BenchmarkNewSystem(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		s, err := NewSystem()
		if err != nil {
			b.Fatal(err)
		}
		s.Close()
	}
}
