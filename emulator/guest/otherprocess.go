package guest

import (
	"encoding/binary"
	"strings"

	"sidetrace/emulator/trace"
	"sidetrace/loaders"
	"sidetrace/loaders/sample"
)

// OtherProcess is a process beside the emulated one: it was there when the
// machine started, or the guest has started it. It is not run. Others may
// take its memory, read it and write to it.
type OtherProcess struct {
	Event       // set once it has ended
	ID          uint32
	Parent      uint32
	Session     uint32
	ThreadCount int
	Name        string // of the program's file
	Path        string // "" where the user may not know it
	CommandLine string
	ExitCode    uint32
	User        bool // runs as the user, who may do anything to it
	Started     bool // by the guest
	Written     bool // the guest has written to its memory
	Thread      uint32

	space *Space
	peb   uint64
	entry uint64
}

func (*OtherProcess) Type() string { return "Process" }

// Self is what a handle to the emulated process itself stands for, when it is
// not the pseudo handle.
type Self struct{ Event }

func (*Self) Type() string { return "Process" }

// Running describes a process of the machine, for the configuration.
type Running struct {
	ID, Parent uint32
	Session    uint32
	Threads    int
	Name       string // "explorer.exe"
	Path       string // default: in the system directory
	User       bool   // runs as the user; else as the system
}

// usual are the processes of a workstation somebody has just signed in to.
var usual = []Running{
	{ID: 4, Threads: 138, Name: "System"},
	{ID: 92, Parent: 4, Threads: 4, Name: "Registry"},
	{ID: 368, Parent: 4, Threads: 2, Name: "smss.exe"},
	{ID: 464, Parent: 456, Threads: 10, Name: "csrss.exe"},
	{ID: 540, Parent: 456, Threads: 1, Name: "wininit.exe"},
	{ID: 548, Parent: 532, Session: 1, Threads: 12, Name: "csrss.exe"},
	{ID: 632, Parent: 532, Session: 1, Threads: 5, Name: "winlogon.exe"},
	{ID: 676, Parent: 540, Threads: 7, Name: "services.exe"},
	{ID: 684, Parent: 540, Threads: 9, Name: "lsass.exe"},
	{ID: 800, Parent: 676, Threads: 14, Name: "svchost.exe"},
	{ID: 824, Parent: 540, Threads: 5, Name: "fontdrvhost.exe"},
	{ID: 832, Parent: 632, Session: 1, Threads: 5, Name: "fontdrvhost.exe"},
	{ID: 916, Parent: 676, Threads: 11, Name: "svchost.exe"},
	{ID: 1012, Parent: 632, Session: 1, Threads: 15, Name: "dwm.exe"},
	{ID: 1104, Parent: 676, Threads: 43, Name: "svchost.exe"},
	{ID: 1220, Parent: 676, Threads: 20, Name: "svchost.exe"},
	{ID: 1348, Parent: 676, Threads: 16, Name: "svchost.exe"},
	{ID: 1976, Parent: 676, Threads: 8, Name: "spoolsv.exe"},
	{ID: 2232, Parent: 676, Threads: 24, Name: "MsMpEng.exe", Path: `C:\ProgramData\Microsoft\Windows Defender\Platform\4.18.2302.7-0\MsMpEng.exe`},
	{ID: 2412, Parent: 676, Threads: 13, Name: "SearchIndexer.exe"},
	{ID: 3080, Parent: 1104, Session: 1, Threads: 9, Name: "sihost.exe", User: true},
	{ID: 3132, Parent: 676, Session: 1, Threads: 6, Name: "svchost.exe", User: true},
	{ID: 3196, Parent: 1104, Session: 1, Threads: 7, Name: "taskhostw.exe", User: true},
	{ID: 3364, Parent: 3300, Session: 1, Threads: 61, Name: "explorer.exe", Path: WindowsDirectory + `\explorer.exe`, User: true},
	{ID: 3560, Parent: 800, Session: 1, Threads: 12, Name: "RuntimeBroker.exe", User: true},
	{ID: 3724, Parent: 3364, Session: 1, Threads: 3, Name: "ctfmon.exe", User: true},
}

// Shell is the identifier of the shell, which has started the program.
const Shell = 3364

// Others lists the other processes: those of the machine, then those that the
// guest has started.
func (p *Process) Others() []*OtherProcess {
	if p.others == nil {
		running := p.Config.Processes
		if running == nil {
			running = usual
		}
		p.others = make([]*OtherProcess, 0, len(running))
		for _, r := range running {
			if r.Path == "" && strings.Contains(r.Name, ".") {
				r.Path = Join(SystemDirectory, r.Name)
			}
			p.others = append(p.others, &OtherProcess{
				Event: Event{Manual: true}, ID: r.ID, Parent: r.Parent, Session: r.Session, ThreadCount: r.Threads,
				Name: r.Name, Path: r.Path, CommandLine: r.Path, User: r.User, Thread: r.ID + 4,
			})
		}
	}
	return p.others
}

// otherProcesses is what the record says of them.
func (p *Process) otherProcesses() []trace.Process {
	list := make([]trace.Process, 0, len(p.Others()))
	for _, o := range p.Others() {
		image := o.Path
		if image == "" {
			image = o.Name
		}
		list = append(list, trace.Process{ID: o.ID, Parent: o.Parent, Session: o.Session, Image: image, CommandLine: o.CommandLine, System: !o.User})
	}
	return list
}

// AddOther adds a process that the guest has started.
func (p *Process) AddOther(o *OtherProcess) { p.others = append(p.Others(), o) }

