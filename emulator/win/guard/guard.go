// Package guard has sidetrace-guard.dll, the DLL that exists nowhere but in
// this emulator.
//
// Every benign replica imports it, so that nothing else can load one, and the
// payload of a replica can do nothing but call it: SidetraceStage performs a
// stage of the replicated chain. The stages are what the public reports
// describe, carried out here, in Go, by calling the emulator's own API
// handlers on the emulated machine. They leave the trace a real chain would,
// and they fail where a real one would: without the icon there is no address,
// without the registry value no request. Nothing of them is in the replicas,
// and nothing of them could run anywhere else.
//
// docs/replicas.md says what each stage stands for.
package guard

import (
	"encoding/json"

	"sidetrace/emulator/guest"
	"sidetrace/emulator/win"
)

// Answer is what SidetraceGuard returns: "STGD".
const Answer = 0x53544744

// Table is the DLL.
func Table() win.Table {
	return win.DLL(guest.GuardDLL,
		win.Func0("SidetraceGuard", sidetraceGuard),
		win.Func5("SidetraceStage", sidetraceStage, "table stage data size argument"),
	)
}

// sidetraceGuard tells a replica that it runs in the emulator.
func sidetraceGuard(c *win.Call) (win.Hex, win.Error) { return Answer, 0 }

// Stages, as in replicas/src/payload/payload.h.
const (
	stagePlace = iota + 1
	stageThread
	stageGate
	stageIdent
	stageIcon
	stageC2
	stageShell
)

// parameters come with the payload, as JSON.
type parameters struct {
	Manifest   string `json:"manifest"`
	GateMin    int64  `json:"gate_min_s"`
	GateSpread int64  `json:"gate_spread_s"`
	IconURL    string `json:"icon_url"`
	Icons      int    `json:"icons"`
	Key        string `json:"gcm_key"`
	Nonce      string `json:"gcm_nonce"`
	Answer     string `json:"answer"`
}

// chain is how far a process has come.
type chain struct {
	parameters
	machine string // MachineGuid
	c2      string // address hidden in the icon
}

type chainKey struct{}

// maxImage bounds what a payload may ask to be placed.
const maxImage = 1 << 20

// sidetraceStage performs one stage and returns 0 where the chain ends.
func sidetraceStage(c *win.Call, table win.Ptr, stage win.DWORD, data win.Ptr, size win.DWORD, argument win.Ptr) (win.Size, win.Error) {
	switch stage {
	case stagePlace:
		return place(c, data, size), 0
	case stageThread:
		return thread(c, table, argument), 0
	}
	state, ok := c.State[chainKey{}].(*chain)
	if !ok {
		state = &chain{}
		text := c.Bytes(data, uint64(min(size, maxImage)))
		if text == nil || json.Unmarshal(text, &state.parameters) != nil {
			return 0, 0
		}
		c.State[chainKey{}] = state
	}
	s := &session{c: c, chain: state}
	defer s.release()
	done := false
	switch stage {
	case stageGate:
		done = s.gate()
	case stageIdent:
		done = s.identify()
	case stageIcon:
		done = s.icon()
	case stageC2:
		done = s.checkIn()
	case stageShell:
		done = s.shell()
	}
	if done {
		return 1, 0
	}
	return 0, 0
}

// place gives the inner image memory of its own: allocated writable, filled,
// made executable.
func place(c *win.Call, image win.Ptr, size win.DWORD) win.Size {
	if size == 0 || size > maxImage || c.Bytes(image, uint64(size)) == nil {
		return 0
	}
	s := &session{c: c}
	defer s.release()
	at := s.call("kernel32.dll", "VirtualAlloc", 0, uint64(size), 0x3000, uint64(guest.PageReadWrite))
	if at == 0 {
		return 0
	}
	c.Write(win.Ptr(at), c.Bytes(image, uint64(size)))
	if s.call("kernel32.dll", "VirtualProtect", at, uint64(size), uint64(guest.PageExecuteRead), s.out(8)) == 0 {
		return 0
	}
	s.call("kernel32.dll", "FlushInstructionCache", uint64(guest.CurrentProcess), at, uint64(size))
	return win.Size(at)
}

// thread starts the payload's own thread, so that the host program goes on.
func thread(c *win.Call, table, start win.Ptr) win.Size {
	s := &session{c: c}
	defer s.release()
	h := s.call("kernel32.dll", "CreateThread", 0, 0, uint64(start), uint64(table), 0, s.out(8))
	if h == 0 {
		return 0
	}
	s.call("kernel32.dll", "CloseHandle", h)
	return 1
}
