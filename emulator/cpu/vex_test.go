package cpu

import (
	"bytes"
	"encoding/binary"
	"flag"
	"fmt"
	"hash/fnv"
	"os"
	"slices"
	"strings"
	"syscall"
	"testing"
	"unsafe"

	"sidetrace/emulator/cpu/native"
)

var (
	updateVEX = flag.Bool("update-vex", false, "record what the host's processor makes of every VEX coded instruction")
	thorough  = flag.Bool("thorough", false, "compare more cases of each VEX coded instruction with the host's processor")
)

// Every encoding of the three maps is tried: on the host's processor, where it
// has AVX2, and against what one gave before, everywhere.

// encoding is one of them: without its operands.
type encoding struct {
	m, pp, op byte
	w, l      byte
	memory    bool
}

func (e encoding) String() string {
	form := 'r'
	if e.memory {
		form = 'm'
	}
	return fmt.Sprintf("%s.%s.%02X W%d L%d %c", [...]string{"", "0F", "0F38", "0F3A"}[e.m], [...]string{"NP", "66", "F3", "F2"}[e.pp], e.op, e.w, e.l, form)
}

// isBMI: general-purpose instructions, which the engine runs itself.
func (e encoding) isBMI() bool {
	return e.m == 2 && slices.Contains([]byte{0xF2, 0xF3, 0xF5, 0xF6, 0xF7}, e.op) || e.m == 3 && e.op == 0xF0
}

// isApproximate: reciprocals, of which each make of processor has its own.
func (e encoding) isApproximate() bool { return e.m == 1 && (e.op == 0x52 || e.op == 0x53) }

// isOther: AVX-512 masks, GF(2^8) arithmetic, and the VEX forms of AVX-512
// extensions: of later processors than ours.
func (e encoding) isOther() bool {
	switch e.m {
	case 1:
		return e.op >= 0x41 && e.op <= 0x4B || e.op >= 0x90 && e.op <= 0x99
	case 2:
		return e.op >= 0x50 && e.op <= 0x53 || e.op == 0xCF || e.op == 0xB4 || e.op == 0xB5
	}
	return e.op >= 0x30 && e.op <= 0x33 || e.op == 0xCE || e.op == 0xCF
}

// isLax: permutations of quadwords, which have W1; AMD ignores that.
func (e encoding) isLax() bool { return e.m == 3 && e.op <= 1 && e.w == 0 }

func (e encoding) isGather() bool { return e.m == 2 && e.op >= 0x90 && e.op <= 0x93 }

// numbers is SplitMix64.
type numbers uint64

func (n *numbers) next() uint64 {
	*n += 0x9E3779B97F4A7C15
	z := uint64(*n)
	z = (z ^ z>>30) * 0xBF58476D1CE4E5B9
	z = (z ^ z>>27) * 0x94D049BB133111EB
	return z ^ z>>31
}

func (n *numbers) below(limit int) int { return int(n.next() % uint64(limit)) }

func pick[T any](n *numbers, from []T) T { return from[n.below(len(from))] }

// registers are those that operands may be: RBX and RDI hold addresses, and RSP
// is the host's.
var registers = []byte{0, 1, 2, 5, 6, 8, 9, 10, 11, 12, 13, 14, 15}

const displacement = 64

// code is the encoding with operands. In memory they are at RBX + displacement,
// or at RBX + displacement + a vector of offsets.
func (e encoding) code(n *numbers, v byte) []byte {
	reg, rm := pick(n, registers), pick(n, registers)
	r, x, b := ^reg>>3&1, byte(1), ^rm>>3&1
	operand := []byte{0xC0 | reg&7<<3 | rm&7}
	switch {
	case e.isGather() && e.memory:
		x, b = ^rm>>3&1, 1
		operand = []byte{0x44 | reg&7<<3, rm&7<<3 | 3, displacement}
	case e.memory:
		b = 1
		operand = []byte{0x43 | reg&7<<3, displacement}
	}
	code := []byte{0xC4, r<<7 | x<<6 | b<<5 | e.m, e.w<<7 | (^v&15)<<3 | e.l<<2 | e.pp, e.op}
	if e.m == 1 && e.op == 0x77 {
		return code
	}
	code = append(code, operand...)
	if e.m == 3 || e.m == 1 && (e.op >= 0x70 && e.op <= 0x73 || e.op == 0xC2 || e.op >= 0xC4 && e.op <= 0xC6) {
		code = append(code, byte(n.next()))
	}
	return code
}

