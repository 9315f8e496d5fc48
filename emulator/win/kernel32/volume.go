package kernel32

import (
	"strings"

	"sidetrace/emulator/guest"
	"sidetrace/emulator/win"
)

// The machine has one fixed drive, C:, an NTFS volume of 128 GiB.

var volumeRows = win.Rows{
	win.Func2("FindFirstVolume{A,W}", findFirstVolume, "lpszVolumeName cchBufferLength"),
	win.Func3("FindNextVolume{A,W}", findNextVolume, "hFindVolume lpszVolumeName cchBufferLength"),
	win.Func1("FindVolumeClose", findClose, "hFindFile"),
	win.Func5("GetDiskFreeSpace{A,W}", getDiskFreeSpace, "lpRootPathName lpSectorsPerCluster lpBytesPerSector lpNumberOfFreeClusters lpTotalNumberOfClusters"),
	win.Func4("GetDiskFreeSpaceEx{A,W}", getDiskFreeSpaceEx, "lpDirectoryName lpFreeBytesAvailableToCaller lpTotalNumberOfBytes lpTotalNumberOfFreeBytes"),
	win.Func1("GetDriveType{A,W}", getDriveType, "lpRootPathName"),
	win.Func2("GetLogicalDriveStrings{A,W}", getLogicalDriveStrings, "nBufferLength lpBuffer"),
	win.Func0("GetLogicalDrives", getLogicalDrives),
	win.Func8("GetVolumeInformation{A,W}", getVolumeInformation,
		"lpRootPathName lpVolumeNameBuffer nVolumeNameSize lpVolumeSerialNumber lpMaximumComponentLength lpFileSystemFlags lpFileSystemNameBuffer nFileSystemNameSize"),
	win.Func8("GetVolumeInformationByHandleW", getVolumeInformationByHandle,
		"hFile lpVolumeNameBuffer nVolumeNameSize lpVolumeSerialNumber lpMaximumComponentLength lpFileSystemFlags lpFileSystemNameBuffer nFileSystemNameSize"),
	win.Func3("GetVolumeNameForVolumeMountPoint{A,W}", getVolumeNameForVolumeMountPoint, "lpszVolumeMountPoint lpszVolumeName cchBufferLength"),
	win.Func3("GetVolumePathName{A,W}", getVolumePathName, "lpszFileName lpszVolumePathName cchBufferLength"),
	win.Func4("GetVolumePathNamesForVolumeName{A,W}", getVolumePathNamesForVolumeName, "lpszVolumeName lpszVolumePathNames cchBufferLength lpcchReturnLength"),
	win.Func3("QueryDosDevice{A,W}", queryDosDevice, "lpDeviceName lpTargetPath ucchMax"),
}