// Other finds another process by its identifier, whose two low bits do not
// count.
func (p *Process) Other(id uint32) *OtherProcess {
	for _, o := range p.Others() {
		if o.ID == id&^3 {
			return o
		}
	}
	return nil
}

// ForeignPEB is where the PEB of other processes lies.
const ForeignPEB = 0x0000_00C8_5F2D_1000

// Space is the process's address space, made when it is first asked for: the
// program's image, a PEB with its parameters, and the system's DLLs.
func (p *Process) Space(o *OtherProcess) *Space {
	if o.space != nil {
		return o.space
	}
	if p.foreign == nil {
		budget := uint64(maxSpaceBytes)
		p.foreign = &budget
	}
	s := &Space{budget: p.foreign}
	o.space, o.peb = s, ForeignPEB
	base := p.programImage(o, s)
	for _, m := range p.system.Modules {
		text := m.Text
		if m.Program || !strings.HasPrefix(m.Name, "ntdll") && !strings.HasPrefix(m.Name, "kernel") {
			continue
		}
		s.image(m.Base, m.File[:min(uint64(m.Image.Size), uint64(len(m.File)))], func(off uint64) Protection {
			if off >= uint64(text[0]) && off < uint64(text[1]) {
				return PageExecuteRead
			}
			return PageReadOnly
		})
	}
	foreignStructures(s, o, base)
	return s
}

// Entry is where the process's first thread begins, and the address of its
// PEB.
func (p *Process) Entry(o *OtherProcess) (entry, peb uint64) {
	p.Space(o)
	return o.entry, o.peb
}

// programImage maps the program. One that is there in name only has headers
// and no code.
func (p *Process) programImage(o *OtherProcess, s *Space) (base uint64) {
	const area, size, entry = 0x7FF6_1C40_0000, 0x2A000, 0x1000
	if n := p.Files.Get(o.Path); n != nil && len(n.Data()) > 0 {
		if img, err := sample.Load(n.lend()); err == nil && img.Format == loaders.PE {
			base = img.Base
			if p.system.SystemModuleAt(base) != nil || base < lowestUserAddress || base%AllocationGranularity != 0 {
				base = area
			}
			mapped := make([]byte, pageUp(uint64(img.Size)))
			img.MapInto(mapped)
			relocate(mapped, img, base-img.Base)
			runs := imageRuns(img)
			s.image(base, mapped, func(off uint64) Protection {
				for _, r := range runs {
					if off >= r.start && off < r.end {
						return r.prot
					}
				}
				return PageReadOnly
			})
			o.entry = base + uint64(img.Entry)
			return base
		}
	}
	s.image(area, emptyProgram(area, size, entry), func(off uint64) Protection {
		if off >= entry {
			return PageExecuteRead
		}
		return PageReadOnly
	})
	o.entry = area + entry
	return area
}

// emptyProgram is the mapped image of a program without code.
func emptyProgram(base uint64, size, entry uint32) []byte {
	const pe, optional = 0x80, 0x80 + 24
	b := make([]byte, size)
	le := binary.LittleEndian
	copy(b, "MZ")
	le.PutUint32(b[0x3C:], pe)
	copy(b[pe:], "PE\x00\x00")
	le.PutUint16(b[pe+4:], 0x8664)
	le.PutUint16(b[pe+6:], 1)     // sections
	le.PutUint16(b[pe+20:], 0xF0) // size of the optional header
	le.PutUint16(b[pe+22:], 0x22)
	le.PutUint16(b[optional:], 0x20B)
	le.PutUint32(b[optional+16:], entry)
	le.PutUint32(b[optional+20:], entry)
	le.PutUint64(b[optional+24:], base)
	le.PutUint32(b[optional+32:], PageSize)
	le.PutUint32(b[optional+36:], PageSize)
	le.PutUint32(b[optional+56:], size)
	le.PutUint32(b[optional+60:], PageSize)
	le.PutUint16(b[optional+68:], 2) // subsystem
	le.PutUint32(b[optional+108:], 16)
	section := b[optional+0xF0:]
	copy(section, ".text")
	le.PutUint32(section[8:], size-entry)
	le.PutUint32(section[12:], entry)
	le.PutUint32(section[16:], size-entry)
	le.PutUint32(section[20:], entry)
	le.PutUint32(section[36:], 0x60000020)
	return b
}

// foreignStructures writes a PEB and the parameters of the process.
func foreignStructures(s *Space, o *OtherProcess, base uint64) {
	const parameters, text = 0x1000, 0x1800 // offsets behind the PEB
	a, err := s.Reserve(ForeignPEB&^(AllocationGranularity-1), 4*AllocationGranularity, PageReadWrite)
	if err != nil || s.Commit(a.Base, a.Size, PageReadWrite) != nil {
		return
	}
	put := func(at, v uint64) {
		s.Write(ForeignPEB+at, binary.LittleEndian.AppendUint64(nil, v), false)
	}
	put(0x10, base)
	put(0x20, ForeignPEB+parameters)
	put(0x2C0, uint64(o.Session))
	put(parameters, 0x450|0x450<<32)
	put(parameters+8, 1)
	next := uint64(ForeignPEB + text)
	unicode := func(at uint64, s2 string) {
		b := UTF16(s2)
		if len(b) > 0x8000 {
			b = append(b[:0x7FFE:0x7FFE], 0, 0)
		}
		put(at, uint64(len(b)-2)|uint64(len(b))<<16)
		put(at+8, next)
		s.Write(next, b, false)
		next += uint64(len(b)+15) &^ 15
	}
	unicode(parameters+0x38, Folder(o.Path))
	unicode(parameters+0x60, o.Path)
	unicode(parameters+0x70, o.CommandLine)
}