var (
	singles = []uint32{0, 0x80000000, 0x3F800000, 0xBF800000, 0x40490FDB, 0x00000001, 0x807FFFFF, 0x00800000, 0x7F7FFFFF, 0x7F800000, 0xFF800000, 0x7FC12345, 0xFFC54321, 0x7F812345, 0xFFA00001, 0x4F000000, 0xCF000000, 0x3F000000, 0x5F000000, 0x33000000, 0x38800000, 0x477FF000, 0x387FE000, 0x34000001}
	doubles = []uint64{0, 1 << 63, 0x3FF0000000000000, 0xBFF8000000000000, 0x400921FB54442D18, 1, 0x800FFFFFFFFFFFFF, 0x0010000000000000, 0x7FEFFFFFFFFFFFFF, 0x7FF0000000000000, 0xFFF0000000000000, 0x7FF8000000012345, 0xFFF8000000054321, 0x7FF0000000012345, 0xFFF4000000000001, 0x41E0000000000000, 0xC1E0000000200000, 0x43E0000000000000, 0x3FE0000000000000, 0x380FFFFFF0000000, 0x36A0000000000000}
)

// fill makes operands that are worth a try.
func (n *numbers) fill(b []byte) {
	kind := n.below(8)
	for i := 0; i+8 <= len(b); i += 8 {
		v := n.next()
		switch kind {
		case 0, 1, 2:
			v = uint64(pick(n, singles)) | uint64(pick(n, singles))<<32
		case 3, 4:
			v = pick(n, doubles)
		case 5: // small numbers, of any width
			v &= 0x0F000F0F000F000F
		case 6: // near each other: sums that cancel
			v = 0x3FF000003F800000 + v&0x8000000F8000000F
		}
		binary.LittleEndian.PutUint64(b[i:], v)
	}
}

const comparedFlags = 0x8D5 // OF SF ZF AF PF CF

// vexState are the registers and the memory around the operand.
type vexState struct {
	native.State
	memory [256]byte
}

// state makes one; data are the addresses of its memory, elsewhere.
func (n *numbers) state(e encoding) *vexState {
	s := new(vexState)
	for i := range s.YMM {
		n.fill(s.YMM[i][:])
		if e.isGather() { // offsets that stay near, and masks
			for k := 0; k < 32; k += 4 {
				at := uint32(n.below(8)) - 4
				if e.op&1 == 1 && k%8 == 4 {
					at = uint32(int32(binary.LittleEndian.Uint32(s.YMM[i][k-4:])) >> 31)
				}
				binary.LittleEndian.PutUint32(s.YMM[i][k:], at)
			}
		}
	}
	for i := range s.General {
		s.General[i] = n.next() >> n.below(64)
	}
	n.fill(s.memory[:])
	s.EFLAGS = 0x202 | n.next()&comparedFlags
	s.MXCSR = 0x1F80 | uint32(n.below(4))<<13
	if n.below(4) == 0 {
		s.MXCSR ^= pick(n, []uint32{0x8000, 0x40, 0x8040})
	}
	if n.below(6) == 0 { // invalid, denormal and division by zero unmasked
		s.MXCSR &^= uint32(n.next()) & 0x380
	}
	return s
}

func (s *vexState) hash() uint32 {
	h := fnv.New32a()
	for i := range s.YMM {
		h.Write(s.YMM[i][:])
	}
	binary.Write(h, binary.LittleEndian, s.General)
	binary.Write(h, binary.LittleEndian, []uint32{uint32(s.EFLAGS) & comparedFlags, s.MXCSR, uint32(s.Signal)})
	h.Write(s.memory[:])
	return h.Sum32()
}

