package pe

import (
	"sidetrace/loaders"
)

// tlsSize is that of IMAGE_TLS_DIRECTORY64. Its addresses are absolute, for the
// preferred base.
const tlsSize = 40

// tls reads the thread-local storage directory.
func (p *parser) tls() error {
	dir := p.dirs[dirTLS]
	if dir.rva == 0 {
		return nil
	}
	h, ok := p.bytes(dir.rva, tlsSize)
	if !ok {
		return p.fail(dir.at, "DataDirectory[TLS]", "%#x is outside the image of %#x bytes", dir.rva, p.img.Size)
	}
	t := &loaders.TLS{ZeroFill: u32(h, 32)}
	start, end, index, callbacks := u64(h, 0), u64(h, 8), u64(h, 16), u64(h, 24)
	if start != 0 || end != 0 {
		if t.Start, ok = p.rva(start, 0); !ok {
			return p.failAt(dir.rva, "TLS.StartAddressOfRawData", "%#x is outside the image", start)
		}
		if t.End, ok = p.rva(end, 0); !ok || end < start {
			return p.failAt(dir.rva+8, "TLS.EndAddressOfRawData", "%#x is outside the image or before the start", end)
		}
	}
	if t.Index, ok = p.rva(index, 4); !ok {
		return p.failAt(dir.rva+16, "TLS.AddressOfIndex", "%#x is outside the image", index)
	}
	if t.ZeroFill > loaders.MaxImageSize {
		return p.failAt(dir.rva+32, "TLS.SizeOfZeroFill", "%d bytes for every thread", t.ZeroFill)
	}
	if callbacks != 0 {
		at, ok := p.rva(callbacks, 8)
		if !ok {
			return p.failAt(dir.rva+24, "TLS.AddressOfCallBacks", "%#x is outside the image", callbacks)
		}
		if err := p.tlsCallbacks(t, at); err != nil {
			return err
		}
	}
	p.img.TLS = t
	return nil
}

// tlsCallbacks reads the zero-terminated list at an address.
func (p *parser) tlsCallbacks(t *loaders.TLS, at uint32) error {
	for i := 0; ; i, at = i+1, at+8 {
		entry, ok := p.bytes(at, 8)
		if !ok {
			return p.failAt(at, field("TLS.Callback", i, ""), "the list leaves the image without an end")
		}
		va := u64(entry, 0)
		if va == 0 {
			return nil
		}
		callback, ok := p.rva(va, 1)
		if !ok {
			return p.failAt(at, field("TLS.Callback", i, ""), "%#x is outside the image", va)
		}
		t.Callbacks = append(t.Callbacks, callback)
	}
}

// rva makes an absolute address relative. It is false unless n bytes there are
// inside the image.
func (p *parser) rva(va uint64, n uint64) (uint32, bool) {
	rva := va - p.img.Base
	if va < p.img.Base || rva > uint64(p.img.Size) || rva+n > uint64(p.img.Size) {
		return 0, false
	}
	return uint32(rva), true
}
