package advapi32

import (
	"bytes"
	"crypto/rc4"

	"sidetrace/emulator/win"
	"sidetrace/emulator/win/ciphers"
)

// These functions have no names of their own; winternl.h and programs know
// them by number.
var systemRows = win.Rows{
	win.Func2("SystemFunction032", systemFunction032, "data key"),
	win.Func2("SystemFunction033", systemFunction032, "data key"),
	win.Func2("SystemFunction036", systemFunction036, "RandomBuffer RandomBufferLength"),
}

// systemFunction036 is RtlGenRandom: it fills a buffer from the machine's
// seeded generator.
//
// https://learn.microsoft.com/windows/win32/api/ntsecapi/nf-ntsecapi-rtlgenrandom
func systemFunction036(c *win.Call, RandomBuffer win.Ptr, RandomBufferLength win.DWORD) (win.Bool, win.Error) {
	c.Random.Fill(c.Buffer(RandomBuffer, uint64(RandomBufferLength)))
	return true, 0
}

// systemFunction032 encrypts or decrypts in place with RC4. Both parameters
// are counted buffers: a length, a capacity and a pointer (UNICODE_STRING with
// a longer length, CRYPTO_BUFFER in other people's headers).
func systemFunction032(c *win.Call, data, key win.Ptr) (win.Status, win.Error) {
	span := func(p win.Ptr) (win.Ptr, uint64) { return win.Ptr(c.ReadUint(p+8, 8)), c.ReadUint(p, 4) }
	at, n := span(data)
	keyAt, keySize := span(key)
	const longestKey = 256
	if keySize > longestKey {
		return win.StatusInvalidParameter, 0
	}
	secret := bytes.Clone(c.Bytes(keyAt, keySize))
	buffer := c.Buffer(at, n)
	if c.Faulted() {
		return win.StatusInvalidParameter, 0
	}
	stream, err := rc4.NewCipher(secret)
	if err != nil {
		return win.StatusInvalidParameter, 0
	}
	input := bytes.Clone(buffer)
	stream.XORKeyStream(buffer, input)
	d := &ciphers.Decryption{API: c.Name(), Algorithm: "RC4", Key: secret, Input: input, Plain: bytes.Clone(buffer)}
	d.Record(c)
	return win.StatusSuccess, 0
}
