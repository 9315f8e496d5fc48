package crt

// The packed tables of newer compilers, a FuncInfo4: a header byte says which
// fields follow, numbers take one to five bytes, and addresses in the code are
// relative to the function and to one another.
//
// https://devblogs.microsoft.com/cppblog/making-cpp-exception-handling-smaller-x64/

// Bits of the header of a FuncInfo4.
const (
	packedBlock       = 1 << iota // of a catch block, which is a function with tables of its own
	packedSeparated               // of code in several places, each with its own map of states
	packedTransformed             // flags of a tool that moves blocks follow
	packedUnwinds
	packedTries
	packedSynchronous
	packedNoexcept
)

// Bits of the header of a catch block; the number of places to go on at is in
// two more.
const (
	packedAdjectives = 1 << iota
	packedType
	packedObject
	packedFar // the places to go on at are relative to the image
	packedNext
	packedNextMask = 3
)

// Kinds of an unwind action.
const (
	destroyObject  = 1
	destroyPointed = 2
	runAction      = 3
)

// packedReader reads numbers of the tables. read returns a word of memory, 0
// where there is none.
type packedReader struct {
	read func(at uint64, size int) uint64
	at   uint64
}

// number reads a number. The low bits of its first byte tell its length.
func (r *packedReader) number() uint32 {
	first := uint32(r.read(r.at, 1))
	length := 1
	for length < 5 && first>>(length-1)&1 == 1 {
		length++
	}
	if length == 5 {
		r.at++
		return r.word()
	}
	value := first >> length
	for i := 1; i < length; i++ {
		value |= uint32(r.read(r.at+uint64(i), 1)) << (8*i - length)
	}
	r.at += uint64(length)
	return value
}

// word reads an address relative to the image.
func (r *packedReader) word() uint32 {
	v := uint32(r.read(r.at, 4))
	r.at += 4
	return v
}

// state reads a state, of which -1 is stored as 0.
func (r *packedReader) state() int32 { return int32(r.number()) - 1 }

// readPackedFunction reads the tables of a function, or of a catch block, that
// begins at an address relative to the image.
func readPackedFunction(read func(at uint64, size int) uint64, base, at uint64, begin uint32) (*cxxFunction, bool) {
	r := &packedReader{read, at + 1}
	header := read(at, 1)
	f := &cxxFunction{base: base, packed: true, block: header&packedBlock != 0}
	if header&packedSynchronous != 0 {
		f.flags |= cxxSynchronous
	}
	if header&packedNoexcept != 0 && !f.block {
		f.flags |= cxxNoexcept
	}
	if header&packedTransformed != 0 {
		r.number()
	}
	ok := true
	if header&packedUnwinds != 0 {
		ok = f.readUnwinds(&packedReader{read, base + uint64(r.word())})
	}
	if header&packedTries != 0 {
		ok = f.readTries(&packedReader{read, base + uint64(r.word())}, begin) && ok
	}
	states := &packedReader{read, base + uint64(r.word())}
	if header&packedSeparated != 0 {
		ok = states.separated(base, begin) && ok
	}
	if states.at != base {
		ok = f.readStates(states, begin) && ok
	}
	if f.block {
		f.parent = r.number()
	}
	return f, ok
}

// readUnwinds reads the unwind map, whose entries lead back to one another by
// their distance in bytes.
func (f *cxxFunction) readUnwinds(r *packedReader) bool {
	n := r.number()
	if n > maxCxx {
		return false
	}
	index := make(map[uint64]int32, n)
	for i := range int32(n) {
		start := r.at
		word := r.number()
		u := cxxUnwind{to: noState, kind: word & 3}
		if to, ok := index[start-uint64(word>>2)]; ok {
			u.to = to
		}
		index[start] = i
		if u.kind != 0 {
			u.action = r.word()
		}
		if u.kind == destroyObject || u.kind == destroyPointed {
			u.object = r.number()
		}
		f.unwindMap = append(f.unwindMap, u)
	}
	return true
}

// readTries reads the try blocks.
func (f *cxxFunction) readTries(r *packedReader, begin uint32) bool {
	n := r.number()
	room := uint32(maxCxx) // of catch blocks; the lists may overlap
	if n > maxCxx {
		return false
	}
	for range n {
		t := cxxTry{low: int32(r.number()), high: int32(r.number()), catchHigh: int32(r.number())}
		if list := r.word(); list != 0 {
			k := &packedReader{r.read, f.base + uint64(list)}
			catches := k.number()
			if catches > room {
				return false
			}
			room -= catches
			for range catches {
				t.catches = append(t.catches, k.catch(begin))
			}
		}
		f.tries = append(f.tries, t)
	}
	return true
}

// catch reads a catch block.
func (r *packedReader) catch(begin uint32) cxxCatch {
	header := r.read(r.at, 1)
	r.at++
	var k cxxCatch
	if header&packedAdjectives != 0 {
		k.adjectives = r.number()
	}
	if header&packedType != 0 {
		k.typ = r.word()
	}
	if header&packedObject != 0 {
		k.object = int32(r.number())
	}
	k.handler = r.word()
	for range header / packedNext & packedNextMask {
		if header&packedFar != 0 {
			k.next = append(k.next, r.word())
		} else {
			k.next = append(k.next, begin+r.number())
		}
	}
	return k
}

// separated goes to the map of states of one of a function's places.
func (r *packedReader) separated(base uint64, begin uint32) bool {
	n := r.number()
	for range min(n, maxCxx) {
		place, states := r.word(), r.word()
		if place == begin {
			r.at = base + uint64(states)
			return true
		}
	}
	return false
}

// readStates reads which state each place in the code is in.
func (f *cxxFunction) readStates(r *packedReader, begin uint32) bool {
	n := r.number()
	if n > maxCxx {
		return false
	}
	ip := begin
	for range n {
		ip += r.number()
		f.states = append(f.states, cxxState{ip, r.state()})
	}
	return true
}
