package crt

import (
	"encoding/binary"

	"sidetrace/emulator/guest"
	"sidetrace/emulator/win"
)

// state is what the C runtime keeps for a process.
type state struct {
	p           *guest.Process
	variables   map[string]uint64 // addresses of variables, by name
	threads     map[uint32]*local
	args        arguments
	env         environment
	atexit      []uint64 // functions to call at exit, the last first
	signals     map[win.Int]uint64
	files       []*descriptor
	streams     map[uint64]*stream // by FILE
	blocks      map[string]uint64  // addresses of what is made once, by name
	locale      locale
	hooks       map[string]uint64 // functions of the program for its end, by name
	quick       []uint64          // functions to call at quick_exit, the last first
	key         win.Int           // given back by _ungetch; -1 for none
	temporaries int               // names given
	umask       win.Hex           // permissions that new files do not get
	onNew       uint64            // the program's function for exhausted memory
	newMode     win.Int           // 1 if malloc calls it too
	matherr     uint64            // the program's function for errors of mathematics
	invalid     uint64            // the program's handler of invalid parameters
	count       bool              // %n of ucrtbase.dll is allowed
}

// local is what it keeps for a thread.
type local struct {
	errno     uint64 // address
	doserrno  uint64 // address
	seed      uint32 // of rand
	token     uint64 // where strtok goes on
	wtoken    uint64 // where wcstok goes on
	time      uint64 // address of the struct tm that localtime fills
	message   uint64 // address of the buffer of strerror and asctime
	digits    uint64 // address of the buffer of _ecvt and _fcvt
	ownLocale bool   // set by _configthreadlocale
	locale    locale
	timeText  uint64 // address of the buffer of asctime
	invalid   uint64 // the thread's handler of invalid parameters
}

type stateKey struct{}

// stateOf is the state of a process, made at first use.
func stateOf(p *guest.Process) *state {
	if s, ok := p.State[stateKey{}].(*state); ok {
		return s
	}
	s := &state{
		p: p, variables: map[string]uint64{}, threads: map[uint32]*local{},
		signals: map[win.Int]uint64{}, hooks: map[string]uint64{}, streams: map[uint64]*stream{}, blocks: map[string]uint64{}, locale: newLocale(), key: eof,
	}
	p.State[stateKey{}] = s
	s.args = newArguments(s)
	s.env = newEnvironment(s)
	s.openStandard()
	return s
}

// of is the state of the process that makes a call.
func of(c *win.Call) *state { return stateOf(c.Process) }

// thread is what is kept for the calling thread.
func (s *state) thread(c *win.Call) *local {
	l := s.threads[c.T.ID]
	if l == nil {
		l = &local{seed: 1}
		l.errno = s.store(make([]byte, 16))
		l.doserrno = l.errno + 8
		s.threads[c.T.ID] = l
	}
	return l
}

// store puts data into a block of the heap and returns its address; 0 when
// memory is used up.
func (s *state) store(data []byte) uint64 {
	at := s.p.Heap.Alloc(uint64(len(data)))
	if at == 0 || s.p.Mem.Write(at, data) != nil {
		return 0
	}
	return at
}

// constant is the address of a string that never changes.
func (s *state) constant(text string) uint64 {
	return s.block("text "+text, func() []byte { return guest.ANSI(text) })
}

// block is the address of memory of the runtime's own, made at first use.
func (s *state) block(name string, contents func() []byte) uint64 {
	at, ok := s.blocks[name]
	if !ok {
		at = s.store(contents())
		s.blocks[name] = at
	}
	return at
}

// put writes a number of size bytes to memory of the runtime's own.
func (s *state) put(addr uint64, size int, v uint64) {
	// The guest may have made the page inaccessible; then nobody reads it.
	_ = s.p.Mem.WriteUint(addr, size, v)
}

// pointers encodes addresses as an array that a null pointer ends.
func pointers(addrs []uint64) []byte {
	var b []byte
	for _, a := range addrs {
		b = binary.LittleEndian.AppendUint64(b, a)
	}
	return append(b, make([]byte, 8)...)
}

// strings stores an array of pointers and the strings they point to in one
// block, and returns its address and those of the strings.
func (s *state) strings(list [][]byte) (at uint64, addrs []uint64) {
	head := 8 * (len(list) + 1)
	size := head
	for _, b := range list {
		size += len(b)
	}
	at = s.p.Heap.Alloc(uint64(size))
	if at == 0 {
		return 0, make([]uint64, len(list))
	}
	next := at + uint64(head)
	var body []byte
	for _, b := range list {
		addrs = append(addrs, next)
		next += uint64(len(b))
		body = append(body, b...)
	}
	_ = s.p.Mem.Write(at, append(pointers(addrs), body...)) // a fresh block: cannot fail
	return at, addrs
}
