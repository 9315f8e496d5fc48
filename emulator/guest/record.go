package guest

import (
	"encoding/binary"
)

// Exception codes.
//
// https://learn.microsoft.com/windows/win32/debug/getexceptioncode
const (
	StatusGuardPage                = 0x80000001
	StatusDatatypeMisalignment     = 0x80000002
	StatusBreakpoint               = 0x80000003
	StatusSingleStep               = 0x80000004
	StatusLongJump                 = 0x80000026
	StatusUnwindConsolidate        = 0x80000029
	StatusAccessViolation          = 0xC0000005
	StatusIllegalInstruction       = 0xC000001D
	StatusNoncontinuable           = 0xC0000025
	StatusInvalidDisposition       = 0xC0000026
	StatusUnwind                   = 0xC0000027
	StatusBadStack                 = 0xC0000028
	StatusInvalidUnwindTarget      = 0xC0000029
	StatusFloatDenormalOperand     = 0xC000008D
	StatusFloatDivideByZero        = 0xC000008E
	StatusFloatInexactResult       = 0xC000008F
	StatusFloatInvalidOperation    = 0xC0000090
	StatusFloatOverflow            = 0xC0000091
	StatusFloatUnderflow           = 0xC0000093
	StatusIntegerDivideByZero      = 0xC0000094
	StatusIntegerOverflow          = 0xC0000095
	StatusPrivilegedInstruction    = 0xC0000096
	StatusBadFunctionTable         = 0xC00000FF
	StatusStackOverflow            = 0xC00000FD
	StatusStackBufferOverrun       = 0xC0000409
	StatusAssertionFailure         = 0xC0000420
	statusFatalUserCallbackFailure = 0xC000041D
)

var statusNames = map[uint32]string{
	StatusGuardPage:             "STATUS_GUARD_PAGE_VIOLATION",
	StatusDatatypeMisalignment:  "STATUS_DATATYPE_MISALIGNMENT",
	StatusBreakpoint:            "STATUS_BREAKPOINT",
	StatusSingleStep:            "STATUS_SINGLE_STEP",
	StatusLongJump:              "STATUS_LONGJUMP",
	StatusAccessViolation:       "STATUS_ACCESS_VIOLATION",
	StatusIllegalInstruction:    "STATUS_ILLEGAL_INSTRUCTION",
	StatusNoncontinuable:        "STATUS_NONCONTINUABLE_EXCEPTION",
	StatusInvalidDisposition:    "STATUS_INVALID_DISPOSITION",
	StatusBadStack:              "STATUS_BAD_STACK",
	StatusInvalidUnwindTarget:   "STATUS_INVALID_UNWIND_TARGET",
	StatusFloatDenormalOperand:  "STATUS_FLOAT_DENORMAL_OPERAND",
	StatusFloatDivideByZero:     "STATUS_FLOAT_DIVIDE_BY_ZERO",
	StatusFloatInexactResult:    "STATUS_FLOAT_INEXACT_RESULT",
	StatusFloatInvalidOperation: "STATUS_FLOAT_INVALID_OPERATION",
	StatusFloatOverflow:         "STATUS_FLOAT_OVERFLOW",
	StatusFloatUnderflow:        "STATUS_FLOAT_UNDERFLOW",
	StatusIntegerDivideByZero:   "STATUS_INTEGER_DIVIDE_BY_ZERO",
	StatusIntegerOverflow:       "STATUS_INTEGER_OVERFLOW",
	StatusPrivilegedInstruction: "STATUS_PRIVILEGED_INSTRUCTION",
	StatusStackOverflow:         "STATUS_STACK_OVERFLOW",
	StatusStackBufferOverrun:    "STATUS_STACK_BUFFER_OVERRUN",
	StatusAssertionFailure:      "STATUS_ASSERTION_FAILURE",
}

// Flags of an exception record.
const (
	ExceptionNoncontinuable  = 0x01
	ExceptionUnwinding       = 0x02
	ExceptionExitUnwind      = 0x04
	exceptionStackInvalid    = 0x08
	exceptionNestedCall      = 0x10
	ExceptionTargetUnwind    = 0x20
	exceptionCollidedUnwind  = 0x40
	ExceptionUnwind          = ExceptionUnwinding | ExceptionExitUnwind | ExceptionTargetUnwind | exceptionCollidedUnwind
	ExceptionMaximumParams   = 15
	RecordSize               = 0x98 // of an EXCEPTION_RECORD
	recordFlags              = 0x04
	recordNested             = 0x08
	recordAddress            = 0x10
	recordParameters         = 0x18
	recordInformation        = 0x20
	dispositionContinue      = 0
	dispositionSearch        = 1
	dispositionNested        = 2
	dispositionCollided      = 3
	exceptionContinueSearch  = 0
	exceptionContinueExecute = -1
)

// Record is an EXCEPTION_RECORD.
//
// https://learn.microsoft.com/windows/win32/api/winnt/ns-winnt-exception_record
type Record struct {
	Code    uint32
	Flags   uint32
	Nested  uint64 // address of another record
	Address uint64
	Info    []uint64
}

// Store writes the record. b has [RecordSize] bytes.
func (r *Record) Store(b []byte) {
	clear(b)
	le := binary.LittleEndian
	le.PutUint32(b, r.Code)
	le.PutUint32(b[recordFlags:], r.Flags)
	le.PutUint64(b[recordNested:], r.Nested)
	le.PutUint64(b[recordAddress:], r.Address)
	n := min(len(r.Info), ExceptionMaximumParams)
	le.PutUint32(b[recordParameters:], uint32(n))
	for i, v := range r.Info[:n] {
		le.PutUint64(b[recordInformation+8*i:], v)
	}
}

// LoadRecord reads a record of the guest.
func (p *Process) LoadRecord(at uint64) (*Record, error) {
	b, err := p.Mem.View(at, RecordSize)
	if err != nil {
		return nil, err
	}
	le := binary.LittleEndian
	r := &Record{Code: le.Uint32(b), Flags: le.Uint32(b[recordFlags:]), Nested: le.Uint64(b[recordNested:]), Address: le.Uint64(b[recordAddress:])}
	for i := range min(le.Uint32(b[recordParameters:]), ExceptionMaximumParams) {
		r.Info = append(r.Info, le.Uint64(b[recordInformation+8*i:]))
	}
	return r, nil
}

// name is the code's name, or its number.
func (r *Record) name() string { return statusNames[r.Code] }
