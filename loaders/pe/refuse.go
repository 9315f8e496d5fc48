package pe

import (
	"fmt"

	"sidetrace/loaders"
)

// This file names the files that are well formed and not for this emulator.

// signature finds the PE signature at nt, or says what the MZ file is instead.
func (p *parser) signature(nt int64) error {
	data := p.data
	if nt+4 <= int64(len(data)) {
		switch sig := data[nt:][:4]; {
		case string(sig) == "PE\x00\x00":
			if nt%4 != 0 {
				return p.fail(0x3c, "e_lfanew", "%#x is not a multiple of 4", nt)
			}
			return nil
		case string(sig[:2]) == "NE":
			return &loaders.UnsupportedError{What: "a 16-bit Windows or OS/2 program (NE)", Hint: hint64}
		case string(sig[:2]) == "LE":
			return &loaders.UnsupportedError{What: "a Windows 9x driver or DOS-extender program (LE)", Hint: hint64}
		case string(sig[:2]) == "LX":
			return &loaders.UnsupportedError{What: "a 32-bit OS/2 program (LX)", Hint: hint64}
		}
	}
	// Linkers of newer formats put the DOS stub's relocation table at or behind
	// 0x40; a program of DOS itself has it before that.
	if table := u16(data, 0x18); table >= 0x1c && table < dosHeaderSize {
		return &loaders.UnsupportedError{What: "a plain MS-DOS program", Hint: hint64}
	}
	if nt+4 > int64(len(data)) {
		return p.fail(0x3c, "e_lfanew", "%#x is behind the end of the file (%#x bytes)", nt, len(data))
	}
	return p.fail(nt, "Signature", "%q where PE\\0\\0 should be", data[nt:][:4])
}

const hint64 = "only 64-bit x86 Windows programs, DLLs and raw x86-64 code run here"

// machine accepts AMD64. at is the offset of the file header.
func (p *parser) machine(at int64) error {
	unsupported := func(what string) error {
		return &loaders.UnsupportedError{What: what, Hint: hint64}
	}
	switch p.img.Machine {
	case 0x8664:
		return nil
	case 0x014c:
		if p.hasCLR32() {
			return unsupported("a .NET PE (32-bit or any-CPU)")
		}
		return unsupported("a 32-bit x86 PE")
	case 0xaa64:
		return unsupported("an ARM64 PE")
	case 0xa641:
		return unsupported("an ARM64EC PE")
	case 0xa64e:
		return unsupported("an ARM64X PE")
	case 0x01c0, 0x01c2, 0x01c4:
		return unsupported("a 32-bit ARM PE")
	case 0x0200:
		return unsupported("an Itanium PE")
	case 0x0ebc:
		return unsupported("an EFI byte code PE")
	case 0x5032, 0x5064, 0x5128:
		return unsupported("a RISC-V PE")
	case 0x6232, 0x6264:
		return unsupported("a LoongArch PE")
	case 0x0162, 0x0166, 0x0168, 0x0169, 0x0266, 0x0366, 0x0466:
		return unsupported("a MIPS PE")
	case 0x0184, 0x0284:
		return unsupported("an Alpha PE")
	case 0x01f0, 0x01f1:
		return unsupported("a PowerPC PE")
	}
	return p.fail(at, "FileHeader.Machine", "%#04x is no machine that Windows runs on", p.img.Machine)
}

// hasCLR32 tells whether a PE32 has a CLR header. Compilers for any CPU write
// x86 files that hold no x86 code but one jump.
func (p *parser) hasCLR32() bool {
	const directories = 96 // in PE32
	entry := p.header.optional + directories + 8*dirCLR
	return entry+8 <= int64(len(p.data)) &&
		u16(p.data, int(p.header.optional)) == magicPE32 &&
		u32(p.data, int(p.header.optional+directories-4)) > dirCLR &&
		u32(p.data, int(entry)) != 0
}

// subsystem accepts windowed and console programs, and any DLL that is not for
// the kernel or the firmware. at is the field's offset.
func (p *parser) subsystem(at int64) error {
	unsupported := func(what string) error {
		return &loaders.UnsupportedError{What: what, Hint: "only programs of the Windows user mode run here"}
	}
	const wdmDriver = 0x2000 // IMAGE_DLLCHARACTERISTICS_WDM_DRIVER
	switch p.img.Subsystem {
	case 2, 3: // WINDOWS_GUI, WINDOWS_CUI
		return nil
	case 1:
		if p.img.DLLCharacteristics&wdmDriver != 0 {
			return unsupported("a Windows kernel driver")
		}
		return unsupported("a Windows kernel driver or native program")
	case 5:
		return unsupported("an OS/2 program in a PE")
	case 7:
		return unsupported("a POSIX program in a PE")
	case 9:
		return unsupported("a Windows CE program")
	case 10:
		return unsupported("an EFI application")
	case 11:
		return unsupported("an EFI boot service driver")
	case 12:
		return unsupported("an EFI runtime driver")
	case 13:
		return unsupported("an EFI ROM image")
	case 14, 17:
		return unsupported("an Xbox program")
	case 16:
		return unsupported("a Windows boot application")
	}
	if p.img.DLL {
		// Windows looks at the subsystem of programs only.
		p.note("subsystem %d is not known", p.img.Subsystem)
		return nil
	}
	return p.fail(at, "OptionalHeader.Subsystem", "%d is no subsystem of Windows", p.img.Subsystem)
}

// runtime refuses files for machines that hide behind an x86-64 header: .NET
// code and ARM64EC.
func (p *parser) runtime() error {
	if d := p.dirs[dirCLR]; d.rva != 0 {
		const flags, ilOnly = 16, 1 // COR20: offset of Flags, COMIMAGE_FLAGS_ILONLY
		h, ok := p.bytes(d.rva, flags+4)
		switch {
		case !ok:
			p.note("the CLR header at %#x is outside the image", d.rva)
		case u32(h, flags)&ilOnly != 0:
			return &loaders.UnsupportedError{What: "a .NET-only PE", Hint: "there is no CLR here; a native host or DLL of the chain can run"}
		default:
			p.note("native and .NET code in one file; only the native code can run")
		}
	}
	if d := p.dirs[dirLoadConfig]; d.rva != 0 {
		const chpe = 0xc8 // IMAGE_LOAD_CONFIG_DIRECTORY64.CHPEMetadataPointer
		size, ok := p.bytes(d.rva, 4)
		if !ok {
			p.note("the load configuration at %#x is outside the image", d.rva)
			return nil
		}
		if u32(size, 0) < chpe+8 {
			return nil
		}
		if h, ok := p.bytes(d.rva, chpe+8); ok && u64(h, chpe) != 0 {
			return &loaders.UnsupportedError{What: "an ARM64EC PE", Hint: hint64}
		}
	}
	return nil
}

// field names an element of a table in an error.
func field(table string, i int, member string) string {
	if member == "" {
		return fmt.Sprintf("%s[%d]", table, i)
	}
	return fmt.Sprintf("%s[%d].%s", table, i, member)
}