func (s *vexState) differences(want *vexState) string {
	var d []string
	for i := range s.YMM {
		if s.YMM[i] != want.YMM[i] {
			d = append(d, fmt.Sprintf("ymm%d: got %x, want %x", i, s.YMM[i], want.YMM[i]))
		}
	}
	for i := range s.General {
		if s.General[i] != want.General[i] {
			d = append(d, fmt.Sprintf("general %d: got %#x, want %#x", i, s.General[i], want.General[i]))
		}
	}
	if g, w := s.EFLAGS&comparedFlags, want.EFLAGS&comparedFlags; g != w {
		d = append(d, fmt.Sprintf("flags: got %#x, want %#x", g, w))
	}
	if s.MXCSR != want.MXCSR {
		d = append(d, fmt.Sprintf("mxcsr: got %#x, want %#x", s.MXCSR, want.MXCSR))
	}
	if s.Signal != want.Signal {
		d = append(d, fmt.Sprintf("signal: got %v, want %v", syscall.Signal(s.Signal), syscall.Signal(want.Signal)))
	}
	if s.memory != want.memory {
		d = append(d, fmt.Sprintf("memory: got %x, want %x", s.memory, want.memory))
	}
	return strings.Join(d, "\n")
}

// vexRunner runs an instruction in both ways.
type vexRunner struct {
	*machine
	host   []byte
	loaded []byte
}

// withAddresses lets RBX and RDI point to the middle of memory at base.
func (s *vexState) withAddresses(base uint64, run func()) {
	rbx, rdi := s.General[3], s.General[7]
	s.General[3], s.General[7] = base+64, base+64+displacement
	run()
	s.General[3], s.General[7] = rbx, rdi
}

// native runs on the host.
func (r *vexRunner) native(code []byte, in *vexState) *vexState {
	s := *in
	copy(r.host, s.memory[:])
	s.withAddresses(uint64(uintptr(unsafe.Pointer(unsafe.SliceData(r.host)))), func() { native.Run(code, &s.State) })
	copy(s.memory[:], r.host)
	s.Address = 0
	return &s
}

// unknown is the signal of an instruction that is not carried out.
const unknown = -1

func (r *vexRunner) emulated(code []byte, in *vexState) *vexState {
	s := *in
	if !bytes.Equal(r.loaded, code) {
		r.put(0, append(slices.Clone(code), 0xCC)...)
		r.loaded = code
	}
	copy(r.data, s.memory[:])
	var upper Upper
	for i := range s.YMM {
		r.SetXMM(i, [16]byte(s.YMM[i][:16]))
		copy(upper[i][:], s.YMM[i][16:])
	}
	r.SetUpper(upper)
	s.withAddresses(dataBase, func() {
		for i := range s.General {
			if Reg(i) != RSP {
				r.SetReg(Reg(i), s.General[i])
			}
		}
	})
	r.SetReg(EFLAGS, s.EFLAGS)
	r.SetReg(MXCSR, uint64(s.MXCSR))
	r.SetIP(codeBase)
	switch stop := r.Run(); {
	case stop.Kind == Interrupt && stop.Vector == 3:
		s.Signal = 0
	case stop.Kind == Interrupt && stop.Vector == 19:
		s.Signal = int32(syscall.SIGFPE)
	case stop.Kind == InvalidInstruction:
		s.Signal = int32(syscall.SIGILL)
	case stop.Kind == Fault:
		s.Signal = int32(syscall.SIGSEGV)
	default:
		s.Signal = unknown
	}
	upper = r.Upper()
	for i := range s.YMM {
		x := r.XMM(i)
		copy(s.YMM[i][:], x[:])
		copy(s.YMM[i][16:], upper[i][:])
	}
	for i := range s.General {
		if Reg(i) != RSP && Reg(i) != RBX && Reg(i) != RDI {
			s.General[i] = r.Reg(Reg(i))
		}
	}
	s.EFLAGS, s.MXCSR = r.Reg(EFLAGS), uint32(r.Reg(MXCSR))
	copy(s.memory[:], r.data)
	return &s
}

