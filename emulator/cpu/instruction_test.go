package cpu

import (
	"bytes"
	"debug/elf"
	"debug/pe"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"golang.org/x/arch/x86/x86asm"
)

func TestDecode(t *testing.T) {
	lengths := []struct {
		name string
		code []byte
	}{
		{"nop", []byte{0x90}},
		{"multi-byte nop", []byte{0x66, 0x2E, 0x0F, 0x1F, 0x84, 0, 0, 0, 0, 0}},
		{"mov rax, imm64", []byte{0x48, 0xB8, 1, 2, 3, 4, 5, 6, 7, 8}},
		{"mov eax, imm32", []byte{0xB8, 1, 2, 3, 4}},
		{"mov ax, imm16", []byte{0x66, 0xB8, 1, 2}},
		{"66 before REX.W: imm64", []byte{0x66, 0x48, 0xB8, 1, 2, 3, 4, 5, 6, 7, 8}},
		{"REX.W before 66 is void", []byte{0x48, 0x66, 0xB8, 1, 2}},
		{"mov al, [moffs64]", []byte{0xA0, 1, 2, 3, 4, 5, 6, 7, 8}},
		{"mov al, [moffs32]", []byte{0x67, 0xA0, 1, 2, 3, 4}},
		{"test byte [rax], imm8", []byte{0xF6, 0x00, 1}},
		{"not byte [rax]", []byte{0xF6, 0x10}},
		{"test dword [rbp+8], imm32", []byte{0xF7, 0x45, 8, 1, 2, 3, 4}},
		{"test word, imm16", []byte{0x66, 0xF7, 0xC0, 1, 2}},
		{"neg eax", []byte{0xF7, 0xD8}},
		{"mov [rip+d], imm32", []byte{0xC7, 0x05, 1, 2, 3, 4, 5, 6, 7, 8}},
		{"mov [disp32], imm32", []byte{0xC7, 0x04, 0x25, 1, 2, 3, 4, 5, 6, 7, 8}},
		{"lea with SIB and disp8", []byte{0x48, 0x8D, 0x44, 0x91, 8}},
		{"lea with SIB and disp32", []byte{0x48, 0x8D, 0x84, 0x91, 1, 2, 3, 4}},
		{"SIB without base", []byte{0x8B, 0x04, 0x8D, 1, 2, 3, 4}},
		{"SIB with rbp base needs disp", []byte{0x8B, 0x44, 0x0D, 0}},
		{"enter", []byte{0xC8, 1, 2, 3}},
		{"ret imm16", []byte{0xC2, 8, 0}},
		{"int", []byte{0xCD, 0x29}},
		{"call rel32", []byte{0xE8, 1, 2, 3, 4}},
		{"jnz rel32", []byte{0x0F, 0x85, 1, 2, 3, 4}},
		{"pshufd imm8", []byte{0x66, 0x0F, 0x70, 0xC1, 0x1B}},
		{"pshufb", []byte{0x66, 0x0F, 0x38, 0x00, 0xC1}},
		{"palignr imm8", []byte{0x66, 0x0F, 0x3A, 0x0F, 0xC1, 4}},
		{"mov rax, cr0 ignores mod", []byte{0x0F, 0x20, 0x05}},
		{"3DNow! pfadd", []byte{0x0F, 0x0F, 0xC1, 0x9E}},
		{"extrq xmm0, 1, 2", []byte{0x66, 0x0F, 0x78, 0xC0, 1, 2}},
		{"xbegin", []byte{0xC7, 0xF8, 1, 2, 3, 4}},
		{"vpermq imm8", []byte{0xC4, 0xE3, 0xFD, 0x00, 0xC1, 0x4E}},
		{"vpshufd imm8", []byte{0xC5, 0xF9, 0x70, 0xC1, 0x1B}},
		{"vaddps zmm, [rax+64]", []byte{0x62, 0xF1, 0x74, 0x48, 0x58, 0x40, 1}},
		{"vpternlogd imm8", []byte{0x62, 0xF3, 0x75, 0x48, 0x25, 0xC2, 0xFF}},
		{"XOP bextr imm32", []byte{0x8F, 0xEA, 0x78, 0x10, 0xC1, 1, 2, 3, 4}},
		{"15 bytes", []byte{0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x90}},
	}
	for _, test := range lengths {
		padded := append(bytes.Clone(test.code), bytes.Repeat([]byte{0x90}, 20)...)
		if got := Decode(padded).Length; got != len(test.code) {
			t.Errorf("%s: % x: got length %d, want %d", test.name, test.code, got, len(test.code))
		}
		for n := range test.code {
			if got := Decode(test.code[:n]).Length; got != 0 {
				t.Errorf("%s: cut to % x: got length %d, want 0", test.name, test.code[:n], got)
			}
		}
	}
	for _, test := range specials {
		if got := Decode(test.code); got.Class != test.class || got.Length != len(test.code) {
			t.Errorf("%s: got %v of %d bytes, want %v of %d", test.name, got.Class, got.Length, test.class, len(test.code))
		}
	}
	for _, test := range plains {
		if got := Decode(test.code); got.Class != Plain || got.Length != len(test.code) {
			t.Errorf("%s: got %v of %d bytes, want plain of %d", test.name, got.Class, got.Length, len(test.code))
		}
	}
	for _, code := range [][]byte{nil, {0x06}, {0x9A, 1, 2, 3, 4, 5, 6}, bytes.Repeat([]byte{0x66}, 20)} {
		if got := Decode(code); got.Length != 0 {
			t.Errorf("% x: got length %d, want 0", code, got.Length)
		}
	}
}

