package ntdll

import (
	"bytes"
	"encoding/hex"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func unhex(s string) []byte {
	b, err := hex.DecodeString(strings.ReplaceAll(s, " ", ""))
	if err != nil {
		panic(err)
	}
	return b
}

// tune is the example of [MS-XCA] 3.3.
const tune = "F# F# G A A G F# E D D E F# F# E E F# F# G A A G F# E D D E F# E D D E E F# D E F# G F# D E F# G F# E D E A F# F# G A A G F# E D D E F# E D D\x00"

const tuneCompressed = "38b0 88 4623200020472041 0010a24701a0452044 000845015079 00c045200524 13 8805b4024a44ef03 58 028c091601484500 be009e00040118 9000"

func TestExpandLZNT1(t *testing.T) {
	zeros := strings.Repeat("\x00", 4096)
	for _, test := range []struct {
		name string
		src  string // hexadecimal
		room int
		want string
		err  error
	}{
		{"the specification's example", tuneCompressed, 200, tune, nil},
		{"the same, cut", tuneCompressed, 20, tune[:20], nil},
		{"a chunk that is not compressed", "0530 616263646566", 10, "abcdef", nil},
		{"a reference that overlaps itself", "03b0 02 61 0500", 100, "aaaaaaaaa", nil},
		{"an end mark", "0030 61 0000 0030 62", 10, "a", nil},
		{"a single byte behind", "0030 61 00", 10, "a", nil},
		{"a short chunk before another", "0030 61 0030 62", 5000, "a" + zeros[1:] + "b", nil},
		{"a short chunk, no room for the next", "0030 61 0030 62", 100, "a" + zeros[:99], nil},
		{"no room", "0030 61", 0, "", nil},
		{"nothing", "", 10, "", errLZNT1},
		{"half a header", "00", 10, "", errLZNT1},
		{"a chunk that is cut", "0530 6162", 10, "", errLZNT1},
		{"a reference behind nothing", "02b0 01 0000", 10, "", errLZNT1},
		{"a reference too far", "03b0 02 61 0010", 10, "a", errLZNT1},
		{"half a reference", "02b0 02 61 00", 10, "a", errLZNT1},
	} {
		t.Run(test.name, func(t *testing.T) {
			dst := bytes.Repeat([]byte{'?'}, test.room+1)
			n, err := expandLZNT1(dst[:test.room], unhex(test.src))
			if err != test.err {
				t.Errorf("error: got %v, want %v", err, test.err)
			}
			if diff := cmp.Diff(test.want, string(dst[:n])); diff != "" {
				t.Errorf("text (-want +got):\n%s", diff)
			}
			if dst[test.room] != '?' {
				t.Error("written behind the buffer")
			}
		})
	}
}

// TestReference holds the division of a reference's bits against the
// specification's table, at its borders.
func TestReference(t *testing.T) {
	for _, test := range []struct{ position, back, length int }{
		{1, 16, 4098}, {16, 16, 4098}, {17, 32, 2050}, {32, 32, 2050}, {33, 64, 1026}, {64, 64, 1026}, {65, 128, 514},
		{1024, 1024, 66}, {1025, 2048, 34}, {2048, 2048, 34}, {2049, 4096, 18}, {4095, 4096, 18},
	} {
		if back, length := reference(0xFFFF, test.position); back != test.back || length != test.length {
			t.Errorf("at %d: got %d, %d, want %d, %d", test.position, back, length, test.back, test.length)
		}
	}
}

func FuzzExpandLZNT1(f *testing.F) {
	f.Add(unhex(tuneCompressed), uint16(200))
	f.Add(unhex("03b0 02 61 0500"), uint16(100))
	f.Add(unhex("0030 61 0030 62"), uint16(5000))
	f.Fuzz(func(t *testing.T, src []byte, room uint16) {
		dst := make([]byte, room)
		n, err := expandLZNT1(dst, src)
		if n < 0 || n > len(dst) {
			t.Fatalf("got %d bytes of %d", n, room)
		}
		if half := n / 2; err == nil { // a smaller buffer gets the beginning
			small := make([]byte, half)
			if k, err := expandLZNT1(small, src); err != nil || k != half || !bytes.Equal(small, dst[:half]) {
				t.Fatalf("%d bytes: got %d, %v", half, k, err)
			}
		}
	})
}
