package reports

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"unicode/utf16"
	"unicode/utf8"

	"sidetrace/emulator/trace"
)

// WriteJSON writes a suite as JSON; schema.json beside this file describes the
// form. Two runs of the same scenarios give the same bytes.
func WriteJSON(w io.Writer, s *Suite) error { return writeJSON(w, s) }

// WriteRunJSON writes one run as JSON: the form of "run" in a suite.
func WriteRunJSON(w io.Writer, r *Run) error { return writeJSON(w, r) }

// WriteRunJSONLines writes everything a run recorded, one object on a line.
func WriteRunJSONLines(w io.Writer, run *trace.Run) error {
	return run.WriteJSONLines(JSONLines(w))
}

// JSONLines is a writer of JSON, one value a line, to one that may be a terminal:
// what it would act on is escaped, which means the same in JSON.
func JSONLines(w io.Writer) io.Writer { return &wholeLines{w: printable{w}} }

// wholeLines hands over whole lines.
type wholeLines struct {
	w    io.Writer
	rest []byte
}

func (l *wholeLines) Write(data []byte) (int, error) {
	l.rest = append(l.rest, data...)
	end := bytes.LastIndexByte(l.rest, '\n') + 1
	if end == 0 {
		return len(data), nil
	}
	if _, err := l.w.Write(l.rest[:end]); err != nil {
		return 0, err
	}
	l.rest = append(l.rest[:0], l.rest[end:]...)
	return len(data), nil
}

func writeJSON(w io.Writer, value any) error {
	enc := json.NewEncoder(printable{w})
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(value)
}

// printable escapes what encoding/json leaves raw and a terminal may act on:
// DEL, C1 controls, direction marks and the like. They stand inside of JSON
// strings only, where \u means the same. The encoder hands over whole values,
// so that no character is cut by a write.
type printable struct{ w io.Writer }

func (p printable) Write(data []byte) (int, error) {
	out := make([]byte, 0, len(data))
	for i := 0; i < len(data); {
		r, size := utf8.DecodeRune(data[i:])
		switch {
		case r == '\n' || strconv.IsPrint(r):
			out = append(out, data[i:i+size]...)
		case r > 0xFFFF:
			high, low := utf16.EncodeRune(r)
			out = fmt.Appendf(out, `\u%04x\u%04x`, high, low)
		default:
			out = fmt.Appendf(out, `\u%04x`, r)
		}
		i += size
	}
	if _, err := p.w.Write(out); err != nil {
		return 0, err
	}
	return len(data), nil
}
