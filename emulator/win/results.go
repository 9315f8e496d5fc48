package win

import "sidetrace/emulator/trace"

// Result is what a handler returns: a value, and what stands for failure when
// the handler returns an [Error] as well.
type Result interface {
	Raw() uint64
	Failure() uint64
	Format() trace.Format
}

// Results. Handle fails as NULL and FileHandle as INVALID_HANDLE_VALUE; numbers
// fail as 0; a [Status] and an [LSTATUS] are their own failure.
type (
	Void       struct{}
	Bool       bool
	FileHandle uint64
	Status     uint32 // NTSTATUS or HRESULT
	LSTATUS    uint32 // a Win32 error code as the result, as the registry's functions return it
	Socket     uint64 // fails as INVALID_SOCKET
	SockInt    int32  // fails as SOCKET_ERROR
	WaitCode   uint32 // WAIT_*; fails as WAIT_FAILED
	SizeFail   uint32 // fails as 0xFFFFFFFF: INVALID_FILE_SIZE, INVALID_SET_FILE_POINTER, INVALID_FILE_ATTRIBUTES
)

func (Void) Raw() uint64 { return 0 }
func (b Bool) Raw() uint64 {
	if b {
		return 1
	}
	return 0
}
func (h FileHandle) Raw() uint64 { return uint64(h) }
func (s Status) Raw() uint64     { return uint64(s) }
func (s LSTATUS) Raw() uint64    { return uint64(s) }
func (s Socket) Raw() uint64     { return uint64(s) }
func (s SockInt) Raw() uint64    { return uint64(uint32(s)) }
func (w WaitCode) Raw() uint64   { return uint64(w) }
func (s SizeFail) Raw() uint64   { return uint64(s) }
func (v DWORD) Raw() uint64      { return uint64(v) }
func (v Int) Raw() uint64        { return uint64(uint32(v)) }
func (v Size) Raw() uint64       { return uint64(v) }
func (v Int64) Raw() uint64      { return uint64(v) }
func (v WORD) Raw() uint64       { return uint64(v) }
func (v BYTE) Raw() uint64       { return uint64(v) }
func (v Ptr) Raw() uint64        { return uint64(v) }
func (v Handle) Raw() uint64     { return uint64(v) }
func (v Hex) Raw() uint64        { return uint64(v) }

func (Void) Failure() uint64       { return 0 }
func (Bool) Failure() uint64       { return 0 }
func (FileHandle) Failure() uint64 { return ^uint64(0) }
func (s Status) Failure() uint64   { return uint64(s) }
func (s LSTATUS) Failure() uint64  { return uint64(s) }
func (Socket) Failure() uint64     { return ^uint64(0) }
func (SockInt) Failure() uint64    { return 0xFFFFFFFF }
func (WaitCode) Failure() uint64   { return 0xFFFFFFFF }
func (SizeFail) Failure() uint64   { return 0xFFFFFFFF }
func (DWORD) Failure() uint64      { return 0 }
func (Int) Failure() uint64        { return 0 }
func (Size) Failure() uint64       { return 0 }
func (Int64) Failure() uint64      { return 0 }
func (WORD) Failure() uint64       { return 0 }
func (BYTE) Failure() uint64       { return 0 }
func (Ptr) Failure() uint64        { return 0 }
func (Handle) Failure() uint64     { return 0 }
func (Hex) Failure() uint64        { return 0 }

func (Void) Format() trace.Format       { return trace.Void }
func (Bool) Format() trace.Format       { return trace.Bool }
func (FileHandle) Format() trace.Format { return trace.Hex }
func (Status) Format() trace.Format     { return trace.Status }
func (LSTATUS) Format() trace.Format    { return trace.Dec }
func (Socket) Format() trace.Format     { return trace.Hex }
func (SockInt) Format() trace.Format    { return trace.Int }
func (WaitCode) Format() trace.Format   { return trace.WaitResult }
func (SizeFail) Format() trace.Format   { return trace.Hex }
