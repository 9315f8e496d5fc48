package guest

import (
	"fmt"
	"slices"

	"sidetrace/emulator/trace"
)

// Reasons an entry point is called for.
//
// https://learn.microsoft.com/windows/win32/dlls/dllmain
const (
	processDetach = 0
	processAttach = 1
	threadAttach  = 2
	threadDetach  = 3
)

var reasonNames = [...]string{"process_detach", "process_attach", "thread_attach", "thread_detach"}

// startProgram is what the first thread does.
func (p *Process) startProgram(t *Thread) {
	program := p.Program()
	p.lock(t)
	p.setupTLS(t)
	// The DLLs every process has first, then what the program imports.
	for _, dep := range append(slices.Clone(p.modules[1:min(len(p.modules), 1+len(processDLLs))]), program.deps...) {
		if err := p.attach(t, dep); err != nil {
			p.loadFailed(err)
			return
		}
	}
	p.callTLS(t, program, processAttach)
	p.unlock(t)

	switch {
	case p.raw != nil:
		t.Exit(p.runRaw(t))
	case program.System != nil:
		t.Exit(p.runDLL(t))
	}
	t.TestAlert()
	p.ExitThread(t, t.callStart())
}

// startThread is what every other thread does.
func (p *Process) startThread(t *Thread) {
	p.lock(t)
	p.setupTLS(t)
	if !t.Quiet {
		p.threadAttach(t)
	}
	p.unlock(t)
	t.TestAlert() // calls queued before the thread began come before its function
	p.ExitThread(t, t.callStart())
}

// threadAttach tells the modules of a new thread.
func (p *Process) threadAttach(t *Thread) {
	for _, m := range slices.Clone(p.initialised) {
		if m.attached && !m.quiet {
			p.callTLS(t, m, threadAttach)
			p.callEntry(t, m, threadAttach, 0)
		}
	}
	p.callTLS(t, p.Program(), threadAttach)
}

// threadDetach lets go of the fiber's local values and tells the modules, the
// last initialised first, that a thread ends.
func (p *Process) threadDetach(t *Thread) {
	if t.detached {
		return
	}
	t.detached = true
	t.fiber.EndLocal(t)
	if t.Quiet {
		return
	}
	p.lock(t)
	for _, m := range slices.Backward(slices.Clone(p.initialised)) {
		if m.attached && !m.quiet {
			p.callTLS(t, m, threadDetach)
			p.callEntry(t, m, threadDetach, 0)
		}
	}
	p.callTLS(t, p.Program(), threadDetach)
	p.unlock(t)
}

// ExitThread ends a thread after the modules have been told. With the last one
// the process ends.
func (p *Process) ExitThread(t *Thread, code uint32) {
	if !slices.ContainsFunc(p.threads, func(x *Thread) bool { return x != t && x.state != threadEnded }) {
		p.ExitProcess(t, code, "return")
	}
	p.threadDetach(t)
	t.Exit(code)
}

// lock and unlock hold the loader lock, under which modules are loaded and
// entry points run, one thread at a time.
func (p *Process) lock(t *Thread) { t.Wait([]Waitable{&p.loaderLock}, false, -1) }

func (p *Process) unlock(t *Thread) { p.loaderLock.Release(t) }

// LockLoader takes the loader lock for a handler; try says not to wait for it.
// It reports whether the thread has it.
func (p *Process) LockLoader(t *Thread, try bool) bool {
	if try && !p.loaderLock.ready(t) {
		return false
	}
	p.lock(t)
	return true
}

// UnlockLoader gives it back.
func (p *Process) UnlockLoader(t *Thread) { p.unlock(t) }

// attach calls the entry points of a module and of what it depends on, the
// dependencies first.
func (p *Process) attach(t *Thread, m *Module) error {
	if m.attached {
		return nil
	}
	m.attached = true // before the dependencies, which may lead back here
	for _, dep := range m.deps {
		if err := p.attach(t, dep); err != nil {
			m.attached = false
			return err
		}
	}
	p.linkInitialised(m)
	p.notify(t, m, moduleLoaded)
	if m.bare {
		return nil
	}
	p.callTLS(t, m, processAttach)
	reserved := uint64(0)
	if m.static {
		reserved = 1
	}
	p.setLoaderFlag(m, ldrpProcessAttachCalled, true)
	status := p.callEntry(t, m, processAttach, reserved)
	if status != 0 && m.real {
		p.Recorder.Gap(trace.Gap{Kind: trace.GapBehaviour, Name: "DllMain of " + m.Name(), Detail: "a real system DLL says that it could not be initialised"})
	} else if status != 0 {
		p.callEntry(t, m, processDetach, 0)
		m.attached = false
		p.setLoaderFlag(m, ldrpProcessAttachFailed, true)
		return &LoadError{Module: m.Name(), Status: status}
	}
	return nil
}

