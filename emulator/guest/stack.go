package guest

import "sidetrace/emulator/cpu"

// The rules are:
//
//   - A stack is reserved whole. What is committed grows downward page by page:
//     below it lies a guard page, and touching that makes it part of the stack
//     and the page below it the guard. The TEB's StackLimit follows.
//   - The lowest page is never usable. When the guard page would come within the
//     guarantee above it, what is left is committed without one and
//     STATUS_STACK_OVERFLOW is raised: handlers have that much to run in.
//   - Handlers of APIs touch the stack as the guest does: it grows for them.
const (
	leastGuarantee = 2 * PageSize
	// initialCommit is what is committed at once, whatever the image says: a
	// page more or less is not worth a fault.
	initialCommit = 2 * PageSize
)

// commitStack commits the upper end of a fresh stack and returns where that
// begins.
func (p *Process) commitStack(a *Allocation, commit uint64) (low uint64, err error) {
	m := p.Mem
	commit = min(max(pageUp(commit), initialCommit), a.Size-leastGuarantee-2*PageSize)
	low = a.Base + a.Size - commit
	if err := m.Commit(low, commit, PageReadWrite); err != nil {
		return 0, err
	}
	return low, m.Commit(low-PageSize, PageSize, PageReadWrite|PageGuard)
}

// growStack makes the stack reach down to an address in its guard page. It
// reports false if the address lies elsewhere, or if that page was the last.
func (f *Fiber) growStack(addr uint64) bool {
	a, m := f.stack, f.p.Mem
	page := pageDown(addr)
	if m.Find(addr) != a || page+PageSize != f.low {
		return false
	}
	floor := a.Base + PageSize + max(f.guarantee, leastGuarantee)
	if page < floor+PageSize {
		low := a.Base + PageSize
		if m.extendDown(a, low, f.low) == nil {
			f.setStackLimit(low)
		}
		return false
	}
	if m.extendDown(a, page, f.low) != nil || m.Commit(page-PageSize, PageSize, PageReadWrite|PageGuard) != nil {
		return false // no memory
	}
	f.setStackLimit(page)
	return true
}

func (f *Fiber) setStackLimit(low uint64) {
	f.low = low
	f.p.structs.put(f.thread.TEB+TEBStackLimit, 8, low)
}

// ResetStack puts the guard page back after an overflow, as _resetstkoflw does.
// It reports false where the stack pointer is too low for one.
func (t *Thread) ResetStack() bool {
	sp := t.p.cpu.Reg(cpu.RSP)
	f := t.fiber
	guard := t.stack.Base + PageSize + max(f.guarantee, leastGuarantee)
	if f.low > guard {
		return true // there is one
	}
	if sp < guard+2*PageSize {
		return false
	}
	m := t.p.Mem
	if m.Decommit(t.stack.Base+PageSize, guard-t.stack.Base-PageSize) != nil || m.Commit(guard, PageSize, PageReadWrite|PageGuard) != nil {
		return false
	}
	f.setStackLimit(guard + PageSize)
	return true
}

// GuaranteeStack keeps at least so many bytes of the stack for the handlers of
// an overflow. It reports false if the stack has no room for that.
func (t *Thread) GuaranteeStack(bytes uint64) bool {
	f := t.fiber
	bytes = pageUp(bytes)
	if bytes+2*PageSize >= f.low-t.stack.Base {
		return false
	}
	f.guarantee = max(f.guarantee, bytes)
	return true
}

// StackGuarantee is how much that is.
func (t *Thread) StackGuarantee() uint64 { return t.fiber.guarantee }

// reachStack makes the stack reach down to an address that a handler is about
// to touch. Windows' own code would have touched every page on the way.
func (t *Thread) reachStack(addr uint64) bool {
	f := t.fiber
	if addr < t.stack.Base || addr >= f.low {
		return false
	}
	for addr < f.low {
		if !f.growStack(f.low - 1) {
			return false
		}
	}
	return true
}

// extendDown commits [low, old) of a stack whose committed pages begin at old.
// The engine gets one region for both: it slows down with their number.
func (m *Memory) extendDown(a *Allocation, low, old uint64) error {
	lo, mid := low-a.Base, old-a.Base
	for _, r := range a.runs {
		if r.start != mid || r.prot != PageReadWrite {
			continue
		}
		fresh := uint64(0)
		for _, x := range a.runs {
			if x.prot == 0 && x.start < mid && x.end > lo {
				fresh += min(x.end, mid) - max(x.start, lo)
			}
		}
		if fresh > m.limit-min(m.committed, m.limit) {
			return ErrNoMemory
		}
		if err := m.cpu.Unmap(old, r.end-mid); err != nil {
			return err
		}
		if err := m.cpu.Map(low, a.host[lo:r.end], r.prot.engine()); err != nil {
			return err
		}
		m.committed += fresh
		m.settleRuns(a, lo, mid, r.prot)
		return nil
	}
	return m.Commit(low, old-low, PageReadWrite)
}
