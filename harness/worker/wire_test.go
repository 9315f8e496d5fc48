package worker

import (
	"reflect"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sidetrace/emulator/trace"
	"sidetrace/reports"
)

// TestWire sends what other forms lose: missing and empty lists, pointers to
// zero, bytes that are no text.
func TestWire(t *testing.T) {
	type inner struct {
		N     *int64
		Left  string `json:"-"`
		Names []string
	}
	type all struct {
		B     bool
		I     int8
		U     uint64
		F     float64
		S     string
		At    time.Time
		Lists [][]string
		Bytes [][]byte
		P     *inner
		List  []inner
		Field trace.Payload
	}
	zero := new(int64)
	want := all{
		true, -128, 1<<64 - 1, 0.1, "\xff\x00", time.Date(2023, 3, 22, 9, 0, 0, 1, time.UTC), [][]string{nil, {}, {""}}, [][]byte{nil, {}, {0, 0xFF}},
		&inner{N: zero, Names: []string{}}, []inner{{}, {N: zero}}, trace.Exit{Code: 3},
	}
	data, err := encode(nil, want)
	if err != nil {
		t.Fatal(err)
	}
	var got all
	if err := decode(data, &got); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-sent +received):\n%s", diff)
	}
	for n := range data {
		if err := decode(data[:n], new(all)); err == nil {
			t.Errorf("the first %d of %d bytes are taken for the whole", n, len(data))
		}
	}
	if err := decode(append(data, 0), new(all)); err == nil {
		t.Error("a byte too many is not noticed")
	}
	if _, err := encode(nil, struct{ F func() }{}); err == nil {
		t.Error("a function can be sent")
	}
}

// TestWireTypes: whatever a result may hold can be sent.
func TestWireTypes(t *testing.T) {
	seen := map[reflect.Type]bool{}
	var walk func(reflect.Type)
	walk = func(typ reflect.Type) {
		if seen[typ] || typ == reflect.TypeFor[time.Time]() {
			return
		}
		seen[typ] = true
		switch typ.Kind() {
		case reflect.Slice, reflect.Pointer:
			walk(typ.Elem())
		case reflect.Struct:
			for _, i := range fieldsOf(typ) {
				walk(typ.Field(i).Type)
			}
			for i := range typ.NumField() {
				if f := typ.Field(i); !f.IsExported() {
					t.Errorf("%s.%s is not exported and would be lost", typ, f.Name)
				}
			}
		case reflect.Interface:
			if typ != reflect.TypeFor[trace.Payload]() {
				t.Errorf("%s: an interface", typ)
			}
		default:
			if _, err := encode(nil, reflect.Zero(typ).Interface()); err != nil {
				t.Error(err)
			}
		}
	}
	walk(reflect.TypeFor[outcome]())
	for _, p := range trace.Payloads() {
		walk(reflect.TypeOf(p))
	}
}

// FuzzWire decodes what a broken worker may send.
func FuzzWire(f *testing.F) {
	s := &reports.Scenario{ID: "a", Run: &reports.Run{Behaviours: []trace.Behaviour{{Fields: trace.Exit{Code: 1}}}}}
	data, err := encode(nil, outcome{Scenario: s})
	if err != nil {
		f.Fatal(err)
	}
	f.Add(data)
	f.Add(data[:len(data)/2])
	f.Fuzz(func(t *testing.T, data []byte) {
		var out outcome
		if decode(data, &out) != nil {
			return
		}
		if _, err := encode(nil, out); err != nil {
			t.Errorf("accepted, and cannot be sent: %v", err)
		}
	})
}
