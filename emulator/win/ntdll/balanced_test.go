package ntdll_test

import (
	"slices"
	"testing"
)

// TestBalancedTree inserts and removes nodes in a fixed order that is none, and
// looks at the tree after each step: sorted, no red node below a red one, as
// many black nodes on each way down, the leftmost node known.
func TestBalancedTree(t *testing.T) {
	m := machine(t)
	const count, size = 150, 32
	nodes, root := m.Alloc(count*size), m.Alloc(16)
	m.Put(root, make([]byte, 16))
	child := func(n, side uint64) uint64 { return m.Uint(n+8*side, 8) }

	var visit func(n, parent uint64, red bool) (in []uint64, black int)
	visit = func(n, parent uint64, red bool) ([]uint64, int) {
		if n == 0 {
			return nil, 1
		}
		word := m.Uint(n+16, 8)
		if word&^1 != parent || red && word&1 != 0 {
			t.Fatalf("node %#x: parent and colour %#x below %#x, red %t", n, word, parent, red)
		}
		left, a := visit(child(n, 0), n, word&1 != 0)
		right, b := visit(child(n, 1), n, word&1 != 0)
		if a != b {
			t.Fatalf("node %#x: %d black nodes to the left, %d to the right", n, a, b)
		}
		if word&1 == 0 {
			a++
		}
		return slices.Concat(left, []uint64{n}, right), a
	}
	var kept []uint64
	check := func() {
		t.Helper()
		in, _ := visit(m.Uint(root, 8), 0, true)
		slices.Sort(kept)
		if !slices.Equal(in, kept) {
			t.Fatalf("got %#x, want %#x", in, kept)
		}
		if len(kept) > 0 && m.Uint(root+8, 8) != kept[0] {
			t.Fatalf("leftmost %#x, want %#x", m.Uint(root+8, 8), kept[0])
		}
	}
	for i := range uint64(count) {
		node := nodes + i*67%count*size // 67 and 150 have no common factor
		parent, side := uint64(0), uint64(0)
		for n := m.Uint(root, 8); n != 0; n = child(n, side) {
			parent, side = n, 0
			if node > n {
				side = 1
			}
		}
		m.Call("ntdll.dll", "RtlRbInsertNodeEx", root, parent, side, node)
		kept = append(kept, node)
		check()
	}
	for i := range uint64(count) {
		node := nodes + i*97%count*size
		m.Call("ntdll.dll", "RtlRbRemoveNode", root, node)
		kept = slices.DeleteFunc(kept, func(n uint64) bool { return n == node })
		check()
	}
}
