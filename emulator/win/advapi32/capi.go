package advapi32

import (
	"fmt"

	"sidetrace/emulator/guest"
	"sidetrace/emulator/win"
)

// The CryptoAPI of Windows 2000, which programs still use.

var providerRows = win.Rows{
	win.Partial(win.Func5("CryptAcquireContext{A,W}", cryptAcquireContext, "phProv szContainer szProvider dwProvType dwFlags"),
		"the base RSA and the AES provider; key containers are empty"),
	win.Func3("CryptGenRandom", cryptGenRandom, "hProv dwLen pbBuffer"),
	win.Func2("CryptReleaseContext", cryptReleaseContext, "hProv dwFlags"),
}

// Errors of wincrypt.h.
//
// https://learn.microsoft.com/windows/win32/com/com-error-codes-4
const (
	nteBadLength    win.Error = 0x80090004
	nteBadData      win.Error = 0x80090005
	nteBadAlgorithm win.Error = 0x80090008
	nteBadType      win.Error = 0x8009000A
	nteBadHashState win.Error = 0x8009000C
	nteExists       win.Error = 0x8009000F
	nteBadKeyset    win.Error = 0x80090016
	nteNoSuchType   win.Error = 0x80090017
)

// provider is an acquired context.
type provider struct {
	aes bool // PROV_RSA_AES, which has AES and SHA-2 besides what all have

	exchanging, signing *pair // its own, nil until they are made or imported
}

func (*provider) Type() string { return "CryptProvider" }

// cryptState is what the DLL keeps: its handles, which are pointers on Windows
// that the guest does not follow, and the key containers that were made.
type cryptState struct {
	table      *guest.Table
	containers map[string]bool
}

type cryptKey struct{}

func crypto(c *win.Call) *cryptState {
	const firstHandle, handleStep = 0x0000_0196_3B10_0000, 0x40
	s, ok := c.State[cryptKey{}].(*cryptState)
	if !ok {
		s = &cryptState{table: guest.NewTable(firstHandle, handleStep), containers: map[string]bool{}}
		c.State[cryptKey{}] = s
	}
	return s
}

// openCrypto gives an object a handle, unless there are too many.
func openCrypto(c *win.Call, o guest.Object, out win.Out[uint64]) (win.Bool, win.Error) {
	const most = 1 << 14
	t := crypto(c).table
	if t.Len() >= most {
		return false, win.ErrNotEnoughMemory
	}
	out.Set(c, uint64(t.Add(o)))
	return true, 0
}

// cryptObject finds what a handle stands for.
func cryptObject[T guest.Object](c *win.Call, h win.Handle) (T, win.Error) {
	o, ok := guest.Lookup[T](crypto(c).table, h.Guest())
	if !ok {
		return o, win.ErrInvalidParameter
	}
	return o, 0
}

// closeCrypto takes back the handle of a T.
func closeCrypto[T guest.Object](c *win.Call, h win.Handle) (win.Bool, win.Error) {
	if _, err := cryptObject[T](c, h); err != 0 {
		return false, err
	}
	crypto(c).table.Close(h.Guest())
	return true, 0
}

// cryptAcquireContext opens a provider. Which of its type is not told apart.
// Key containers hold nothing, but have to be made before they can be opened.
//
// https://learn.microsoft.com/windows/win32/api/wincrypt/nf-wincrypt-cryptacquirecontextw
func cryptAcquireContext(c *win.Call, phProv win.Out[uint64], szContainer, szProvider win.TStr, dwProvType win.DWORD, dwFlags win.Hex) (win.Bool, win.Error) {
	const (
		rsaFull, rsaSchannel, rsaAES = 1, 12, 24            // PROV_*
		verifyContext                = win.Hex(0xF000_0000) // CRYPT_VERIFYCONTEXT
		newKeyset, deleteKeyset      = 0x08, 0x10
	)
	if phProv.Null() {
		return false, win.ErrInvalidParameter
	}
	switch dwProvType {
	case rsaFull, rsaAES:
	case rsaSchannel, 3, 13, 18: // Schannel, DSS, DSS with Diffie-Hellman, its Schannel
		c.Gap(fmt.Sprintf("provider type %d", dwProvType))
		return false, nteNoSuchType
	default:
		return false, nteNoSuchType
	}
	if dwFlags&verifyContext != verifyContext {
		containers := crypto(c).containers
		name := szContainer.Text
		switch {
		case dwFlags&newKeyset != 0 && containers[name]:
			return false, nteExists
		case dwFlags&newKeyset != 0 && len(containers) < maxContainers:
			containers[name] = true
		case dwFlags&deleteKeyset != 0 && containers[name]:
			delete(containers, name)
			phProv.Set(c, 0)
			return true, 0
		case !containers[name]:
			return false, nteBadKeyset
		}
	}
	return openCrypto(c, &provider{aes: dwProvType == rsaAES}, phProv)
}

const maxContainers = 256

// cryptReleaseContext closes a provider. Its keys and hashes live on.
//
// https://learn.microsoft.com/windows/win32/api/wincrypt/nf-wincrypt-cryptreleasecontext
func cryptReleaseContext(c *win.Call, hProv win.Handle, dwFlags win.Hex) (win.Bool, win.Error) {
	return closeCrypto[*provider](c, hProv)
}

// cryptGenRandom fills a buffer from the machine's seeded generator.
//
// https://learn.microsoft.com/windows/win32/api/wincrypt/nf-wincrypt-cryptgenrandom
func cryptGenRandom(c *win.Call, hProv win.Handle, dwLen win.DWORD, pbBuffer win.Ptr) (win.Bool, win.Error) {
	if _, err := cryptObject[*provider](c, hProv); err != 0 {
		return false, err
	}
	c.Random.Fill(c.Buffer(pbBuffer, uint64(dwLen)))
	return true, 0
}

// parameter hands out a parameter by the rules of the CryptoAPI.
func parameter(c *win.Call, value []byte, pbData win.Ptr, pdwDataLen win.Out[uint32]) (win.Bool, win.Error) {
	if pdwDataLen.Null() {
		return false, win.ErrInvalidParameter
	}
	space := pdwDataLen.Get(c)
	pdwDataLen.Set(c, uint32(len(value)))
	switch {
	case pbData == 0:
		return true, 0
	case uint64(space) < uint64(len(value)):
		return false, win.ErrMoreData
	}
	c.Write(pbData, value)
	return true, 0
}
