package guest

import (
	"bytes"
	"crypto/rc4"
	"encoding/hex"
	"slices"

	"sidetrace/emulator/trace"
)

// This file names the cipher and the key behind code that was unpacked, where
// that can be proven: a claim is made only when recomputing the plaintext from
// bytes of a file gave the bytes that were about to be executed.
//
// Candidates are tried in order of certainty: a decryption the guest asked an
// API for; a key stream that repeats (XOR); RC4 with the strings and then the
// bytes that lie in the guest's images, its stacks and its heap.

const (
	minVerified  = 64  // bytes that must agree before a claim is made
	maxXORPeriod = 256 // longest repeating key
	maxKeys      = 40_000
	maxOutputs   = 64
)

// output is a decryption an API carried out.
type output struct {
	api, cipher       string
	key               []byte
	ciphertext, plain []byte
}

// NoteDecrypt remembers a decryption that an API carried out, in case its
// result is executed. The slices are not kept.
func (p *Process) NoteDecrypt(api, cipher string, key, ciphertext, plain []byte) {
	if len(plain) < minVerified {
		return
	}
	if len(p.outputs) == maxOutputs {
		p.outputs = append(p.outputs[:0], p.outputs[1:]...)
	}
	p.outputs = append(p.outputs, output{api, cipher, bytes.Clone(key), bytes.Clone(ciphertext), bytes.Clone(plain)})
}

// claim is a verified decryption.
type claim struct {
	path      string
	offset    int64
	cipher    string
	key       []byte
	keySource string
	plain     []byte
}

// decryption finds out how a dump came out of a file.
func (p *Process) decryption(dump []byte, from *origin) *trace.PayloadDecrypted {
	copied := p.derived(dump)
	defer p.remember(dump, from)
	c := p.fromAPI(dump)
	switch {
	case c != nil || copied: // a copy was decrypted when its original was
	case from != nil:
		c = p.inPlace(dump, from)
	default:
		c = p.elsewhere(dump)
	}
	if c == nil {
		return nil
	}
	d := &trace.PayloadDecrypted{
		SourceFile: c.path, SourceOffset: c.offset, Size: len(c.plain), Cipher: c.cipher,
		Key: keyText(c.key), KeyHex: hex.EncodeToString(c.key), KeySource: c.keySource, SHA256: trace.SHA256(c.plain),
	}
	d.Artifact = p.Recorder.Artifact(d.Kind(), "decrypted.bin", c.plain)
	return d
}

func keyText(key []byte) string {
	for _, c := range key {
		if c < 0x20 || c > 0x7E {
			return hex.EncodeToString(key)
		}
	}
	return string(key)
}

// dumped is code that was unpacked before.
type dumped struct {
	head []byte
	from *origin // may be nil
}

// remember keeps the head of a dump, to know its copies by.
func (p *Process) remember(dump []byte, from *origin) {
	const most, head = 16, 1 << 20
	if len(p.dumps) == most {
		p.dumps = append(p.dumps[:0], p.dumps[1:]...)
	}
	p.dumps = append(p.dumps, dumped{bytes.Clone(dump[:min(len(dump), head)]), from})
}

// derived reports whether the dump is a copy of code that was unpacked before.
func (p *Process) derived(dump []byte) bool {
	probe := dump[:min(len(dump), minVerified)]
	for _, d := range p.dumps {
		if bytes.Contains(d.head, probe) {
			return true
		}
	}
	return false
}

// fromAPI looks for an API's plaintext in the dump and for its ciphertext in a
// file.
func (p *Process) fromAPI(dump []byte) *claim {
	for i := len(p.outputs) - 1; i >= 0; i-- {
		o := &p.outputs[i]
		if !bytes.Contains(dump, o.plain) && !bytes.Contains(o.plain, dump) {
			continue
		}
		for _, s := range slices.Backward(p.sources) {
			if at := bytes.Index(s.data, o.ciphertext); at >= 0 {
				return &claim{s.path, s.offset + int64(at), o.cipher, o.key, o.api, o.plain}
			}
		}
	}
	return nil
}

// inPlace compares the dump with the bytes that the file has in its place.
func (p *Process) inPlace(dump []byte, from *origin) *claim {
	n := min(len(dump), len(from.before))
	first := 0 // where the two begin to differ
	for first < n && dump[first] == from.before[first] {
		first++
	}
	// One byte in 256 is its own ciphertext: the payload may begin earlier.
	for start := first; start >= 0 && start >= first-4; start-- {
		plain, cipher := dump[start:n], from.before[start:n]
		if len(plain) < minVerified {
			continue
		}
		if key, size := repeating(plain, cipher); size > 0 {
			return &claim{from.path, from.offset + int64(start), "xor", key, "key stream period", plain[:size]}
		}
		if first == n {
			return nil // the same bytes: no cipher
		}
		if c := p.tryRC4(plain, func([]byte) []byte { return cipher }); c != nil {
			c.path, c.offset = from.path, from.offset+int64(start)
			return c
		}
	}
	return nil
}

// repeating finds the shortest repeating key that turns cipher into plain, and
// for how many bytes it does.
func repeating(plain, cipher []byte) (key []byte, size int) {
	stream := func(i int) byte { return plain[i] ^ cipher[i] }
	for period := 1; period <= maxXORPeriod && 4*period <= len(plain); period++ {
		n := period
		for n < len(plain) && stream(n) == stream(n-period) {
			n++
		}
		if n < max(minVerified, 4*period) || n < len(plain)*9/10 {
			continue
		}
		key = make([]byte, period)
		for i := range key {
			key[i] = stream(i)
		}
		if allZero(key) {
			return nil, 0
		}
		return key, n
	}
	return nil, 0
}

// elsewhere looks for the dump's ciphertext in the files that were read, for
// code that was decrypted from one buffer to another.
func (p *Process) elsewhere(dump []byte) *claim {
	if len(dump) < minVerified || len(p.sources) == 0 {
		return nil
	}
	var at *source
	var offset int
	locate := func(head []byte) []byte {
		for i := len(p.sources) - 1; i >= 0; i-- {
			s := &p.sources[i]
			if j := bytes.Index(s.data, head); j >= 0 {
				at, offset = s, j
				return s.data[j:]
			}
		}
		return nil
	}
	if c := p.tryRC4(dump, locate); c != nil {
		c.path, c.offset = at.path, at.offset+int64(offset)
		return c
	}
	return nil
}

// tryRC4 looks for a key that gives the plaintext. locate is given the first
// bytes the ciphertext would have under a key and returns the ciphertext, or
// nil.
func (p *Process) tryRC4(plain []byte, locate func(head []byte) []byte) *claim {
	var head [16]byte
	var found *claim
	p.keys(func(key []byte, where string) bool {
		c, err := rc4.NewCipher(key)
		if err != nil {
			return true
		}
		c.XORKeyStream(head[:], plain[:len(head)])
		cipher := locate(head[:])
		if !bytes.HasPrefix(cipher, head[:]) {
			return true
		}
		if n := verifyRC4(key, plain, cipher); n >= minVerified {
			found = &claim{cipher: "rc4", key: bytes.Clone(key), keySource: where, plain: plain[:n]}
			return false
		}
		return true
	})
	return found
}

// verifyRC4 decrypts and returns how many bytes agree with plain.
func verifyRC4(key, plain, cipher []byte) int {
	c, err := rc4.NewCipher(key)
	if err != nil {
		return 0
	}
	n := min(len(plain), len(cipher))
	out := make([]byte, n)
	c.XORKeyStream(out, cipher[:n])
	for i := range out {
		if out[i] != plain[i] {
			return i
		}
	}
	return n
}
