package guest

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"runtime/debug"
	"slices"
	"time"

	"sidetrace/emulator/cpu"
	"sidetrace/emulator/trace"
	"sidetrace/loaders"
	"sidetrace/loaders/sample"
)

// Process is the emulated process and the machine around it.
type Process struct {
	Config   *Config
	ID       uint32
	Recorder *trace.Recorder

	Mem      *Memory
	Heap     *Heap // the process heap
	Heaps    []*Heap
	Clock    *Clock
	Random   *Random
	Handles  *Table
	Names    *Names
	Files    *FileSystem
	Registry *Registry
	Network  *Network

	CommandLine           string
	CurrentDirectory      string
	ApplicationDirectory  string
	Stdin, Stdout, Stderr Handle
	FiberLocal            FiberLocal

	// UnhandledFilter is the function for exceptions nobody handles, or 0.
	UnhandledFilter uint64

	// State is for handlers that keep something for as long as the process
	// lives, by a key of their own.
	State map[any]any

	environment map[string]string

	system     *System
	api        Dispatcher
	cpu        *cpu.CPU
	fresh      *cpu.Context // registers of a new processor
	systemMem  []byte
	originals  []byte // what was in systemMem; see patch.go
	patches    int
	structs    structures
	parameters uint64

	// Search is what the guest has set of its search for modules, and
	// Notifications who wants to hear of them.
	Search        SearchState
	Notifications []Notification

	modules     []*Module // in load order
	images      map[*byte]*loaders.Image
	dataFiles   []*DataFile
	collecting  bool      // modules are being unloaded
	redirects   redirects // of the program's manifest
	ldr         uint64    // PEB_LDR_DATA
	adopted     []*Module // of entries that the guest made; see ldrlists.go
	hashTable   uint64    // of modules by name
	sysroot     *sysroot
	initialised []*Module // DLLs, in the order of their initialisation
	spares      map[string]uint64
	spareNames  []*trace.Export
	tls         []*Module // by TLS index
	loaderLock  Mutex

	functions []FunctionTable // announced by the guest
	vectored  [2][]vectored   // exception handlers and continue handlers, in the order they are asked

	threads      []*Thread
	fibers       []*Fiber // all of them
	callbacks    map[callback]bool
	ended        []*Thread // whose stacks and TEBs are still to be taken back
	tebs         int       // places of TEBs handed out, of which some are free
	freeTEBs     []uint64
	waiters      []*Thread // threads that wait, in the order of their coming
	running      *Thread
	stackReserve uint64
	stackCommit  uint64
	ids          uint32
	raw          []byte // raw code to run instead of a program
	calls        uint64 // API calls made

	sources []source
	grants  []grant
	outputs []output
	dumps   []dumped
	layers  int

	imageSums map[uint64]string // digests of memory as it was last kept, by address; see processimage.go
	imaged    int               // bytes looked at

	others  []*OtherProcess // nil until somebody asks
	foreign *uint64         // bytes that others may still be made to hold

	stop    *trace.Stop
	exiting bool
	closed  bool
}

// New makes a process ready to run. The system must stay open as long as it.
func New(system *System, api Dispatcher, config Config) (*Process, error) {
	applyDefaults(&config)
	c, err := cpu.New(cpu.Config{StubStart: SystemBase, StubEnd: SystemBase + system.Size})
	if err != nil {
		return nil, err
	}
	p := &Process{
		Config: &config, system: system, api: api, cpu: c,
		Recorder: trace.NewRecorder(config.Trace),
		Mem:      newMemory(c, config.Limits.Memory),
		Clock:    &Clock{start: config.Clock, cpu: c},
		Random:   &Random{state: config.Seed},
		Handles:  NewTable(0x40, 4),
		Names:    &Names{},
		Registry: newRegistry(),
		State:    map[any]any{},
		spares:   map[string]uint64{},
		images:   map[*byte]*loaders.Image{},
		ids:      4100,
	}
	p.Recorder.Observe = config.Observe
	c.SetTranslationLimit(config.Limits.translations())
	p.Mem.patching = p.patching
	p.ID = p.nextID()
	p.Files = newFileSystem(p.Clock)
	if err := p.boot(); err != nil {
		p.Close()
		return nil, err
	}
	return p, nil
}

