package bcrypt

import (
	"bytes"
	"slices"
	"strings"

	"sidetrace/emulator/trace"
	"sidetrace/emulator/win"
	"sidetrace/emulator/win/publickey"
)

var storedKeyRows = win.Rows{
	win.Partial(win.Func6("NCryptCreatePersistedKey", ncryptCreatePersistedKey, "hProvider phKey pszAlgId pszKeyName dwLegacyKeySpec dwFlags"), "keys of RSA and elliptic curves; they last as long as the run"),
	win.Func2("NCryptDeleteKey", ncryptDeleteKey, "hKey dwFlags"),
	win.Partial(win.Func8("NCryptExportKey", ncryptExportKey, "hKey hExportKey pszBlobType pParameterList pbOutput cbOutput pcbResult dwFlags"), "blobs of RSA and elliptic curves, not encrypted"),
	win.Func2("NCryptFinalizeKey", ncryptFinalizeKey, "hKey dwFlags"),
	win.Partial(win.Func8("NCryptImportKey", ncryptImportKey, "hProvider hImportKey pszBlobType pParameterList phKey pbData cbData dwFlags"), "blobs of RSA and elliptic curves, not encrypted"),
	win.Func5("NCryptOpenKey", ncryptOpenKey, "hProvider phKey pszKeyName dwLegacyKeySpec dwFlags"),
}

// Flags of ncrypt.h.
const (
	machineKey   = 0x20 // NCRYPT_MACHINE_KEY_FLAG
	silent       = 0x40
	overwriteKey = 0x80
	doNotFinish  = 0x400

	exportable      = 0x01 // NCRYPT_ALLOW_EXPORT_FLAG
	plainExportable = 0x02
	allUsages       = 0x00FFFFFF
)

// storedKey is a key, kept in the vault if it has a name.
type storedKey struct {
	pair
	name     string
	machine  bool
	policy   uint32
	usage    uint32
	finished bool
	others   map[string][]byte // properties that mean nothing here
}

// storedHandle is what a handle stands for: keys can be opened more than once.
type storedHandle struct{ *storedKey }

func (*storedHandle) Type() string { return "NCryptKey" }

// ncryptCreatePersistedKey begins a key, which ncryptFinalizeKey makes. Without
// a name it is gone with its handle.
//
// https://learn.microsoft.com/windows/win32/api/ncrypt/nf-ncrypt-ncryptcreatepersistedkey
func ncryptCreatePersistedKey(c *win.Call, hProvider win.Handle, phKey win.Out[uint64], pszAlgId, pszKeyName win.WStr, dwLegacyKeySpec win.DWORD, dwFlags win.Hex) (win.Status, win.Error) {
	_, ok := lookup[*storage](c, hProvider)
	switch {
	case !ok:
		return nteInvalidHandle, 0
	case phKey.Null() || pszAlgId.Null():
		return nteBadParameter, 0
	}
	a, status := storable(c, pszAlgId.Text)
	if status != 0 {
		return status, 0
	}
	machine := dwFlags&machineKey != 0
	if !pszKeyName.Null() && dwFlags&overwriteKey == 0 && vaultOf(c).find(pszKeyName.Text, machine) != nil {
		return nteExists, 0
	}
	const usual = 2048 // bits of RSA
	k := &storedKey{pair: pair{algorithm: a, bits: usual}, name: strings.Clone(pszKeyName.Text), machine: machine, usage: allUsages, others: map[string][]byte{}}
	return nte(open(c, &storedHandle{k}, phKey)), 0
}

