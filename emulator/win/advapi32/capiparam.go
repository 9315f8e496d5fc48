package advapi32

import (
	"encoding/binary"
	"fmt"

	"sidetrace/emulator/win"
	"sidetrace/emulator/win/ciphers"
)

var keyParamRows = win.Rows{
	win.Partial(win.Func5("CryptGetKeyParam", cryptGetKeyParam, "hKey dwParam pbData pdwDataLen dwFlags"),
		"algorithm, lengths, mode, padding and initialisation vector"),
	win.Partial(win.Func4("CryptSetKeyParam", cryptSetKeyParam, "hKey dwParam pbData dwFlags"),
		"mode, padding and initialisation vector"),
}

// Parameters of a key, KP_*, and the modes.
//
// https://learn.microsoft.com/windows/win32/api/wincrypt/nf-wincrypt-cryptsetkeyparam
const (
	keyIV, keyPadding, keyMode, keyModeBits      = 1, 3, 4, 5
	keyPermissions, keyAlgID, keyBlockLen, keyLn = 6, 7, 8, 9
	pkcs5Padding                                 = 1
)

var cryptModes = []struct {
	number uint32
	mode   ciphers.Mode
}{{1, ciphers.CBC}, {2, ciphers.ECB}, {4, ciphers.CFB}}

// cryptSetKeyParam sets mode, padding or initialisation vector.
//
// https://learn.microsoft.com/windows/win32/api/wincrypt/nf-wincrypt-cryptsetkeyparam
func cryptSetKeyParam(c *win.Call, hKey win.Handle, dwParam win.DWORD, pbData win.Ptr, dwFlags win.Hex) (win.Bool, win.Error) {
	k, err := cryptObject[*key](c, hKey)
	if err != 0 || pbData == 0 {
		return false, win.ErrInvalidParameter
	}
	switch dwParam {
	case keyIV:
		copy(k.iv, c.Bytes(pbData, uint64(len(k.iv))))
		k.restart()
		return true, 0
	case keyPadding:
		if c.ReadUint(pbData, 4) != pkcs5Padding {
			return false, nteBadData // Microsoft's providers have no other
		}
		return true, 0
	case keyMode:
		number := uint32(c.ReadUint(pbData, 4))
		for _, m := range cryptModes {
			if m.number == number {
				k.chain.Mode = m.mode
				return true, 0
			}
		}
		c.Gap(fmt.Sprintf("mode %d", number))
		return false, nteBadData
	case keyModeBits:
		bits := c.ReadUint(pbData, 4)
		if bits != 8 {
			c.Gap(fmt.Sprintf("feedback of %d bits", bits))
			return false, nteBadData
		}
		return true, 0
	}
	c.Gap(fmt.Sprintf("parameter %d", dwParam))
	return false, nteBadType
}

// cryptGetKeyParam reads a parameter of a key.
//
// https://learn.microsoft.com/windows/win32/api/wincrypt/nf-wincrypt-cryptgetkeyparam
func cryptGetKeyParam(c *win.Call, hKey win.Handle, dwParam win.DWORD, pbData win.Ptr, pdwDataLen win.Out[uint32], dwFlags win.Hex) (win.Bool, win.Error) {
	k, err := cryptObject[*key](c, hKey)
	if err != 0 {
		return false, err
	}
	value := uint32(0)
	switch dwParam {
	case keyIV:
		return parameter(c, k.iv, pbData, pdwDataLen)
	case keyPadding:
		value = pkcs5Padding
	case keyMode:
		for _, m := range cryptModes {
			if m.mode == k.chain.Mode {
				value = m.number
			}
		}
	case keyModeBits:
		value = 8
	case keyPermissions:
		value = 0x3F // encrypt, decrypt, export, read, write, MAC
	case keyAlgID:
		value = k.algorithm.id
	case keyBlockLen:
		value = uint32(8 * len(k.iv))
	case keyLn:
		value = uint32(8 * len(k.secret))
	default:
		c.Gap(fmt.Sprintf("parameter %d", dwParam))
		return false, nteBadType
	}
	return parameter(c, binary.LittleEndian.AppendUint32(nil, value), pbData, pdwDataLen)
}
