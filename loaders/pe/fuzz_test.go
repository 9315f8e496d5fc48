package pe

import (
	"os"
	"testing"

	"sidetrace/loaders/internal/testpe"
)

// FuzzParse wants typed errors and consistent images of anything.
func FuzzParse(f *testing.F) {
	full := testpe.Full()
	full.Overlay, full.Behind = []byte("overlay"), []byte("behind")
	full.Certificates = [][]byte{signedData64()}
	f.Add(testpe.Build(full).Bytes)
	f.Add(testpe.Build(testpe.Spec{EXE: true}).Bytes)
	if data, err := os.ReadFile(fixture); err == nil {
		f.Add(data)
		f.Add(grow(data, []byte("payload")))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		img, err := Parse(data)
		if err != nil {
			checkError(t, err, len(data))
			return
		}
		// Mapping hundreds of megabytes of zeros would only slow the search.
		if img.Size <= 1<<20 {
			checkImage(t, img)
		}
		if n := len(img.Relocations) + len(img.Unwind) + len(img.Resources); n > len(data) {
			t.Errorf("%d entries out of %d bytes", n, len(data))
		}
		if len(img.Anomalies) > maxAnomalies {
			t.Errorf("%d anomalies", len(img.Anomalies))
		}
	})
}
