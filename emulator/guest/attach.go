package guest

import (
	"encoding/binary"
	"fmt"
	"slices"

	"sidetrace/emulator/cpu"
	"sidetrace/emulator/trace"
	"sidetrace/loaders"
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
	for _, dep := range program.deps {
		if err := p.attach(t, dep); err != nil {
			p.loadFailed(err)
			return
		}
	}
	p.callTLS(t, program, processAttach)
	program.attached = true
	p.unlock(t)

	switch {
	case p.raw != nil:
		t.Exit(p.runRaw(t))
	case program.System != nil:
		t.Exit(p.runDLL(t))
	}
	t.TestAlert()
	p.ExitThread(t, uint32(t.CallGuest(t.start, t.parameter)))
}

// startThread is what every other thread does.
func (p *Process) startThread(t *Thread) {
	p.lock(t)
	p.setupTLS(t)
	for _, m := range slices.Clone(p.initialised) {
		if m.attached && !m.quiet {
			p.callTLS(t, m, threadAttach)
			p.callEntry(t, m, threadAttach, 0)
		}
	}
	p.callTLS(t, p.Program(), threadAttach)
	p.unlock(t)
	if t.work != nil {
		t.work(t)
		p.ExitThread(t, 0)
	}
	t.TestAlert() // calls queued before the thread began come before its function
	p.ExitThread(t, uint32(t.CallGuest(t.start, t.parameter)))
}