// ncryptFinalizeKey makes the key, and keeps it under its name.
//
// https://learn.microsoft.com/windows/win32/api/ncrypt/nf-ncrypt-ncryptfinalizekey
func ncryptFinalizeKey(c *win.Call, hKey win.Handle, dwFlags win.Hex) (win.Status, win.Error) {
	h, ok := lookup[*storedHandle](c, hKey)
	switch {
	case !ok:
		return nteInvalidHandle, 0
	case h.finished:
		return nteBadKeyState, 0
	}
	k := h.storedKey
	if !k.complete() {
		if k.algorithm.public.rsa {
			k.rsa = publickey.GenerateRSA(k.bits, c.Random.Fill)
		} else {
			k.ec = publickey.GenerateEC(publickey.FindCurve(k.algorithm.public.curve), c.Random.Fill)
		}
	}
	return k.keep(c), 0
}

// keep finishes a key and puts it into the vault, in the place of one with its
// name.
func (k *storedKey) keep(c *win.Call) win.Status {
	const most = 4096
	k.finished = true
	if k.name == "" {
		return 0
	}
	v := vaultOf(c)
	v.remove(k.name, k.machine)
	if len(v.keys) >= most {
		return nteNoMemory
	}
	v.keys = append(v.keys, k)
	return 0
}

func (v *vault) remove(name string, machine bool) {
	v.keys = slices.DeleteFunc(v.keys, func(k *storedKey) bool { return k.name == name && k.machine == machine })
}

// ncryptOpenKey opens a key by its name.
//
// https://learn.microsoft.com/windows/win32/api/ncrypt/nf-ncrypt-ncryptopenkey
func ncryptOpenKey(c *win.Call, hProvider win.Handle, phKey win.Out[uint64], pszKeyName win.WStr, dwLegacyKeySpec win.DWORD, dwFlags win.Hex) (win.Status, win.Error) {
	if _, ok := lookup[*storage](c, hProvider); !ok {
		return nteInvalidHandle, 0
	}
	if phKey.Null() || pszKeyName.Null() {
		return nteBadParameter, 0
	}
	k := vaultOf(c).find(pszKeyName.Text, dwFlags&machineKey != 0)
	if k == nil {
		return nteBadKeyset, 0
	}
	return nte(open(c, &storedHandle{k}, phKey)), 0
}

// ncryptDeleteKey deletes a key and closes the handle.
//
// https://learn.microsoft.com/windows/win32/api/ncrypt/nf-ncrypt-ncryptdeletekey
func ncryptDeleteKey(c *win.Call, hKey win.Handle, dwFlags win.Hex) (win.Status, win.Error) {
	h, ok := lookup[*storedHandle](c, hKey)
	switch {
	case !ok:
		return nteInvalidHandle, 0
	case dwFlags&^silent != 0:
		return nteBadFlags, 0
	}
	if h.name != "" {
		vaultOf(c).remove(h.name, h.machine)
	}
	handles(c).Close(hKey.Guest())
	return 0, 0
}

// ncryptImportKey makes a key of a blob. A public key has no name and is never
// kept.
//
// https://learn.microsoft.com/windows/win32/api/ncrypt/nf-ncrypt-ncryptimportkey
func ncryptImportKey(c *win.Call, hProvider, hImportKey win.Handle, pszBlobType win.WStr, pParameterList win.Ptr, phKey win.Out[uint64], pbData win.Ptr, cbData win.DWORD, dwFlags win.Hex) (win.Status, win.Error) {
	_, ok := lookup[*storage](c, hProvider)
	switch {
	case !ok:
		return nteInvalidHandle, 0
	case pszBlobType.Null() || phKey.Null() || pbData == 0 || cbData > maxBlob:
		return nteBadParameter, 0
	}
	if hImportKey != 0 {
		c.Gap("an encrypted key")
		return nteNotSupported, 0
	}
	blob := bytes.Clone(c.Bytes(pbData, uint64(cbData)))
	name := parameterName(c, pParameterList)
	if c.Faulted() {
		return 0, 0
	}
	a := algorithmOfBlob(pszBlobType.Text, blob)
	if a == nil {
		c.Gap("blob type " + trace.Quote(pszBlobType.Text))
		return nteNotSupported, 0
	}
	p, status := parseBlob(c, a, pszBlobType.Text, blob)
	if status != 0 {
		return nte(status), 0
	}
	k := &storedKey{pair: *p, machine: dwFlags&machineKey != 0, usage: allUsages, others: map[string][]byte{}}
	if k.private() {
		k.name = name
	}
	if k.name != "" && dwFlags&overwriteKey == 0 && vaultOf(c).find(k.name, k.machine) != nil {
		return nteExists, 0
	}
	if dwFlags&doNotFinish == 0 {
		if status := k.keep(c); status != 0 {
			return status, 0
		}
	}
	return nte(open(c, &storedHandle{k}, phKey)), 0
}

