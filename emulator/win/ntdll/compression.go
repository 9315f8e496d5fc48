package ntdll

import "sidetrace/emulator/win"

var compressionRows = win.Rows{
	win.Partial(win.Func8("RtlCompressBuffer", rtlCompressBuffer, "CompressionFormatAndEngine UncompressedBuffer UncompressedBufferSize CompressedBuffer CompressedBufferSize UncompressedChunkSize FinalCompressedSize WorkSpace"),
		"LZNT1 only; other matches than Windows finds"),
	win.Func6("RtlDecompressBuffer", rtlDecompressBuffer, "CompressionFormat UncompressedBuffer UncompressedBufferSize CompressedBuffer CompressedBufferSize FinalUncompressedSize"),
	win.Func7("RtlDecompressBufferEx", rtlDecompressBufferEx, "CompressionFormat UncompressedBuffer UncompressedBufferSize CompressedBuffer CompressedBufferSize FinalUncompressedSize WorkSpace"),
	win.Func8("RtlDecompressFragment", rtlDecompressFragment, "CompressionFormat UncompressedFragment UncompressedFragmentSize CompressedBuffer CompressedBufferSize FragmentOffset FinalUncompressedSize WorkSpace"),
	win.Func3("RtlGetCompressionWorkSpaceSize", rtlGetCompressionWorkSpaceSize, "CompressionFormatAndEngine CompressBufferWorkSpaceSize CompressFragmentWorkSpaceSize"),
}

// Compression formats, without the engine that made them.
const (
	compressionFormatMask    = 0x00FF
	compressionFormatNone    = 0
	compressionFormatDefault = 1
	compressionFormatLZNT1   = 2
	compressionFormatXpress  = 3
	compressionFormatHuffman = 4
)

// expander finds how to decompress a format.
func expander(format win.WORD) (func(dst, src []byte) (int, error), win.Status) {
	switch format & compressionFormatMask {
	case compressionFormatNone, compressionFormatDefault:
		return nil, win.StatusInvalidParameter
	case compressionFormatLZNT1:
		return expandLZNT1, 0
	case compressionFormatXpress:
		return expandXpress, 0
	case compressionFormatHuffman:
		return expandHuffman, 0
	}
	return nil, statusUnsupportedCompression
}

// rtlDecompressBuffer decompresses LZNT1, Xpress or Xpress with Huffman codes,
// which Windows does by RtlDecompressBufferEx only. What fills the buffer
// before the data ends is a success, as on Windows.
//
// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntifs/nf-ntifs-rtldecompressbuffer
func rtlDecompressBuffer(c *win.Call, CompressionFormat win.WORD, UncompressedBuffer win.Ptr, UncompressedBufferSize win.DWORD, CompressedBuffer win.Ptr, CompressedBufferSize win.DWORD, FinalUncompressedSize win.Out[uint32]) (win.Status, win.Error) {
	expand, status := expander(CompressionFormat)
	if status != 0 {
		return status, 0
	}
	src := c.Bytes(CompressedBuffer, uint64(CompressedBufferSize))
	dst := c.Buffer(UncompressedBuffer, uint64(UncompressedBufferSize))
	if c.Faulted() {
		return 0, 0
	}
	n, err := expand(dst, src)
	if err != nil {
		return statusBadCompressionBuffer, 0
	}
	FinalUncompressedSize.Set(c, uint32(n))
	return 0, 0
}

// rtlDecompressFragment decompresses a part of what the data gives.
//
// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntifs/nf-ntifs-rtldecompressfragment
func rtlDecompressFragment(c *win.Call, CompressionFormat win.WORD, UncompressedFragment win.Ptr, UncompressedFragmentSize win.DWORD, CompressedBuffer win.Ptr, CompressedBufferSize, FragmentOffset win.DWORD, FinalUncompressedSize win.Out[uint32], WorkSpace win.Ptr) (win.Status, win.Error) {
	const most = 256 << 20
	expand, status := expander(CompressionFormat)
	if status != 0 {
		return status, 0
	}
	src := c.Bytes(CompressedBuffer, uint64(CompressedBufferSize))
	fragment := c.Buffer(UncompressedFragment, uint64(UncompressedFragmentSize))
	end := uint64(FragmentOffset) + uint64(UncompressedFragmentSize)
	switch {
	case c.Faulted():
		return 0, 0
	case end > most:
		return win.StatusNoMemory, 0
	}
	all := make([]byte, end)
	n, err := expand(all, src)
	if err != nil {
		return statusBadCompressionBuffer, 0
	}
	k := 0
	if n > int(FragmentOffset) {
		k = copy(fragment, all[FragmentOffset:n])
	}
	FinalUncompressedSize.Set(c, uint32(k))
	return 0, 0
}

// rtlCompressBuffer compresses data.
//
// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntifs/nf-ntifs-rtlcompressbuffer
func rtlCompressBuffer(c *win.Call, CompressionFormatAndEngine win.WORD, UncompressedBuffer win.Ptr, UncompressedBufferSize win.DWORD, CompressedBuffer win.Ptr, CompressedBufferSize, UncompressedChunkSize win.DWORD, FinalCompressedSize win.Out[uint32], WorkSpace win.Ptr) (win.Status, win.Error) {
	if _, status := expander(CompressionFormatAndEngine); status != 0 {
		return status, 0
	}
	if CompressionFormatAndEngine&compressionFormatMask != compressionFormatLZNT1 {
		c.Gap("Xpress compression")
		return statusUnsupportedCompression, 0
	}
	src := c.Bytes(UncompressedBuffer, uint64(UncompressedBufferSize))
	if c.Faulted() {
		return 0, 0
	}
	packed := compressLZNT1(src)
	if len(packed) > int(CompressedBufferSize) {
		return win.StatusBufferTooSmall, 0
	}
	c.Write(CompressedBuffer, packed)
	FinalCompressedSize.Set(c, uint32(len(packed)))
	return 0, 0
}

// rtlGetCompressionWorkSpaceSize tells how much memory compression is to be
// given. None of it is used here.
//
// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntifs/nf-ntifs-rtlgetcompressionworkspacesize
func rtlGetCompressionWorkSpaceSize(c *win.Call, CompressionFormatAndEngine win.WORD, CompressBufferWorkSpaceSize, CompressFragmentWorkSpaceSize win.Out[uint32]) (win.Status, win.Error) {
	if _, status := expander(CompressionFormatAndEngine); status != 0 {
		return status, 0
	}
	CompressBufferWorkSpaceSize.Set(c, 0x8010)
	CompressFragmentWorkSpaceSize.Set(c, 0x1000)
	return 0, 0
}

func rtlDecompressBufferEx(c *win.Call, CompressionFormat win.WORD, UncompressedBuffer win.Ptr, UncompressedBufferSize win.DWORD, CompressedBuffer win.Ptr, CompressedBufferSize win.DWORD, FinalUncompressedSize win.Out[uint32], WorkSpace win.Ptr) (win.Status, win.Error) {
	return rtlDecompressBuffer(c, CompressionFormat, UncompressedBuffer, UncompressedBufferSize, CompressedBuffer, CompressedBufferSize, FinalUncompressedSize)
}
