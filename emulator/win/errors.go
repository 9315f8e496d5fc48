package win

// Error is a Win32 error code, as GetLastError gives it. 0 is success.
//
// https://learn.microsoft.com/windows/win32/debug/system-error-codes
type Error uint32

const (
	ErrInvalidFunction      Error = 1
	ErrFileNotFound         Error = 2
	ErrPathNotFound         Error = 3
	ErrAccessDenied         Error = 5
	ErrInvalidHandle        Error = 6
	ErrNotEnoughMemory      Error = 8
	ErrInvalidData          Error = 13
	ErrOutOfMemory          Error = 14
	ErrNoMoreFiles          Error = 18
	ErrNotReady             Error = 21
	ErrSharingViolation     Error = 32
	ErrHandleEOF            Error = 38
	ErrNotSupported         Error = 50
	ErrBadNetPath           Error = 53
	ErrFileExists           Error = 80
	ErrInvalidParameter     Error = 87
	ErrBrokenPipe           Error = 109
	ErrBufferOverflow       Error = 111
	ErrDiskFull             Error = 112
	ErrCallNotImplemented   Error = 120
	ErrInsufficientBuffer   Error = 122
	ErrInvalidName          Error = 123
	ErrModNotFound          Error = 126
	ErrProcNotFound         Error = 127
	ErrNegativeSeek         Error = 131
	ErrDirNotRoot           Error = 144
	ErrDirNotEmpty          Error = 145
	ErrNotOwner             Error = 288
	ErrBadPathname          Error = 161
	ErrInvalidOrdinal       Error = 182
	ErrAlreadyExists        Error = 183
	ErrFilenameExceedsRange Error = 206
	ErrBadExeFormat         Error = 193
	ErrEnvVarNotFound       Error = 203
	ErrNoData               Error = 232
	ErrMoreData             Error = 234
	ErrNoMoreItems          Error = 259
	ErrDirectory            Error = 267
	ErrTooManyPosts         Error = 298
	ErrInvalidAddress       Error = 487
	ErrDLLInitFailed        Error = 1114
	ErrOldVersion           Error = 1150
	ErrNoAccess             Error = 998
	ErrInvalidFlags         Error = 1004
	ErrFileInvalid          Error = 1006
	ErrNoUnicodeTranslation Error = 1113
	ErrMappedAlignment      Error = 1132
	ErrResourceDataNotFound Error = 1812
	ErrResourceTypeNotFound Error = 1813
	ErrResourceNameNotFound Error = 1814
	ErrResourceLangNotFound Error = 1815
	ErrTimeout              Error = 1460
	ErrCommitmentLimit      Error = 1455
	ErrMutantLimit          Error = 587
)

// NTSTATUS values handlers return.
const (
	StatusSuccess              Status = 0
	StatusTimeout              Status = 0x00000102
	StatusUnsuccessful         Status = 0xC0000001
	StatusSuspendCountExceeded Status = 0xC000004A
	StatusNotImplemented       Status = 0xC0000002
	StatusInvalidInfoClass     Status = 0xC0000003
	StatusInfoLengthMismatch   Status = 0xC0000004
	StatusAccessViolation      Status = 0xC0000005
	StatusInvalidHandle        Status = 0xC0000008
	StatusInvalidSystemService Status = 0xC000001C
	StatusInvalidParameter     Status = 0xC000000D
	StatusNoMemory             Status = 0xC0000017
	StatusCommitmentLimit      Status = 0xC000012D
	StatusAccessDenied         Status = 0xC0000022
	StatusBufferTooSmall       Status = 0xC0000023
	StatusNotFound             Status = 0xC0000225
	StatusNotSupported         Status = 0xC00000BB
	StatusDLLNotFound          Status = 0xC0000135
	StatusEntryPointNotFound   Status = 0xC0000139
	StatusAuthTagMismatch      Status = 0xC000A002
	StatusInvalidBufferSize    Status = 0xC0000206
	StatusDataError            Status = 0xC000003E
	StatusConflictingAddress   Status = 0xC0000018
	StatusNotCommitted         Status = 0xC000002D
)