// encodings calls f with all that are compared.
func encodings(f func(e encoding)) {
	for m := byte(1); m <= 3; m++ {
		for op := range 256 {
			for k := range 32 {
				e := encoding{m: m, op: byte(op), pp: byte(k >> 3), w: byte(k >> 2 & 1), l: byte(k >> 1 & 1), memory: k&1 == 1}
				if !e.isBMI() && !e.isOther() && !e.isApproximate() && !e.isLax() {
					f(e)
				}
			}
		}
	}
}

// cases calls f with rounds instructions of an encoding, the same ones each
// time: half of them with VEX.vvvv unused, as some must have it. f returns
// whether the instruction is defined, and so worth more cases.
func (e encoding) cases(rounds, each int, f func(code []byte, in *vexState) bool) {
	n := numbers(uint64(e.m)<<32 | uint64(e.pp)<<24 | uint64(e.op)<<16 | uint64(e.w)<<8 | uint64(e.l)<<4)
	for round := range rounds {
		v := byte(0)
		if round&1 == 0 {
			v = pick(&n, registers)
		}
		code := e.code(&n, v)
		for range each {
			if !f(code, n.state(e)) {
				break
			}
		}
	}
}

func newVEXRunner(t *testing.T) *vexRunner {
	return &vexRunner{machine: newMachine(t, Config{}), host: hostMemory(t, PageSize)}
}

// TestVEXNative compares with the host's processor.
func TestVEXNative(t *testing.T) {
	if !native.Supported() {
		t.Skip("the host's processor lacks AVX2 or an extension of it; TestVEXKnown has what another gave")
	}
	rounds, each := 2, 4
	if *thorough {
		rounds, each = 10, 25
	}
	r := newVEXRunner(t)
	failures, compared, defined := 0, 0, 0
	encodings(func(e encoding) {
		told, ok := false, false
		e.cases(rounds, each, func(code []byte, in *vexState) bool {
			want := r.native(code, in)
			got := r.emulated(code, in)
			compared++
			ok = ok || want.Signal == 0
			if want.Signal == int32(syscall.SIGILL) && got.Signal == unknown {
				return false // undefined and unknown: the caller raises it
			}
			if d := got.differences(want); d != "" && !told && failures < 40 {
				failures++
				told = true
				t.Errorf("%v, % x\nymm before: %x\n mxcsr %#x\n%s", e, code, in.YMM, in.MXCSR, d)
			}
			return want.Signal != int32(syscall.SIGILL)
		})
		if ok {
			defined++
		}
	})
	t.Logf("%d cases of %d defined encodings", compared, defined)
}

const knownVEX = "testdata/vex.txt"

// TestVEXKnown compares with what a processor gave when the file was recorded:
// a digest of the states after the same cases for each encoding.
func TestVEXKnown(t *testing.T) {
	r := newVEXRunner(t)
	digest := func(e encoding, run func(code []byte, in *vexState) *vexState) (sum uint32, defined bool) {
		e.cases(4, 2, func(code []byte, in *vexState) bool {
			out := run(code, in)
			if out.Signal == unknown {
				out.Signal = int32(syscall.SIGILL)
			}
			sum = sum*31 + out.hash()
			defined = defined || out.Signal != int32(syscall.SIGILL)
			return out.Signal != int32(syscall.SIGILL)
		})
		return sum, defined
	}
	lines := func(run func(code []byte, in *vexState) *vexState) []string {
		var list []string
		encodings(func(e encoding) {
			if sum, defined := digest(e, run); defined {
				list = append(list, fmt.Sprintf("%v %08x", e, sum))
			}
		})
		return list
	}
	if *updateVEX {
		if err := os.WriteFile(knownVEX, []byte(strings.Join(lines(r.native), "\n")+"\n"), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	known, err := os.ReadFile(knownVEX)
	if err != nil {
		t.Fatal(err)
	}
	want := strings.Split(strings.TrimSpace(string(known)), "\n")
	got := lines(r.emulated)
	for _, line := range want {
		if !slices.Contains(got, line) {
			t.Errorf("%s: differs", line)
		}
	}
	if len(got) != len(want) {
		t.Errorf("defined encodings: got %d, want %d", len(got), len(want))
	}
}
