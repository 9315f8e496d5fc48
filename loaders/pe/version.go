package pe

import (
	"fmt"

	"sidetrace/loaders"
)

const (
	resourceVersion = "16" // RT_VERSION

	fixedSignature = 0xfeef04bd // VS_FIXEDFILEINFO.dwSignature
	fixedSize      = 52
)

// versionBlock is one node of a version resource. They all have one shape:
// length, length of the value, type, key, value, children.
//
// https://learn.microsoft.com/windows/win32/menurc/vs-versioninfo
type versionBlock struct {
	key      string
	value    []byte // and, for a string, whatever follows in the block
	children []byte
}

// version reads the first version resource.
func (p *parser) version() error {
	for _, r := range p.img.Resources {
		if r.Type != resourceVersion {
			continue
		}
		raw := p.data[r.File.Offset:][:r.File.Size]
		root, _, ok := readVersionBlock(raw)
		if !ok || root.key != "VS_VERSION_INFO" {
			p.note("the version resource is broken")
			return nil
		}
		p.img.Version = readVersion(root)
		if p.img.Version.FileVersion == "" {
			p.note("the version resource has no valid fixed part")
		}
		return nil
	}
	return nil
}

func readVersion(root versionBlock) *loaders.Version {
	v := &loaders.Version{Strings: map[string]string{}}
	if fixed := root.value; len(fixed) >= fixedSize && u32(fixed, 0) == fixedSignature {
		v.FileVersion = dotted(u32(fixed, 8), u32(fixed, 12))
		v.ProductVersion = dotted(u32(fixed, 16), u32(fixed, 20))
	}
	for _, info := range root.nested() {
		if info.key != "StringFileInfo" {
			continue
		}
		languages := info.nested()
		if len(languages) == 0 {
			continue
		}
		for _, s := range languages[0].nested() {
			v.Strings[s.key] = decodeUTF16(untilZero(s.value))
		}
		return v
	}
	return v
}

// dotted writes a version as people do.
func dotted(high, low uint32) string {
	return fmt.Sprintf("%d.%d.%d.%d", high>>16, high&0xffff, low>>16, low&0xffff)
}

// nested reads the blocks in a block, up to the first that is broken.
func (b versionBlock) nested() []versionBlock {
	var blocks []versionBlock
	for rest := b.children; ; {
		child, next, ok := readVersionBlock(rest)
		if !ok {
			return blocks
		}
		blocks = append(blocks, child)
		rest = next
	}
}

// readVersionBlock reads the block at the start of b and gives what follows it.
func readVersionBlock(b []byte) (block versionBlock, rest []byte, ok bool) {
	const header = 6
	if len(b) < header {
		return block, nil, false
	}
	size, valueSize, text := int(u16(b, 0)), int(u16(b, 2)), u16(b, 4) == 1
	if size < header || size > len(b) {
		return block, nil, false
	}
	rest = from(b, size)
	b = b[:size]
	key := untilZero(b[header:])
	block.key = decodeUTF16(key)
	body := from(b, header+len(key)+2)
	if text {
		valueSize *= 2
	}
	block.children = from(b, len(b)-len(body)+valueSize)
	block.value = body
	if !text {
		block.value = body[:min(valueSize, len(body))]
	}
	return block, rest, true
}

// from skips n bytes and the padding to the next multiple of four.
func from(b []byte, n int) []byte { return b[min(int(roundUp(uint64(n), 4)), len(b)):] }

// untilZero gives the UTF-16 units before the first zero.
func untilZero(b []byte) []byte {
	for i := 0; i+1 < len(b); i += 2 {
		if b[i] == 0 && b[i+1] == 0 {
			return b[:i]
		}
	}
	return b
}
