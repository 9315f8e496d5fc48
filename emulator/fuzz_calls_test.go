package emulator

import (
	"testing"

	"sidetrace/emulator/guest"
)

// Where raw code is put, and what lies behind it in these tests.
const (
	fuzzBase    = 0x0000_0180_0000_0000
	fuzzScratch = fuzzBase + 0x2000 // zeros, writable and executable
	fuzzWide    = fuzzBase + 0x3000
	fuzzANSI    = fuzzBase + 0x3100
	fuzzSize    = 0x4000
)

// fuzzValues are arguments that handlers tell apart: sizes, flags, handles,
// the pseudo handles, and addresses of memory of several kinds.
var fuzzValues = []uint64{
	0, 1, 2, 3, 4, 8, 0x10, 0x20, 0x40, 0x64, 0x100, 0x1000, 0x3000, 0x10000, 0x100000,
	0x7FFFFFFF, 0x80000000, 0xC0000000, 0xFFFFFFFF, 0x7FFF_FFFE_FFFF, 1 << 63, ^uint64(0), ^uint64(1), ^uint64(10),
	0x44, 0x48, 0x4C, 0x50, 0x54, 65001, 1252, 0x409,
	fuzzScratch, fuzzScratch + 0x100, fuzzScratch + 0x800, fuzzScratch + 0xFFF, fuzzWide, fuzzANSI, fuzzBase, fuzzBase + fuzzSize,
	guest.SystemBase, 0x7FFE_0000, 0xE1_0000_0000, 0x12345678_00000000,
}

// TestAnyArguments calls every export with arguments of several kinds, in one
// machine after another: one ends where a call ends it.
func TestAnyArguments(t *testing.T) {
	s := newSystem(t)
	step := 1
	if testing.Short() {
		step = 17
	}
	exports := s.functions(t)
	var calls []byte
	for _, arguments := range fuzzArguments {
		for i := 0; i < len(exports); i += step {
			calls = append(append(calls, byte(i), byte(i>>8)), arguments...)
		}
	}
	for len(calls) > 0 {
		calls = calls[fuzzCallSize*fuzzCalls(t, s, exports, calls):]
	}
}

// fuzzArguments choose ten of fuzzValues each: pointers and sizes, a handle and
// pointers, text.
var fuzzArguments = [][]byte{
	{32, 33, 34, 9, 35, 9, 33, 34, 0, 0},
	{24, 32, 9, 33, 0, 33, 34, 33, 32, 33},
	{37, 17, 3, 0, 3, 9, 0, 32, 33, 34},
}

// FuzzCalls calls any exports with any arguments. Each call is two bytes that
// choose the export and ten that choose arguments.
func FuzzCalls(f *testing.F) {
	s := newSystem(f)
	for i, arguments := range fuzzArguments {
		f.Add(append([]byte{byte(i), 0}, arguments...))
	}
	exports := s.functions(f)
	f.Fuzz(func(t *testing.T, data []byte) { fuzzCalls(t, s, exports, data) })
}

const fuzzCallSize = 12

// fuzzCalls runs the first calls of data, and returns how many were made, one
// at least.
func fuzzCalls(t *testing.T, s *System, exports []uint64, data []byte) int {
	const most = 16
	code := []byte{0x48, 0x83, 0xEC, 0x68} // sub rsp, 0x68
	numbers := map[uint64]int{}            // of the calls, by their return addresses
	for len(data) >= fuzzCallSize && len(numbers) < most {
		target := exports[(int(data[0])|int(data[1])<<8)%len(exports)]
		for i, b := range data[6:fuzzCallSize] { // mov rax, the argument; mov [rsp+…], rax: arguments five to ten
			code = append(code, join([]byte{0x48, 0xB8}, imm(fuzzValue(b), 8), []byte{0x48, 0x89, 0x44, 0x24, byte(0x20 + 8*i)})...)
		}
		var first []uint64
		for _, b := range data[2:6] {
			first = append(first, fuzzValue(b))
		}
		code = append(code, call(target, first...)...)
		data = data[fuzzCallSize:]
		numbers[fuzzBase+uint64(len(code))] = len(numbers) + 1
	}
	code = append(code, 0x48, 0x83, 0xC4, 0x68, 0xC3) // add rsp, 0x68; ret
	image := make([]byte, fuzzSize)
	copy(image, code)
	copy(image[fuzzWide-fuzzBase:], guest.UTF16(`C:\fuzz\a.txt`))
	copy(image[fuzzANSI-fuzzBase:], guest.ANSI("kernel32.dll"))
	run, made := fuzzRun(t, s, "code.bin", image), 1
	if run != nil {
		for c := range run.Calls.All() {
			made = max(made, numbers[c.Caller])
		}
	}
	return made
}

func fuzzValue(b byte) uint64 { return fuzzValues[int(b)%len(fuzzValues)] }

// functions are the addresses of all exports that have a handler of their own.
func (s *System) functions(t testing.TB) []uint64 {
	own := map[string]bool{}
	for _, table := range Tables() {
		own[table.DLL] = true
	}
	var all []uint64
	for _, m := range s.standard(t).System.Modules {
		if !own[m.Name] || m.Name == "kernelbase.dll" { // what it has is another's
			continue
		}
		unhandled := map[uint32]bool{}
		for _, u := range m.Unhandled {
			unhandled[u.RVA] = true
		}
		for _, x := range m.Image.Exports.Symbols {
			if x.RVA >= m.Text[0] && x.RVA < m.Text[1] && !unhandled[x.RVA] {
				all = append(all, m.Base+uint64(x.RVA))
			}
		}
	}
	return all
}
