package ntdll

import (
	"sidetrace/emulator/guest"
	"sidetrace/emulator/win"
)

var statusRows = win.Rows{
	win.Func0("RtlGetLastWin32Error", rtlGetLastWin32Error),
	win.Func1("RtlNtStatusToDosError", rtlNtStatusToDosError, "Status"),
	win.Func1("RtlNtStatusToDosErrorNoTeb", rtlNtStatusToDosError, "Status"),
	win.Func1("RtlRestoreLastWin32Error", rtlSetLastWin32Error, "LastError"),
	win.Func1("RtlSetLastWin32Error", rtlSetLastWin32Error, "LastError"),
}

// NTSTATUS values beside those the handlers of all DLLs share.
//
// https://learn.microsoft.com/openspecs/windows_protocols/ms-erref/596a1078-e883-4972-9bbc-49e60bebca55
const (
	statusAbandoned              win.Status = 0x00000080
	StatusUserAPC                win.Status = 0x000000C0
	statusNoYield                win.Status = 0x40000024
	statusSemaphoreLimit         win.Status = 0xC0000047
	statusInvalidParameterMix    win.Status = 0xC0000030
	statusInvalidOwner           win.Status = 0xC000005A
	statusThreadNotInProcess     win.Status = 0xC000012A
	statusTimerNotCanceled       win.Status = 0xC000000C
	statusResourceNotOwned       win.Status = 0xC0000264
	statusObjectNameExists       win.Status = 0x40000000
	statusPartialCopy            win.Status = 0x8000000D
	statusNotMappedView          win.Status = 0xC0000019
	statusInvalidViewSize        win.Status = 0xC000001F
	statusSectionProtection      win.Status = 0xC000004E
	statusSectionTooBig          win.Status = 0xC0000040
	statusDiskFull               win.Status = 0xC000007F
	statusMappedFileSizeZero     win.Status = 0xC000011E
	statusMappedAlignment        win.Status = 0xC0000220
	statusUnableToDeleteSection  win.Status = 0xC000001B
	statusInvalidPageProtection  win.Status = 0xC0000045
	statusObjectTypeMismatch     win.Status = 0xC0000024
	statusObjectNameInvalid      win.Status = 0xC0000033
	statusObjectNameNotFound     win.Status = 0xC0000034
	statusObjectNameCollision    win.Status = 0xC0000035
	statusObjectPathNotFound     win.Status = 0xC000003A
	statusObjectPathSyntaxBad    win.Status = 0xC000003B
	statusMutantNotOwned         win.Status = 0xC0000046
	statusFreeVMNotAtBase        win.Status = 0xC000009F
	statusMemoryNotAllocated     win.Status = 0xC00000A0
	statusInvalidParameter1      win.Status = 0xC00000EF
	statusInvalidParameter2      win.Status = 0xC00000F0
	statusInvalidParameter3      win.Status = 0xC00000F1
	statusInvalidParameter4      win.Status = 0xC00000F2
	statusInvalidParameter5      win.Status = 0xC00000F3
	statusNameTooLong            win.Status = 0xC0000106
	statusOrdinalNotFound        win.Status = guest.StatusOrdinalNotFound
	statusHandleNotClosable      win.Status = 0xC0000235
	statusBadCompressionBuffer   win.Status = 0xC0000242
	statusUnsupportedCompression win.Status = 0xC000025F
	statusInvalidImageFormat     win.Status = guest.StatusInvalidImageFormat
	statusNoSuchFile             win.Status = 0xC000000F
	statusNoMoreEntries          win.Status = 0x8000001A
	statusInvalidCID             win.Status = 0xC000000B
	statusPortNotSet             win.Status = 0xC0000353
)

// errorMRMidNotFound is ERROR_MR_MID_NOT_FOUND: there is no Win32 error for a
// status.
const errorMRMidNotFound win.Error = 317

// Win32Error is the Win32 error code of a status, as RtlNtStatusToDosError
// gives it and as kernel32 makes it the last error.
//
// https://learn.microsoft.com/windows/win32/api/winternl/nf-winternl-rtlntstatustodoserror
func Win32Error(s win.Status) win.Error {
	const customer = 0x2000_0000
	const facilityWin32, hresultWin32 = 0xC001_0000, 0x8007_0000
	switch {
	case s == win.StatusSuccess:
		return 0
	case s&customer != 0:
		return win.Error(s)
	}
	if e, ok := win32Errors[s]; ok {
		return e
	}
	if high := s & 0xFFFF_0000; high == facilityWin32 || high == hresultWin32 {
		return win.Error(s & 0xFFFF)
	}
	return errorMRMidNotFound
}

