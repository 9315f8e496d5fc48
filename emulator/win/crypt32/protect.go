package crypt32

import (
	"bytes"
	"errors"

	"sidetrace/emulator/win"
	"sidetrace/emulator/win/ciphers"
	"sidetrace/emulator/win/dpapi"
)

var protectRows = win.Rows{
	win.Func7("CryptProtectData", cryptProtectData, "pDataIn szDataDescr pOptionalEntropy pvReserved pPromptStruct dwFlags pDataOut"),
	win.Func3("CryptProtectMemory", cryptProtectMemory, "pDataIn cbDataIn dwFlags"),
	win.Partial(win.Func7("CryptUnprotectData", cryptUnprotectData, "pDataIn ppszDataDescr pOptionalEntropy pvReserved pPromptStruct dwFlags pDataOut"),
		"blobs of the emulated machine; no dialogue"),
	win.Func3("CryptUnprotectMemory", cryptUnprotectMemory, "pDataIn cbDataIn dwFlags"),
}

const localMachine = 0x04 // CRYPTPROTECT_LOCAL_MACHINE

func userScope(c *win.Call) dpapi.Scope {
	return dpapi.Scope{Seed: c.Config.Seed, Owner: c.Config.Computer + `\` + c.Config.User}
}

func machineScope(c *win.Call) dpapi.Scope {
	return dpapi.Scope{Seed: c.Config.Seed, Owner: c.Config.Computer, Machine: true}
}

// dataBlob reads a DATA_BLOB; none for a null pointer.
func dataBlob(c *win.Call, p win.Ptr) []byte {
	if p == 0 {
		return nil
	}
	return bytes.Clone(c.Bytes(win.Ptr(c.ReadUint(p+8, 8)), c.ReadUint(p, 4)))
}

// storeBlob stores a DATA_BLOB whose bytes the guest frees with LocalFree.
func storeBlob(c *win.Call, p win.Ptr, data []byte) win.Error {
	at := c.Heap.Alloc(uint64(max(len(data), 1)))
	if at == 0 {
		return win.ErrNotEnoughMemory
	}
	c.Write(win.Ptr(at), data)
	c.WriteUint(p, 4, uint64(len(data)))
	c.WriteUint(p+8, 8, at)
	return 0
}

// cryptProtectData encrypts data for the user or for the machine.
//
// https://learn.microsoft.com/windows/win32/api/dpapi/nf-dpapi-cryptprotectdata
func cryptProtectData(c *win.Call, pDataIn win.Ptr, szDataDescr win.WStr, pOptionalEntropy, pvReserved, pPromptStruct win.Ptr, dwFlags win.Hex, pDataOut win.Ptr) (win.Bool, win.Error) {
	if pDataIn == 0 || pDataOut == 0 || pvReserved != 0 {
		return false, win.ErrInvalidParameter
	}
	data, entropy := dataBlob(c, pDataIn), dataBlob(c, pOptionalEntropy)
	if c.Faulted() {
		return false, 0
	}
	scope := userScope(c)
	if dwFlags&localMachine != 0 {
		scope = machineScope(c)
	}
	err := storeBlob(c, pDataOut, scope.Protect(data, entropy, szDataDescr.Text, c.Random.Fill))
	return err == 0, err
}

// cryptUnprotectData opens what CryptProtectData of the same machine made.
// Blobs of another machine fail as they do on Windows.
//
// https://learn.microsoft.com/windows/win32/api/dpapi/nf-dpapi-cryptunprotectdata
func cryptUnprotectData(c *win.Call, pDataIn win.Ptr, ppszDataDescr win.Out[uint64], pOptionalEntropy, pvReserved, pPromptStruct win.Ptr, dwFlags win.Hex, pDataOut win.Ptr) (win.Bool, win.Error) {
	const nteBadKeyState win.Error = 0x8009000B
	if pDataIn == 0 || pDataOut == 0 || pvReserved != 0 {
		return false, win.ErrInvalidParameter
	}
	data, entropy := dataBlob(c, pDataIn), dataBlob(c, pOptionalEntropy)
	if c.Faulted() {
		return false, 0
	}
	plain, blob, err := dpapi.Unprotect(userScope(c), machineScope(c), data, entropy)
	switch {
	case errors.Is(err, dpapi.ErrForeign):
		c.Gap("a blob of another machine or user")
		return false, nteBadKeyState
	case err != nil:
		return false, win.ErrInvalidData
	}
	if !ppszDataDescr.Null() {
		at := c.Heap.Alloc(uint64(len(blob.Description) + 2))
		if at == 0 {
			return false, win.ErrNotEnoughMemory
		}
		c.Write(win.Ptr(at), append(blob.Description, 0, 0))
		ppszDataDescr.Set(c, at)
	}
	if err := storeBlob(c, pDataOut, plain); err != 0 {
		return false, err
	}
	d := ciphers.Decryption{
		API: c.Name(), Algorithm: "AES", Mode: ciphers.CBC, Key: blob.Secret, IV: blob.Salt[:16], Input: blob.Ciphertext, Plain: plain, Verified: true,
	}
	d.Record(c)
	return true, 0
}

// cryptProtectMemory encrypts memory in place.
//
// https://learn.microsoft.com/windows/win32/api/dpapi/nf-dpapi-cryptprotectmemory
func cryptProtectMemory(c *win.Call, pDataIn win.Ptr, cbDataIn win.DWORD, dwFlags win.Hex) (win.Bool, win.Error) {
	return protectMemory(c, pDataIn, cbDataIn, dwFlags, false)
}

// cryptUnprotectMemory decrypts memory in place.
//
// https://learn.microsoft.com/windows/win32/api/dpapi/nf-dpapi-cryptunprotectmemory
func cryptUnprotectMemory(c *win.Call, pDataIn win.Ptr, cbDataIn win.DWORD, dwFlags win.Hex) (win.Bool, win.Error) {
	return protectMemory(c, pDataIn, cbDataIn, dwFlags, true)
}

func protectMemory(c *win.Call, at win.Ptr, size win.DWORD, flags win.Hex, decrypt bool) (win.Bool, win.Error) {
	const block, known = 16, 3
	if size == 0 || size%block != 0 || flags&^known != 0 {
		return false, win.ErrInvalidParameter
	}
	buffer := c.Buffer(at, uint64(size))
	if c.Faulted() {
		return false, 0
	}
	input := bytes.Clone(buffer)
	dpapi.Memory(c.Config.Seed, byte(flags), buffer, decrypt)
	if decrypt {
		d := ciphers.Decryption{API: c.Name(), Algorithm: "3DES", Mode: ciphers.ECB, Input: input, Plain: bytes.Clone(buffer)}
		d.Record(c)
	}
	return true, 0
}
