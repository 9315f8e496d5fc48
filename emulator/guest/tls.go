package guest

import (
	"encoding/binary"
	"errors"
	"fmt"
	"slices"

	"sidetrace/emulator/trace"
	"sidetrace/loaders"
)

// This file keeps thread-local data: each module that has some gets an index,
// and each thread a copy of its template, found through the thread's array of
// copies. A module that comes late gives every thread its copy at once; one
// that goes leaves its index to the next.

// assignTLS gives a module that has thread-local data its index.
func (p *Process) assignTLS(m *Module) error {
	tls := m.Image.TLS
	if tls == nil || m.tls >= 0 {
		return nil
	}
	if m.tls = slices.Index(p.tls, nil); m.tls < 0 {
		m.tls = len(p.tls)
		p.tls = append(p.tls, nil)
	}
	p.tls[m.tls] = m
	p.setLoaderTLS(m)
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

// releaseTLS takes the copies of a module's data back.
func (p *Process) releaseTLS(m *Module) {
	if m.tls < 0 {
		return
	}
	p.tls[m.tls] = nil
	for _, t := range p.threads {
		if m.tls < len(t.tls) && t.tls[m.tls] != 0 {
			p.Heap.Free(t.tls[m.tls])
			t.tls[m.tls] = 0
			p.showTLS(t)
		}
	}
	m.tls = -1
}

// growTLS gives threads that run already their copies of new modules' data.
func (p *Process) growTLS() {
	for _, t := range p.threads {
		if t.state != threadEnded {
			p.setupTLS(t)
		}
	}
}

// setupTLS gives a thread its copy of the thread-local data of every module
// that it has none of yet. The array is made anew when it grows; the guest may
// still hold the old one.
func (p *Process) setupTLS(t *Thread) {
	grown := len(t.tls) < len(p.tls)
	t.tls = append(t.tls, make([]uint64, len(p.tls)-len(t.tls))...)
	changed := false
	for i, m := range p.tls {
		if m == nil || t.tls[i] != 0 {
			continue
		}
		block, err := p.tlsBlock(m)
		if err != nil {
			p.noTLS("thread-local storage of "+m.Name(), err)
		}
		t.tls[i], changed = block, true
	}
	if grown {
		array := p.Heap.Alloc(uint64(8 * len(t.tls)))
		if array == 0 {
			p.noTLS("thread-local storage", ErrNoMemory)
		}
		p.structs.put(t.TEB+TEBTLSPointer, 8, array)
	}
	if grown || changed {
		p.showTLS(t)
	}
}

// noTLS ends the process, as the loader does which cannot give a thread its data:
// a template that cannot be read is an access violation, and nobody's to handle.
func (p *Process) noTLS(what string, err error) {
	status := uint32(StatusAccessViolation)
	if errors.Is(err, ErrNoMemory) {
		status = StatusNoMemory
	}
	p.halt(trace.Stop{Reason: trace.StopLoad, Detail: fmt.Sprintf("%s: %v", what, err), ExitCode: status})
}

// showTLS writes the thread's array. One that the guest has put elsewhere, out
// of reach, stays as it is.
func (p *Process) showTLS(t *Thread) {
	array := p.structs.get(t.TEB + TEBTLSPointer)
	for i, block := range t.tls {
		if p.Mem.WriteUint(array+uint64(8*i), 8, block) != nil {
			return
		}
	}
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
	if m.Image.TLS == nil || m.System != nil || m.bare {
		return
	}
	for _, callback := range m.Image.TLS.Callbacks {
		t.TryGuest(m.Base+uint64(callback), m.Base, reason, 0)
	}
}
