package reports

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"sidetrace/emulator/trace"
)

// Show selects what text lists of a run, in the order it happened.
type Show struct {
	Behaviours bool // what the guest did; system DLLs that load one after another share a line
	Calls      bool // every API call with its arguments
	Gaps       bool // what was not modelled
	Detections bool // which rules fired, by stage, and why others did not
}

// row is one line of a timeline.
type row struct {
	seq  uint64
	at   time.Duration // virtual; negative if it has none
	kind string
	what string // text without the number of repeats
	text string
}

// timeline prints the selected streams of a run, merged. Calls need the
// record, the other streams do not. marks names rows by sequence number.
func (p *printer) timeline(run *Run, record *trace.Run, show Show, marks map[uint64]string) {
	app := applicationFolder(run.Image)
	if show.Behaviours || show.Calls {
		what := "what"
		if app != "" {
			what += ", {app} being " + app
		}
		p.raw(p.paint(faint, fmt.Sprintf("%5s  %16s  %-17s  %s", when(len(marks) > 0, "step"), "guest time", "kind", Printable(what))))
	}
	var rows []row
	if show.Behaviours {
		rows = behaviourRows(run.Behaviours, app, marks)
	}
	if show.Gaps {
		rows = append(rows, gapRows(run.Gaps)...)
	}
	slices.SortStableFunc(rows, func(a, b row) int {
		switch {
		case a.seq < b.seq:
			return -1
		case a.seq > b.seq:
			return 1
		}
		return 0
	})
	if show.Calls && record != nil && record.Calls != nil {
		for call := range record.Calls.All() {
			for len(rows) > 0 && rows[0].seq < call.Seq {
				p.row(rows[0], marks)
				rows = rows[1:]
			}
			p.row(row{seq: call.Seq, at: call.Time, kind: "call", text: record.CallText(call)}, marks)
		}
	}
	for _, r := range rows {
		p.row(r, marks)
	}
	if show.Calls && run.CallsDropped > 0 {
		p.linef("      %s more not kept", plural(int(run.CallsDropped), "call"))
	}
}

func (p *printer) row(r row, marks map[uint64]string) {
	at := ""
	if r.at >= 0 {
		at = clock(r.at)
	}
	kind := fmt.Sprintf("%-17s", r.kind)
	switch {
	case strings.HasPrefix(r.kind, "gap"):
		kind = p.paint(yellow, kind)
	case r.kind == "call":
		kind = p.paint(faint, kind)
	case marks[r.seq] != "":
		kind = p.paint(bold, kind)
	}
	p.raw(fmt.Sprintf("%5s  %s  %s  %s", Printable(marks[r.seq]), p.paint(faint, fmt.Sprintf("%16s", at)), kind, Printable(r.text)))
}

// applicationFolder is the folder of the program, which lines write as {app}
// as scenarios do; "" if it is so short that nothing would be gained.
func applicationFolder(image string) string {
	folder := strings.TrimSuffix(image, `\`+trace.BaseName(image))
	if len(folder) == len(image) || len(folder) < len(`C:\App`) {
		return ""
	}
	return folder
}

// behaviourRows lists behaviours; paths below app are written with {app}. What
// a DLL's entry point does is indented below its dllmain.enter, for it runs
// before the program that loads the DLL.
func behaviourRows(list []trace.Behaviour, app string, marks map[uint64]string) []row {
	const deepest = 6
	depth := map[uint32]int{} // by thread
	main := mainThread(list)
	repeats := 0 // of the last row
	rows := make([]row, 0, len(list))
	for i := 0; i < len(list); i++ {
		b := &list[i]
		if _, ok := b.Fields.(trace.DllMainReturn); ok && depth[b.TID] > 0 {
			depth[b.TID]--
		}
		text := Line(b.Fields)
		if app != "" {
			text = strings.ReplaceAll(text, app+`\`, `{app}\`)
		}
		if n := systemLoads(list[i:], marks); n > 1 {
			text = ""
			for _, load := range list[i : i+n] {
				text = join(", ", text, trace.Quote(trace.BaseName(load.Fields.(trace.ModuleLoad).Path)))
			}
			text += notes("synthetic system DLLs")
			i += n - 1
		}
		if b.TID != 0 && b.TID != main {
			text = fmt.Sprintf("[thread %d] %s", b.TID, text)
		}
		text = strings.Repeat("  ", min(depth[b.TID], deepest)) + text
		if last := len(rows) - 1; last >= 0 && rows[last].kind == b.Kind() && rows[last].what == text && marks[b.Seq] == "" {
			repeats++
			rows[last].text = fmt.Sprintf("%s, %d times until %s", text, 1+repeats, clock(b.Time))
			continue
		}
		repeats = 0
		rows = append(rows, row{seq: b.Seq, at: b.Time, kind: b.Kind(), what: text, text: text})
		if _, ok := b.Fields.(trace.DllMainEnter); ok {
			depth[b.TID]++
		}
	}
	return rows
}

// mainThread is the first thread that did anything. What the loader does
// before there is one has no thread.
func mainThread(list []trace.Behaviour) uint32 {
	for i := range list {
		if list[i].TID != 0 {
			return list[i].TID
		}
	}
	return 0
}

// systemLoads counts the loads of system DLLs a list begins with, up to the
// first that is marked.
func systemLoads(list []trace.Behaviour, marks map[uint64]string) int {
	for i := range list {
		load, ok := list[i].Fields.(trace.ModuleLoad)
		if !ok || !load.System || list[i].TID != list[0].TID || marks[list[i].Seq] != "" {
			return i
		}
	}
	return len(list)
}

func gapRows(gaps []trace.Gap) []row {
	rows := make([]row, len(gaps))
	for i, g := range gaps {
		text := trace.Quote(g.Name)
		if len(g.Args) > 0 {
			text += "(" + strings.Join(g.Args, ", ") + ")"
		}
		text += notes(labelled("from", g.Caller), when(g.Count > 1, fmt.Sprintf("%d times", g.Count)), g.Detail)
		rows[i] = row{seq: g.Seq, at: -1, kind: "gap." + string(g.Kind), text: text}
	}
	return rows
}
