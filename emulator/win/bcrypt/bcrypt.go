// Package bcrypt has the handlers of bcrypt.dll, Windows' Cryptography API:
// Next Generation: symmetric ciphers, hashes, random numbers, RSA and elliptic
// curves, computed with the standard library. Asking for another algorithm that
// Windows has is a gap.
package bcrypt

import (
	"sidetrace/emulator/guest"
	"sidetrace/emulator/win"
)

// Table returns bcrypt.dll.
func Table() win.Table {
	return win.DLL("bcrypt.dll", providerRows, propertyRows, keyRows, cipherRows, hashRows, randomRows, pairRows, signRows, agreeRows, listRows)
}

// Flags of bcrypt.h.
const (
	hmacFlag     = 0x08 // BCRYPT_ALG_HANDLE_HMAC_FLAG
	reusableFlag = 0x20 // BCRYPT_HASH_REUSABLE_FLAG
	blockPadding = 0x01 // BCRYPT_BLOCK_PADDING
)

// Handles are pointers on Windows, which the guest does not follow. These come
// from a table of their own.
const (
	firstHandle = 0x0000_0196_4C20_0000
	handleStep  = 0x40
	maxHandles  = 1 << 14
)

type stateKey struct{}

func handles(c *win.Call) *guest.Table {
	t, ok := c.State[stateKey{}].(*guest.Table)
	if !ok {
		t = guest.NewTable(firstHandle, handleStep)
		c.State[stateKey{}] = t
	}
	return t
}

// open gives an object a handle, unless there are too many.
func open(c *win.Call, o guest.Object, out win.Out[uint64]) win.Status {
	t := handles(c)
	h := t.Add(o)
	if h >= firstHandle+maxHandles*handleStep {
		t.Close(h)
		return win.StatusNoMemory
	}
	out.Set(c, uint64(h))
	return win.StatusSuccess
}

func lookup[T guest.Object](c *win.Call, h win.Handle) (T, bool) {
	return guest.Lookup[T](handles(c), h.Guest())
}

// closeHandle takes back the handle of a T.
func closeHandle[T guest.Object](c *win.Call, h win.Handle) (win.Status, win.Error) {
	if _, ok := lookup[T](c, h); !ok {
		return win.StatusInvalidHandle, 0
	}
	handles(c).Close(h.Guest())
	return win.StatusSuccess, 0
}
