package trace

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// Format says how a raw 64-bit argument or result is printed.
type Format uint8

const (
	Hex             Format = iota // 0x1f
	Dec                           // 31, unsigned 32 bits
	Int                           // -1, signed 32 bits
	Int64                         // -1, signed 64 bits
	Pointer                       // 0x7ff600001000 or NULL
	Bool                          // TRUE, FALSE
	Text                          // a string argument; its address where there is no text
	Status                        // NTSTATUS or HRESULT in eight digits
	Void                          // no result
	PageProtection                // PAGE_READWRITE
	AllocationType                // MEM_RESERVE|MEM_COMMIT
	FileAccess                    // GENERIC_READ|GENERIC_WRITE
	FileDisposition               // OPEN_EXISTING
	RegistryKey                   // HKEY_LOCAL_MACHINE
	RegistryType                  // REG_SZ
	WaitResult                    // WAIT_OBJECT_0
	Milliseconds                  // 100, INFINITE
	Double                        // 0.5, of the bits of a double
	Float                         // 0.5, of the bits of a float
)

// Format prints a raw value.
func (f Format) Format(v uint64) string {
	switch f {
	case Dec:
		return strconv.FormatUint(uint64(uint32(v)), 10)
	case Int:
		return strconv.FormatInt(int64(int32(v)), 10)
	case Int64:
		return strconv.FormatInt(int64(v), 10)
	case Bool:
		switch uint32(v) {
		case 0:
			return "FALSE"
		case 1:
			return "TRUE"
		}
	case Pointer, Text:
		if v == 0 {
			return "NULL"
		}
	case Status:
		return fmt.Sprintf("0x%08x", uint32(v))
	case Void:
		return ""
	case PageProtection:
		return flags(uint32(v), pageProtections)
	case AllocationType:
		return flags(uint32(v), allocationTypes)
	case FileAccess:
		return flags(uint32(v), fileAccesses)
	case FileDisposition:
		return name(v, fileDispositions)
	case RegistryKey:
		return name(uint64(uint32(v)), registryKeys)
	case RegistryType:
		return name(v, registryTypes)
	case WaitResult:
		return name(uint64(uint32(v)), waitResults)
	case Milliseconds:
		if uint32(v) == 0xFFFFFFFF {
			return "INFINITE"
		}
		return strconv.FormatUint(uint64(uint32(v)), 10)
	case Double:
		return strconv.FormatFloat(math.Float64frombits(v), 'g', -1, 64)
	case Float:
		return strconv.FormatFloat(float64(math.Float32frombits(uint32(v))), 'g', -1, 32)
	}
	return "0x" + strconv.FormatUint(v, 16)
}

type symbol struct {
	value uint32
	name  string
}

func name(v uint64, table []symbol) string {
	for _, s := range table {
		if uint64(s.value) == v {
			return s.name
		}
	}
	return "0x" + strconv.FormatUint(v, 16)
}

func flags(v uint32, table []symbol) string {
	if v == 0 {
		return "0x0"
	}
	var parts []string
	for _, s := range table {
		if v&s.value == s.value {
			parts = append(parts, s.name)
			v &^= s.value
		}
	}
	if v != 0 {
		parts = append(parts, "0x"+strconv.FormatUint(uint64(v), 16))
	}
	return strings.Join(parts, "|")
}

// The names are those of the Windows SDK headers winnt.h, fileapi.h, winreg.h
// and winbase.h.
var (
	pageProtections = []symbol{
		{0x01, "PAGE_NOACCESS"}, {0x02, "PAGE_READONLY"}, {0x04, "PAGE_READWRITE"}, {0x08, "PAGE_WRITECOPY"},
		{0x10, "PAGE_EXECUTE"}, {0x20, "PAGE_EXECUTE_READ"}, {0x40, "PAGE_EXECUTE_READWRITE"},
		{0x80, "PAGE_EXECUTE_WRITECOPY"}, {0x100, "PAGE_GUARD"}, {0x200, "PAGE_NOCACHE"}, {0x400, "PAGE_WRITECOMBINE"},
	}
	allocationTypes = []symbol{
		{0x1000, "MEM_COMMIT"}, {0x2000, "MEM_RESERVE"}, {0x4000, "MEM_DECOMMIT"}, {0x8000, "MEM_RELEASE"},
		{0x80000, "MEM_RESET"}, {0x100000, "MEM_TOP_DOWN"},
	}
	fileAccesses = []symbol{
		{0x80000000, "GENERIC_READ"}, {0x40000000, "GENERIC_WRITE"}, {0x20000000, "GENERIC_EXECUTE"}, {0x10000000, "GENERIC_ALL"},
		{0x00100000, "SYNCHRONIZE"}, {0x00010000, "DELETE"},
		{0x0001, "FILE_READ_DATA"}, {0x0002, "FILE_WRITE_DATA"}, {0x0004, "FILE_APPEND_DATA"},
		{0x0080, "FILE_READ_ATTRIBUTES"}, {0x0100, "FILE_WRITE_ATTRIBUTES"},
	}
	fileDispositions = []symbol{
		{1, "CREATE_NEW"}, {2, "CREATE_ALWAYS"}, {3, "OPEN_EXISTING"}, {4, "OPEN_ALWAYS"}, {5, "TRUNCATE_EXISTING"},
	}
	registryKeys = []symbol{
		{0x80000000, "HKEY_CLASSES_ROOT"}, {0x80000001, "HKEY_CURRENT_USER"}, {0x80000002, "HKEY_LOCAL_MACHINE"},
		{0x80000003, "HKEY_USERS"}, {0x80000005, "HKEY_CURRENT_CONFIG"},
	}
	registryTypes = []symbol{
		{0, "REG_NONE"}, {1, "REG_SZ"}, {2, "REG_EXPAND_SZ"}, {3, "REG_BINARY"}, {4, "REG_DWORD"}, {7, "REG_MULTI_SZ"}, {11, "REG_QWORD"},
	}
	waitResults = []symbol{
		{0, "WAIT_OBJECT_0"}, {0x80, "WAIT_ABANDONED"}, {0xC0, "WAIT_IO_COMPLETION"}, {0x102, "WAIT_TIMEOUT"}, {0xFFFFFFFF, "WAIT_FAILED"},
	}
)
