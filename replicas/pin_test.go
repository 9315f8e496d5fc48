package replicas

import (
	"bytes"
	"encoding/binary"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// pinDriver asks src/pin/pinned.c about standard input.
const pinDriver = `
#include <stdio.h>
#include "pinned.h"
int main(void)
{
	static unsigned char data[1 << 20];
	return !sidetrace_pinned(data, fread(data, 1, sizeof data, stdin));
}
`

// The check that stands in front of execution in ffmpeg.dll accepts every
// payload of ours and no other code, whatever the magic and the checksum say.
func TestPin(t *testing.T) {
	if _, err := exec.LookPath("cc"); err != nil {
		t.Skip("no C compiler is installed")
	}
	dir := t.TempDir()
	driver, program := filepath.Join(dir, "driver.c"), filepath.Join(dir, "pinned")
	if err := os.WriteFile(driver, []byte(pinDriver), 0o644); err != nil {
		t.Fatal(err)
	}
	build := exec.Command("cc", "-O2", "-Wall", "-Werror", "-fsanitize=address,undefined", "-Isrc/pin", "-Iprebuilt", driver,
		"src/pin/pinned.c", "-o", program)
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	stub, err := prebuilt.ReadFile("prebuilt/stub.bin")
	if err != nil {
		t.Fatal(err)
	}
	ours := mustBuild(t, Params{}).Payload
	var h payloadHeader
	if _, err := binary.Decode(ours, binary.LittleEndian, &h); err != nil {
		t.Fatal(err)
	}
	change := func(f func(h *payloadHeader, data []byte)) []byte {
		data, h := bytes.Clone(ours), h
		f(&h, data)
		if _, err := binary.Encode(data, binary.LittleEndian, h); err != nil {
			t.Fatal(err)
		}
		return data
	}
	for _, test := range []struct {
		name string
		data []byte
		want int
	}{
		{"ours", ours, 0},
		{"other parameters", mustBuild(t, Params{IconURL: "https://a.example/%d", Gate: Gate{None: true}}).Payload, 0},
		{"first stub byte", change(func(h *payloadHeader, d []byte) { d[h.Stub] ^= 1 }), 1},
		{"last stub byte", change(func(h *payloadHeader, d []byte) { d[int(h.Stub)+len(stub)-1] ^= 1 }), 1},
		{"first image byte", change(func(h *payloadHeader, d []byte) { d[h.Image] ^= 1 }), 1},
		{"last image byte", change(func(h *payloadHeader, d []byte) { d[len(d)-1] ^= 1 }), 1},
		{"another start", change(func(h *payloadHeader, d []byte) { h.Start++ }), 1},
		{"code among the parameters", change(func(h *payloadHeader, d []byte) { h.Stub = h.Parameters }), 1},
		{"stub outside", change(func(h *payloadHeader, d []byte) { h.Stub = 0xFFFFFFF0 }), 1},
		{"image outside", change(func(h *payloadHeader, d []byte) { h.Image = uint32(len(d)) - 1 }), 1},
		{"image of another size", change(func(h *payloadHeader, d []byte) { h.ImageSize -= 4096 }), 1},
		{"cut", ours[:len(ours)-1], 1},
		{"header alone", ours[:40], 1},
		{"nothing", nil, 1},
	} {
		cmd := exec.Command(program)
		cmd.Stdin = bytes.NewReader(test.data)
		out, _ := cmd.CombinedOutput() // the exit code is the answer
		if got := cmd.ProcessState.ExitCode(); got != test.want || len(out) != 0 {
			t.Errorf("%s: exit code %d, want %d\n%s", test.name, got, test.want, out)
		}
	}
}
