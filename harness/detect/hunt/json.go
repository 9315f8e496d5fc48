package hunt

import (
	"bytes"
	"encoding/json"
	"io"
	"unicode/utf8"
)

// WriteJSON writes rows as an array of objects, one a line, their names in the
// order of the columns. Bytes that are no text are written in Base64.
func (r *Result) WriteJSON(w io.Writer) error {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	put := func(v any) error {
		if err := e.Encode(v); err != nil {
			return err
		}
		b.Truncate(b.Len() - 1) // the new line that follows
		return nil
	}
	b.WriteByte('[')
	for n, row := range r.Rows {
		if n > 0 {
			b.WriteByte(',')
		}
		b.WriteString("\n  {")
		for i, v := range row {
			if i > 0 {
				b.WriteString(", ")
			}
			if err := put(r.Columns[i]); err != nil {
				return err
			}
			b.WriteString(": ")
			if text, ok := v.([]byte); ok && utf8.Valid(text) {
				v = string(text)
			}
			if err := put(v); err != nil { // an infinite number has no form
				b.WriteString("null")
			}
		}
		b.WriteByte('}')
	}
	if len(r.Rows) > 0 {
		b.WriteByte('\n')
	}
	b.WriteString("]\n")
	_, err := w.Write(b.Bytes())
	return err
}
