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
	export  *Export
	ordinal uint32 // 0 until it has one
	rva     uint32
	number  int32 // of the system service it is; -1 for others
	data    bool  // a variable that nobody gives a value
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
	handlers := l.exportsOf(t)
	handled := make([]entry, 0, len(handlers))
	for _, x := range handlers {
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
		handled = append(handled, e)
	}
	exports := catalogue.Exports(t.DLL)
	listed := make([]entry, len(exports))
	for i := range exports {
		x := &exports[i]
		listed[i] = entry{name: x.Name, ordinal: x.Ordinal, data: x.Data, number: -1}
	}
	if t.DLL == servicesDLL {
		services = l.findServices(handlers)
		handled, listed = withServices(handled, services), withoutServices(listed)
	}
	list = join(handled, listed)
	l.borrow(t, list)
	return list, services, hidden
}

// join merges two lists of entries and sorts them by name. Of two that have the
// same name, or the same ordinal and none, it makes one.
func join(handled, listed []entry) []entry {
	order := func(a, b entry) int {
		if c := strings.Compare(a.name, b.name); c != 0 || a.name != "" {
			return c
		}
		return cmp.Compare(a.ordinal, b.ordinal)
	}
	for i := range handled {
		if e := &handled[i]; e.name == "" { // the list may know the name
			if n := slices.IndexFunc(listed, func(x entry) bool { return x.ordinal == e.ordinal }); n >= 0 {
				e.name = listed[n].name
			}
		}
	}
	for _, list := range [][]entry{handled, listed} {
		if !slices.IsSortedFunc(list, order) {
			slices.SortFunc(list, order)
		}
	}
	named := map[uint32]bool{} // ordinals that belong to a name
	for _, e := range handled {
		if e.name != "" && e.ordinal != 0 {
			named[e.ordinal] = true
		}
	}
	list := make([]entry, 0, len(handled)+len(listed))
	for len(handled) > 0 || len(listed) > 0 {
		c := 0
		switch {
		case len(handled) == 0:
			c = 1
		case len(listed) == 0:
			c = -1
		default:
			c = order(handled[0], listed[0])
		}
		switch {
		case c > 0:
			if e := listed[0]; e.name != "" || !named[e.ordinal] {
				list = append(list, e)
			}
			listed = listed[1:]
			continue
		case c == 0:
			if handled[0].ordinal == 0 {
				handled[0].ordinal = listed[0].ordinal
			}
			listed = listed[1:]
		}
		list = append(list, handled[0])
		handled = handled[1:]
	}
	return list
}

// borrow finds a handler for what a DLL exports and has none for, among those
// of the DLLs that lend it theirs, of which the first has precedence. Variables
// are not lent: each DLL has its own. Both lists are sorted by name.
func (l *Library) borrow(t *Table, list []entry) {
	for _, from := range t.lenders {
		lent := l.exportsOf(from)
		for i := range list {
			e := &list[i]
			if e.export != nil || e.data {
				continue
			}
			for len(lent) > 0 && lent[0].trace.Name < e.name {
				lent = lent[1:]
			}
			if len(lent) == 0 {
				break
			}
			if x := lent[0]; x.trace.Name == e.name && x.Row.invoke != nil && !x.Row.hidden {
				own := *x
				own.trace.DLL = t.DLL
				e.export = &own
			}
		}
	}
}

// exportsOf expands a table once.
func (l *Library) exportsOf(t *Table) []*Export {
	list, ok := l.expanded[t]
	if !ok {
		list = t.exports()
		l.expanded[t] = list
	}
	return list
}
