package ntdll

import "sidetrace/emulator/win"

var compressionRows = win.Rows{
	win.Partial(win.Func6("RtlDecompressBuffer", rtlDecompressBuffer, "CompressionFormat UncompressedBuffer UncompressedBufferSize CompressedBuffer CompressedBufferSize FinalUncompressedSize"), lznt1Only),
	win.Partial(win.Func7("RtlDecompressBufferEx", rtlDecompressBufferEx, "CompressionFormat UncompressedBuffer UncompressedBufferSize CompressedBuffer CompressedBufferSize FinalUncompressedSize WorkSpace"), lznt1Only),
}

const lznt1Only = "LZNT1 only"

// Compression formats, without the engine that made them.
const (
	compressionFormatMask    = 0x00FF
	compressionFormatNone    = 0
	compressionFormatDefault = 1
	compressionFormatLZNT1   = 2
	compressionFormatXpress  = 3
	compressionFormatHuffman = 4
)

// rtlDecompressBuffer decompresses LZNT1 data. What fills the buffer before
// the data ends is a success, as on Windows.
//
// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntifs/nf-ntifs-rtldecompressbuffer
func rtlDecompressBuffer(c *win.Call, CompressionFormat win.WORD, UncompressedBuffer win.Ptr, UncompressedBufferSize win.DWORD, CompressedBuffer win.Ptr, CompressedBufferSize win.DWORD, FinalUncompressedSize win.Out[uint32]) (win.Status, win.Error) {
	switch CompressionFormat & compressionFormatMask {
	case compressionFormatNone, compressionFormatDefault:
		return win.StatusInvalidParameter, 0
	case compressionFormatLZNT1:
	case compressionFormatXpress, compressionFormatHuffman:
		c.Gap("Xpress compression")
		return statusUnsupportedCompression, 0
	default:
		return statusUnsupportedCompression, 0
	}
	src := c.Bytes(CompressedBuffer, uint64(CompressedBufferSize))
	dst := c.Buffer(UncompressedBuffer, uint64(UncompressedBufferSize))
	if c.Faulted() {
		return 0, 0
	}
	n, err := expandLZNT1(dst, src)
	if err != nil {
		return statusBadCompressionBuffer, 0
	}
	FinalUncompressedSize.Set(c, uint32(n))
	return 0, 0
}

func rtlDecompressBufferEx(c *win.Call, CompressionFormat win.WORD, UncompressedBuffer win.Ptr, UncompressedBufferSize win.DWORD, CompressedBuffer win.Ptr, CompressedBufferSize win.DWORD, FinalUncompressedSize win.Out[uint32], WorkSpace win.Ptr) (win.Status, win.Error) {
	return rtlDecompressBuffer(c, CompressionFormat, UncompressedBuffer, UncompressedBufferSize, CompressedBuffer, CompressedBufferSize, FinalUncompressedSize)
}
