package trace

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// packable is a log of two exports, one with text, over several chunks.
func packable() *CallLog {
	l := NewCallLog(0)
	var t Exports
	t.Add(&Export{DLL: "a.dll", Name: "Unused"})
	open := t.Add(&Export{DLL: "a.dll", Name: "Open", Params: []Param{{"name", Text}, {"access", Hex}}})
	shut := t.Add(&Export{DLL: "b.dll", Name: "Close", Params: []Param{{"handle", Hex}}})
	l.UseExports(&t)
	for i := range uint64(500) {
		o := l.Begin(2*i+1, 5, 7, 0x1000+i, open)
		o.Arg(0, i)
		l.Text(&o, 0, fmt.Appendf(nil, "file %d", i))
		o.End(i, 2)
		o = l.Begin(2*i+2, 6, 7, 0x2000, shut)
		o.Arg(0, i)
	}
	return l
}

func listed(l *CallLog) (calls []Call) {
	for c := range l.All() {
		calls = append(calls, c)
	}
	return calls
}

func TestCallLogBinary(t *testing.T) {
	l := packable()
	data, err := l.MarshalBinary()
	if err != nil {
		t.Fatal(err)
	}
	var got CallLog
	if err := got.UnmarshalBinary(data); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(listed(l), listed(&got)); diff != "" || len(listed(l)) != 1000 {
		t.Errorf("calls (-packed +unpacked):\n%s", diff)
	}
	if got.Len() != l.Len() || got.Dropped() != l.Dropped() {
		t.Errorf("got %d kept, %d dropped, want %d, %d", got.Len(), got.Dropped(), l.Len(), l.Dropped())
	}
}

// FuzzCallLogBinary unpacks what a broken worker may send: what is accepted can
// be read.
func FuzzCallLogBinary(f *testing.F) {
	l := NewCallLog(0)
	var t Exports
	l.UseExports(&t)
	o := l.Begin(1, 2, 3, 4, t.Add(&Export{DLL: "a.dll", Name: "Open", Params: []Param{{"name", Text}}}))
	l.Text(&o, 0, []byte("file"))
	data, err := l.MarshalBinary()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(data)
	for i := range data {
		broken := append([]byte(nil), data...)
		broken[i] ^= 0x41
		f.Add(broken)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		var l CallLog
		if l.UnmarshalBinary(data) == nil && len(listed(&l)) != l.Len() {
			t.Error("accepted, and is not of the length it says")
		}
	})
}
