package win

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"sidetrace/emulator/catalogue"
)

// entry is one entry of an export directory.
type entry struct {
	name    string // "" for one that has an ordinal alone
	ordinal uint32 // 0 until it has one
	export  *Export
	data    bool // a variable that nobody gives a value
	number  int  // of the system service it is; -1 for others
	rva     uint32
}

func (e *entry) function() bool {
	return !e.data && (e.export == nil || e.export.Row.invoke != nil)
}

func (e *entry) variable() bool { return e.export != nil && e.export.Row.size > 0 }

// forward is where a forwarder leads, or "".
func (e *entry) forward() string {
	if e.export == nil {
		return ""
	}
	return e.export.Row.forward
}

// call is what the trace calls it.
func (e *entry) call() string {
	if e.name == "" {
		return "#" + strconv.FormatUint(uint64(e.ordinal), 10)
	}
	return e.name
}

// entries joins what a table has handlers for with what Windows' DLL of that
// name exports, sorted by name. Those of ntdll are the services of the
// library's edition of Windows. Hidden functions have stubs and no entries.
func (l *Library) entries(t *Table) (list []entry, services []service, hidden []*Export) {
	handled := t.exports()
	listed := catalogue.Exports(t.DLL)
	list = make([]entry, 0, len(handled)+len(listed))
	for _, x := range listed {
		list = append(list, entry{name: x.Name, ordinal: x.Ordinal, data: x.Data, number: -1})
	}
	for _, x := range handled {
		if x.Row.hidden {
			hidden = append(hidden, x)
			continue
		}
		e := entry{name: x.trace.Name, ordinal: x.Row.ordinal, export: x, number: -1}
		if n, ok := strings.CutPrefix(e.name, "#"); ok {
			if ordinal, err := strconv.ParseUint(n, 10, 16); err == nil {
				e.name, e.ordinal = "", uint32(ordinal)
			}
		}
		list = append(list, e)
	}
	if t.DLL == servicesDLL {
		services = l.findServices(handled)
		list = withServices(list, services)
	}
	return join(list), services, hidden
}

// join sorts entries by name and makes one of those that have the same name,
// or the same ordinal and none: the one with a handler, with the other's
// ordinal.
func join(list []entry) []entry {
	slices.SortStableFunc(list, func(a, b entry) int {
		if c := strings.Compare(a.name, b.name); c != 0 || a.name != "" {
			return c
		}
		return cmp.Compare(a.ordinal, b.ordinal)
	})
	owner := map[uint32]string{} // of an ordinal that a name has
	for i := range list {
		if e := &list[i]; e.name != "" && e.ordinal != 0 {
			owner[e.ordinal] = e.name
		}
	}
	out := list[:0]
	for _, e := range list {
		if e.name == "" && owner[e.ordinal] != "" {
			continue
		}
		if n := len(out); n > 0 && out[n-1].name == e.name && (e.name != "" || out[n-1].ordinal == e.ordinal) {
			last := &out[n-1]
			if e.ordinal == 0 {
				e.ordinal = last.ordinal
			}
			if e.export == nil {
				e.export = last.export
			}
			e.data = e.data && e.export == nil
			e.number = max(e.number, last.number)
			*last = e
			continue
		}
		out = append(out, e)
	}
	return out
}
