// Package wintrust has the handlers of wintrust.dll: whether a file is signed,
// unchanged, and signed by somebody the machine trusts. No catalogues are
// modelled.
package wintrust

import (
	"crypto"
	_ "crypto/sha1" // that of catalogues
	"errors"

	"sidetrace/emulator/guest"
	"sidetrace/emulator/win"
	"sidetrace/emulator/win/authenticode"
)

// Table returns wintrust.dll.
func Table() win.Table { return win.DLL("wintrust.dll", verifyRows, catalogueRows) }

var verifyRows = win.Rows{
	win.Partial(win.Func3("WinVerifyTrust", winVerifyTrust, "hwnd pgActionID pWVTData"),
		"files; a root that is not in the file is known by its name, nothing is asked for revocations"),
	win.Partial(win.Func3("WinVerifyTrustEx", winVerifyTrust, "hwnd pgActionID pWVTData"),
		"files; a root that is not in the file is known by its name, nothing is asked for revocations"),
}

var genericVerify = win.IID("00AAC56B-CD44-11D0-8CC2-00C04FC295EE") // WINTRUST_ACTION_GENERIC_VERIFY_V2

// WINTRUST_DATA and WINTRUST_FILE_INFO as 64-bit code lays them out.
const (
	dataChoice = 32
	dataFile   = 40
	dataAction = 48
	dataState  = 56
	filePath   = 8
	fileHandle = 16

	choiceFile  = 1
	actionClose = 2

	providerUnknown win.Status = 0x800B0001
	fileError       win.Status = 0x80092003
)

// winVerifyTrust judges a file.
//
// https://learn.microsoft.com/windows/win32/api/wintrust/nf-wintrust-winverifytrust
func winVerifyTrust(c *win.Call, hwnd win.Handle, pgActionID, pWVTData win.Ptr) (win.Status, win.Error) {
	verdict := verify(c, pgActionID, pWVTData)
	c.SetLastError(win.Error(verdict))
	return verdict, 0
}

func verify(c *win.Call, action, data win.Ptr) win.Status {
	if action == 0 || data == 0 {
		return win.ResultInvalidArg
	}
	if c.ReadGUID(action) != genericVerify {
		if !c.Faulted() {
			c.Gap("action " + c.ReadGUID(action).String())
		}
		return providerUnknown
	}
	if c.ReadUint(data+dataAction, 4) == actionClose {
		c.WriteUint(data+dataState, 8, 0)
		return 0
	}
	if c.ReadUint(data+dataChoice, 4) != choiceFile {
		if !c.Faulted() {
			c.Gap("something else than a file")
		}
		return win.Status(authenticode.FormUnknown)
	}
	file := win.Ptr(c.ReadUint(data+dataFile, 8))
	handle := guest.Handle(c.ReadUint(file+fileHandle, 8))
	path := win.Ptr(c.ReadUint(file+filePath, 8))
	if c.Faulted() {
		return 0
	}
	node := (*guest.Node)(nil)
	if open, ok := guest.Lookup[*guest.File](c.Handles, handle); ok {
		node = open.Node
	} else if path != 0 {
		node = c.Files.Get(guest.FullPath(c.WString(path), c.CurrentDirectory))
	}
	if node == nil || node.Directory {
		return fileError
	}
	_, verdict := authenticode.Judge(node.Data(), c.Clock.Now(), func(root *authenticode.Certificate) bool { return trusts(c, root) })
	return win.Status(verdict)
}

// rootKey is where the machine and the user keep the authorities they trust.
const rootKey = `SOFTWARE\Microsoft\SystemCertificates\ROOT\Certificates\`

// trusts reports whether the machine trusts an authority: one every Windows
// trusts, or one whose certificate the scenario has put into the registry.
func trusts(c *win.Call, root *authenticode.Certificate) bool {
	key := rootKey + root.Thumbprint()
	return authenticode.Known(root) || c.Registry.Root("HKLM").Open(key) != nil || c.Registry.Root("HKCU").Open(key) != nil
}

var catalogueRows = win.Rows{
	win.Func3("CryptCATAdminAcquireContext", acquireContext, "phCatAdmin pgSubsystem dwFlags"),
	win.Partial(win.Func4("CryptCATAdminCalcHashFromFileHandle", calcHash, "hFile pcbHash pbHash dwFlags"), "of PE files"),
	win.Partial(win.Func5("CryptCATAdminEnumCatalogFromHash", enumCatalogue, "hCatAdmin pbHash cbHash dwFlags phPrevCatInfo"), "there are no catalogues"),
	win.Stub("CryptCATAdminReleaseCatalogContext", win.Bool(true), "hCatAdmin hCatInfo dwFlags"),
	win.Stub("CryptCATAdminReleaseContext", win.Bool(true), "hCatAdmin dwFlags"),
}

// acquireContext opens what catalogues are asked by.
//
// https://learn.microsoft.com/windows/win32/api/mscat/nf-mscat-cryptcatadminacquirecontext
func acquireContext(c *win.Call, phCatAdmin win.Out[uint64], pgSubsystem win.Ptr, dwFlags win.Hex) (win.Bool, win.Error) {
	const context = 0x0000_0196_7D20_0040
	if phCatAdmin.Null() {
		return false, win.ErrInvalidParameter
	}
	phCatAdmin.Set(c, context)
	return true, 0
}

// calcHash gives the digest of a file that a catalogue would have.
//
// https://learn.microsoft.com/windows/win32/api/mscat/nf-mscat-cryptcatadmincalchashfromfilehandle
func calcHash(c *win.Call, hFile win.Handle, pcbHash win.Out[uint32], pbHash win.Ptr, dwFlags win.Hex) (win.Bool, win.Error) {
	f, ok := guest.Lookup[*guest.File](c.Handles, hFile.Guest())
	if !ok || pcbHash.Null() {
		return false, win.ErrInvalidParameter
	}
	space := pcbHash.Get(c)
	pcbHash.Set(c, uint32(crypto.SHA1.Size()))
	if pbHash == 0 || int(space) < crypto.SHA1.Size() {
		return pbHash == 0, win.ErrInsufficientBuffer
	}
	digest, err := authenticode.Digest(f.Node.Data(), crypto.SHA1)
	if errors.Is(err, authenticode.ErrNoPE) {
		h := crypto.SHA1.New()
		h.Write(f.Node.Data())
		digest = h.Sum(nil)
	}
	c.Write(pbHash, digest)
	return true, 0
}

// enumCatalogue finds none.
//
// https://learn.microsoft.com/windows/win32/api/mscat/nf-mscat-cryptcatadminenumcatalogfromhash
func enumCatalogue(c *win.Call, hCatAdmin win.Handle, pbHash win.Ptr, cbHash win.DWORD, dwFlags win.Hex, phPrevCatInfo win.Out[uint64]) (win.Handle, win.Error) {
	const notFound win.Error = 1168
	return 0, notFound
}
