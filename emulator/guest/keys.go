package guest

import (
	"slices"
)

// keys offers candidates for a cipher's key until try returns false: strings
// of the guest's images, the latest loaded first, of its stacks and of small
// blocks of its heap, and at last plain bytes of the images' data.
func (p *Process) keys(try func(key []byte, where string) bool) {
	left := maxKeys
	once := func(key []byte, where string) bool {
		left--
		return left >= 0 && try(key, where)
	}
	data := p.imageData()
	for _, d := range data {
		if !eachString(d.bytes, func(s []byte) bool { return once(s, "strings of "+d.module) }) {
			return
		}
	}
	for _, t := range p.threads {
		if !eachString(p.liveStack(t), func(s []byte) bool { return once(s, "stack") }) {
			return
		}
	}
	for _, b := range p.smallBlocks() {
		if !eachString(b, func(s []byte) bool { return once(s, "heap") }) {
			return
		}
	}
	for _, size := range [...]int{16, 32, 8, 24, 12, 5} {
		for _, d := range data {
			for at := 0; at+size <= len(d.bytes); at += 4 {
				if key := d.bytes[at : at+size]; !allZero(key) && !once(key, "data of "+d.module) {
					return
				}
			}
		}
	}
}

// piece is data of an image.
type piece struct {
	module string
	bytes  []byte
}

// imageData lists the sections of the guest's own modules that hold data, as
// they are in memory now.
func (p *Process) imageData() []piece {
	const most = 256 << 10 // of each section
	var pieces []piece
	for _, m := range slices.Backward(p.modules) {
		if m.System != nil {
			continue
		}
		for _, s := range m.Image.Sections {
			if s.Execute || s.VirtualSize == 0 {
				continue
			}
			if b := p.Mem.span(m.Base+uint64(s.RVA), int(min(s.VirtualSize, most)), false); b != nil {
				pieces = append(pieces, piece{m.Name(), b})
			}
		}
	}
	return pieces
}

// liveStack is the used part of a thread's stack, as far as it is near the top.
func (p *Process) liveStack(t *Thread) []byte {
	const most = 64 << 10
	if t.state == threadEnded || t.stack.host == nil {
		return nil
	}
	n := uint64(len(t.stack.host))
	return t.stack.host[n-min(n, most):]
}

// smallBlocks lists heap blocks that may be keys or strings, by address.
func (p *Process) smallBlocks() [][]byte {
	const most, longest = 2048, 256
	var at []uint64
	for addr, b := range p.Heap.blocks {
		if b.size >= 4 && b.size <= longest {
			at = append(at, addr)
		}
	}
	slices.Sort(at)
	var blocks [][]byte
	for _, addr := range at[:min(len(at), most)] {
		if b := p.Mem.span(addr, int(p.Heap.blocks[addr].size), false); b != nil {
			blocks = append(blocks, b)
		}
	}
	return blocks
}

// eachString finds printable strings of 4 to 64 characters, in ASCII and in
// UTF-16 (given without its zero bytes). It reports whether try wanted all.
func eachString(b []byte, try func([]byte) bool) bool {
	const shortest, longest = 4, 64
	printable := func(c byte) bool { return c >= 0x20 && c <= 0x7E }
	for i := 0; i < len(b); {
		if !printable(b[i]) {
			i++
			continue
		}
		j := i
		for j < len(b) && printable(b[j]) {
			j++
		}
		if n := j - i; n >= shortest && n <= longest && !try(b[i:j]) {
			return false
		}
		if j-i == 1 && j < len(b) && b[j] == 0 { // perhaps UTF-16
			var wide []byte
			k := i
			for k+1 < len(b) && printable(b[k]) && b[k+1] == 0 {
				wide = append(wide, b[k])
				k += 2
			}
			if n := len(wide); n >= shortest && n <= longest && !try(wide) {
				return false
			}
			j = max(j, k)
		}
		i = j
	}
	return true
}
