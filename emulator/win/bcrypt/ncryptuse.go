package bcrypt

import (
	"bytes"

	"sidetrace/emulator/win"
)

var storedUseRows = win.Rows{
	win.Func8("NCryptDecrypt", ncryptDecrypt, "hKey pbInput cbInput pPaddingInfo pbOutput cbOutput pcbResult dwFlags"),
	win.Func8("NCryptEncrypt", ncryptEncrypt, "hKey pbInput cbInput pPaddingInfo pbOutput cbOutput pcbResult dwFlags"),
	win.Func8("NCryptSignHash", ncryptSignHash, "hKey pPaddingInfo pbHashValue cbHashValue pbSignature cbSignature pcbResult dwFlags"),
	win.Func7("NCryptVerifySignature", ncryptVerifySignature, "hKey pPaddingInfo pbHashValue cbHashValue pbSignature cbSignature dwFlags"),
}

// usable finds a key that is made.
func usable(c *win.Call, h win.Handle) (*pair, win.Status) {
	k, ok := lookup[*storedHandle](c, h)
	switch {
	case !ok:
		return nil, nteInvalidHandle
	case !k.finished:
		return nil, nteBadKeyState
	}
	return &k.pair, 0
}

// ncryptEncrypt encrypts with the public key.
//
// https://learn.microsoft.com/windows/win32/api/ncrypt/nf-ncrypt-ncryptencrypt
func ncryptEncrypt(c *win.Call, hKey win.Handle, pbInput win.Ptr, cbInput win.DWORD, pPaddingInfo, pbOutput win.Ptr, cbOutput win.DWORD, pcbResult win.Out[uint32], dwFlags win.Hex) (win.Status, win.Error) {
	return storedCrypt(c, hKey, pbInput, cbInput, pPaddingInfo, pbOutput, cbOutput, pcbResult, dwFlags, false), 0
}

// ncryptDecrypt decrypts with the private key.
//
// https://learn.microsoft.com/windows/win32/api/ncrypt/nf-ncrypt-ncryptdecrypt
func ncryptDecrypt(c *win.Call, hKey win.Handle, pbInput win.Ptr, cbInput win.DWORD, pPaddingInfo, pbOutput win.Ptr, cbOutput win.DWORD, pcbResult win.Out[uint32], dwFlags win.Hex) (win.Status, win.Error) {
	return storedCrypt(c, hKey, pbInput, cbInput, pPaddingInfo, pbOutput, cbOutput, pcbResult, dwFlags, true), 0
}

func storedCrypt(c *win.Call, hKey win.Handle, pbInput win.Ptr, cbInput win.DWORD, pPaddingInfo, pbOutput win.Ptr, cbOutput win.DWORD, pcbResult win.Out[uint32], dwFlags win.Hex, decrypt bool) win.Status {
	k, status := usable(c, hKey)
	switch {
	case status != 0:
		return status
	case pcbResult.Null() || pbInput == 0 && cbInput != 0 || cbInput > maxBlob:
		return nteBadParameter
	}
	r := &request{c: c, decrypt: decrypt, hasInput: pbInput != 0, info: pPaddingInfo, output: pbOutput, space: uint32(cbOutput), result: pcbResult}
	r.input = bytes.Clone(c.Bytes(pbInput, uint64(cbInput)))
	if c.Faulted() {
		return 0
	}
	return nte(r.asymmetric(k, dwFlags&^silent))
}

// ncryptSignHash signs a digest.
//
// https://learn.microsoft.com/windows/win32/api/ncrypt/nf-ncrypt-ncryptsignhash
func ncryptSignHash(c *win.Call, hKey win.Handle, pPaddingInfo, pbHashValue win.Ptr, cbHashValue win.DWORD, pbSignature win.Ptr, cbSignature win.DWORD, pcbResult win.Out[uint32], dwFlags win.Hex) (win.Status, win.Error) {
	k, status := usable(c, hKey)
	if status != 0 {
		return status, 0
	}
	return nte(k.signHash(c, pPaddingInfo, pbHashValue, cbHashValue, pbSignature, cbSignature, pcbResult, dwFlags&^silent)), 0
}

// ncryptVerifySignature checks the signature of a digest.
//
// https://learn.microsoft.com/windows/win32/api/ncrypt/nf-ncrypt-ncryptverifysignature
func ncryptVerifySignature(c *win.Call, hKey win.Handle, pPaddingInfo, pbHashValue win.Ptr, cbHashValue win.DWORD, pbSignature win.Ptr, cbSignature win.DWORD, dwFlags win.Hex) (win.Status, win.Error) {
	k, status := usable(c, hKey)
	if status != 0 {
		return status, 0
	}
	return nte(k.verify(c, pPaddingInfo, pbHashValue, cbHashValue, pbSignature, cbSignature, dwFlags&^silent)), 0
}
