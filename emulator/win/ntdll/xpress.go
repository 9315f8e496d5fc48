package ntdll

import (
	"encoding/binary"
	"errors"
)

var errXpress = errors.New("not Xpress data")

// input reads numbers; what is behind the end reads as 0.
type input struct {
	data []byte
	at   int
}

func (r *input) end() bool { return r.at >= len(r.data) }

func (r *input) next(n int) (v uint32) {
	var b [4]byte
	if r.at < len(r.data) {
		copy(b[:n], r.data[r.at:])
	}
	r.at += n
	return binary.LittleEndian.Uint32(b[:])
}

// repeat copies a match, byte by byte: it may overlap itself.
func repeat(dst []byte, n, back, length int) (int, error) {
	if back > n {
		return n, errXpress
	}
	for ; length > 0 && n < len(dst); length-- {
		dst[n] = dst[n-back]
		n++
	}
	return n, nil
}

// expandXpress decompresses plain LZ77 of the Xpress algorithm until the data
// ends or dst is full.
//
// https://learn.microsoft.com/openspecs/windows_protocols/ms-xca/34cb9ab9-5ce6-42d7-a518-107c1c7c65e7
func expandXpress(dst, src []byte) (n int, err error) {
	r := input{data: src}
	flags, left := uint32(0), 0
	half := -1 // where the byte lies whose high half is the next length
	for n < len(dst) {
		if left == 0 {
			if r.end() {
				return n, nil
			}
			flags, left = r.next(4), 32
		}
		left--
		if r.end() {
			return n, nil
		}
		if flags&(1<<left) == 0 {
			dst[n] = byte(r.next(1))
			n++
			continue
		}
		match := r.next(2)
		length := int(match & 7)
		if length == 7 {
			if half < 0 {
				half = r.at
				length = int(r.next(1) & 15)
			} else {
				length = int(src[half] >> 4)
				half = -1
			}
			if length == 15 {
				if length, err = longLength(&r, 15+7); err != nil {
					return n, err
				}
				length += 15
			}
			if length += 7; half >= len(src) {
				return n, errXpress
			}
		}
		if n, err = repeat(dst, n, int(match>>3)+1, length+3); err != nil {
			return n, err
		}
	}
	return n, nil
}

// longLength reads a length in one, two or four bytes; the longer forms have
// least added to them.
func longLength(r *input, least int) (int, error) {
	length := int(r.next(1))
	if length != 255 {
		return length, nil
	}
	if length = int(r.next(2)); length == 0 {
		length = int(r.next(4))
	}
	if length < least {
		return 0, errXpress
	}
	return length - least, nil
}

// Of the Huffman variant: a chunk begins with the lengths of its codes, of
// four bits each.
const (
	xpressChunk   = 65536
	xpressSymbols = 512
	xpressTable   = xpressSymbols / 2
	xpressBits    = 15
	xpressEnd     = 256
)

// expandHuffman decompresses LZ77 with Huffman codes of the Xpress algorithm.
//
// https://learn.microsoft.com/openspecs/windows_protocols/ms-xca/12cc1f8c-6dda-4c26-9ce5-d3c7c0d3b6b1
func expandHuffman(dst, src []byte) (n int, err error) {
	r := input{data: src}
	table := make([]uint16, 1<<xpressBits) // symbol by the next bits
	for n < len(dst) && !r.end() {
		if len(src)-r.at < xpressTable {
			return n, errXpress
		}
		lengths, err := huffmanTable(table, src[r.at:r.at+xpressTable])
		if err != nil {
			return n, err
		}
		r.at += xpressTable
		var done bool
		if n, done, err = expandBlock(dst, n, &r, table, lengths); err != nil || done {
			return n, err
		}
	}
	return n, nil
}

// huffmanTable gives codes to symbols, shorter and smaller ones first.
func huffmanTable(table []uint16, packed []byte) (lengths [xpressSymbols]byte, err error) {
	for i, b := range packed {
		lengths[2*i], lengths[2*i+1] = b&15, b>>4
	}
	at := 0
	for bits := 1; bits <= xpressBits; bits++ {
		for symbol, l := range lengths {
			if int(l) != bits {
				continue
			}
			end := at + 1<<(xpressBits-bits)
			if end > len(table) {
				return lengths, errXpress
			}
			for ; at < end; at++ {
				table[at] = uint16(symbol)
			}
		}
	}
	if at != len(table) {
		return lengths, errXpress
	}
	return lengths, nil
}

// expandBlock decompresses one chunk; done says that the data has ended.
func expandBlock(dst []byte, n int, r *input, table []uint16, lengths [xpressSymbols]byte) (_ int, done bool, err error) {
	bits := r.next(2)<<16 | r.next(2)
	extra := 16
	drop := func(k int) {
		bits <<= k
		if extra -= k; extra < 0 {
			bits |= r.next(2) << -extra
			extra += 16
		}
	}
	for end := n + xpressChunk; n < end; {
		if n == len(dst) {
			return n, true, nil
		}
		if r.at > len(r.data)+4 {
			return n, true, errXpress
		}
		symbol := int(table[bits>>(32-xpressBits)])
		drop(int(lengths[symbol]))
		if symbol < xpressEnd {
			dst[n] = byte(symbol)
			n++
			continue
		}
		if symbol == xpressEnd && r.end() {
			return n, true, nil
		}
		symbol -= xpressEnd
		length, width := symbol&15, symbol>>4
		if length == 15 {
			if length, err = longLength(r, 15); err != nil {
				return n, true, err
			}
			length += 15
		}
		back := 1 << width
		if width > 0 {
			back += int(bits >> (32 - width))
		}
		drop(width)
		if n, err = repeat(dst, n, back, length+3); err != nil {
			return n, true, err
		}
	}
	return n, false, nil
}
