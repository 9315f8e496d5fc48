package bcrypt

import (
	"sidetrace/emulator/guest"
	"sidetrace/emulator/trace"
	"sidetrace/emulator/win"
)

// NCrypt returns ncrypt.dll, which keeps keys that bcrypt.dll only uses.
func NCrypt() win.Table {
	return win.DLL("ncrypt.dll", storageRows, storedKeyRows, storedPropertyRows, storedUseRows, secretRows)
}

var storageRows = win.Rows{
	win.Func5("NCryptEnumAlgorithms", ncryptEnumAlgorithms, "hProvider dwAlgOperations pdwAlgCount ppAlgList dwFlags"),
	win.Func5("NCryptEnumKeys", ncryptEnumKeys, "hProvider pszScope ppKeyName ppEnumState dwFlags"),
	win.Func3("NCryptEnumStorageProviders", ncryptEnumStorageProviders, "pdwProviderCount ppProviderList dwFlags"),
	win.Func1("NCryptFreeBuffer", ncryptFreeBuffer, "pvInput"),
	win.Func1("NCryptFreeObject", ncryptFreeObject, "hObject"),
	win.Func3("NCryptIsAlgSupported", ncryptIsAlgSupported, "hProvider pszAlgId dwFlags"),
	win.Func1("NCryptIsKeyHandle", ncryptIsKeyHandle, "hKey"),
	win.Partial(win.Func3("NCryptOpenStorageProvider", ncryptOpenStorageProvider, "phProvider pszProviderName dwFlags"), "the software provider"),
}

// Results of ncrypt.h and winerror.h.
const (
	nteBadSignature   win.Status = 0x80090006
	nteBadKeyState    win.Status = 0x8009000B
	nteNoMemory       win.Status = 0x8009000E
	nteExists         win.Status = 0x8009000F
	nteBadKeyset      win.Status = 0x80090016
	nteKeysetNotDef   win.Status = 0x80090019
	nteInvalidHandle  win.Status = 0x80090026
	nteBadParameter   win.Status = 0x80090027
	nteBufferTooSmall win.Status = 0x80090028
	nteNotSupported   win.Status = 0x80090029
	nteNoMoreItems    win.Status = 0x8009002A
	nteBadFlags       win.Status = 0x80090009
)

// nte says in ncrypt.dll's words what a function of bcrypt.dll does.
func nte(s win.Status) win.Status {
	switch s {
	case win.StatusInvalidParameter:
		return nteBadParameter
	case win.StatusInvalidHandle:
		return nteInvalidHandle
	case win.StatusBufferTooSmall:
		return nteBufferTooSmall
	case win.StatusNotSupported, win.StatusNotFound:
		return nteNotSupported
	case win.StatusNoMemory:
		return nteNoMemory
	case statusInvalidSignature:
		return nteBadSignature
	}
	return s
}

const softwareProvider = "Microsoft Software Key Storage Provider"

// storage is an open key storage provider.
type storage struct{}

func (*storage) Type() string { return "NCryptProvider" }

// vault is the keys that stay, in the order they were made.
type vault struct{ keys []*storedKey }

type vaultKey struct{}

func vaultOf(c *win.Call) *vault {
	v, ok := c.State[vaultKey{}].(*vault)
	if !ok {
		v = &vault{}
		c.State[vaultKey{}] = v
	}
	return v
}

// find looks a key up by its name; the user's and the machine's are apart.
func (v *vault) find(name string, machine bool) *storedKey {
	for _, k := range v.keys {
		if k.name == name && k.machine == machine {
			return k
		}
	}
	return nil
}

// ncryptOpenStorageProvider opens the provider that keeps keys in software,
// which is the one for no name.
//
// https://learn.microsoft.com/windows/win32/api/ncrypt/nf-ncrypt-ncryptopenstorageprovider
func ncryptOpenStorageProvider(c *win.Call, phProvider win.Out[uint64], pszProviderName win.WStr, dwFlags win.Hex) (win.Status, win.Error) {
	if phProvider.Null() {
		return nteBadParameter, 0
	}
	switch name := pszProviderName.Text; name {
	case "", softwareProvider:
	case "Microsoft Platform Crypto Provider", "Microsoft Smart Card Key Storage Provider", "Microsoft Passport Key Storage Provider":
		c.Gap("provider " + trace.Quote(name))
		return nteNotSupported, 0
	default:
		return nteKeysetNotDef, 0
	}
	return nte(open(c, &storage{}, phProvider)), 0
}

// https://learn.microsoft.com/windows/win32/api/ncrypt/nf-ncrypt-ncryptfreeobject
func ncryptFreeObject(c *win.Call, hObject win.Handle) (win.Status, win.Error) {
	switch handles(c).Get(hObject.Guest()).(type) {
	case *storage, *storedHandle, *descriptor:
		handles(c).Close(hObject.Guest())
		return 0, 0
	}
	return nteInvalidHandle, 0
}

// https://learn.microsoft.com/windows/win32/api/ncrypt/nf-ncrypt-ncryptfreebuffer
func ncryptFreeBuffer(c *win.Call, pvInput win.Ptr) (win.Status, win.Error) {
	if pvInput == 0 {
		return nteBadParameter, 0
	}
	c.Heap.Free(uint64(pvInput))
	return 0, 0
}

// https://learn.microsoft.com/windows/win32/api/ncrypt/nf-ncrypt-ncryptiskeyhandle
func ncryptIsKeyHandle(c *win.Call, hKey win.Handle) (win.Bool, win.Error) {
	_, ok := lookup[*storedHandle](c, hKey)
	return win.Bool(ok), 0
}

