// Package guest is what the emulated program can see: its address space, the
// modules and the structures Windows describes them with (TEB, PEB, loader
// lists), threads, handles and kernel objects, heaps, files, registry, clock
// and network, all of it made from a [Config] and nothing else.
//
// The package has no Windows API in it. Those are handlers in emulator/win,
// which the process calls through [Dispatcher] and which in turn use the types
// here. Everything is deterministic: addresses, handles, identifiers and the
// order in which threads run depend on the configuration alone.
//
// A process is used from one goroutine at a time; its guest threads are
// coroutines of that goroutine.
package guest
