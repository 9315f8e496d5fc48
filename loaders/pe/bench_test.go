package pe

import (
	"os"
	"path/filepath"
	"testing"

	"sidetrace/loaders/internal/testpe"
)

// BenchmarkParse reads a file of 4 KiB with something in every directory, a
// signed one, and compilers' DLLs up to 24 MiB where there are some.
func BenchmarkParse(b *testing.B) {
	run := func(name string, data []byte) {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := Parse(data); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
	run("full", testpe.Build(testpe.Full()).Bytes)
	data, err := os.ReadFile(fixture)
	if err != nil {
		b.Fatal(err)
	}
	run("signed", data)
	for _, path := range compilerDLLs(b) {
		switch name := filepath.Base(path); name {
		case "libwinpthread-1.dll", "libquadmath-0.dll", "libstdc++-6.dll":
			data, err := os.ReadFile(path)
			if err != nil {
				b.Fatal(err)
			}
			run(filepath.Base(filepath.Dir(path))+"/"+name, data)
		}
	}
}
