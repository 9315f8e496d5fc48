package crt

import "sidetrace/emulator/win"

var sortRows = win.Rows{
	win.Func5("bsearch", bsearch, "key base num width compare"),
	win.Func4("qsort", qsort, "base number width compare"),
}

// elements is an array of the guest and its own comparison.
type elements struct {
	c       *win.Call
	base    win.Ptr
	width   uint64
	compare win.Ptr
	context []uint64 // the comparison's first argument, if it has one
}

func (e *elements) at(i uint64) win.Ptr { return e.base + win.Ptr(i*e.width) }

func (e *elements) less(i, j uint64) bool {
	return int32(e.c.CallGuest(e.compare, append(e.context[:len(e.context):len(e.context)], uint64(e.at(i)), uint64(e.at(j)))...)) < 0
}

func (e *elements) swap(i, j uint64) {
	a, b := e.c.Buffer(e.at(i), e.width), e.c.Buffer(e.at(j), e.width)
	if e.c.Faulted() {
		return
	}
	for k := range a {
		a[k], b[k] = b[k], a[k]
	}
}

// sift moves the element at root down to its place in a heap of n.
func (e *elements) sift(root, n uint64) {
	for !e.c.Faulted() {
		child := 2*root + 1
		if child >= n {
			return
		}
		if child+1 < n && e.less(child, child+1) {
			child++
		}
		if !e.less(root, child) {
			return
		}
		e.swap(root, child)
		root = child
	}
}

// qsort sorts an array in place by the guest's comparison. It is a heap sort,
// which comes to its end whatever the comparison says.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/qsort
func qsort(c *win.Call, base win.Ptr, number, width win.Size, compare win.Ptr) (win.Void, win.Error) {
	if base == 0 && number != 0 || width == 0 || compare == 0 {
		invalid(c, eINVAL)
		return win.Void{}, 0
	}
	sortElements(c, base, number, width, compare)
	return win.Void{}, 0
}

func sortElements(c *win.Call, base win.Ptr, number, width win.Size, compare win.Ptr, context ...uint64) {
	if _, ok := product(number, width); !ok || number < 2 {
		return
	}
	e := &elements{c, base, uint64(width), compare, context}
	n := uint64(number)
	for root := n / 2; root > 0 && !c.Faulted(); root-- {
		e.sift(root-1, n)
	}
	for n > 1 && !c.Faulted() {
		n--
		e.swap(0, n)
		e.sift(0, n)
	}
}

// bsearch finds an element of a sorted array by the guest's comparison.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/bsearch
func bsearch(c *win.Call, key, base win.Ptr, num, width win.Size, compare win.Ptr) (win.Ptr, win.Error) {
	if base == 0 && num != 0 || width == 0 || compare == 0 {
		invalid(c, eINVAL)
		return 0, 0
	}
	return bisect(c, key, base, num, width, compare), 0
}

// bisect searches by halves. The context, if there is one, is the comparison's
// first argument.
func bisect(c *win.Call, key, base win.Ptr, num, width win.Size, compare win.Ptr, context ...uint64) win.Ptr {
	if _, ok := product(num, width); !ok {
		return 0
	}
	lo, hi := uint64(0), uint64(num)
	for lo < hi {
		mid := lo + (hi-lo)/2
		at := base + win.Ptr(mid*uint64(width))
		switch r := int32(c.CallGuest(compare, append(context[:len(context):len(context)], uint64(key), uint64(at))...)); {
		case r == 0:
			return at
		case r < 0:
			hi = mid
		default:
			lo = mid + 1
		}
	}
	return 0
}