// callEntry calls DllMain and returns why it failed, or 0. An exception in it is
// the loader's to handle.
func (p *Process) callEntry(t *Thread, m *Module, reason, reserved uint64) (status uint32) {
	if m.System != nil || m.bare || m.Image.Entry == 0 || !m.Image.DLL {
		return 0
	}
	p.Emit(trace.DllMainEnter{Path: m.Path, Reason: reasonNames[reason]})
	result, exception := t.TryGuest(m.Base+uint64(m.Image.Entry), m.Base, reason, reserved)
	if status = exception; status == 0 && uint32(result) == 0 {
		status = StatusDLLInitFailed
	}
	p.Emit(trace.DllMainReturn{Path: m.Path, Reason: reasonNames[reason], Result: status == 0})
	if reason == processAttach && !m.real {
		p.keepImages(trace.MomentDLLMain)
	}
	return status
}

// ExitProcess tells the modules, the last initialised first, and ends the
// process.
func (p *Process) ExitProcess(t *Thread, code uint32, reason string) {
	if !p.exiting {
		p.exiting = true
		for _, x := range p.threads { // they are gone before any DllMain runs
			if x != t && x.state != threadEnded {
				x.Terminate(code)
			}
		}
		t.fiber.EndLocal(t)
		for _, m := range slices.Backward(slices.Clone(p.initialised)) {
			if m.attached {
				p.callTLS(t, m, processDetach)
				p.callEntry(t, m, processDetach, 1)
			}
		}
		p.callTLS(t, p.Program(), processDetach)
	}
	p.EndProcess(code, reason)
}

// EndProcess ends the process at once, as TerminateProcess does.
func (p *Process) EndProcess(code uint32, reason string) {
	p.recordExit(code, reason)
	panic(unwound{})
}

func (p *Process) recordExit(code uint32, reason string) {
	if p.stop == nil {
		p.notePatches()
		p.keepImages(trace.MomentEnd)
		p.Emit(trace.Exit{Code: code, Reason: reason})
	}
	p.setStop(trace.Stop{Reason: trace.StopExit, ExitCode: code})
}

// runDLL is the stand-in host's work: load the DLL, call what was asked for,
// let it go.
func (p *Process) runDLL(t *Thread) uint32 {
	m, err := p.LoadLibrary(t, p.Recorder.Run.Image, LoadOptions{Flags: LoadAlteredSearchPath})
	if err != nil {
		p.loadFailed(err)
		panic(unwound{})
	}
	for _, call := range p.Config.Calls {
		e := Export{Name: call.Name}
		if call.Name != "" && call.Name[0] == '#' {
			if n, ok := atoi(call.Name[1:]); ok {
				e = Export{Ordinal: n}
			}
		}
		at := uint64(0)
		if x := lookup(m.Image.Exports, e); x != nil {
			at = p.Procedure(t, m, e)
		}
		if at == 0 {
			p.halt(trace.Stop{Reason: trace.StopLoad, Detail: fmt.Sprintf("%s has no export %s", m.Name(), trace.Quote(e.String())), ExitCode: StatusEntryPointNotFound})
		}
		p.Emit(trace.ExportCall{Path: m.Path, Export: e.String(), Caller: "sidetrace"})
		t.ExitCode = uint32(t.CallGuest(at, call.Args...))
	}
	p.ExitProcess(t, t.ExitCode, "return")
	return 0
}

// runRaw puts raw code into memory as a loader would have and calls it.
func (p *Process) runRaw(t *Thread) uint32 {
	a, err := p.Mem.Reserve(0, uint64(len(p.raw)), rawArea, RegionPrivate, PageExecuteReadWrite)
	if err == nil {
		err = p.Mem.Commit(a.Base, a.Size, PageReadWrite)
	}
	if err == nil {
		copy(a.host, p.raw)
		// The code is the sample itself: no news when it is executed.
		if a.known, err = mapHost(a.Size); err == nil {
			copy(a.known, p.raw)
			_, err = p.Mem.Protect(a.Base, a.Size, PageExecuteReadWrite)
		}
	}
	if err != nil {
		p.fail(err)
	}
	return uint32(t.CallGuest(a.Base))
}

const rawArea = 0x0000_0180_0000_0000
