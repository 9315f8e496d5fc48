package bcrypt

import (
	"bytes"
	"errors"
	"strings"

	"sidetrace/emulator/win"
	"sidetrace/emulator/win/ciphers"
	"sidetrace/emulator/win/dpapi"
)

const secretNote = "for the user or the machine; the blob is DPAPI's own, without the message around it"

var secretRows = win.Rows{
	win.Func1("NCryptCloseProtectionDescriptor", ncryptCloseProtectionDescriptor, "hDescriptor"),
	win.Partial(win.Func3("NCryptCreateProtectionDescriptor", ncryptCreateProtectionDescriptor, "pwszDescriptorString dwFlags phDescriptor"), "LOCAL=user and LOCAL=machine"),
	win.Partial(win.Func8("NCryptProtectSecret", ncryptProtectSecret, "hDescriptor dwFlags pbData cbData pMemPara hWnd ppbProtectedBlob pcbProtectedBlob"), secretNote),
	win.Partial(win.Func8("NCryptUnprotectSecret", ncryptUnprotectSecret, "phDescriptor dwFlags pbProtectedBlob cbProtectedBlob pMemPara hWnd ppbData pcbData"), secretNote),
}

// descriptor says whom a secret is protected for.
type descriptor struct{ machine bool }

func (*descriptor) Type() string { return "NCryptDescriptor" }

func (d descriptor) scope(c *win.Call) dpapi.Scope {
	if d.machine {
		return dpapi.Scope{Seed: c.Config.Seed, Owner: c.Config.Computer, Machine: true}
	}
	return dpapi.Scope{Seed: c.Config.Seed, Owner: c.Config.Computer + `\` + c.Config.User}
}

// ncryptCreateProtectionDescriptor reads a rule. Those about groups of a
// domain, web credentials and certificates are gaps.
//
// https://learn.microsoft.com/windows/win32/api/ncryptprotect/nf-ncryptprotect-ncryptcreateprotectiondescriptor
func ncryptCreateProtectionDescriptor(c *win.Call, pwszDescriptorString win.WStr, dwFlags win.Hex, phDescriptor win.Out[uint64]) (win.Status, win.Error) {
	if pwszDescriptorString.Null() || phDescriptor.Null() {
		return nteBadParameter, 0
	}
	switch rule := strings.ToLower(strings.ReplaceAll(pwszDescriptorString.Text, " ", "")); rule {
	case "local=user", "local=logon":
		return nte(open(c, &descriptor{}, phDescriptor)), 0
	case "local=machine":
		return nte(open(c, &descriptor{machine: true}, phDescriptor)), 0
	}
	c.Gap("this rule")
	return nteNotSupported, 0
}

// https://learn.microsoft.com/windows/win32/api/ncryptprotect/nf-ncryptprotect-ncryptcloseprotectiondescriptor
func ncryptCloseProtectionDescriptor(c *win.Call, hDescriptor win.Handle) (win.Status, win.Error) {
	if _, ok := lookup[*descriptor](c, hDescriptor); !ok {
		return nteInvalidHandle, 0
	}
	handles(c).Close(hDescriptor.Guest())
	return 0, 0
}

// ncryptProtectSecret encrypts data for whom the descriptor names. The caller
// frees the result with LocalFree.
//
// https://learn.microsoft.com/windows/win32/api/ncryptprotect/nf-ncryptprotect-ncryptprotectsecret
func ncryptProtectSecret(c *win.Call, hDescriptor win.Handle, dwFlags win.Hex, pbData win.Ptr, cbData win.DWORD, pMemPara win.Ptr, hWnd win.Handle, ppbProtectedBlob win.Out[uint64], pcbProtectedBlob win.Out[uint32]) (win.Status, win.Error) {
	d, ok := lookup[*descriptor](c, hDescriptor)
	switch {
	case !ok:
		return nteInvalidHandle, 0
	case pbData == 0 || cbData == 0 || cbData > maxSecret || ppbProtectedBlob.Null() || pcbProtectedBlob.Null():
		return nteBadParameter, 0
	}
	data := c.Bytes(pbData, uint64(cbData))
	if c.Faulted() {
		return 0, 0
	}
	return local(c, d.scope(c).Protect(data, nil, "", c.Random.Fill), ppbProtectedBlob, pcbProtectedBlob), 0
}

const maxSecret = 64 << 20

// local hands data out in a block of its own.
func local(c *win.Call, data []byte, out win.Out[uint64], size win.Out[uint32]) win.Status {
	at := c.Heap.Alloc(uint64(max(len(data), 1)))
	if at == 0 {
		return nteNoMemory
	}
	c.Write(win.Ptr(at), data)
	out.Set(c, at)
	size.Set(c, uint32(len(data)))
	return 0
}

// ncryptUnprotectSecret opens what NCryptProtectSecret of the same machine
// made.
//
// https://learn.microsoft.com/windows/win32/api/ncryptprotect/nf-ncryptprotect-ncryptunprotectsecret
func ncryptUnprotectSecret(c *win.Call, phDescriptor win.Out[uint64], dwFlags win.Hex, pbProtectedBlob win.Ptr, cbProtectedBlob win.DWORD, pMemPara win.Ptr, hWnd win.Handle, ppbData win.Out[uint64], pcbData win.Out[uint32]) (win.Status, win.Error) {
	const badData win.Status = 0x80090005
	if pbProtectedBlob == 0 || cbProtectedBlob == 0 || cbProtectedBlob > maxSecret || ppbData.Null() || pcbData.Null() {
		return nteBadParameter, 0
	}
	blob := bytes.Clone(c.Bytes(pbProtectedBlob, uint64(cbProtectedBlob)))
	if c.Faulted() {
		return 0, 0
	}
	plain, opened, err := dpapi.Unprotect(descriptor{}.scope(c), descriptor{machine: true}.scope(c), blob, nil)
	if errors.Is(err, dpapi.ErrForeign) {
		c.Gap("a blob of another machine or user")
	}
	if err != nil {
		return badData, 0
	}
	if !phDescriptor.Null() {
		if status := open(c, &descriptor{opened.Machine}, phDescriptor); status != 0 {
			return nte(status), 0
		}
	}
	status := local(c, plain, ppbData, pcbData)
	if status == 0 && !c.Faulted() {
		d := ciphers.Decryption{
			API: c.Name(), Algorithm: "AES", Mode: ciphers.CBC, Key: opened.Secret, IV: opened.Salt[:16], Input: opened.Ciphertext, Plain: plain, Verified: true,
		}
		d.Record(c)
	}
	return status, 0
}
