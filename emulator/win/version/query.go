package version

import (
	"bytes"
	"slices"
	"strings"

	"sidetrace/emulator/guest"
	"sidetrace/emulator/win"
)

// node is one node of a version resource: length, length of the value, kind,
// key, value, children. Offsets are from the start of the block.
//
// https://learn.microsoft.com/windows/win32/menurc/vs-versioninfo
type node struct {
	key        string
	text       bool
	value      int // offset
	size       int // of the value: characters of a text, with the terminator, else bytes
	child, end int // offsets
}

const nodeHeader = 6

// read reads the node at an offset, of which nothing lies behind limit. It is
// false for what is no node.
func read(block []byte, at, limit int) (node, bool) {
	if at+nodeHeader > limit {
		return node{}, false
	}
	b := block[at:limit]
	size := int(le.Uint16(b))
	if size < nodeHeader || size > len(b) {
		return node{}, false
	}
	b = b[:size]
	key := 0
	for nodeHeader+key+1 < len(b) && (b[nodeHeader+key] != 0 || b[nodeHeader+key+1] != 0) {
		key += 2
	}
	n := node{
		key: guest.FromUTF16(b[nodeHeader:][:key]), size: int(le.Uint16(b[2:])), text: le.Uint16(b[4:]) == 1,
		value: min(align(at+nodeHeader+key+2), at+size), end: at + size,
	}
	bytes := n.size
	if n.text {
		bytes *= 2
	}
	n.child = min(align(n.value+bytes), n.end)
	return n, true
}

// align rounds up to a multiple of four.
func align(n int) int { return (n + 3) &^ 3 }

// find follows a path of keys, whose case does not matter.
func find(block []byte, path string) (node, bool) {
	n, ok := read(block, 0, len(block))
	for _, key := range strings.FieldsFunc(path, func(r rune) bool { return r == '\\' }) {
		if !ok {
			return n, false
		}
		parent := n
		for at := parent.child; ; at = align(n.end) {
			if n, ok = read(block, at, parent.end); !ok || strings.EqualFold(n.key, key) {
				break
			}
		}
	}
	return n, ok
}

// verQueryValue gives the place of a value in a block, and its size. The ANSI
// form of a text is made in the room behind the resource.
//
// https://learn.microsoft.com/windows/win32/api/winver/nf-winver-verqueryvaluew
func verQueryValue(c *win.Call, pBlock win.Ptr, lpSubBlock win.TStr, lplpBuffer win.Out[uint64], puLen win.Out[uint32]) (win.Bool, win.Error) {
	if pBlock == 0 || lplpBuffer.Null() {
		return false, win.ErrInvalidParameter
	}
	size := c.ReadUint(pBlock, 2)
	block := slices.Clone(c.Bytes(pBlock, size))
	puLen.Set(c, 0)
	n, ok := find(block, lpSubBlock.Text)
	if !ok {
		return false, win.ErrResourceTypeNotFound
	}
	at := pBlock + win.Ptr(n.value)
	if n.text && c.ANSI() {
		room := pBlock + win.Ptr(len(block))
		if b, err := c.Mem.View(uint64(room), len(mark)); err == nil && bytes.Equal(b, []byte(mark)) {
			text := guest.FromUTF16(block[n.value:min(n.value+2*n.size, n.end)])
			at = room + win.Ptr(len(mark)+n.value)
			ansi := guest.ANSI(strings.TrimRight(text, "\x00"))
			c.Write(at, ansi[:min(len(ansi), max(n.size, 1))])
		}
	}
	lplpBuffer.Set(c, uint64(at))
	puLen.Set(c, uint32(n.size))
	return true, 0
}
