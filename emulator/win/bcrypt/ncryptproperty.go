package bcrypt

import (
	"bytes"
	"encoding/binary"
	"strings"

	"sidetrace/emulator/guest"
	"sidetrace/emulator/win"
)

var storedPropertyRows = win.Rows{
	win.Partial(win.Func6("NCryptGetProperty", ncryptGetProperty, "hObject pszProperty pbOutput cbOutput pcbResult dwFlags"), "names, lengths, policies; no certificates, windows or descriptors"),
	win.Partial(win.Func5("NCryptSetProperty", ncryptSetProperty, "hObject pszProperty pbInput cbInput dwFlags"), "the length and the export policy have an effect"),
}

// ncryptGetProperty reads a property of a provider or a key.
//
// https://learn.microsoft.com/windows/win32/api/ncrypt/nf-ncrypt-ncryptgetproperty
func ncryptGetProperty(c *win.Call, hObject win.Handle, pszProperty win.WStr, pbOutput win.Ptr, cbOutput win.DWORD, pcbResult win.Out[uint32], dwFlags win.Hex) (win.Status, win.Error) {
	if pszProperty.Null() || pcbResult.Null() {
		return nteBadParameter, 0
	}
	var value []byte
	if _, ok := lookup[*storage](c, hObject); ok {
		value = storageProperty(pszProperty.Text)
	} else if h, ok := lookup[*storedHandle](c, hObject); ok {
		value = h.storedProperty(pszProperty.Text)
	} else {
		return nteInvalidHandle, 0
	}
	if value == nil {
		return nteNotSupported, 0
	}
	return answer(c, value, pbOutput, cbOutput, pcbResult), 0
}

func storageProperty(name string) []byte {
	const software, version, longestName = 2, 0x10000, 260
	switch name {
	case "Name":
		return guest.UTF16(softwareProvider)
	case "Impl Type":
		return dwords(software)
	case "Version":
		return dwords(version)
	case "Max Name Length":
		return dwords(longestName)
	}
	return nil
}

func (k *storedKey) storedProperty(name string) []byte {
	const leastRSA, mostRSA, step, usual = 512, 16384, 64, 2048
	bits := uint32(k.bits)
	if !k.algorithm.public.rsa {
		bits = uint32(k.algorithm.public.curve)
	}
	switch name {
	case "Algorithm Name":
		return guest.UTF16(k.algorithm.name)
	case "Algorithm Group":
		group, _, _ := strings.Cut(k.algorithm.name, "_")
		return guest.UTF16(group)
	case "Length":
		return dwords(bits)
	case "Lengths": // NCRYPT_SUPPORTED_LENGTHS
		if k.algorithm.public.rsa {
			return dwords(leastRSA, mostRSA, step, usual)
		}
		return dwords(bits, bits, 0, bits)
	case "Block Length":
		return dwords((bits + 7) / 8)
	case "Name", "Unique Name":
		if k.name != "" {
			return guest.UTF16(k.name)
		}
	case "Export Policy":
		return dwords(k.policy)
	case "Key Usage":
		return dwords(k.usage)
	case "Key Type":
		if k.machine {
			return dwords(machineKey)
		}
		return dwords(0)
	}
	return k.others[name]
}

// ncryptSetProperty changes a property of a key, its length only before it is
// made.
//
// https://learn.microsoft.com/windows/win32/api/ncrypt/nf-ncrypt-ncryptsetproperty
func ncryptSetProperty(c *win.Call, hObject win.Handle, pszProperty win.WStr, pbInput win.Ptr, cbInput win.DWORD, dwFlags win.Hex) (win.Status, win.Error) {
	const mostBytes, mostProperties = 1 << 16, 64
	if pszProperty.Null() || pbInput == 0 || cbInput > mostBytes {
		return nteBadParameter, 0
	}
	h, ok := lookup[*storedHandle](c, hObject)
	if !ok {
		if _, ok := lookup[*storage](c, hObject); ok {
			return nteNotSupported, 0
		}
		return nteInvalidHandle, 0
	}
	data := bytes.Clone(c.Bytes(pbInput, uint64(cbInput)))
	if c.Faulted() {
		return 0, 0
	}
	number := func() (uint32, bool) {
		if len(data) != 4 {
			return 0, false
		}
		return binary.LittleEndian.Uint32(data), true
	}
	switch pszProperty.Text {
	case "Length", "Export Policy", "Key Usage":
		v, ok := number()
		if !ok {
			return nteBadParameter, 0
		}
		return h.setNumber(pszProperty.Text, v), 0
	case "Algorithm Name", "Algorithm Group", "Name", "Unique Name", "Lengths", "Block Length", "Key Type":
		return nteNotSupported, 0
	}
	if len(h.others) >= mostProperties {
		return nteNoMemory, 0
	}
	h.others[strings.Clone(pszProperty.Text)] = data
	return 0, 0
}

func (k *storedKey) setNumber(property string, v uint32) win.Status {
	switch property {
	case "Export Policy":
		k.policy = v
	case "Key Usage":
		k.usage = v
	default:
		const least, most = 512, 4096 // beyond, the making takes too long
		switch {
		case k.finished:
			return nteBadKeyState
		case !k.algorithm.public.rsa && int(v) != k.algorithm.public.curve, k.algorithm.public.rsa && (v < least || v > most || v%64 != 0):
			return nteNotSupported
		}
		k.bits = int(v)
	}
	return 0
}