func applyDefaults(c *Config) {
	if c.User == "" {
		c.User = "user"
	}
	if c.Computer == "" {
		c.Computer = "WORKSTATION"
	}
	c.Version = c.OSVersion()
	if c.Clock.IsZero() {
		c.Clock = time.Date(2023, 3, 29, 9, 0, 0, 0, time.UTC)
	}
	c.Clock = c.Clock.UTC()
	c.Limits = c.Limits.withDefaults()
}

func (p *Process) boot() error {
	cfg := p.Config
	var err error
	if p.fresh, err = p.cpu.NewContext(); err != nil {
		return err
	}
	if err := p.mapSystem(); err != nil {
		return err
	}
	if p.Heap, err = newHeap(p.Mem, PageReadWrite); err != nil {
		return err
	}
	p.Heaps = []*Heap{p.Heap}
	if err := p.buildStructures(); err != nil {
		return err
	}
	if p.Network, err = newNetwork(cfg); err != nil {
		return err
	}
	for _, v := range cfg.Registry {
		if err := p.Registry.add(v); err != nil {
			return err
		}
	}
	p.systemFiles()
	if err := p.openSysroot(); err != nil {
		return err
	}
	for _, path := range slices.Sorted(maps.Keys(cfg.Files)) { // two may differ in case only
		p.Files.Put(FullPath(path, `C:\`), cfg.Files[path])
	}
	for _, name := range cfg.Events {
		p.Names.setForeign(name, &Event{Name: name})
	}
	for _, name := range cfg.Mutexes {
		p.Names.setForeign(name, &Mutex{Name: name})
	}
	p.openConsole()
	p.buildEnvironment()
	return nil
}

// Start loads the program and makes its first thread. Failing to load is not
// an error of Start: it is how the run ends, and Run tells.
func (p *Process) Start() error {
	cfg := p.Config
	image := FullPath(cfg.Image, `C:\`)
	node := p.Files.Get(image)
	if node == nil {
		return fmt.Errorf("the image %s is not among the files of the machine", trace.Quote(image))
	}
	host := image
	p.Recorder.Run.Image = image
	p.Recorder.Run.PID = p.ID
	p.Recorder.Run.Start = cfg.Clock
	p.Recorder.Run.Computer, p.Recorder.Run.User = cfg.Computer, cfg.User
	p.ApplicationDirectory = Folder(image)

	img, err := sample.Load(node.lend())
	if err != nil {
		return fmt.Errorf("%s: %w", trace.Quote(image), err)
	}
	standIn := p.system.byName[StandInHost]
	alone := img.Format == loaders.PE && !img.DLL // the image is a program of its own
	if !alone {
		host = standIn.Path()
	}
	if len(cfg.Calls) > 0 && (alone || img.Format == loaders.Shellcode) {
		return fmt.Errorf("%s: %w", trace.Quote(image), ErrNoDLL)
	}
	if img.Format == loaders.Shellcode {
		p.raw = img.Raw
	}
	p.CurrentDirectory = cfg.CurrentDirectory
	if p.CurrentDirectory == "" {
		p.CurrentDirectory = p.ApplicationDirectory
	}
	p.CommandLine = `"` + host + `"`
	if cfg.Arguments != "" {
		p.CommandLine += " " + cfg.Arguments
	}
	p.Recorder.Run.Processes = []trace.Process{{
		ID: p.ID, Parent: Shell, Session: 1, Image: host, CommandLine: p.CommandLine, CurrentDirectory: p.CurrentDirectory,
	}}
	p.buildParameters(host)

	p.stackReserve = defaultStack
	l := &loading{reason: "process", folders: p.folders("", LoadOptions{}), static: true}
	var program *Module
	at := found{path: image, step: "process image", searched: []string{}}
	if alone {
		program = &Module{Path: image, Image: img, tls: -1}
		if err = p.mapImage(program, nil); err != nil {
			return err
		}
		p.addModule(program)
		p.redirects = p.readManifest(image, img)
		p.stackReserve, p.stackCommit = img.StackReserve, img.StackCommit
	} else {
		program = p.addSystem(standIn)
		at.path = program.Path
	}
	program.static, program.attached = true, true
	p.structs.put(p.PEB()+pebImageBase, 8, program.Base)
	p.recordLoad(program, program.Path, l, at)

	l.by = program
	for _, name := range processDLLs {
		if _, err := p.load(name, l); err != nil {
			return err
		}
	}
	if err := p.bind(program, l); err != nil {
		p.loadFailed(err)
		return nil
	}
	_, err = p.NewThread(program.Base+uint64(program.Image.Entry), p.PEB(), 0, false)
	return err
}

// processDLLs are in every process, whatever its program imports.
var processDLLs = []string{"ntdll.dll", "kernel32.dll", "kernelbase.dll"}

// StandInHost is the synthetic program that a DLL, or raw code, is run by.
const StandInHost = "rundll32.exe"

func (p *Process) loadFailed(err error) {
	status := uint32(StatusDLLInitFailed)
	var load *LoadError
	if errors.As(err, &load) {
		status = load.Status
	}
	p.setStop(trace.Stop{Reason: trace.StopLoad, Detail: err.Error(), ExitCode: status})
}

// Run executes until the process ends or a limit is reached, and returns the
// record. It is called once. What was recorded before a failure of the engine
// is kept.
func (p *Process) Run(ctx context.Context) (run *trace.Run) {
	run = p.Recorder.Run
	defer func() {
		if r := recover(); r != nil {
			p.stop = nil
			p.setStop(trace.Stop{Reason: trace.StopInternal, Detail: fmt.Sprintf("%v\n%s", r, debug.Stack())})
		}
		run.Stop = *p.stop
		run.Processes = append(run.Processes, p.otherProcesses()...)
		run.Files = p.written()
		run.Elapsed = p.Clock.Elapsed()
		run.Blocks = p.cpu.Blocks()
		if p.Mem.refused {
			p.Recorder.Gap(trace.Gap{Kind: trace.GapBehaviour, Name: "memory ranges", Detail: fmt.Sprintf("memory was refused: at most %d ranges are committed and %d reserved", maxRanges, maxAllocations)})
		}
		if n := run.Calls.Dropped(); n > 0 {
			p.Recorder.Gap(trace.Gap{Kind: trace.GapLimit, Name: "calls", Detail: fmt.Sprintf("%d further calls were not kept", n)})
		}
	}()
	if p.stop == nil {
		p.schedule(ctx)
		p.notePatches()
		if p.stop.Reason != trace.StopExit {
			p.keepImages(trace.MomentEnd)
		}
	}
	return run
}

// Close gives everything back to the host.
func (p *Process) Close() {
	if p.closed {
		return
	}
	p.closed = true
	for _, f := range p.fibers {
		f.cancel()
		f.context.Free()
	}
	if p.fresh != nil {
		p.fresh.Free()
	}
	p.cpu.Close()
	p.Mem.close()
	unmapHost(p.systemMem)
	unmapHost(p.originals)
}

// nextID hands out process and thread identifiers, multiples of four.
func (p *Process) nextID() uint32 {
	p.ids += 4
	return p.ids
}

// NextID hands out an identifier for a process that is recorded and not run.
func (p *Process) NextID() uint32 { return p.nextID() }

func (p *Process) setStop(s trace.Stop) {
	if p.stop == nil {
		p.stop = &s
	}
}

// halt stops the run from within a guest thread.
func (p *Process) halt(s trace.Stop) {
	p.setStop(s)
	panic(unwound{})
}

// fail stops the run because the engine refused something.
func (p *Process) fail(err error) {
	p.halt(trace.Stop{Reason: trace.StopInternal, Detail: err.Error()})
}

// Emit records a behaviour of the running thread, proven by the call that is
// being handled.
func (p *Process) Emit(b trace.Payload) {
	tid, call := uint32(0), uint64(0)
	if t := p.running; t != nil {
		tid, call = t.ID, t.Call
	}
	p.Recorder.Behaviour(p.Clock.Elapsed(), p.ID, tid, call, b)
}

// System is the set of synthetic DLLs the process was made with.
func (p *Process) System() *System { return p.system }

// CPU is the processor, for handlers that touch registers arguments do not
// cover.
func (p *Process) CPU() *cpu.CPU { return p.cpu }

// Threads lists all threads, ended ones included.
func (p *Process) Threads() []*Thread { return p.threads }

// Thread is the thread that runs.
func (p *Process) Thread() *Thread { return p.running }

// NewHeap makes another heap, from whose blocks code may be executed if it is
// executable.
func (p *Process) NewHeap(executable bool) (*Heap, error) {
	pages := PageReadWrite
	if executable {
		pages = PageExecuteReadWrite
	}
	h, err := newHeap(p.Mem, pages)
	if err == nil {
		p.Heaps = append(p.Heaps, h)
	}
	return h, err
}