// win32Errors has the common rows of Windows' table.
//
// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntifs/nf-ntifs-rtlntstatustodoserror
var win32Errors = map[win.Status]win.Error{
	0x00000080: 735,                         // STATUS_ABANDONED_WAIT_0
	0x00000102: win.ErrTimeout,              // STATUS_TIMEOUT
	0x00000103: 997,                         // STATUS_PENDING
	0x00000105: win.ErrMoreData,             // STATUS_MORE_ENTRIES
	0x40000000: 698,                         // STATUS_OBJECT_NAME_EXISTS
	0x80000001: 0x80000001,                  // STATUS_GUARD_PAGE_VIOLATION
	0x80000002: win.ErrNoAccess,             // STATUS_DATATYPE_MISALIGNMENT
	0x80000003: 0x80000003,                  // STATUS_BREAKPOINT
	0x80000004: 0x80000004,                  // STATUS_SINGLE_STEP
	0x80000005: win.ErrMoreData,             // STATUS_BUFFER_OVERFLOW
	0x80000006: win.ErrNoMoreFiles,          // STATUS_NO_MORE_FILES
	0x8000000D: 299,                         // STATUS_PARTIAL_COPY
	0x8000001A: win.ErrNoMoreItems,          // STATUS_NO_MORE_ENTRIES
	0xC0000001: 31,                          // STATUS_UNSUCCESSFUL
	0xC0000002: win.ErrInvalidFunction,      // STATUS_NOT_IMPLEMENTED
	0xC0000003: win.ErrInvalidParameter,     // STATUS_INVALID_INFO_CLASS
	0xC0000004: 24,                          // STATUS_INFO_LENGTH_MISMATCH
	0xC0000005: win.ErrNoAccess,             // STATUS_ACCESS_VIOLATION
	0xC0000006: 999,                         // STATUS_IN_PAGE_ERROR
	0xC0000008: win.ErrInvalidHandle,        // STATUS_INVALID_HANDLE
	0xC000000B: win.ErrInvalidParameter,     // STATUS_INVALID_CID
	0xC000000D: win.ErrInvalidParameter,     // STATUS_INVALID_PARAMETER
	0xC000000E: win.ErrFileNotFound,         // STATUS_NO_SUCH_DEVICE
	0xC000000F: win.ErrFileNotFound,         // STATUS_NO_SUCH_FILE
	0xC0000010: win.ErrInvalidFunction,      // STATUS_INVALID_DEVICE_REQUEST
	0xC0000011: win.ErrHandleEOF,            // STATUS_END_OF_FILE
	0xC0000016: win.ErrMoreData,             // STATUS_MORE_PROCESSING_REQUIRED
	0xC0000017: win.ErrNotEnoughMemory,      // STATUS_NO_MEMORY
	0xC0000018: win.ErrInvalidAddress,       // STATUS_CONFLICTING_ADDRESSES
	0xC0000019: win.ErrInvalidAddress,       // STATUS_NOT_MAPPED_VIEW
	0xC000001A: win.ErrInvalidParameter,     // STATUS_UNABLE_TO_FREE_VM
	0xC000001B: win.ErrInvalidParameter,     // STATUS_UNABLE_TO_DELETE_SECTION
	0xC000001C: win.ErrInvalidFunction,      // STATUS_INVALID_SYSTEM_SERVICE
	0xC000001D: 0xC000001D,                  // STATUS_ILLEGAL_INSTRUCTION
	0xC000001F: win.ErrAccessDenied,         // STATUS_INVALID_VIEW_SIZE
	0xC0000020: win.ErrBadExeFormat,         // STATUS_INVALID_FILE_FOR_SECTION
	0xC0000021: win.ErrAccessDenied,         // STATUS_ALREADY_COMMITTED
	0xC0000022: win.ErrAccessDenied,         // STATUS_ACCESS_DENIED
	0xC0000023: win.ErrInsufficientBuffer,   // STATUS_BUFFER_TOO_SMALL
	0xC0000024: win.ErrInvalidHandle,        // STATUS_OBJECT_TYPE_MISMATCH
	0xC000002A: 158,                         // STATUS_NOT_LOCKED
	0xC000002D: win.ErrInvalidAddress,       // STATUS_NOT_COMMITTED
	0xC0000030: win.ErrInvalidParameter,     // STATUS_INVALID_PARAMETER_MIX
	0xC0000033: win.ErrInvalidName,          // STATUS_OBJECT_NAME_INVALID
	0xC0000034: win.ErrFileNotFound,         // STATUS_OBJECT_NAME_NOT_FOUND
	0xC0000035: win.ErrAlreadyExists,        // STATUS_OBJECT_NAME_COLLISION
	0xC0000039: win.ErrBadPathname,          // STATUS_OBJECT_PATH_INVALID
	0xC000003A: win.ErrPathNotFound,         // STATUS_OBJECT_PATH_NOT_FOUND
	0xC000003B: win.ErrBadPathname,          // STATUS_OBJECT_PATH_SYNTAX_BAD
	0xC000003E: 23,                          // STATUS_DATA_ERROR
	0xC0000040: win.ErrNotEnoughMemory,      // STATUS_SECTION_TOO_BIG
	0xC0000043: win.ErrSharingViolation,     // STATUS_SHARING_VIOLATION
	0xC0000045: win.ErrInvalidParameter,     // STATUS_INVALID_PAGE_PROTECTION
	0xC0000046: win.ErrNotOwner,             // STATUS_MUTANT_NOT_OWNED
	0xC0000047: win.ErrTooManyPosts,         // STATUS_SEMAPHORE_LIMIT_EXCEEDED
	0xC000004A: 156,                         // STATUS_SUSPEND_COUNT_EXCEEDED
	0xC000004B: win.ErrAccessDenied,         // STATUS_THREAD_IS_TERMINATING
	0xC000004E: win.ErrInvalidParameter,     // STATUS_SECTION_PROTECTION
	0xC0000056: win.ErrAccessDenied,         // STATUS_DELETE_PENDING
	0xC0000061: 1314,                        // STATUS_PRIVILEGE_NOT_HELD
	0xC000007A: win.ErrProcNotFound,         // STATUS_PROCEDURE_NOT_FOUND
	0xC000007B: win.ErrBadExeFormat,         // STATUS_INVALID_IMAGE_FORMAT
	0xC000012F: win.ErrBadExeFormat,         // STATUS_INVALID_IMAGE_NOT_MZ
	0xC000007C: 1008,                        // STATUS_NO_TOKEN
	0xC000007F: win.ErrDiskFull,             // STATUS_DISK_FULL
	0xC0000096: 0xC0000096,                  // STATUS_PRIVILEGED_INSTRUCTION
	0xC000009A: 1450,                        // STATUS_INSUFFICIENT_RESOURCES
	0xC000009F: win.ErrInvalidAddress,       // STATUS_FREE_VM_NOT_AT_BASE
	0xC00000A0: win.ErrInvalidAddress,       // STATUS_MEMORY_NOT_ALLOCATED
	0xC00000A3: win.ErrNotReady,             // STATUS_DEVICE_NOT_READY
	0xC00000AB: 231,                         // STATUS_INSTANCE_NOT_AVAILABLE
	0xC00000AC: 231,                         // STATUS_PIPE_NOT_AVAILABLE
	0xC00000AD: 230,                         // STATUS_INVALID_PIPE_STATE
	0xC00000AE: 231,                         // STATUS_PIPE_BUSY
	0xC00000AF: win.ErrInvalidFunction,      // STATUS_ILLEGAL_FUNCTION
	0xC00000B0: 233,                         // STATUS_PIPE_DISCONNECTED
	0xC00000B1: win.ErrNoData,               // STATUS_PIPE_CLOSING
	0xC00000B2: 535,                         // STATUS_PIPE_CONNECTED
	0xC00000B3: 536,                         // STATUS_PIPE_LISTENING
	0xC00000B4: 230,                         // STATUS_INVALID_READ_MODE
	0xC00000B5: 121,                         // STATUS_IO_TIMEOUT
	0xC00000D9: win.ErrNoData,               // STATUS_PIPE_EMPTY
	0xC00000BA: win.ErrAccessDenied,         // STATUS_FILE_IS_A_DIRECTORY
	0xC00000BB: win.ErrNotSupported,         // STATUS_NOT_SUPPORTED
	0xC00000CC: 67,                          // STATUS_BAD_NETWORK_NAME
	0xC00000E5: 1359,                        // STATUS_INTERNAL_ERROR
	0xC00000EF: win.ErrInvalidParameter,     // STATUS_INVALID_PARAMETER_1
	0xC00000F0: win.ErrInvalidParameter,     // STATUS_INVALID_PARAMETER_2
	0xC00000F1: win.ErrInvalidParameter,     // STATUS_INVALID_PARAMETER_3
	0xC00000F2: win.ErrInvalidParameter,     // STATUS_INVALID_PARAMETER_4
	0xC00000F3: win.ErrInvalidParameter,     // STATUS_INVALID_PARAMETER_5
	0xC00000F4: win.ErrInvalidParameter,     // STATUS_INVALID_PARAMETER_6
	0xC0000428: 577,                         // STATUS_INVALID_IMAGE_HASH
	0xC00000FD: 1001,                        // STATUS_STACK_OVERFLOW
	0xC0000101: win.ErrDirNotEmpty,          // STATUS_DIRECTORY_NOT_EMPTY
	0xC0000103: win.ErrDirectory,            // STATUS_NOT_A_DIRECTORY
	0xC0000106: 206,                         // STATUS_NAME_TOO_LONG
	0xC000010A: win.ErrAccessDenied,         // STATUS_PROCESS_IS_TERMINATING
	0xC000011E: win.ErrFileInvalid,          // STATUS_MAPPED_FILE_SIZE_ZERO
	0xC0000120: 995,                         // STATUS_CANCELLED
	0xC000014B: win.ErrBrokenPipe,           // STATUS_PIPE_BROKEN
	0xC0000121: win.ErrAccessDenied,         // STATUS_CANNOT_DELETE
	0xC0000123: win.ErrAccessDenied,         // STATUS_FILE_DELETED
	0xC000012D: win.ErrCommitmentLimit,      // STATUS_COMMITMENT_LIMIT
	0xC0000135: win.ErrModNotFound,          // STATUS_DLL_NOT_FOUND
	0xC0000138: win.ErrInvalidOrdinal,       // STATUS_ORDINAL_NOT_FOUND
	0xC0000139: win.ErrProcNotFound,         // STATUS_ENTRYPOINT_NOT_FOUND
	0xC0000142: win.ErrDLLInitFailed,        // STATUS_DLL_INIT_FAILED
	0xC0000191: win.ErrMutantLimit,          // STATUS_MUTANT_LIMIT_EXCEEDED
	0xC0000206: 1784,                        // STATUS_INVALID_BUFFER_SIZE
	0xC0000220: win.ErrMappedAlignment,      // STATUS_MAPPED_ALIGNMENT
	0xC0000225: 1168,                        // STATUS_NOT_FOUND
	0xC0000235: win.ErrInvalidHandle,        // STATUS_HANDLE_NOT_CLOSABLE
	0xC0000089: win.ErrResourceDataNotFound, // STATUS_RESOURCE_DATA_NOT_FOUND
	0xC000008A: win.ErrResourceTypeNotFound, // STATUS_RESOURCE_TYPE_NOT_FOUND
	0xC000008B: win.ErrResourceNameNotFound, // STATUS_RESOURCE_NAME_NOT_FOUND
}

// rtlNtStatusToDosError turns a status into a Win32 error code. The status is
// not kept in the TEB.
//
// https://learn.microsoft.com/windows/win32/api/winternl/nf-winternl-rtlntstatustodoserror
func rtlNtStatusToDosError(c *win.Call, Status win.Hex) (win.DWORD, win.Error) {
	return win.DWORD(Win32Error(win.Status(Status))), 0
}

// rtlGetLastWin32Error and rtlSetLastWin32Error are GetLastError and
// SetLastError.
//
// https://learn.microsoft.com/windows/win32/api/errhandlingapi/nf-errhandlingapi-getlasterror
func rtlGetLastWin32Error(c *win.Call) (win.DWORD, win.Error) {
	return win.DWORD(c.T.LastError()), 0
}

func rtlSetLastWin32Error(c *win.Call, LastError win.DWORD) (win.Void, win.Error) {
	c.T.SetLastError(uint32(LastError))
	return win.Void{}, 0
}