// https://learn.microsoft.com/windows/win32/api/ncrypt/nf-ncrypt-ncryptisalgsupported
func ncryptIsAlgSupported(c *win.Call, hProvider win.Handle, pszAlgId win.WStr, dwFlags win.Hex) (win.Status, win.Error) {
	if _, ok := lookup[*storage](c, hProvider); !ok {
		return nteInvalidHandle, 0
	}
	if pszAlgId.Null() {
		return nteBadParameter, 0
	}
	_, status := storable(c, pszAlgId.Text)
	return status, 0
}

// storable finds an algorithm that there are stored keys of.
func storable(c *win.Call, name string) (*algorithm, win.Status) {
	switch a := find(name); {
	case a != nil && a.asymmetric() && a.name != "RSA_SIGN":
		return a, 0
	case a != nil && (a.name == "AES" || a.name == "3DES"), isUnmodelled(name):
		c.Gap("stored keys of " + name)
	}
	return nil, nteNotSupported
}

// give stores the address of a block that NCryptFreeBuffer takes back.
func give(c *win.Call, out win.Out[uint64], size int, build func(*win.Block)) win.Status {
	sizing := win.NewBlock(0, size)
	build(sizing)
	at := c.Heap.Alloc(uint64(len(sizing.Data)))
	if at == 0 {
		return nteNoMemory
	}
	b := win.NewBlock(win.Ptr(at), size)
	build(b)
	c.Write(win.Ptr(at), b.Data)
	out.Set(c, at)
	return 0
}

// ncryptEnumAlgorithms lists the algorithms that there are stored keys of.
//
// https://learn.microsoft.com/windows/win32/api/ncrypt/nf-ncrypt-ncryptenumalgorithms
func ncryptEnumAlgorithms(c *win.Call, hProvider win.Handle, dwAlgOperations win.Hex, pdwAlgCount win.Out[uint32], ppAlgList win.Out[uint64], dwFlags win.Hex) (win.Status, win.Error) {
	const entry = 24 // NCryptAlgorithmName
	if _, ok := lookup[*storage](c, hProvider); !ok {
		return nteInvalidHandle, 0
	}
	if pdwAlgCount.Null() || ppAlgList.Null() {
		return nteBadParameter, 0
	}
	var list []*algorithm
	for i := range algorithms {
		a := &algorithms[i]
		if a.asymmetric() && a.name != "RSA_SIGN" && (dwAlgOperations == 0 || uint32(dwAlgOperations)&a.operations() != 0) {
			list = append(list, a)
		}
	}
	if len(list) == 0 {
		return nteNotSupported, 0
	}
	status := give(c, ppAlgList, entry*len(list), func(b *win.Block) {
		for i, a := range list {
			b.Put(entry*i, 8, b.Add(guest.UTF16(a.name)))
			b.Put(entry*i+8, 4, uint64(a.class()))
			b.Put(entry*i+12, 4, uint64(a.operations()))
		}
	})
	if status == 0 {
		pdwAlgCount.Set(c, uint32(len(list)))
	}
	return status, 0
}

// operations is all that a key of the algorithm does.
func (a *algorithm) operations() uint32 {
	n := a.operation()
	if a.public.rsa && a.public.signs {
		n |= signOperation
	}
	return n
}

// class is the interface of the algorithm: 3 encrypts, 4 agrees, 5 signs.
func (a *algorithm) class() int {
	switch a.operation() {
	case encryptOperation:
		return 3
	case agreeOperation:
		return 4
	}
	return 5
}

// ncryptEnumStorageProviders lists the one provider.
//
// https://learn.microsoft.com/windows/win32/api/ncrypt/nf-ncrypt-ncryptenumstorageproviders
func ncryptEnumStorageProviders(c *win.Call, pdwProviderCount win.Out[uint32], ppProviderList win.Out[uint64], dwFlags win.Hex) (win.Status, win.Error) {
	if pdwProviderCount.Null() || ppProviderList.Null() {
		return nteBadParameter, 0
	}
	status := give(c, ppProviderList, 16, func(b *win.Block) {
		b.Put(0, 8, b.Add(guest.UTF16(softwareProvider)))
	})
	if status == 0 {
		pdwProviderCount.Set(c, 1)
	}
	return status, 0
}

// ncryptEnumKeys gives one stored key after the other. The state is a block
// with the number of the next.
//
// https://learn.microsoft.com/windows/win32/api/ncrypt/nf-ncrypt-ncryptenumkeys
func ncryptEnumKeys(c *win.Call, hProvider win.Handle, pszScope win.WStr, ppKeyName, ppEnumState win.Out[uint64], dwFlags win.Hex) (win.Status, win.Error) {
	if _, ok := lookup[*storage](c, hProvider); !ok {
		return nteInvalidHandle, 0
	}
	if ppKeyName.Null() || ppEnumState.Null() {
		return nteBadParameter, 0
	}
	var list []*storedKey
	for _, k := range vaultOf(c).keys {
		if k.machine == (dwFlags&machineKey != 0) {
			list = append(list, k)
		}
	}
	state, next := win.Ptr(ppEnumState.Get(c)), uint64(0)
	if state != 0 {
		next = c.ReadUint(state, 8)
	}
	if next >= uint64(len(list)) {
		return nteNoMoreItems, 0
	}
	if state == 0 {
		if state = win.Ptr(c.Heap.Alloc(8)); state == 0 {
			return nteNoMemory, 0
		}
		ppEnumState.Set(c, uint64(state))
	}
	c.WriteUint(state, 8, next+1)
	k := list[next]
	return give(c, ppKeyName, 24, func(b *win.Block) { // NCryptKeyName
		b.Put(0, 8, b.Add(guest.UTF16(k.name)))
		b.Put(8, 8, b.Add(guest.UTF16(k.algorithm.name)))
	}), 0
}
