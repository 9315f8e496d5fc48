package advapi32

import (
	"bytes"

	"sidetrace/emulator/win"
	"sidetrace/emulator/win/ciphers"
	"sidetrace/emulator/win/dpapi"
)

var protectRows = win.Rows{
	win.Func3("SystemFunction040", systemFunction040, "Memory MemorySize OptionFlags"),
	win.Func3("SystemFunction041", systemFunction041, "Memory MemorySize OptionFlags"),
}

// systemFunction040 is RtlEncryptMemory: it encrypts memory in place with a key
// of the machine's own. Whom it is for makes no difference.
//
// https://learn.microsoft.com/windows/win32/api/ntsecapi/nf-ntsecapi-rtlencryptmemory
func systemFunction040(c *win.Call, Memory win.Ptr, MemorySize win.DWORD, OptionFlags win.Hex) (win.Status, win.Error) {
	return memory(c, Memory, MemorySize, OptionFlags, false), 0
}

// systemFunction041 is RtlDecryptMemory.
//
// https://learn.microsoft.com/windows/win32/api/ntsecapi/nf-ntsecapi-rtldecryptmemory
func systemFunction041(c *win.Call, Memory win.Ptr, MemorySize win.DWORD, OptionFlags win.Hex) (win.Status, win.Error) {
	return memory(c, Memory, MemorySize, OptionFlags, true), 0
}

func memory(c *win.Call, at win.Ptr, size win.DWORD, flags win.Hex, decrypt bool) win.Status {
	const block, known = 8, 3
	if size%block != 0 || flags&^known != 0 {
		return win.StatusInvalidParameter
	}
	buffer := c.Buffer(at, uint64(size))
	if c.Faulted() {
		return win.StatusInvalidParameter
	}
	input := bytes.Clone(buffer)
	dpapi.Memory(c.Config.Seed, byte(flags), buffer, decrypt)
	if decrypt {
		d := ciphers.Decryption{API: c.Name(), Algorithm: "3DES", Mode: ciphers.ECB, Input: input, Plain: bytes.Clone(buffer)}
		d.Record(c)
	}
	return win.StatusSuccess
}
