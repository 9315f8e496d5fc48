package bcrypt

import (
	"crypto/aes"
	"encoding/binary"

	"sidetrace/emulator/guest"
	"sidetrace/emulator/trace"
	"sidetrace/emulator/win"
	"sidetrace/emulator/win/ciphers"
)

var propertyRows = win.Rows{
	win.Partial(win.Func6("BCryptGetProperty", getProperty, "hObject pszProperty pbOutput cbOutput pcbResult dwFlags"),
		"the properties of ciphers, hashes and keys; no object identifier lists"),
	win.Partial(win.Func5("BCryptSetProperty", setProperty, "hObject pszProperty pbInput cbInput dwFlags"),
		"ChainingMode, IV and MessageBlockLength"),
}

// modeNames are the values of ChainingMode.
var modeNames = []struct {
	mode ciphers.Mode
	name string
}{
	{ciphers.CBC, "ChainingModeCBC"}, {ciphers.CFB, "ChainingModeCFB"}, {ciphers.ECB, "ChainingModeECB"},
	{ciphers.GCM, "ChainingModeGCM"}, {ciphers.CCM, "ChainingModeCCM"}, {ciphers.None, "ChainingModeN/A"},
}

// chainingModeSize is what ChainingMode takes, whatever its value is.
const chainingModeSize = 64

// getProperty reads a property of an algorithm, a key or a hash.
//
// https://learn.microsoft.com/windows/win32/api/bcrypt/nf-bcrypt-bcryptgetproperty
func getProperty(c *win.Call, hObject win.Handle, pszProperty win.WStr, pbOutput win.Ptr, cbOutput win.DWORD, pcbResult win.Out[uint32], dwFlags win.Hex) (win.Status, win.Error) {
	if pcbResult.Null() || pszProperty.Null() {
		return win.StatusInvalidParameter, 0
	}
	var value []byte
	if p, ok := algorithmOf(c, hObject); ok {
		value = p.property(pszProperty.Text)
	} else if k, ok := lookup[*key](c, hObject); ok {
		value = k.property(pszProperty.Text)
	} else if k, ok := lookup[*pair](c, hObject); ok {
		value = k.property(pszProperty.Text)
	} else if h, ok := lookup[*hasher](c, hObject); ok {
		value = h.provider.property(pszProperty.Text)
	} else {
		return win.StatusInvalidHandle, 0
	}
	if value == nil {
		return win.StatusNotSupported, 0
	}
	pcbResult.Set(c, uint32(len(value)))
	switch {
	case pbOutput == 0:
		return win.StatusSuccess, 0
	case int(cbOutput) < len(value):
		return win.StatusBufferTooSmall, 0
	}
	c.Write(pbOutput, value)
	return win.StatusSuccess, 0
}

func (p *provider) property(name string) []byte {
	switch name {
	case "AlgorithmName":
		return guest.UTF16(p.name)
	case "ObjectLength":
		if p.object != 0 {
			return dwords(p.object)
		}
	}
	switch {
	case p.hashes():
		return p.hashProperty(name)
	case p.symmetric():
		return p.cipherProperty(name)
	}
	return nil
}

func (p *provider) hashProperty(name string) []byte {
	size, block := aes.BlockSize, aes.BlockSize // of AES-CMAC
	if p.newHash != nil {
		h := p.newHash()
		size, block = h.Size(), h.BlockSize()
	}
	switch name {
	case "HashDigestLength":
		return dwords(uint32(size))
	case "HashBlockLength":
		return dwords(uint32(block))
	}
	return nil
}

func (p *provider) cipherProperty(name string) []byte {
	switch name {
	case "BlockLength":
		return dwords(uint32(p.blockLength()))
	case "ChainingMode":
		return modeName(p.mode)
	case "KeyLengths":
		return dwords(p.keys.min, p.keys.max, p.keys.step)
	case "AuthTagLength":
		if s, ok := p.algorithm.authenticated(p.mode); ok {
			return dwords(uint32(s.minTag), uint32(s.maxTag), uint32(s.tagStep))
		}
	case "MessageBlockLength":
		if p.mode == ciphers.CFB {
			return dwords(uint32(max(p.segment, 1)))
		}
	}
	return nil
}

func (k *key) property(name string) []byte {
	switch name {
	case "AlgorithmName":
		return guest.UTF16(k.algorithm.name)
	case "BlockLength":
		return dwords(uint32(k.algorithm.blockLength()))
	case "ChainingMode":
		return modeName(k.chain.Mode)
	case "KeyLength", "KeyStrength":
		return dwords(uint32(8 * len(k.secret)))
	}
	return nil
}

func modeName(m ciphers.Mode) []byte {
	for _, n := range modeNames {
		if n.mode == m {
			return append(guest.UTF16(n.name), make([]byte, chainingModeSize)...)[:chainingModeSize]
		}
	}
	return nil
}

func dwords(values ...uint32) []byte {
	var b []byte
	for _, v := range values {
		b = binary.LittleEndian.AppendUint32(b, v)
	}
	return b
}

// setProperty changes a property of an algorithm or a key. The length of a
// chaining mode's name is not looked at, as on Windows.
//
// https://learn.microsoft.com/windows/win32/api/bcrypt/nf-bcrypt-bcryptsetproperty
func setProperty(c *win.Call, hObject win.Handle, pszProperty win.WStr, pbInput win.Ptr, cbInput win.DWORD, dwFlags win.Hex) (win.Status, win.Error) {
	if pszProperty.Null() || pbInput == 0 {
		return win.StatusInvalidParameter, 0
	}
	if p, ok := algorithmOf(c, hObject); ok {
		if p.pseudo {
			return win.StatusAccessDenied, 0
		}
		return set(c, p.algorithm, &p.mode, &p.segment, pszProperty.Text, pbInput, cbInput), 0
	}
	k, ok := lookup[*key](c, hObject)
	if !ok {
		return win.StatusInvalidHandle, 0
	}
	if pszProperty.Text != "IV" {
		return set(c, k.algorithm, &k.chain.Mode, &k.chain.Segment, pszProperty.Text, pbInput, cbInput), 0
	}
	if k.chain.IV == nil || int(cbInput) != len(k.chain.IV) {
		return win.StatusInvalidParameter, 0
	}
	copy(k.chain.IV, c.Bytes(pbInput, uint64(cbInput)))
	return win.StatusSuccess, 0
}

// set changes what an algorithm and its keys have both.
func set(c *win.Call, a *algorithm, mode *ciphers.Mode, segment *int, property string, pbInput win.Ptr, cbInput win.DWORD) win.Status {
	switch property {
	case "ChainingMode":
		if !a.symmetric() {
			return win.StatusNotSupported
		}
		return setMode(a, mode, c.WString(pbInput))
	case "MessageBlockLength":
		if *mode != ciphers.CFB {
			return win.StatusNotSupported
		}
		n := int(c.ReadUint(pbInput, 4))
		if cbInput != 4 || n != 1 && n != a.blockLength() {
			return win.StatusInvalidParameter
		}
		*segment = n
		return win.StatusSuccess
	}
	if a.symmetric() && property == "EffectiveKeyLength" {
		c.Gap("property " + trace.Quote(property))
	}
	return win.StatusNotSupported
}

func setMode(a *algorithm, mode *ciphers.Mode, name string) win.Status {
	for _, n := range modeNames {
		if n.name != name {
			continue
		}
		if !a.allows(n.mode) {
			return win.StatusNotSupported
		}
		*mode = n.mode
		return win.StatusSuccess
	}
	return win.StatusNotSupported
}
