package loaders

import "fmt"

// Error says what is wrong with a sample and where.
type Error struct {
	Format Format
	Offset int64  // file offset of the field, or of the place the bytes ended; -1 if it has none
	Field  string // name in the specification: "e_lfanew", "OptionalHeader.SizeOfImage", "Import[2].Name"
	Reason string // what is wrong with the value
	Hint   string // what the user can do; may be empty
}

func (e *Error) Error() string {
	if e.Offset < 0 {
		return fmt.Sprintf("%s: %s: %s", e.Format, e.Field, e.Reason)
	}
	return fmt.Sprintf("%s: offset %#x: %s: %s", e.Format, e.Offset, e.Field, e.Reason)
}

// UnsupportedError says that a file is well formed and of a kind that is not
// emulated.
type UnsupportedError struct {
	What string // what the file is: "a 32-bit x86 PE", "an ARM64 PE", "a .NET-only PE"
	Hint string
}

func (e *UnsupportedError) Error() string { return "not supported: this is " + e.What }
