package guest

import (
	"encoding/binary"

	"sidetrace/emulator/cpu"
	"sidetrace/emulator/guest/unwind"
)

// ContextSize is the size in bytes of the CONTEXT structure on x86-64.
//
// https://learn.microsoft.com/windows/win32/api/winnt/ns-winnt-context
const ContextSize = 1232

const (
	contextFlags  = 0x30
	contextMxCsr  = 0x34
	contextSegCs  = 0x38
	contextEFlags = 0x44
	contextDr0    = 0x48 // 0 to 3, then 6 and 7
	contextRax    = 0x78 // sixteen registers in the order of their encoding
	contextRip    = 0xF8
	contextFpcw   = 0x100 // FltSave
	contextMxCsr2 = 0x118
	contextXmm    = 0x1A0
)

// Parts of a CONTEXT, as its flags name them.
const (
	contextAMD64   = 0x100000
	ContextControl = contextAMD64 | 1
	ContextInteger = contextAMD64 | 2
	ContextSegment = contextAMD64 | 4
	ContextFloat   = contextAMD64 | 8
	ContextDebug   = contextAMD64 | 0x10
	ContextFull    = ContextControl | ContextInteger | ContextFloat
	ContextAll     = ContextFull | ContextSegment | ContextDebug
)

// Context is a thread's registers, as in a CONTEXT.
type Context struct {
	unwind.Context
	EFlags uint32
	MxCsr  uint32
	cpu.X87
	Debug [6]uint64 // Dr0 to Dr3, Dr6, Dr7
}

// userFlags are the flags a program can set in a CONTEXT.
const (
	userFlags     = 0x210DD5 // ID AC OF DF TF SF ZF AF PF CF
	trapFlag      = 0x100
	resumeFlag    = 0x10000
	directionFlag = 0x400
	alwaysFlags   = 0x202 // IF and the bit that is always set
)

// Capture reads the processor's registers.
func (t *Thread) Capture() *Context {
	r := t.p.cpu.Registers()
	return &Context{
		Context: unwind.Context{GPR: r.GPR, RIP: r.RIP, XMM: r.XMM},
		EFlags:  uint32(r.Flags), MxCsr: uint32(r.MXCSR), X87: r.X87, Debug: t.debug,
	}
}

// CaptureCaller is what the registers will be when the API call being handled
// has returned.
func (t *Thread) CaptureCaller() *Context {
	c := t.Capture()
	c.RIP = t.caller()
	c.GPR[cpu.RSP] += 8
	return c
}

// apply sets the processor's registers.
func (t *Thread) apply(c *Context) {
	r := cpu.Registers{GPR: c.GPR, RIP: c.RIP, XMM: c.XMM, Flags: uint64(c.EFlags&userFlags | alwaysFlags), MXCSR: uint64(c.MxCsr & 0xFFFF), X87: c.X87}
	t.p.cpu.SetRegisters(&r)
	t.SetDebug(c.Debug)
	t.resume = 0
	if c.EFlags&resumeFlag != 0 {
		t.resume = c.RIP
	}
	t.disturbed = true
}

// Store writes a CONTEXT with all parts. b has [ContextSize] bytes.
func (c *Context) Store(b []byte) {
	clear(b[:contextFlags])
	binary.LittleEndian.PutUint32(b[contextFlags:], ContextAll)
	c.StoreParts(b)
	clear(b[contextXmm+256:])
}

// StoreParts writes the parts that the flags of a CONTEXT ask for.
func (c *Context) StoreParts(b []byte) {
	le := binary.LittleEndian
	flags := le.Uint32(b[contextFlags:])
	has := func(part uint32) bool { return flags&part == part }
	if has(ContextControl) {
		le.PutUint16(b[contextSegCs:], 0x33)
		le.PutUint16(b[contextSegCs+10:], 0x2B) // SS
		le.PutUint32(b[contextEFlags:], c.EFlags)
		le.PutUint64(b[contextRip:], c.RIP)
	}
	if has(ContextSegment) {
		for i, sel := range []uint16{0x2B, 0x2B, 0x53, 0x2B} { // DS ES FS GS of user mode
			le.PutUint16(b[contextSegCs+2+2*i:], sel)
		}
	}
	if has(ContextDebug) {
		for i, v := range c.Debug {
			le.PutUint64(b[contextDr0+8*i:], v)
		}
	}
	for i, v := range c.GPR {
		if i == int(cpu.RSP) && has(ContextControl) || i != int(cpu.RSP) && has(ContextInteger) {
			le.PutUint64(b[contextRax+8*i:], v)
		}
	}
	if has(ContextFloat) {
		clear(b[contextFpcw:contextXmm])
		le.PutUint32(b[contextMxCsr:], c.MxCsr)
		storeX87(b[contextFpcw:contextXmm], &c.X87)
		le.PutUint32(b[contextMxCsr2:], c.MxCsr)
		le.PutUint32(b[contextMxCsr2+4:], 0xFFFF)
		for i, x := range c.XMM {
			copy(b[contextXmm+16*i:], x[:])
		}
	}
}

