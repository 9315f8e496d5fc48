package guest

// This file keeps red-black trees in the guest's memory, of RTL_BALANCED_NODE
// below an RTL_RB_TREE: the loader has one of its modules by base, and code that
// registers its own there uses the same functions.

// RTL_BALANCED_NODE: two children, then the parent, whose lowest bit says that
// the node is red. RTL_RB_TREE: the root, then the leftmost node.
const (
	nodeRight   = 8
	nodeParent  = 16
	treeMin     = 8
	deepestTree = 128 // what is deeper is no tree
)

// tree is one of them.
type tree struct {
	p  *Process
	at uint64
}

func (t tree) get(addr uint64) uint64 { return t.p.word(addr) }
func (t tree) set(addr, v uint64)     { t.p.setWord(addr, v) }

func (t tree) root() uint64                { return t.get(t.at) }
func (t tree) child(n, side uint64) uint64 { return t.get(n + nodeRight*side) }
func (t tree) parent(n uint64) uint64      { return t.get(n+nodeParent) &^ 7 }
func (t tree) red(n uint64) bool           { return n != 0 && t.get(n+nodeParent)&1 != 0 }

func (t tree) paint(n uint64, red bool) {
	if n == 0 {
		return
	}
	v := t.get(n+nodeParent) &^ 1
	if red {
		v |= 1
	}
	t.set(n+nodeParent, v)
}

// side is 1 for the right child of a node, 0 for the left.
func (t tree) side(parent, n uint64) uint64 {
	if t.child(parent, 1) == n {
		return 1
	}
	return 0
}

func (t tree) setParent(n, parent uint64) {
	if n != 0 {
		t.set(n+nodeParent, parent|t.get(n+nodeParent)&1)
	}
}

// replace puts another node, or none, in the place of one.
func (t tree) replace(n, by uint64) {
	p := t.parent(n)
	if p == 0 {
		t.set(t.at, by)
	} else {
		t.set(p+nodeRight*t.side(p, n), by)
	}
	t.setParent(by, p)
}

// rotate lowers a node to one side; the child of the other side takes its
// place.
func (t tree) rotate(n, side uint64) {
	up := t.child(n, 1-side)
	inner := t.child(up, side)
	t.replace(n, up)
	t.set(n+nodeRight*(1-side), inner)
	t.setParent(inner, n)
	t.set(up+nodeRight*side, n)
	t.setParent(n, up)
}

func (t tree) leftmost(n uint64) uint64 {
	for range deepestTree {
		left := t.child(n, 0)
		if left == 0 {
			break
		}
		n = left
	}
	return n
}

// insert hangs a node below a parent, which has no child on that side, and
// balances the tree.
func (t tree) insert(parent, side, n uint64) {
	t.set(n, 0)
	t.set(n+nodeRight, 0)
	t.set(n+nodeParent, parent|1)
	if parent == 0 {
		t.set(t.at, n)
		t.set(t.at+treeMin, n)
	} else {
		t.set(parent+nodeRight*side, n)
		if side == 0 && t.get(t.at+treeMin) == parent {
			t.set(t.at+treeMin, n)
		}
	}
	for range deepestTree {
		p := t.parent(n)
		g := t.parent(p)
		if !t.red(p) || g == 0 {
			break
		}
		side := t.side(g, p)
		if uncle := t.child(g, 1-side); t.red(uncle) {
			t.paint(p, false)
			t.paint(uncle, false)
			t.paint(g, true)
			n = g
			continue
		}
		if t.side(p, n) != side {
			t.rotate(p, side)
			p = n
		}
		t.paint(p, false)
		t.paint(g, true)
		t.rotate(g, 1-side)
		break
	}
	t.paint(t.root(), false)
}

// remove takes a node out and balances the tree.
func (t tree) remove(n uint64) {
	left, right := t.child(n, 0), t.child(n, 1)
	if t.get(t.at+treeMin) == n {
		next := t.parent(n)
		if right != 0 {
			next = t.leftmost(right)
		}
		t.set(t.at+treeMin, next)
	}
	red, child, parent := t.red(n), left|right, t.parent(n)
	if left == 0 || right == 0 {
		t.replace(n, child)
	} else {
		next := t.leftmost(right)
		red, child, parent = t.red(next), t.child(next, 1), t.parent(next)
		if parent == n {
			parent = next
		} else {
			t.replace(next, child)
			t.set(next+nodeRight, right)
			t.setParent(right, next)
		}
		t.replace(n, next)
		t.set(next, left)
		t.setParent(left, next)
		t.paint(next, t.red(n))
	}
	if !red {
		t.rebalance(child, parent)
	}
}

// rebalance makes up for a black node that is missing above n, which may be 0.
func (t tree) rebalance(n, parent uint64) {
	for range deepestTree {
		if parent == 0 || t.red(n) {
			break
		}
		side := t.side(parent, n)
		sibling := t.child(parent, 1-side)
		if t.red(sibling) {
			t.paint(sibling, false)
			t.paint(parent, true)
			t.rotate(parent, side)
			sibling = t.child(parent, 1-side)
		}
		if sibling == 0 {
			break
		}
		if !t.red(t.child(sibling, 0)) && !t.red(t.child(sibling, 1)) {
			t.paint(sibling, true)
			n, parent = parent, t.parent(parent)
			continue
		}
		if !t.red(t.child(sibling, 1-side)) {
			t.paint(t.child(sibling, side), false)
			t.paint(sibling, true)
			t.rotate(sibling, 1-side)
			sibling = t.child(parent, 1-side)
		}
		t.paint(sibling, t.red(parent))
		t.paint(parent, false)
		t.paint(t.child(sibling, 1-side), false)
		t.rotate(parent, side)
		return
	}
	t.paint(n, false)
}

// InsertNode is RtlRbInsertNodeEx.
func (p *Process) InsertNode(at, parent uint64, right bool, node uint64) {
	side := uint64(0)
	if right {
		side = 1
	}
	tree{p, at}.insert(parent, side, node)
}

// RemoveNode is RtlRbRemoveNode.
func (p *Process) RemoveNode(at, node uint64) { tree{p, at}.remove(node) }

// index puts a module's entry into the tree by base.
func (p *Process) index(m *Module) {
	t := tree{p, p.system.ModuleIndex}
	if t.at == 0 {
		return
	}
	parent, side := uint64(0), uint64(0)
	n := t.root()
	for range deepestTree {
		if n == 0 {
			break
		}
		parent, side = n, 0
		if m.Base > t.get(n-ldrBaseIndex+ldrBase) {
			side = 1
		}
		n = t.child(n, side)
	}
	t.insert(parent, side, m.entry+ldrBaseIndex)
}

// indexed finds the entry of the module an address lies in, in the tree.
func (p *Process) indexed(addr uint64) (Listing, bool) {
	t := tree{p, p.system.ModuleIndex}
	if t.at == 0 {
		return Listing{}, false
	}
	n := t.root()
	for range deepestTree {
		l, ok := p.listing(n - ldrBaseIndex)
		switch {
		case n == 0 || !ok:
			return Listing{}, false
		case addr < l.Base:
			n = t.child(n, 0)
		case addr-l.Base < uint64(l.Size):
			return l, true
		default:
			n = t.child(n, 1)
		}
	}
	return Listing{}, false
}

// ModuleHolding is ModuleAt that finds the guest's own entries, too.
func (p *Process) ModuleHolding(addr uint64) *Module {
	if m := p.ModuleAt(addr); m != nil {
		return m
	}
	if l, ok := p.indexed(addr); ok {
		return p.module(l)
	}
	return nil
}
