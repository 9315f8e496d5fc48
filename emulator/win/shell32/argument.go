package shell32

import (
	"strings"

	"sidetrace/emulator/guest"
	"sidetrace/emulator/win"
)

var argumentRows = win.Rows{
	win.Func2("CommandLineToArgvW", commandLineToArgv, "lpCmdLine pNumArgs"),
}

// commandLineToArgv splits a command line into one piece of memory, which
// LocalFree frees. An empty one is the program's own path.
//
// https://learn.microsoft.com/windows/win32/api/shellapi/nf-shellapi-commandlinetoargvw
func commandLineToArgv(c *win.Call, lpCmdLine win.WStr, pNumArgs win.Out[int32]) (win.Ptr, win.Error) {
	if lpCmdLine.Null() || pNumArgs.Null() {
		return 0, win.ErrInvalidParameter
	}
	list := []string{c.Program().Path}
	if lpCmdLine.Text != "" {
		list = split(lpCmdLine.Text)
	}
	table := make([]byte, 8*(len(list)+1))
	var texts []byte
	var places []uint64
	for _, s := range list {
		places = append(places, uint64(len(table)+len(texts)))
		texts = append(texts, guest.UTF16(s)...)
	}
	at := c.Heap.Alloc(uint64(len(table) + len(texts)))
	if at == 0 {
		return 0, win.ErrNotEnoughMemory
	}
	for i, place := range places {
		le.PutUint64(table[8*i:], at+place)
	}
	c.Write(win.Ptr(at), append(table, texts...))
	pNumArgs.Set(c, int32(len(list)))
	return win.Ptr(at), 0
}

// split takes a command line apart by the rules of CommandLineToArgvW, which
// are not quite those of the C runtime: the program's name ends at the quote
// that closes it, and after a closed quote a third one opens another string.
func split(line string) []string {
	var list []string
	if rest, quoted := strings.CutPrefix(line, `"`); quoted {
		name, after, _ := strings.Cut(rest, `"`)
		list, line = append(list, name), after
	} else {
		n := strings.IndexAny(line, " \t")
		if n < 0 {
			n = len(line)
		}
		list, line = append(list, line[:n]), line[n:]
	}
	line = strings.TrimLeft(line, " \t")
	var arg strings.Builder
	quotes, slashes, any := 0, 0, false
	for i := 0; i < len(line); i++ {
		ch := line[i]
		switch {
		case (ch == ' ' || ch == '\t') && quotes == 0:
			list = append(list, arg.String())
			arg.Reset()
			slashes, any = 0, false
			for i+1 < len(line) && (line[i+1] == ' ' || line[i+1] == '\t') {
				i++
			}
			continue
		case ch == '\\':
			arg.WriteByte(ch)
			slashes++
		case ch == '"':
			kept := arg.String()
			arg.Reset()
			arg.WriteString(kept[:len(kept)-slashes+slashes/2])
			if slashes%2 == 1 {
				arg.WriteByte('"')
			} else {
				quotes++
			}
			slashes = 0
			for i+1 < len(line) && line[i+1] == '"' { // consecutive quotes: each third one is a literal one
				i++
				if quotes++; quotes == 3 {
					arg.WriteByte('"')
					quotes = 0
				}
			}
			if quotes == 2 {
				quotes = 0
			}
		default:
			arg.WriteByte(ch)
			slashes = 0
		}
		any = true
	}
	if any || quotes > 0 {
		list = append(list, arg.String())
	}
	return list
}
