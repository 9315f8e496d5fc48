package guest

import "sidetrace/emulator/cpu"

// Protection is a Windows memory protection constant.
//
// https://learn.microsoft.com/windows/win32/memory/memory-protection-constants
type Protection uint32

const (
	PageNoAccess         Protection = 0x01
	PageReadOnly         Protection = 0x02
	PageReadWrite        Protection = 0x04
	PageWriteCopy        Protection = 0x08
	PageExecute          Protection = 0x10
	PageExecuteRead      Protection = 0x20
	PageExecuteReadWrite Protection = 0x40
	PageExecuteWriteCopy Protection = 0x80
	PageGuard            Protection = 0x100
	pageNoCache          Protection = 0x200
	pageWriteCombine     Protection = 0x400
)

// Valid reports whether p is a protection VirtualAlloc and VirtualProtect
// accept: one basic constant, with modifiers that fit it.
func (p Protection) Valid() bool {
	base := p &^ (PageGuard | pageNoCache | pageWriteCombine)
	switch base {
	case PageNoAccess:
		return p == PageNoAccess
	case PageReadOnly, PageReadWrite, PageWriteCopy, PageExecute, PageExecuteRead, PageExecuteReadWrite, PageExecuteWriteCopy:
		return true
	}
	return false
}

// Readable reports whether the guest may read.
func (p Protection) Readable() bool { return p.engine()&cpu.Read != 0 }

// Writable reports whether the guest may write.
func (p Protection) Writable() bool { return p.engine()&cpu.Write != 0 }

// Executable reports whether the guest may execute.
func (p Protection) Executable() bool { return p.engine()&cpu.Exec != 0 }

// engine gives the rights the processor sees. Guard and no-access pages have
// none and are not mapped in it at all, so that touching one is always a
// fault.
func (p Protection) engine() cpu.Prot {
	if p&PageGuard != 0 {
		return 0
	}
	switch p & 0xFF {
	case PageReadOnly:
		return cpu.Read
	case PageReadWrite, PageWriteCopy:
		return cpu.Read | cpu.Write
	case PageExecute, PageExecuteRead:
		return cpu.Read | cpu.Exec
	case PageExecuteReadWrite, PageExecuteWriteCopy:
		return cpu.Read | cpu.Write | cpu.Exec
	}
	return 0
}

// String gives the rights in the form "rwx", with "+guard" for guard pages;
// "---" is no access.
func (p Protection) String() string {
	b := []byte("---")
	r := (p &^ PageGuard).engine()
	if r&cpu.Read != 0 {
		b[0] = 'r'
	}
	if r&cpu.Write != 0 {
		b[1] = 'w'
	}
	if r&cpu.Exec != 0 {
		b[2] = 'x'
	}
	if p&PageGuard != 0 {
		return string(b) + "+guard"
	}
	return string(b)
}
