package pe

import (
	"encoding/binary"
	"runtime"
	"testing"

	"sidetrace/loaders/internal/testpe"
)

// bomb makes a file whose last section is 1 MiB, of which it returns the bytes;
// the section is mapped at bombRVA.
func bomb() (*testpe.File, []byte) {
	const size = 1 << 20
	f := testpe.Build(testpe.Full())
	offset := int(f.Get("Section[4].PointerToRawData"))
	f.Bytes = append(f.Bytes[:offset:offset], make([]byte, size)...)
	for _, d := range []string{"IMPORT", "DELAY_IMPORT", "EXPORT", "BASERELOC", "TLS", "EXCEPTION", "RESOURCE", "SECURITY"} {
		f.Put("DataDirectory["+d+"]", 0)
	}
	f.Put("Section[4].SizeOfRawData", size)
	f.Put("Section[4].VirtualSize", size)
	f.Put("OptionalHeader.SizeOfImage", bombRVA+size)
	return f, f.Bytes[offset:]
}

const bombRVA = 0x7000

// repeat fills b with words.
func repeat(b []byte, words ...uint32) {
	for i := 0; i+4*len(words) <= len(b); {
		for _, w := range words {
			binary.LittleEndian.PutUint32(b[i:], w)
			i += 4
		}
	}
}

// TestBounded wants memory to stay a small multiple of the file's size where
// small files ask for very much.
func TestBounded(t *testing.T) {
	directory := func(f *testpe.File, name string, size uint64) {
		f.Put("DataDirectory["+name+"]", bombRVA)
		f.Put("DataDirectory["+name+"].Size", size)
	}
	for _, tt := range []struct {
		name string
		make func(f *testpe.File, b []byte)
	}{
		{"resource directories that hold themselves", func(f *testpe.File, b []byte) {
			directory(f, "RESOURCE", 1<<20)
			for _, at := range []int{0, 0x8000, 0x10000} {
				binary.LittleEndian.PutUint16(b[at+14:], 0xffd)
				next := uint32(at + 0x8000)
				if at < 0x10000 {
					next |= resourceHigh
				}
				repeat(b[at+16:at+16+8*0xffd], 1, next)
			}
			repeat(b[0x18000:], 0x1000, 16, 0, 0)
		}},
		{"long resource names", func(f *testpe.File, b []byte) {
			directory(f, "RESOURCE", 1<<20)
			binary.LittleEndian.PutUint16(b[12:], 0xffff)
			repeat(b[16:16+8*0xffff], resourceHigh|0xc0000, resourceHigh|0xb0000)
			binary.LittleEndian.PutUint16(b[0xc0000:], 0xffff)
		}},
		{"imports that share names", func(f *testpe.File, b []byte) {
			directory(f, "IMPORT", 20)
			repeat(b[:1<<18], bombRVA+1<<19, 0, 0, bombRVA+1<<18, bombRVA+1<<19)
			for i := range 1 << 18 {
				b[1<<18+i] = 'A'
			}
			b[1<<18+200] = 0
			repeat(b[1<<19:1<<20-8], bombRVA+1<<18+256, 0)
		}},
		{"ordinals under a long DLL name", func(f *testpe.File, b []byte) {
			directory(f, "IMPORT", 20)
			repeat(b[:20], bombRVA+1<<12, 0, 0, bombRVA+1<<11, bombRVA+1<<12)
			for i := range 250 {
				b[1<<11+i] = 'A'
			}
			repeat(b[1<<12:1<<20-8], 1, 1<<31)
		}},
		{"exports that share names", func(f *testpe.File, b []byte) {
			directory(f, "EXPORT", 40)
			repeat(b[:40], 0, 0, 0, 0, 1, 65536, 65536, bombRVA+1<<12, bombRVA+1<<18+1<<13, 0x2000)
			repeat(b[1<<12:1<<12+1<<18], 0x1000)
			repeat(b[1<<18+1<<13:1<<19+1<<13], bombRVA+1<<19+1<<14)
			for i := 1<<19 + 1<<14; i < 1<<20-1; i++ {
				b[i] = 'A'
			}
		}},
		{"relocations only", func(f *testpe.File, b []byte) {
			directory(f, "BASERELOC", 1<<20)
			repeat(b, 0xa000a000)
			repeat(b[:8], 0, 1<<20)
		}},
		{"unwind entries only", func(f *testpe.File, b []byte) {
			directory(f, "EXCEPTION", 1<<20)
			repeat(b, 0x1000, 0x1001, 0x1000)
		}},
		{"empty certificates only", func(f *testpe.File, b []byte) {
			f.Put("DataDirectory[SECURITY]", uint64(len(f.Bytes)-len(b)))
			f.Put("DataDirectory[SECURITY].Size", uint64(len(b)))
			repeat(b, 8, 0x00020200)
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			f, b := bomb()
			tt.make(f, b)
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			img, err := Parse(f.Bytes)
			runtime.ReadMemStats(&after)
			if err != nil {
				checkError(t, err, len(f.Bytes))
			} else if len(img.Anomalies) > maxAnomalies {
				t.Errorf("%d anomalies", len(img.Anomalies))
			}
			const most = 48
			if got := (after.TotalAlloc - before.TotalAlloc) / uint64(len(f.Bytes)); got > most {
				t.Errorf("%d times the file's size were allocated, want at most %d", got, most)
			}
			t.Logf("%.1f times the file's size; %v", float64(after.TotalAlloc-before.TotalAlloc)/float64(len(f.Bytes)), err)
		})
	}
}
