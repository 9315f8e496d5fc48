package bcrypt

import (
	"bytes"
	"encoding/binary"
	"strings"

	"sidetrace/emulator/trace"
	"sidetrace/emulator/win"
	"sidetrace/emulator/win/publickey"
)

var pairRows = win.Rows{
	win.Func2("BCryptFinalizeKeyPair", finalizeKeyPair, "hKey dwFlags"),
	win.Func4("BCryptGenerateKeyPair", generateKeyPair, "hAlgorithm phKey dwLength dwFlags"),
	win.Partial(win.Func7("BCryptImportKeyPair", importKeyPair, "hAlgorithm hImportKey pszBlobType phKey pbInput cbInput dwFlags"),
		"blobs of RSA and of elliptic curves"),
}

// pair is a key of a public-key algorithm.
type pair struct {
	algorithm *algorithm
	bits      int
	rsa       *publickey.RSA // nil until the key is complete
	ec        *publickey.EC
}

func (*pair) Type() string { return "BCryptKey" }

// public is what kind of public-key algorithm an identifier stands for.
type public struct {
	rsa   bool
	curve int // bits
	signs bool
	other bool // encrypts, or agrees
}

func (a *algorithm) asymmetric() bool { return a.public != public{} }

// generateKeyPair begins a key, which finalizeKeyPair makes.
//
// https://learn.microsoft.com/windows/win32/api/bcrypt/nf-bcrypt-bcryptgeneratekeypair
func generateKeyPair(c *win.Call, hAlgorithm win.Handle, phKey win.Out[uint64], dwLength win.DWORD, dwFlags win.Hex) (win.Status, win.Error) {
	p, ok := algorithmOf(c, hAlgorithm)
	switch {
	case !ok:
		return win.StatusInvalidHandle, 0
	case !p.asymmetric():
		return win.StatusNotSupported, 0
	case phKey.Null():
		return win.StatusInvalidParameter, 0
	}
	bits := int(dwLength)
	if p.public.rsa && (bits < 512 || bits > 4096 || bits%64 != 0) || p.public.curve != 0 && bits != 0 && bits != p.public.curve {
		return win.StatusInvalidParameter, 0
	}
	return open(c, &pair{algorithm: p.algorithm, bits: bits}, phKey), 0
}

// finalizeKeyPair makes a key of the machine's seeded random numbers.
//
// https://learn.microsoft.com/windows/win32/api/bcrypt/nf-bcrypt-bcryptfinalizekeypair
func finalizeKeyPair(c *win.Call, hKey win.Handle, dwFlags win.Hex) (win.Status, win.Error) {
	k, ok := lookup[*pair](c, hKey)
	switch {
	case !ok:
		return win.StatusInvalidHandle, 0
	case k.complete():
		return win.StatusInvalidHandle, 0
	case k.algorithm.public.rsa:
		k.rsa = publickey.GenerateRSA(k.bits, c.Random.Fill)
	default:
		k.ec = publickey.GenerateEC(publickey.FindCurve(k.algorithm.public.curve), c.Random.Fill)
	}
	return win.StatusSuccess, 0
}

func (k *pair) complete() bool { return k.rsa != nil || k.ec != nil }

// Types of blobs.
const (
	blobRSAPublic   = "RSAPUBLICBLOB"
	blobRSAPrivate  = "RSAPRIVATEBLOB"
	blobRSAFull     = "RSAFULLPRIVATEBLOB"
	blobCAPIPublic  = "CAPIPUBLICBLOB"
	blobCAPIPrivate = "CAPIPRIVATEBLOB"
	blobECPublic    = "ECCPUBLICBLOB"
	blobECPrivate   = "ECCPRIVATEBLOB"
	blobPublic      = "PUBLICBLOB"
	blobPrivate     = "PRIVATEBLOB"
)

// capiHeader is the size of a BLOBHEADER.
const capiHeader = 8