// Load reads the parts that the flags of a CONTEXT say it has; the others stay
// what they are.
func (c *Context) Load(b []byte) {
	le := binary.LittleEndian
	flags := le.Uint32(b[contextFlags:])
	has := func(part uint32) bool { return flags&part == part }
	if has(ContextControl) {
		c.EFlags = le.Uint32(b[contextEFlags:])
		c.RIP = le.Uint64(b[contextRip:])
	}
	if has(ContextDebug) {
		for i := range c.Debug {
			c.Debug[i] = le.Uint64(b[contextDr0+8*i:])
		}
	}
	for i := range c.GPR {
		if i == int(cpu.RSP) && has(ContextControl) || i != int(cpu.RSP) && has(ContextInteger) {
			c.GPR[i] = le.Uint64(b[contextRax+8*i:])
		}
	}
	if has(ContextFloat) {
		c.MxCsr = le.Uint32(b[contextMxCsr:])
		c.X87 = loadX87(b[contextFpcw:contextXmm])
		for i := range c.XMM {
			copy(c.XMM[i][:], b[contextXmm+16*i:])
		}
	}
}

// CopyParts copies the parts that flags name from one CONTEXT to another.
func CopyParts(to, from []byte, flags uint32) {
	copyRange := func(begin, end int) { copy(to[begin:end], from[begin:end]) }
	has := func(part uint32) bool { return flags&part == part }
	if has(ContextControl) {
		copyRange(contextSegCs, contextSegCs+2)
		copyRange(contextSegCs+10, contextSegCs+12) // SS
		copyRange(contextEFlags, contextDr0)
		copyRange(contextRax+8*int(cpu.RSP), contextRax+8*int(cpu.RSP)+8)
		copyRange(contextRip, contextFpcw)
	}
	if has(ContextSegment) {
		copyRange(contextSegCs+2, contextSegCs+10)
	}
	if has(ContextInteger) {
		copyRange(contextRax, contextRax+8*int(cpu.RSP))
		copyRange(contextRax+8*int(cpu.RBP), contextRip)
	}
	if has(ContextFloat) {
		copyRange(contextMxCsr, contextSegCs)
		copyRange(contextFpcw, contextFpcw+512)
	}
	if has(ContextDebug) {
		copyRange(contextDr0, contextRax)
	}
}

// HasControl reports whether a CONTEXT says where to go on.
func HasControl(b []byte) bool {
	return binary.LittleEndian.Uint32(b[contextFlags:])&ContextControl == ContextControl
}

// LoadContext reads a CONTEXT of the guest into c.
func (p *Process) LoadContext(at uint64, c *Context) error {
	b, err := p.Mem.View(at, ContextSize)
	if err == nil {
		c.Load(b)
	}
	return err
}

// storeContext writes a whole CONTEXT.
func (p *Process) storeContext(at uint64, c *Context) error {
	b, err := p.Mem.Writable(at, ContextSize)
	if err == nil {
		c.Store(b)
	}
	return err
}

// LoadUnwind reads what unwinding changes of a CONTEXT, whatever its flags say.
func (c *Context) LoadUnwind(b []byte) {
	le := binary.LittleEndian
	c.RIP = le.Uint64(b[contextRip:])
	for i := range c.GPR {
		c.GPR[i] = le.Uint64(b[contextRax+8*i:])
		copy(c.XMM[i][:], b[contextXmm+16*i:])
	}
}

// StoreUnwind writes it.
func (c *Context) StoreUnwind(b []byte) {
	le := binary.LittleEndian
	le.PutUint64(b[contextRip:], c.RIP)
	for i := range c.GPR {
		le.PutUint64(b[contextRax+8*i:], c.GPR[i])
		copy(b[contextXmm+16*i:], c.XMM[i][:])
	}
}
