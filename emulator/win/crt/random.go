package crt

import "sidetrace/emulator/win"

var randomRows = win.Rows{
	win.Func0("rand", rand),
	win.Func1("rand_s", randS, "randomValue"),
	win.Func1("srand", srand, "seed"),
}

// rand returns the next number of the thread's sequence, 0 to 0x7FFF. The
// generator is the linear congruential one that all Microsoft's runtimes have
// in common, so that a sequence is the same as on Windows.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/rand
func rand(c *win.Call) (win.Int, win.Error) {
	l := of(c).thread(c)
	l.seed = l.seed*214013 + 2531011
	return win.Int(l.seed >> 16 & 0x7FFF), 0
}

// srand begins the thread's sequence anew.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/srand
func srand(c *win.Call, seed win.DWORD) (win.Void, win.Error) {
	of(c).thread(c).seed = uint32(seed)
	return win.Void{}, 0
}

// randS stores a random number from the machine's own source.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/rand-s
func randS(c *win.Call, randomValue win.Out[uint32]) (win.Int, win.Error) {
	if randomValue.Null() {
		invalid(c, eINVAL)
		return win.Int(eINVAL), 0
	}
	randomValue.Set(c, uint32(c.Random.Uint64()))
	return 0, 0
}
