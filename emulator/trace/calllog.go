package trace

import (
	"iter"
	"time"
	"unsafe"
)

// Export is what the trace knows of an API: its name and how its arguments and
// result are printed.
type Export struct {
	DLL    string // "kernel32.dll"
	Name   string // "CreateFileW", or "#12"
	Params []Param
	Result Format
}

// Param is one parameter of an [Export].
type Param struct {
	Name   string // Microsoft's name
	Format Format
}

// Call is one recorded API call.
type Call struct {
	Seq       uint64
	Time      time.Duration // virtual, since Run.Start
	TID       uint32
	Caller    uint64 // return address
	API       *Export
	Args      []Arg
	Direct    bool // a system call by an instruction, not by calling the export
	Returned  bool // false if the run ended, or the thread was ended, inside the call
	Result    uint64
	LastError uint32 // of the thread, after the call
}

// Exports numbers the exports that calls name. One may serve many logs; it
// must not change while a log in use has it.
type Exports struct {
	list   []*Export
	shapes []shape // beside list
}

// shape is how many arguments of an export are recorded, and how many of them
// may be text.
type shape struct{ args, texts uint8 }

// Add numbers an export.
func (t *Exports) Add(e *Export) (id uint32) {
	s := shape{args: uint8(min(len(e.Params), maxArgs))}
	for _, p := range e.Params[:s.args] {
		if p.Format == Text {
			s.texts++
		}
	}
	t.list = append(t.list, e)
	t.shapes = append(t.shapes, s)
	return uint32(len(t.list) - 1)
}

// All lists the exports in the order of their numbers.
func (t *Exports) All() []*Export { return t.list }

// Arg is one decoded argument.
type Arg struct {
	Value   uint64
	Text    string // what a pointer argument pointed to, where the type reads memory
	HasText bool
}

// CallLog keeps calls packed in words, so that recording one neither allocates
// nor formats: a call of four scalars is ten words. Text that arguments point
// to is copied when the call is made, since the guest may change it after.
//
// A log has a budget; calls beyond it are counted and not kept.
type CallLog struct {
	exports *Exports
	words   [][]uint64 // chunks; a record never spans two, and what is left of a chunk is zero
	room    []uint64   // what is left of the last
	text    []byte     // current text chunk; full ones stay alive through texts
	texts   [][]byte
	budget  int // words and text bytes (in words) still allowed
	kept    int
	dropped uint64
}

// A record is: sequence, time, caller, head, result, last error, then for each
// argument its value, then for each argument that has text its place.
const (
	wordSeq = iota
	wordTime
	wordCaller
	wordHead // recordMark | export id << 40 (23 bits) | thread id << 16 (24 bits) | places for text << 8 | number of arguments
	wordResult
	wordState // last error, and bits: returned, direct, mask of arguments with text << 40
	recordHeader
)

const (
	firstChunk    = 1 << 10  // words; each chunk is twice the one before,
	lastChunk     = 16 << 10 // up to this
	firstText     = 4 << 10  // bytes, likewise
	lastText      = 64 << 10
	maxArgs       = 20
	returnedBit   = 1 << 32
	directBit     = 1 << 33
	recordMark    = 1 << 63 // tells a record from the unused end of a chunk
	textMaskShift = 40
)

// DefaultCallBudget is how much memory, in bytes, recorded calls may take.
const DefaultCallBudget = 24 << 20

// NewCallLog returns an empty log that keeps at most budget bytes; 0 means
// [DefaultCallBudget].
func NewCallLog(budget int) *CallLog {
	if budget == 0 {
		budget = DefaultCallBudget
	}
	return &CallLog{exports: &Exports{}, budget: budget / 8}
}

// UseExports makes the log's numbers those of a table. It is called before the
// first call is recorded.
func (l *CallLog) UseExports(t *Exports) { l.exports = t }

// Open is a call that is being made. The zero Open belongs to a call that is
// not kept; all its methods may be called.
type Open struct {
	rec  []uint64
	text uint8 // arguments with text so far
}

// Begin starts the record of a call.
func (l *CallLog) Begin(seq uint64, at time.Duration, tid uint32, caller uint64, export uint32) Open {
	shape := l.exports.shapes[export]
	need := recordHeader + int(shape.args) + int(shape.texts)
	if need > l.budget {
		l.dropped++
		return Open{}
	}
	if len(l.room) < need {
		l.grow()
	}
	rec := l.room[:need:need]
	l.room = l.room[need:]
	rec[wordSeq] = seq
	rec[wordTime] = uint64(at)
	rec[wordCaller] = caller
	rec[wordHead] = recordMark | uint64(export)<<40 | uint64(tid&0xFFFFFF)<<16 | uint64(shape.texts)<<8 | uint64(shape.args)
	// The rest is zero already: a chunk is used once.
	l.budget -= need
	l.kept++
	return Open{rec: rec}
}

