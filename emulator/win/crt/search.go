package crt

import "sidetrace/emulator/win"

// searchRows are sorting and searching with a comparison that is told a
// context, and linear searching.
var searchRows = win.Rows{
	win.Func5("_lfind", lfind, "key base num width compare"),
	win.Func6("_lfind_s", lfindS, "key base num size compare context"),
	win.Func5("_lsearch", lsearch, "key base num width compare"),
	win.Func6("_lsearch_s", lsearchS, "key base num size compare context"),
	win.Func6("bsearch_s", bsearchS, "key base num width compare context"),
	win.Func5("qsort_s", qsortS, "base num width compare context"),
}

// linear compares a key with one element after another. The context, if there
// is one, comes first.
func linear(c *win.Call, key, base win.Ptr, n uint64, width win.Size, compare win.Ptr, context ...uint64) win.Ptr {
	for i := range n {
		at := base + win.Ptr(i*uint64(width))
		if int32(c.CallGuest(compare, append(context[:len(context):len(context)], uint64(key), uint64(at))...)) == 0 {
			return at
		}
	}
	return 0
}

// appended adds a key to an array whose number of elements is at num.
func appended(c *win.Call, key, base win.Ptr, num win.Out[uint32], width win.Size) win.Ptr {
	n := num.Get(c)
	at := base + win.Ptr(uint64(n)*uint64(width))
	_, _ = memmove(c, at, key, width) // returns the place
	num.Set(c, n+1)
	return at
}

// lfind finds a key in an array that need not be sorted.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/lfind
func lfind(c *win.Call, key, base win.Ptr, num win.Out[uint32], width win.Size, compare win.Ptr) (win.Ptr, win.Error) {
	if key == 0 || num.Null() || compare == 0 {
		invalid(c, eINVAL)
		return 0, 0
	}
	return linear(c, key, base, uint64(num.Get(c)), width, compare), 0
}

// lfindS is lfind with a context.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/lfind-s
func lfindS(c *win.Call, key, base win.Ptr, num win.Out[uint32], size win.Size, compare win.Ptr, context win.Size) (win.Ptr, win.Error) {
	if key == 0 || num.Null() || compare == 0 || size == 0 {
		invalid(c, eINVAL)
		return 0, 0
	}
	return linear(c, key, base, uint64(num.Get(c)), size, compare, uint64(context)), 0
}

// lsearch finds a key in an array, or adds it.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/lsearch
func lsearch(c *win.Call, key, base win.Ptr, num win.Out[uint32], width win.Size, compare win.Ptr) (win.Ptr, win.Error) {
	if at, err := lfind(c, key, base, num, width, compare); at != 0 || num.Null() || compare == 0 {
		return at, err
	}
	return appended(c, key, base, num, width), 0
}

// lsearchS is lsearch with a context.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/lsearch-s
func lsearchS(c *win.Call, key, base win.Ptr, num win.Out[uint32], size win.Size, compare win.Ptr, context win.Size) (win.Ptr, win.Error) {
	if at, err := lfindS(c, key, base, num, size, compare, context); at != 0 || num.Null() || compare == 0 || size == 0 {
		return at, err
	}
	return appended(c, key, base, num, size), 0
}

// bsearchS is bsearch with a context.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/bsearch-s
func bsearchS(c *win.Call, key, base win.Ptr, num, width win.Size, compare, context win.Ptr) (win.Ptr, win.Error) {
	if base == 0 && num != 0 || width == 0 || compare == 0 {
		invalid(c, eINVAL)
		return 0, 0
	}
	return bisect(c, key, base, num, width, compare, uint64(context)), 0
}

// qsortS is qsort with a context.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/qsort-s
func qsortS(c *win.Call, base win.Ptr, num, width win.Size, compare, context win.Ptr) (win.Void, win.Error) {
	if base == 0 && num != 0 || width == 0 || compare == 0 {
		invalid(c, eINVAL)
		return win.Void{}, 0
	}
	sortElements(c, base, num, width, compare, uint64(context))
	return win.Void{}, 0
}