// agree compares the length with that of x86asm, where that decoder knows the
// instruction: an Op of 0 is a prefix before what it does not know.
func agree(t *testing.T, code []byte) (length int, compared bool) {
	got := Decode(code)
	want, err := x86asm.Decode(code, 64)
	if err != nil || want.Op == 0 || isVEX(code) {
		return got.Length, false
	}
	if got.Length != want.Len {
		t.Errorf("% x: got length %d, want %d (%v)", code[:min(len(code), 15)], got.Length, want.Len, want)
	}
	return got.Length, true
}

// isVEX: x86asm takes these for other instructions.
func isVEX(code []byte) bool {
	return code[0] == 0xC4 || code[0] == 0xC5 || code[0] == 0x62 || code[0] == 0x8F
}

// The code of programs: those that happen to be here.
func TestDecodeAgrees(t *testing.T) {
	var texts [][]byte
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	file, err := elf.Open(self)
	if err != nil {
		t.Skip("not an ELF program: ", err)
	}
	defer file.Close()
	text, err := file.Section(".text").Data()
	if err != nil {
		t.Fatal(err)
	}
	texts = append(texts, text)
	if gcc, err := exec.LookPath("x86_64-w64-mingw32-gcc"); err == nil {
		texts = append(texts, mingwText(t, gcc))
	}
	for _, text := range texts {
		instructions, compared := 0, 0
		for at := 0; at < len(text); instructions++ {
			n, ok := agree(t, text[at:])
			if ok {
				compared++
			}
			at += max(n, 1)
			if t.Failed() {
				t.Fatalf("at offset %#x", at)
			}
		}
		t.Logf("%d instructions, %d compared", instructions, compared)
		if compared < instructions*9/10 {
			t.Errorf("compared %d of %d instructions", compared, instructions)
		}
	}
}

// mingwText returns the code of the compiler's own start-up and library.
func mingwText(t *testing.T, gcc string) []byte {
	dir := t.TempDir()
	source := filepath.Join(dir, "main.c")
	if err := os.WriteFile(source, []byte("#include <stdio.h>\n#include <math.h>\nint main(int n, char **v) { printf(\"%g %s\", pow(n, 1.5), v[0]); return 0; }\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	program := filepath.Join(dir, "main.exe")
	if out, err := exec.Command(gcc, "-static", "-O2", "-D__USE_MINGW_ANSI_STDIO=1", "-o", program, source).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	file, err := pe.Open(program)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	text, err := file.Section(".text").Data()
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func FuzzDecode(f *testing.F) {
	for _, s := range specials {
		f.Add(s.code)
	}
	f.Add([]byte{0x66, 0x48, 0xB8, 1, 2, 3, 4, 5, 6, 7, 8})
	f.Add([]byte{0xF3, 0x0F, 0x1E, 0xFA})
	f.Fuzz(func(t *testing.T, code []byte) {
		i := Decode(code)
		if i.Length < 0 || i.Length > 15 || i.Length > len(code) {
			t.Fatalf("% x: length %d of %d bytes", code, i.Length, len(code))
		}
		if i.Length > 0 && Decode(code[:i.Length]) != i {
			t.Errorf("% x: another answer for the instruction alone", code)
		}
	})
}
