package native

import (
	"syscall"
	"testing"
)

func TestRun(t *testing.T) {
	if !Supported() {
		t.Skip("the host has no AVX2")
	}
	var s State
	s.MXCSR, s.EFLAGS = 0x1F80, 0x202
	s.General[0], s.General[1] = 40, 2
	s.YMM[1][31], s.YMM[2][31] = 3, 4
	Run([]byte{0x48, 0x01, 0xC8}, &s) // add rax, rcx
	if s.General[0] != 42 || s.Signal != 0 {
		t.Errorf("add: got %d, signal %d", s.General[0], s.Signal)
	}
	Run([]byte{0xC5, 0xF5, 0xFC, 0xC2}, &s) // vpaddb ymm0, ymm1, ymm2
	if s.YMM[0][31] != 7 || s.Signal != 0 {
		t.Errorf("vpaddb: got %d, signal %d", s.YMM[0][31], s.Signal)
	}
	Run([]byte{0x0F, 0x0B}, &s)
	if s.Signal != int32(syscall.SIGILL) {
		t.Errorf("ud2: got signal %d", s.Signal)
	}
	s.General[0] = 16
	Run([]byte{0x8A, 0x00}, &s) // mov al, [rax]
	if s.Signal != int32(syscall.SIGSEGV) || s.Address != 16 {
		t.Errorf("load: got signal %d at %#x", s.Signal, s.Address)
	}
}