// threadDetach lets go of the fiber's local values and tells the modules, the
// last initialised first, that a thread ends.
func (p *Process) threadDetach(t *Thread) {
	if t.detached {
		return
	}
	t.detached = true
	t.fiber.EndLocal(t)
	p.lock(t)
	for _, m := range slices.Backward(slices.Clone(p.initialised)) {
		if m.attached && !m.quiet {
			p.callEntry(t, m, threadDetach, 0)
			p.callTLS(t, m, threadDetach)
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

// attach calls the entry points of a module and of what it depends on, the
// dependencies first.
func (p *Process) attach(t *Thread, m *Module) error {
	if m.attached {
		return nil
	}
	m.attached = true // before the dependencies, which may lead back here
	for _, dep := range m.deps {
		if err := p.attach(t, dep); err != nil {
			return err
		}
	}
	p.linkInitialised(m)
	p.callTLS(t, m, processAttach)
	reserved := uint64(0)
	if m.refs >= pinned {
		reserved = 1 // statically loaded
	}
	if !p.callEntry(t, m, processAttach, reserved) {
		p.callEntry(t, m, processDetach, 0)
		m.attached = false
		return &LoadError{Module: m.Name(), Status: StatusDLLInitFailed}
	}
	return nil
}

// callEntry calls DllMain and reports what it returned.
func (p *Process) callEntry(t *Thread, m *Module, reason, reserved uint64) bool {
	if m.System != nil || m.Image.Entry == 0 || !m.Image.DLL {
		return true
	}
	p.Emit(trace.DllMainEnter{Path: m.Path, Reason: reasonNames[reason]})
	ok := uint32(t.CallGuest(m.Base+uint64(m.Image.Entry), m.Base, reason, reserved)) != 0
	p.Emit(trace.DllMainReturn{Path: m.Path, Reason: reasonNames[reason], Result: ok})
	return ok
}

// assignTLS gives a module that has thread-local data its index.
func (p *Process) assignTLS(m *Module) error {
	tls := m.Image.TLS
	if tls == nil || m.tls >= 0 {
		return nil
	}
	m.tls = len(p.tls)
	p.tls = append(p.tls, m)
	if tls.Index == 0 {
		return nil
	}
	var index [4]byte
	binary.LittleEndian.PutUint32(index[:], uint32(m.tls))
	if err := p.Mem.force(m.Base+uint64(tls.Index), index[:]); err != nil {
		return &LoadError{Module: m.Name(), Status: StatusInvalidImageFormat, Err: err}
	}
	return nil
}

// setupTLS gives a thread its copy of the thread-local data of every module
// that it has none of yet. The array is made anew, since modules that come
// later make it longer.
func (p *Process) setupTLS(t *Thread) {
	if len(t.tls) == len(p.tls) {
		return
	}
	array := p.Heap.Alloc(uint64(8 * len(p.tls)))
	if array == 0 {
		p.fail(fmt.Errorf("thread-local storage: %w", ErrNoMemory))
	}
	for _, m := range p.tls[len(t.tls):] {
		block, err := p.tlsBlock(m)
		if err != nil {
			p.fail(fmt.Errorf("thread-local storage of %s: %w", m.Name(), err))
		}
		t.tls = append(t.tls, block)
	}
	for i, block := range t.tls {
		if err := p.Mem.WriteUint(array+uint64(8*i), 8, block); err != nil {
			p.fail(err)
		}
	}
	p.structs.put(t.TEB+TEBTLSPointer, 8, array)
}

func (p *Process) tlsBlock(m *Module) (uint64, error) {
	tls := m.Image.TLS
	template, err := p.Mem.View(m.Base+uint64(tls.Start), int(tls.End-tls.Start))
	if err != nil {
		return 0, err
	}
	data := append(slices.Clone(template), make([]byte, min(tls.ZeroFill, loaders.MaxImageSize))...)
	block := p.Heap.Alloc(max(uint64(len(data)), 1))
	if block == 0 {
		return 0, ErrNoMemory
	}
	return block, p.Mem.Write(block, data)
}

// callTLS calls the TLS callbacks of a module.
func (p *Process) callTLS(t *Thread, m *Module, reason uint64) {
	if m.Image.TLS == nil || m.System != nil {
		return
	}
	for _, callback := range m.Image.TLS.Callbacks {
		t.CallGuest(m.Base+uint64(callback), m.Base, reason, 0)
	}
}

// LoadLibrary loads a module, calls its entry point and returns it.
func (p *Process) LoadLibrary(t *Thread, name string) (*Module, error) {
	p.lock(t)
	defer p.unlock(t)
	from := len(p.modules)
	caller := p.ModuleAt(t.caller())
	m, err := p.load(name, "LoadLibrary", caller, 1)
	if err != nil {
		return nil, err
	}
	if len(p.modules) > from && len(p.tls) > 0 {
		p.growTLS()
	}
	if err := p.attach(t, m); err != nil {
		p.discard(m)
		return nil, err
	}
	return m, nil
}

// growTLS gives threads that run already their copies of new modules' data.
func (p *Process) growTLS() {
	for _, t := range p.threads {
		if t.state != threadEnded {
			p.setupTLS(t)
		}
	}
}

// caller is the return address of the API call being handled.
func (t *Thread) caller() uint64 {
	ret, err := t.p.Mem.ReadUint(t.p.cpu.Reg(cpu.RSP), 8)
	if err != nil {
		return 0
	}
	return ret
}

// FreeLibrary takes a reference back; the last one unloads the module.
func (p *Process) FreeLibrary(t *Thread, m *Module) {
	if m.refs >= pinned {
		return
	}
	if m.refs--; m.refs > 0 {
		return
	}
	p.lock(t)
	defer p.unlock(t)
	if m.attached && m.System == nil {
		p.callEntry(t, m, processDetach, 0)
		p.callTLS(t, m, processDetach)
	}
	p.discard(m)
}

// Quiet is DisableThreadLibraryCalls.
func (m *Module) Quiet() bool {
	if m.tls >= 0 {
		return false
	}
	m.quiet = true
	return true
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
				p.callEntry(t, m, processDetach, 1)
				p.callTLS(t, m, processDetach)
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
		p.Emit(trace.Exit{Code: code, Reason: reason})
	}
	p.setStop(trace.Stop{Reason: trace.StopExit, ExitCode: code})
}

// runDLL is the stand-in host's work: load the DLL, call what was asked for,
// let it go.
func (p *Process) runDLL(t *Thread) uint32 {
	m, err := p.LoadLibrary(t, p.Recorder.Run.Image)
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
			at = p.Resolve(m, e)
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
