package httpstack

import (
	"strings"
	"testing"

	"sidetrace/emulator/win"
)

func TestChange(t *testing.T) {
	for _, tt := range []struct {
		name      string
		text      string
		modifiers uint32
		want      string
		err       win.Error
	}{
		{"added", "B: 2", Add, "A: 1, B: 2", 0},
		{"added again", "a: 2", Add, "A: 1, a: 2", 0},
		{"several, either end of line", "B: 2\r\nC:3\nD :4\r\n", Add, "A: 1, B: 2, C: 3, D: 4", 0},
		{"new", "B: 2", AddIfNew, "A: 1, B: 2", 0},
		{"not new", "a: 2", AddIfNew, "A: 1", ErrHeaderAlreadyExists},
		{"replaced", "a: 2", Replace, "A: 2", 0},
		{"nothing to replace", "B: 2", Replace, "A: 1", ErrHeaderNotFound},
		{"replaced or added", "B: 2", Replace | Add, "A: 1, B: 2", 0},
		{"removed", "a:", Replace, "", 0},
		{"empty", "B:", Add, "A: 1", 0},
		{"joined with a comma", "a: 2", CoalesceComma, "A: 1, 2", 0},
		{"joined with a semicolon", "a: 2", CoalesceSemi, "A: 1; 2", 0},
		{"no colon", "garbage", Add, "A: 1", ErrInvalidHeader},
		{"no name", ": 2", Add, "A: 1", ErrInvalidHeader},
		{"too long", "B: " + strings.Repeat("x", maxHeaderBytes), Add, "A: 1", win.ErrNotEnoughMemory},
		{"too many", strings.Repeat("B: 2\n", maxHeaderEntries), Add, "A: 1", win.ErrNotEnoughMemory},
	} {
		h := Headers{{"A", "1"}}
		err := h.Change(tt.text, tt.modifiers)
		got := strings.ReplaceAll(strings.TrimSuffix(h.Text(), "\r\n"), "\r\n", ", ")
		if err != tt.err || got != tt.want {
			t.Errorf("%s: got %q, error %d, want %q, error %d", tt.name, got, err, tt.want, tt.err)
		}
	}
}

func TestGet(t *testing.T) {
	h := Headers{{"A", "1"}, {"B", "2"}, {"a", "3"}}
	if v, ok := h.Get("a", 1); !ok || v != "3" {
		t.Errorf("got %q, %v, want 3", v, ok)
	}
	if _, ok := h.Get("a", 2); ok {
		t.Error("found a third")
	}
}
