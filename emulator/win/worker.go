package win

import (
	"time"

	"sidetrace/emulator/guest"
)

// workers is the queue of what a DLL does while the guest goes on.
type workers struct {
	queue  []func(*Call)
	thread bool // there is one that takes from the queue
}

type workersKey struct{ dll string }

// maxQueue bounds the work not yet done.
const maxQueue = 1 << 14

// Background has work done on a thread of the DLL's own, in the order it was
// asked for. The DLL's table has a [Worker] row. It reports false when there
// is no thread for it, or too much to do.
func (c *Call) Background(work func(*Call)) bool {
	dll := c.export.trace.DLL
	w, ok := c.State[workersKey{dll}].(*workers)
	if !ok {
		w = &workers{}
		c.State[workersKey{dll}] = w
	}
	if len(w.queue) >= maxQueue {
		return false
	}
	if !w.thread {
		if _, err := c.NewThread(uint64(c.Stub(dll, worker)), 0, 0, false); err != nil {
			return false
		}
		w.thread = true
	}
	w.queue = append(w.queue, work)
	return true
}

const worker = "Worker"

// Worker is the row of a DLL that works in the background.
func Worker() Row { return Hidden(Func1(worker, workerThread, "lpParameter")) }

// workerThread does what is in the queue and ends some time after it is empty.
func workerThread(c *Call, lpParameter Ptr) (DWORD, Error) {
	const linger = 30 * time.Second
	w, ok := c.State[workersKey{c.export.trace.DLL}].(*workers)
	if !ok {
		return 0, 0
	}
	more := guest.Until("work", func() bool { return len(w.queue) > 0 })
	for !c.Faulted() {
		if _, ok := c.T.Wait(more, false, linger); !ok {
			break
		}
		work := w.queue[0]
		w.queue = w.queue[1:]
		work(c)
	}
	w.thread = false
	return 0, 0
}