// grow adds a chunk.
func (l *CallLog) grow() {
	l.room = make([]uint64, min(firstChunk<<min(len(l.words), 8), lastChunk))
	l.words = append(l.words, l.room)
}

// Arg records the value of argument i.
func (o *Open) Arg(i int, value uint64) {
	if i < len(o.rec)-recordHeader {
		o.rec[recordHeader+i] = value
	}
}

// Text records what argument i points to and returns the log's own copy,
// which stays valid and unchanged as long as the log lives.
func (l *CallLog) Text(o *Open, i int, text []byte) string {
	if len(text) == 0 {
		o.mark(i, 0)
		return ""
	}
	if len(text) > cap(l.text)-len(l.text) {
		l.text = make([]byte, 0, max(min(firstText<<min(len(l.texts), 8), lastText), len(text)))
		l.texts = append(l.texts, l.text)
	}
	at := len(l.text)
	l.text = append(l.text, text...)
	l.texts[len(l.texts)-1] = l.text
	l.budget -= (len(text) + 7) / 8
	o.mark(i, uint64(len(l.texts)-1)<<48|uint64(at)<<24|uint64(len(text)))
	return unsafe.String(&l.text[at], len(text))
}

func (o *Open) mark(i int, place uint64) {
	if o.rec == nil {
		return
	}
	n, texts := int(o.rec[wordHead]&0xFF), uint8(o.rec[wordHead]>>8)
	if i >= n || o.text == texts {
		return // the export's parameters do not say that this one is text
	}
	o.rec[wordState] |= 1 << (textMaskShift + i)
	o.rec[recordHeader+n+int(o.text)] = place
	o.text++
}

// Direct records that the call is a system call by an instruction.
func (o *Open) Direct() {
	if o.rec != nil {
		o.rec[wordState] |= directBit
	}
}

// End records the result of a call.
func (o *Open) End(result uint64, lastError uint32) {
	if o.rec != nil {
		o.rec[wordResult] = result
		o.rec[wordState] = o.rec[wordState]&^0xFFFFFFFF | returnedBit | uint64(lastError)
	}
}

// Len is the number of calls kept.
func (l *CallLog) Len() int { return l.kept }

// Dropped is the number of calls made after the budget was used up.
func (l *CallLog) Dropped() uint64 { return l.dropped }

// All yields the calls kept, in the order they were made.
func (l *CallLog) All() iter.Seq[Call] {
	return func(yield func(Call) bool) {
		for rec := range l.records() {
			if !yield(l.decode(rec)) {
				return
			}
		}
	}
}

// records yields the records of the calls kept, in their order.
func (l *CallLog) records() iter.Seq[[]uint64] {
	return func(yield func([]uint64) bool) {
		for _, chunk := range l.words {
			for len(chunk) >= recordHeader && chunk[wordHead]&recordMark != 0 {
				size := recordHeader + int(chunk[wordHead]&0xFF) + int(chunk[wordHead]>>8&0xFF)
				if size > len(chunk) || !yield(chunk[:size]) {
					return
				}
				chunk = chunk[size:]
			}
		}
	}
}

// exportOf is the number of the export that a record is of.
func exportOf(rec []uint64) uint32 { return uint32(rec[wordHead] >> 40 & 0x7FFFFF) }

// Counts is how often each export was called, by "dll!Export".
func (l *CallLog) Counts() map[string]int {
	byExport := map[uint32]int{}
	for rec := range l.records() {
		byExport[exportOf(rec)]++
	}
	counts := make(map[string]int, len(byExport))
	for id, n := range byExport {
		x := l.exports.list[id]
		counts[x.DLL+"!"+x.Name] += n
	}
	return counts
}

func (l *CallLog) decode(rec []uint64) Call {
	n := int(rec[wordHead] & 0xFF)
	state := rec[wordState]
	c := Call{
		Seq:       rec[wordSeq],
		Time:      time.Duration(rec[wordTime]),
		TID:       uint32(rec[wordHead]>>16) & 0xFFFFFF,
		Caller:    rec[wordCaller],
		API:       l.exports.list[exportOf(rec)],
		Args:      make([]Arg, n),
		Direct:    state&directBit != 0,
		Returned:  state&returnedBit != 0,
		Result:    rec[wordResult],
		LastError: uint32(state),
	}
	place := recordHeader + n
	for i := range c.Args {
		c.Args[i].Value = rec[recordHeader+i]
		if state&(1<<(textMaskShift+i)) == 0 {
			continue
		}
		p := rec[place]
		place++
		c.Args[i].HasText = true
		if size := p & 0xFFFFFF; size > 0 {
			at := p >> 24 & 0xFFFFFF
			c.Args[i].Text = string(l.texts[p>>48][at : at+size])
		}
	}
	return c
}
