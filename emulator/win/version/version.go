// Package version has the handlers of version.dll, which reads the version
// resources of files.
package version

import (
	"encoding/binary"
	"errors"
	"strings"

	"sidetrace/emulator/guest"
	"sidetrace/emulator/win"
	"sidetrace/loaders"
	"sidetrace/loaders/sample"
)

// Table is version.dll.
func Table() win.Table {
	return win.DLL("version.dll",
		win.Func4("GetFileVersionInfo{A,W}", getFileVersionInfo, "lptstrFilename dwHandle dwLen lpData"),
		win.Func5("GetFileVersionInfoEx{A,W}", getFileVersionInfoEx, "dwFlags lpwstrFilename dwHandle dwLen lpData"),
		win.Func2("GetFileVersionInfoSize{A,W}", getFileVersionInfoSize, "lptstrFilename lpdwHandle"),
		win.Func3("GetFileVersionInfoSizeEx{A,W}", getFileVersionInfoSizeEx, "dwFlags lpwstrFilename lpdwHandle"),
		win.Forward("VerLanguageNameA", "kernel32.VerLanguageNameA"),
		win.Forward("VerLanguageNameW", "kernel32.VerLanguageNameW"),
		win.Func4("VerQueryValue{A,W}", verQueryValue, "pBlock lpSubBlock lplpBuffer puLen"),
	)
}

// le is the byte order of everything the guest sees.
var le = binary.LittleEndian

// A block is the resource, a mark, and room for the ANSI forms of its texts,
// which VerQueryValueA fills.
const mark = "FE2X"

func blockSize(resource []byte) uint64 { return 2*uint64(len(resource)) + uint64(len(mark)) }

// getFileVersionInfoSize is how long a block for a file's version is.
//
// https://learn.microsoft.com/windows/win32/api/winver/nf-winver-getfileversioninfosizew
func getFileVersionInfoSize(c *win.Call, lptstrFilename win.TStr, lpdwHandle win.Out[uint32]) (win.DWORD, win.Error) {
	lpdwHandle.Set(c, 0)
	r, err := resource(c, lptstrFilename.Text)
	if err != 0 {
		return 0, err
	}
	return win.DWORD(blockSize(r)), 0
}

// getFileVersionInfoSizeEx does the same whatever the flags, which choose among
// the resources of languages.
//
// https://learn.microsoft.com/windows/win32/api/winver/nf-winver-getfileversioninfosizeexw
func getFileVersionInfoSizeEx(c *win.Call, dwFlags win.Hex, lpwstrFilename win.TStr, lpdwHandle win.Out[uint32]) (win.DWORD, win.Error) {
	return getFileVersionInfoSize(c, lpwstrFilename, lpdwHandle)
}

// getFileVersionInfo stores a block, or as much of it as there is room for.
//
// https://learn.microsoft.com/windows/win32/api/winver/nf-winver-getfileversioninfow
func getFileVersionInfo(c *win.Call, lptstrFilename win.TStr, dwHandle, dwLen win.DWORD, lpData win.Ptr) (win.Bool, win.Error) {
	if lpData == 0 {
		return false, win.ErrInvalidData
	}
	r, err := resource(c, lptstrFilename.Text)
	if err != 0 {
		return false, err
	}
	block := append(append(make([]byte, 0, blockSize(r)), r...), mark...)
	block = block[:cap(block)]
	n := min(uint64(len(block)), uint64(dwLen))
	c.Write(lpData, block[:n])
	return true, 0
}

// https://learn.microsoft.com/windows/win32/api/winver/nf-winver-getfileversioninfoexw
func getFileVersionInfoEx(c *win.Call, dwFlags win.Hex, lpwstrFilename win.TStr, dwHandle, dwLen win.DWORD, lpData win.Ptr) (win.Bool, win.Error) {
	return getFileVersionInfo(c, lpwstrFilename, dwHandle, dwLen, lpData)
}

// resource finds the version resource of a file. A name without a folder is
// looked for as a DLL's is.
func resource(c *win.Call, name string) ([]byte, win.Error) {
	if name == "" {
		return nil, win.ErrBadPathname
	}
	folders := []string{c.CurrentDirectory}
	if !strings.ContainsAny(name, `\/`) {
		folders = []string{c.ApplicationDirectory, guest.SystemDirectory, guest.WindowsDirectory, c.CurrentDirectory}
	}
	for _, folder := range folders {
		node := c.Files.Get(guest.FullPath(name, folder))
		if node == nil || node.Directory {
			continue
		}
		if m := c.SystemFile(node.Path); m != nil {
			return systemVersion(c.Config.Version, m.Name), 0
		}
		img, err := sample.Load(node.Data())
		if err != nil {
			return nil, win.ErrResourceTypeNotFound
		}
		return versionOf(img)
	}
	if errors.Is(c.Files.Missing(guest.FullPath(name, c.CurrentDirectory)), guest.ErrPathNotFound) {
		return nil, win.ErrPathNotFound
	}
	return nil, win.ErrFileNotFound
}

func versionOf(img *loaders.Image) ([]byte, win.Error) {
	const rtVersion = "16"
	for _, r := range img.Resources {
		if r.Type == rtVersion {
			return img.Raw[r.File.Offset:][:r.File.Size], 0
		}
	}
	if len(img.Resources) == 0 {
		return nil, win.ErrResourceDataNotFound
	}
	return nil, win.ErrResourceTypeNotFound
}