// importKeyPair makes a key of a blob.
//
// https://learn.microsoft.com/windows/win32/api/bcrypt/nf-bcrypt-bcryptimportkeypair
func importKeyPair(c *win.Call, hAlgorithm, hImportKey win.Handle, pszBlobType win.WStr, phKey win.Out[uint64], pbInput win.Ptr, cbInput win.DWORD, dwFlags win.Hex) (win.Status, win.Error) {
	p, ok := algorithmOf(c, hAlgorithm)
	switch {
	case !ok:
		return win.StatusInvalidHandle, 0
	case pszBlobType.Null() || phKey.Null() || pbInput == 0:
		return win.StatusInvalidParameter, 0
	case !p.asymmetric():
		return win.StatusNotSupported, 0
	}
	if cbInput > maxBlob {
		return win.StatusInvalidParameter, 0
	}
	blob := bytes.Clone(c.Bytes(pbInput, uint64(cbInput)))
	if c.Faulted() {
		return win.StatusInvalidParameter, 0
	}
	k, status := parseBlob(c, p.algorithm, pszBlobType.Text, blob)
	if status != 0 {
		return status, 0
	}
	return open(c, k, phKey), 0
}

// maxBlob is more than any key takes.
const maxBlob = 1 << 14

// parseBlob makes a key of a blob.
func parseBlob(c *win.Call, a *algorithm, kind string, blob []byte) (*pair, win.Status) {
	k := &pair{algorithm: a}
	var err error
	switch {
	case a.public.rsa && (kind == blobRSAPublic || kind == blobRSAPrivate || kind == blobRSAFull || kind == blobPublic || kind == blobPrivate):
		k.rsa, err = publickey.ParseCNG(blob)
	case a.public.rsa && (kind == blobCAPIPublic || kind == blobCAPIPrivate) && len(blob) > capiHeader:
		k.rsa, err = publickey.ParseCAPI(blob[capiHeader:])
	case a.public.curve != 0 && (kind == blobECPublic || kind == blobECPrivate || kind == blobPublic || kind == blobPrivate):
		k.ec, err = publickey.ParseEC(blob, publickey.FindCurve(a.public.curve), a.public.signs)
	default:
		c.Gap("blob type " + trace.Quote(kind))
		return nil, win.StatusNotSupported
	}
	if err != nil {
		return nil, win.StatusInvalidParameter
	}
	if k.rsa != nil {
		k.bits = k.rsa.N.BitLen()
	}
	return k, 0
}

// export gives a key as a blob; nil if it is none of that type.
func (k *pair) export(kind string) []byte {
	private := strings.Contains(kind, "PRIVATE")
	switch kind {
	case blobPublic, blobPrivate:
	case blobRSAPublic, blobRSAPrivate, blobRSAFull, blobCAPIPublic, blobCAPIPrivate:
		if k.rsa == nil {
			return nil
		}
	case blobECPublic, blobECPrivate:
		if k.ec == nil {
			return nil
		}
	default:
		return nil
	}
	switch {
	case k.ec != nil:
		if private && !k.ec.Private() {
			return nil
		}
		return k.ec.Blob(k.algorithm.public.signs, private)
	case k.rsa == nil || private && !k.rsa.Private():
		return nil
	case kind == blobCAPIPublic || kind == blobCAPIPrivate:
		const publicKind, privateKind, version, keyExchange = 6, 7, 2, 0xA400
		head := []byte{publicKind, version, 0, 0}
		if private {
			head[0] = privateKind
		}
		return append(binary.LittleEndian.AppendUint32(head, keyExchange), k.rsa.CAPI(private)...)
	}
	return k.rsa.CNG(private, kind == blobRSAFull)
}

// property is a property of the key, nil for one it does not have.
func (k *pair) property(name string) []byte {
	switch name {
	case "AlgorithmName":
		return (&provider{algorithm: k.algorithm}).property(name)
	case "KeyLength", "KeyStrength":
		if k.algorithm.public.curve != 0 {
			return dwords(uint32(k.algorithm.public.curve))
		}
		return dwords(uint32(k.bits))
	case "BlockLength", "SignatureLength":
		if k.algorithm.public.rsa {
			return dwords(uint32((k.bits + 7) / 8))
		}
		if name == "SignatureLength" {
			return dwords(uint32(2 * publickey.FindCurve(k.algorithm.public.curve).Size))
		}
	}
	return nil
}
