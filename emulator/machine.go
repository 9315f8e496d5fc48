// Package emulator runs a Windows program, DLL or raw code on Linux and
// records what it does. It needs neither Windows nor Microsoft's files.
//
//	system, err := emulator.NewSystem() // once per program
//	…
//	m, err := emulator.New(system, guest.Config{
//		Image: `C:\App\app.exe`,
//		Files: map[string][]byte{`C:\App\app.exe`: exe, `C:\App\ffmpeg.dll`: dll},
//	})
//	…
//	defer m.Close()
//	run := m.Run(ctx)
//
// A machine is made of the packages below: a processor (cpu), what the guest
// can see (guest), the handlers of Windows' APIs (win and its DLLs) and the
// record (trace). None of them reads a clock, a file or the network of the
// host; the same configuration gives the same record, byte for byte.
package emulator

import (
	"context"
	"errors"
	"sync"

	"sidetrace/emulator/catalogue"
	"sidetrace/emulator/guest"
	"sidetrace/emulator/trace"
	"sidetrace/emulator/win"
)

// System is what all machines of a program share: the synthetic system DLLs.
// It may be used from several goroutines.
type System struct {
	mu        sync.Mutex
	libraries map[uint32]*win.Library // by edition of Windows
}

// NewSystem builds the system DLLs from the handlers' tables. It takes some
// milliseconds; machines made from it start in a fraction of one. The DLLs of
// another edition of Windows than the default are built when the first machine
// has it.
func NewSystem() (*System, error) {
	s := &System{libraries: map[uint32]*win.Library{}}
	var config guest.Config
	_, err := s.library(&config)
	return s, err
}

// library is the DLLs of a machine's edition of Windows.
func (s *System) library(config *guest.Config) (*win.Library, error) {
	build := config.OSVersion().Build
	edition := catalogue.Edition(build)
	s.mu.Lock()
	defer s.mu.Unlock()
	if l := s.libraries[edition]; l != nil {
		return l, nil
	}
	l, err := win.NewLibrary(build, withCatalogue(Tables())...)
	if err == nil {
		s.libraries[edition] = l
	}
	return l, err
}

// Close gives back what the machines shared. Machines must be closed before.
func (s *System) Close() error {
	var err error
	for _, l := range s.libraries {
		err = errors.Join(err, l.Close())
	}
	return err
}

// Machine is one emulated machine with one program on it.
type Machine struct {
	process *guest.Process
}

// New makes a machine and loads its program. It fails when the configuration
// is at fault or the image is no x86-64 program; an import that cannot be
// resolved is no failure but how the run ends.
func New(s *System, config guest.Config) (*Machine, error) {
	library, err := s.library(&config)
	if err != nil {
		return nil, err
	}
	p, err := guest.New(library.System, win.NewDispatcher(library), config)
	if err != nil {
		return nil, err
	}
	p.Recorder.Run.Calls.UseExports(library.Exports())
	if err := p.Start(); err != nil {
		p.Close()
		return nil, err
	}
	return &Machine{p}, nil
}

// Run executes the program until it ends, a limit is reached or the context is
// done, and returns the record. It is called once.
func (m *Machine) Run(ctx context.Context) *trace.Run { return m.process.Run(ctx) }

// Close gives the machine's memory back. The record stays valid.
func (m *Machine) Close() { m.process.Close() }