// parameterName finds a key's name in a list of parameters.
func parameterName(c *win.Call, list win.Ptr) string {
	const kindName, most = 45, 64 // NCRYPTBUFFER_PKCS_KEY_NAME
	if list == 0 {
		return ""
	}
	count, buffers := c.ReadUint(list+4, 4), win.Ptr(c.ReadUint(list+8, 8))
	for i := range win.Ptr(min(count, most)) {
		at := buffers + 16*i
		if c.ReadUint(at+4, 4) == kindName && !c.Faulted() {
			return c.WString(win.Ptr(c.ReadUint(at+8, 8)))
		}
	}
	return ""
}

// algorithmOfBlob says what a blob is a key of: RSA by its type, an elliptic
// curve by its magic number.
func algorithmOfBlob(kind string, blob []byte) *algorithm {
	if strings.HasPrefix(kind, "RSA") || strings.HasPrefix(kind, "CAPI") {
		return find("RSA")
	}
	if len(blob) < 4 {
		return nil
	}
	magic := string(blob[:4])
	if strings.HasPrefix(magic, "RSA") {
		return find("RSA")
	}
	// ECK1, ECK3 and ECK5 agree, ECS1, ECS3 and ECS5 sign; the even ones are private.
	if !strings.HasPrefix(magic, "EC") || magic[3] < '1' || magic[3] > '6' {
		return nil
	}
	curve := []string{"P256", "P384", "P521"}[(magic[3]-'1')/2]
	switch magic[2] {
	case 'K':
		return find("ECDH_" + curve)
	case 'S':
		return find("ECDSA_" + curve)
	}
	return nil
}

func (k *pair) private() bool {
	return k.rsa != nil && k.rsa.Private() || k.ec != nil && k.ec.Private()
}

// ncryptExportKey gives a key as a blob; a private one only if its policy
// allows that.
//
// https://learn.microsoft.com/windows/win32/api/ncrypt/nf-ncrypt-ncryptexportkey
func ncryptExportKey(c *win.Call, hKey, hExportKey win.Handle, pszBlobType win.WStr, pParameterList, pbOutput win.Ptr, cbOutput win.DWORD, pcbResult win.Out[uint32], dwFlags win.Hex) (win.Status, win.Error) {
	h, ok := lookup[*storedHandle](c, hKey)
	switch {
	case !ok:
		return nteInvalidHandle, 0
	case pszBlobType.Null() || pcbResult.Null():
		return nteBadParameter, 0
	case !h.finished:
		return nteBadKeyState, 0
	case strings.Contains(pszBlobType.Text, "PRIVATE") && h.policy&plainExportable == 0:
		return nteNotSupported, 0
	}
	if hExportKey != 0 {
		c.Gap("an encrypted key")
		return nteNotSupported, 0
	}
	blob := h.export(pszBlobType.Text)
	if blob == nil {
		return nteNotSupported, 0
	}
	return answer(c, blob, pbOutput, cbOutput, pcbResult), 0
}

// answer stores a result of variable size, or tells its size.
func answer(c *win.Call, data []byte, to win.Ptr, space win.DWORD, result win.Out[uint32]) win.Status {
	result.Set(c, uint32(len(data)))
	switch {
	case to == 0:
		return 0
	case int64(space) < int64(len(data)):
		return nteBufferTooSmall
	}
	c.Write(to, data)
	return 0
}