const (
	volumeSerial   = 0x5EED_C0DE // as any serial number
	volumeName     = `\\?\Volume{b75e2c83-0000-0000-0000-602f00000000}\`
	volumeDevice   = `\Device\HarddiskVolume3`
	volumeSystem   = "NTFS"
	volumeFlags    = 0x03E72EFF // FILE_CASE_PRESERVED_NAMES, FILE_NAMED_STREAMS, …
	longestName    = 255
	clusterBytes   = 4096
	sectorBytes    = 512
	volumeClusters = 128 << 30 / clusterBytes
	freeClusters   = 80 << 30 / clusterBytes
	driveRoot      = `C:\`

	driveNoRoot = 1 // DRIVE_*
	driveFixed  = 3

	errUnrecognizedVolume win.Error = 1005
	errNotADirectory      win.Error = 267
)

// onVolume finds the root of the drive a name lies on, which must be a root;
// NULL is the current directory's.
func onVolume(c *win.Call, name win.Str) win.Error {
	if name.Null() {
		return 0
	}
	if strings.EqualFold(name.Text, volumeName) {
		return 0
	}
	path := guest.FullPath(name.Text, c.CurrentDirectory)
	switch {
	case name.Text == "" || len(path) > 3 && c.Files.Get(path) == nil:
		return win.ErrPathNotFound
	case !strings.HasSuffix(name.Text, `\`) && !strings.HasSuffix(name.Text, "/"):
		return win.ErrInvalidName
	case !strings.EqualFold(path[:min(3, len(path))], driveRoot):
		return win.ErrPathNotFound
	case len(path) > 3:
		return win.ErrDirNotRoot
	}
	return 0
}

// getDriveType tells the one fixed drive from roots that are not there.
//
// https://learn.microsoft.com/windows/win32/api/fileapi/nf-fileapi-getdrivetypew
func getDriveType(c *win.Call, lpRootPathName win.TStr) (win.DWORD, win.Error) {
	if lpRootPathName.Null() {
		return driveFixed, 0
	}
	path := guest.FullPath(lpRootPathName.Text, c.CurrentDirectory)
	if lpRootPathName.Text != "" && strings.EqualFold(path, driveRoot) || strings.EqualFold(lpRootPathName.Text, volumeName) {
		return driveFixed, 0
	}
	return driveNoRoot, 0
}

// getLogicalDrives has a bit for each drive.
//
// https://learn.microsoft.com/windows/win32/api/fileapi/nf-fileapi-getlogicaldrives
func getLogicalDrives(*win.Call) (win.Hex, win.Error) { return 1 << ('C' - 'A'), 0 }

// getLogicalDriveStrings lists the roots, with two terminators behind. The
// result counts one of them only where the buffer is too small.
//
// https://learn.microsoft.com/windows/win32/api/fileapi/nf-fileapi-getlogicaldrivestringsw
func getLogicalDriveStrings(c *win.Call, nBufferLength win.DWORD, lpBuffer win.Ptr) (win.DWORD, win.Error) {
	b := append(c.Encode(driveRoot), make([]byte, c.CharSize())...)
	n := win.DWORD(uint64(len(b)) / c.CharSize())
	if nBufferLength < n || lpBuffer == 0 {
		return n, 0
	}
	c.Write(lpBuffer, b)
	return n - 1, 0
}

// getDiskFreeSpace tells the volume's size in clusters.
//
// https://learn.microsoft.com/windows/win32/api/fileapi/nf-fileapi-getdiskfreespacew
func getDiskFreeSpace(c *win.Call, lpRootPathName win.TStr, lpSectorsPerCluster, lpBytesPerSector, lpNumberOfFreeClusters, lpTotalNumberOfClusters win.Out[uint32]) (win.Bool, win.Error) {
	if err := onVolume(c, lpRootPathName.Str); err != 0 && err != win.ErrDirNotRoot && err != win.ErrInvalidName {
		return false, err
	}
	lpSectorsPerCluster.Set(c, clusterBytes/sectorBytes)
	lpBytesPerSector.Set(c, sectorBytes)
	lpNumberOfFreeClusters.Set(c, freeClusters)
	lpTotalNumberOfClusters.Set(c, volumeClusters)
	return true, 0
}

// getDiskFreeSpaceEx tells the volume's size in bytes; any directory will do.
//
// https://learn.microsoft.com/windows/win32/api/fileapi/nf-fileapi-getdiskfreespaceexw
func getDiskFreeSpaceEx(c *win.Call, lpDirectoryName win.TStr, lpFreeBytesAvailableToCaller, lpTotalNumberOfBytes, lpTotalNumberOfFreeBytes win.Out[uint64]) (win.Bool, win.Error) {
	if !lpDirectoryName.Null() {
		n, err := existing(c, lpDirectoryName.Text)
		switch {
		case err == win.ErrFileNotFound:
			return false, win.ErrPathNotFound
		case err != 0:
			return false, err
		case !n.Directory:
			return false, errNotADirectory
		}
	}
	lpFreeBytesAvailableToCaller.Set(c, freeClusters*clusterBytes)
	lpTotalNumberOfBytes.Set(c, volumeClusters*clusterBytes)
	lpTotalNumberOfFreeBytes.Set(c, freeClusters*clusterBytes)
	return true, 0
}

// getVolumeInformation describes the volume, which has no label.
//
// https://learn.microsoft.com/windows/win32/api/fileapi/nf-fileapi-getvolumeinformationw
func getVolumeInformation(c *win.Call, lpRootPathName win.TStr, lpVolumeNameBuffer win.Ptr, nVolumeNameSize win.DWORD, lpVolumeSerialNumber, lpMaximumComponentLength, lpFileSystemFlags win.Out[uint32], lpFileSystemNameBuffer win.Ptr, nFileSystemNameSize win.DWORD) (win.Bool, win.Error) {
	if err := onVolume(c, lpRootPathName.Str); err != 0 {
		return false, err
	}
	return volumeInformation(c, lpVolumeNameBuffer, nVolumeNameSize, lpVolumeSerialNumber, lpMaximumComponentLength, lpFileSystemFlags, lpFileSystemNameBuffer, nFileSystemNameSize)
}

func getVolumeInformationByHandle(c *win.Call, hFile win.Handle, lpVolumeNameBuffer win.Ptr, nVolumeNameSize win.DWORD, lpVolumeSerialNumber, lpMaximumComponentLength, lpFileSystemFlags win.Out[uint32], lpFileSystemNameBuffer win.Ptr, nFileSystemNameSize win.DWORD) (win.Bool, win.Error) {
	if _, err := diskFile(c, hFile); err != 0 {
		return false, err
	}
	return volumeInformation(c, lpVolumeNameBuffer, nVolumeNameSize, lpVolumeSerialNumber, lpMaximumComponentLength, lpFileSystemFlags, lpFileSystemNameBuffer, nFileSystemNameSize)
}

func volumeInformation(c *win.Call, name win.Ptr, nameSize win.DWORD, serial, longest, flags win.Out[uint32], system win.Ptr, systemSize win.DWORD) (win.Bool, win.Error) {
	const tooLong win.Error = 24 // ERROR_BAD_LENGTH
	if name != 0 && nameSize == 0 || system != 0 && systemSize <= win.DWORD(len(volumeSystem)) {
		return false, tooLong
	}
	serial.Set(c, volumeSerial)
	longest.Set(c, longestName)
	flags.Set(c, volumeFlags)
	fill(c, name, nameSize, "")
	fill(c, system, systemSize, volumeSystem)
	return true, 0
}

// getVolumePathName gives the root a path lies below.
//
// https://learn.microsoft.com/windows/win32/api/fileapi/nf-fileapi-getvolumepathnamew
func getVolumePathName(c *win.Call, lpszFileName win.TStr, lpszVolumePathName win.Ptr, cchBufferLength win.DWORD) (win.Bool, win.Error) {
	if lpszFileName.Text == "" || lpszVolumePathName == 0 || cchBufferLength == 0 {
		return false, win.ErrInvalidParameter
	}
	path := guest.FullPath(lpszFileName.Text, c.CurrentDirectory)
	if len(path) < 3 || !strings.EqualFold(path[:3], driveRoot) {
		return false, win.ErrFileNotFound
	}
	if fill(c, lpszVolumePathName, cchBufferLength, path[:3]) >= cchBufferLength {
		return false, win.ErrFilenameExceedsRange
	}
	return true, 0
}

// getVolumeNameForVolumeMountPoint gives the unique name of the volume.
//
// https://learn.microsoft.com/windows/win32/api/fileapi/nf-fileapi-getvolumenameforvolumemountpointw
func getVolumeNameForVolumeMountPoint(c *win.Call, lpszVolumeMountPoint win.TStr, lpszVolumeName win.Ptr, cchBufferLength win.DWORD) (win.Bool, win.Error) {
	if err := onVolume(c, lpszVolumeMountPoint.Str); err != 0 || lpszVolumeMountPoint.Null() {
		return false, max(err, win.ErrFileNotFound)
	}
	if fill(c, lpszVolumeName, cchBufferLength, volumeName) >= cchBufferLength {
		return false, win.ErrFilenameExceedsRange
	}
	return true, 0
}

// getVolumePathNamesForVolumeName lists the roots of a volume.
//
// https://learn.microsoft.com/windows/win32/api/fileapi/nf-fileapi-getvolumepathnamesforvolumenamew
func getVolumePathNamesForVolumeName(c *win.Call, lpszVolumeName win.TStr, lpszVolumePathNames win.Ptr, cchBufferLength win.DWORD, lpcchReturnLength win.Out[uint32]) (win.Bool, win.Error) {
	if !strings.EqualFold(lpszVolumeName.Text, volumeName) {
		return false, win.ErrFileNotFound
	}
	b := append(c.Encode(driveRoot), make([]byte, c.CharSize())...)
	n := win.DWORD(uint64(len(b)) / c.CharSize())
	lpcchReturnLength.Set(c, uint32(n))
	if n > cchBufferLength {
		return false, win.ErrMoreData
	}
	c.Write(lpszVolumePathNames, b)
	return true, 0
}

// findFirstVolume begins a list of the one volume.
//
// https://learn.microsoft.com/windows/win32/api/fileapi/nf-fileapi-findfirstvolumew
func findFirstVolume(c *win.Call, lpszVolumeName win.Ptr, cchBufferLength win.DWORD) (win.FileHandle, win.Error) {
	if fill(c, lpszVolumeName, cchBufferLength, volumeName) >= cchBufferLength {
		return 0, win.ErrFilenameExceedsRange
	}
	return win.FileHandle(c.Handles.Add(&finding{})), 0
}

func findNextVolume(c *win.Call, hFindVolume win.Handle, lpszVolumeName win.Ptr, cchBufferLength win.DWORD) (win.Bool, win.Error) {
	if _, ok := guest.Lookup[*finding](c.Handles, hFindVolume.Guest()); !ok {
		return false, win.ErrInvalidHandle
	}
	return false, win.ErrNoMoreFiles
}

// queryDosDevice tells what a drive stands for, or, without a name, lists the
// names there are.
//
// https://learn.microsoft.com/windows/win32/api/fileapi/nf-fileapi-querydosdevicew
func queryDosDevice(c *win.Call, lpDeviceName win.TStr, lpTargetPath win.Ptr, ucchMax win.DWORD) (win.DWORD, win.Error) {
	var text []byte
	switch {
	case lpDeviceName.Null():
		for _, name := range []string{"AUX", "C:", "CON", "CONIN$", "CONOUT$", "HarddiskVolume3", "NUL", "PhysicalDrive0", "PIPE"} {
			text = append(text, c.Encode(name)...)
		}
	case strings.EqualFold(lpDeviceName.Text, "C:"), strings.EqualFold(lpDeviceName.Text, "HarddiskVolume3"):
		text = c.Encode(volumeDevice)
	case strings.EqualFold(lpDeviceName.Text, "NUL"):
		text = c.Encode(`\Device\Null`)
	case strings.EqualFold(lpDeviceName.Text, "PhysicalDrive0"):
		text = c.Encode(`\Device\Harddisk0\DR0`)
	default:
		return 0, win.ErrFileNotFound
	}
	text = append(text, make([]byte, c.CharSize())...)
	n := win.DWORD(uint64(len(text)) / c.CharSize())
	if n > ucchMax {
		return 0, win.ErrInsufficientBuffer
	}
	c.Write(lpTargetPath, text)
	return n, 0
}
