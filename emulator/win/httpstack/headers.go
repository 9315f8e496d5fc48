package httpstack

import (
	"strings"

	"sidetrace/emulator/guest"
	"sidetrace/emulator/win"
)

// Header is one line.
type Header struct{ Name, Value string }

// Headers are lines in their order; names compare without case.
type Headers []Header

// Modifiers of adding a header. Both DLLs use these values.
//
// https://learn.microsoft.com/windows/win32/api/wininet/nf-wininet-httpaddrequestheadersw
const (
	AddIfNew         = 0x1000_0000
	Add              = 0x2000_0000
	CoalesceComma    = 0x4000_0000
	CoalesceSemi     = 0x0100_0000
	Replace          = 0x8000_0000
	maxHeaderBytes   = 256 << 10 // of a request
	maxHeaderEntries = 1024
)

// Get returns the value of the line at an index among those of a name.
func (h Headers) Get(name string, index int) (string, bool) {
	for _, line := range h {
		if !strings.EqualFold(line.Name, name) {
			continue
		}
		if index == 0 {
			return line.Value, true
		}
		index--
	}
	return "", false
}

// Text is the lines with CRLF behind each.
func (h Headers) Text() string {
	var b strings.Builder
	for _, line := range h {
		b.WriteString(line.Name + ": " + line.Value + "\r\n")
	}
	return b.String()
}

// find is the index of the first line of a name, or -1.
func (h Headers) find(name string) int {
	for i := range h {
		if strings.EqualFold(h[i].Name, name) {
			return i
		}
	}
	return -1
}

// put adds a line unless there is one of that name.
func (h *Headers) put(name, value string) {
	if h.find(name) < 0 {
		*h = append(*h, Header{name, value})
	}
}

// Change adds, replaces or removes the lines of a text, which CRLF or LF
// separates, as the modifiers say.
func (h *Headers) Change(text string, modifiers uint32) win.Error {
	size := len(text)
	for _, line := range *h {
		size += len(line.Name) + len(line.Value) + len(": \r\n")
	}
	if size > maxHeaderBytes || len(*h)+strings.Count(text, "\n") > maxHeaderEntries {
		return win.ErrNotEnoughMemory
	}
	for line := range strings.SplitSeq(text, "\n") {
		line = strings.TrimRight(line, "\r")
		if line == "" {
			continue
		}
		name, value, ok := strings.Cut(line, ":")
		name, value = strings.TrimSpace(name), strings.TrimSpace(value)
		if !ok || name == "" {
			return ErrInvalidHeader
		}
		if err := h.change(name, value, modifiers); err != 0 {
			return err
		}
	}
	return 0
}

func (h *Headers) change(name, value string, modifiers uint32) win.Error {
	i := h.find(name)
	switch {
	case i < 0 && modifiers&Replace != 0 && modifiers&Add == 0:
		return ErrHeaderNotFound
	case i >= 0 && modifiers&AddIfNew != 0:
		return ErrHeaderAlreadyExists
	case i >= 0 && modifiers&Replace != 0 && value == "":
		*h = append((*h)[:i:i], (*h)[i+1:]...)
	case value == "": // an empty line is not sent
	case i >= 0 && modifiers&Replace != 0:
		(*h)[i].Value = value
	case i >= 0 && modifiers&CoalesceComma != 0:
		(*h)[i].Value += ", " + value
	case i >= 0 && modifiers&CoalesceSemi != 0:
		(*h)[i].Value += "; " + value
	default:
		*h = append(*h, Header{name, value})
	}
	return 0
}

// decode gives a guest's text as UTF-8.
func decode(b []byte, ansi bool) string {
	if ansi {
		return string(guest.AppendANSI(nil, b))
	}
	return string(guest.AppendUTF8(nil, b))
}

// AcceptTypes reads a list of media types: pointers to strings, ended by a
// null pointer.
func AcceptTypes(c *win.Call, list win.Ptr) []string {
	const most = 64
	var types []string
	for list != 0 && len(types) < most && !c.Faulted() {
		at := win.Ptr(c.ReadUint(list, 8))
		if at == 0 {
			break
		}
		types = append(types, c.TString(at))
		list += 8
	}
	return types
}
