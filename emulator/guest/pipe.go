package guest

// Pipe is one end of an anonymous pipe.
type Pipe struct {
	Write bool // the end that is written to

	shared *pipe
}

// pipe is what both ends share.
type pipe struct {
	data  []byte
	ready Event // set while there is something to read, or nobody left to write
	open  [2]bool
}

// MaxPipe is how many bytes may lie in a pipe unread.
const MaxPipe = 1 << 20

func (*Pipe) Type() string { return "File" }

// NewPipe makes both ends of an anonymous pipe.
func NewPipe() (read, write *Pipe) {
	s := &pipe{ready: Event{Name: "pipe", Manual: true}, open: [2]bool{true, true}}
	return &Pipe{false, s}, &Pipe{true, s}
}

func end(write bool) int {
	if write {
		return 1
	}
	return 0
}

// Alone reports whether the other end is closed.
func (p *Pipe) Alone() bool { return !p.shared.open[end(!p.Write)] }

// Ready is set while reading would not wait.
func (p *Pipe) Ready() *Event { return &p.shared.ready }

// Data is what can be read, not to be modified.
func (p *Pipe) Data() []byte { return p.shared.data }

// Take drops the first n bytes, which were read.
func (p *Pipe) Take(n int) {
	p.shared.data = p.shared.data[n:]
	p.shared.signal()
}

// Put adds bytes to be read, as many as there is room for.
func (p *Pipe) Put(data []byte) int {
	s := p.shared
	n := min(len(data), MaxPipe-len(s.data))
	s.data = append(s.data, data[:n]...)
	s.signal()
	return n
}

// Close closes the end.
func (p *Pipe) Close() {
	p.shared.open[end(p.Write)] = false
	p.shared.signal()
}

func (s *pipe) signal() { s.ready.Set = len(s.data) > 0 || !s.open[end(true)] }
