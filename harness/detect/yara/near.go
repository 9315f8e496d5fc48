package yara

import (
	"bytes"
	"strconv"
	"strings"
)

// cell is a byte of a pattern, of which the bits of the mask count.
type cell struct{ value, mask byte }

func (c cell) fits(b byte) bool { return (b^c.value)&c.mask == 0 }

// plain makes cells of bytes; wide ones have a zero behind each.
func plain(b []byte, wide bool) []cell {
	var cells []cell
	for _, c := range b {
		cells = append(cells, cell{c, 0xFF})
		if wide {
			cells = append(cells, cell{0, 0xFF})
		}
	}
	return cells
}

// maxGap is the longest fixed jump that stays part of a piece.
const maxGap = 64

// hexPieces are the parts of a hexadecimal string that have a fixed length: what
// lies between its jumps and alternatives.
func hexPieces(value string) [][]cell {
	var pieces [][]cell
	var piece []cell
	cut := func() {
		if len(piece) > 0 {
			pieces = append(pieces, piece)
		}
		piece = nil
	}
	body := strings.Trim(value, "{} \t\r\n")
	l := lexer{src: []byte(body)}
	depth := 0
	for l.space(); l.pos < len(body); l.space() {
		c := body[l.pos]
		switch {
		case c == '(':
			cut()
			depth++
			l.pos++
		case c == ')':
			depth--
			l.pos++
		case c == '[':
			i := strings.IndexByte(body[l.pos:], ']')
			if i < 0 { // not closed
				l.pos = len(body)
				continue
			}
			if n, err := strconv.Atoi(strings.TrimSpace(body[l.pos+1 : l.pos+i])); err == nil && n <= maxGap && depth == 0 {
				piece = append(piece, make([]cell, n)...)
			} else if depth == 0 {
				cut()
			}
			l.pos += i + 1
		case depth > 0:
			l.pos++
		case c == '~' && l.pos+2 < len(body): // any byte but one
			piece = append(piece, cell{})
			l.pos += 3
		case l.pos+1 < len(body):
			high, highMask := nibble(body[l.pos])
			low, lowMask := nibble(body[l.pos+1])
			piece = append(piece, cell{high<<4 | low, highMask<<4 | lowMask})
			l.pos += 2
		default:
			l.pos++
		}
	}
	cut()
	return pieces
}

func nibble(c byte) (value, mask byte) {
	switch {
	case '0' <= c && c <= '9':
		return c - '0', 0xF
	case 'a' <= c|0x20 && c|0x20 <= 'f':
		return c | 0x20 - 'a' + 10, 0xF
	}
	return 0, 0
}

// spot is where a pattern comes nearest.
type spot struct {
	offset int // may lie before the start
	fit    int // cells that fit
	first  int // first cell that does not
}

// searcher looks for what is like a pattern. What it may read is bounded.
type searcher struct{ budget int }

const (
	window     = 4    // bytes that must be there as they are
	maxWindows = 16   // of a pattern
	maxPlaces  = 4096 // of a window
)

// nearest finds the place of data where most of a pattern fits, among those
// where four bytes in a row do. Where nothing is as near as that there is none.
func (s *searcher) nearest(cells []cell, data []byte) (spot, bool) {
	best := spot{fit: -1}
	windows := 0
	for i := 0; i+window <= len(cells) && windows < maxWindows; {
		seed, ok := solid(cells[i : i+window])
		if !ok {
			i++
			continue
		}
		windows++
		at := 0
		for range maxPlaces {
			if s.budget <= 0 {
				break
			}
			n := bytes.Index(data[at:], seed)
			if n < 0 {
				s.budget -= len(data) - at
				break
			}
			s.budget -= n + len(cells)
			at += n
			if here := compare(cells, data, at-i); here.fit > best.fit {
				best = here
			}
			at++
		}
		i += window
	}
	return best, best.fit >= window
}

// solid are the bytes of cells without a wildcard.
func solid(cells []cell) ([]byte, bool) {
	var b []byte
	for _, c := range cells {
		if c.mask != 0xFF {
			return nil, false
		}
		b = append(b, c.value)
	}
	return b, true
}

// compare counts what fits at an offset.
func compare(cells []cell, data []byte, offset int) spot {
	here := spot{offset: offset, first: -1}
	for i, c := range cells {
		at := offset + i
		if at >= 0 && at < len(data) && c.fits(data[at]) {
			here.fit++
		} else if here.first < 0 {
			here.first = i
		}
	}
	return here
}
