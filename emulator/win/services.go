package win

import (
	"encoding/binary"
	"slices"
	"strings"

	"sidetrace/emulator/catalogue"
)

// servicesDLL is the DLL whose exports are stubs of system services.
const servicesDLL = "ntdll.dll"

// service is a system service, by its number.
type service struct {
	name   string  // "NtClose"
	export *Export // nil: nobody handles it
}

// findServices lists the services of the library's edition with their
// handlers.
func (l *Library) findServices(handled []*Export) []service {
	names := catalogue.Services(l.edition)
	l.services = make([]service, len(names))
	byName := make(map[string]*Export, len(handled))
	for _, e := range handled {
		byName[e.trace.Name] = e
	}
	for i, name := range names {
		l.services[i] = service{name, byName[name]}
	}
	return l.services
}

// withServices gives each service an entry with Nt and with Zw, which are the
// same address. A handler of a service that the edition lacks is left out.
func withServices(handled []entry, services []service) []entry {
	handled = withoutServices(handled)
	for i, s := range services {
		handled = append(handled, entry{name: s.name, export: s.export, number: int32(i)}, entry{name: "Zw" + s.name[2:], export: s.export, number: int32(i)})
	}
	return handled
}

// withoutServices takes out the services of all editions.
func withoutServices(list []entry) []entry {
	editions := catalogue.Editions()
	all := map[string]bool{}
	for _, name := range catalogue.Services(editions[len(editions)-1]) { // a service that has come stays
		all[name] = true
	}
	return slices.DeleteFunc(list, func(e entry) bool { return all[ntName(e.name)] })
}

// ntName is a service's name with Nt.
func ntName(name string) string {
	if rest, ok := strings.CutPrefix(name, "Zw"); ok {
		return "Nt" + rest
	}
	return name
}

// A stub of a system service, as in ntdll.dll of 64-bit Windows 10: code that
// takes the number out of it, or out of its neighbours, which are in the order
// of their numbers, finds what it looks for.
const (
	serviceSize           = 32
	serviceEntered        = 0x03 // from here on R10 is the first argument,
	serviceNumber         = 0x04
	serviceNumbered       = 0x08 // and RAX the number
	serviceTested         = 0x10 // a hook of 14 bytes leaves what is from here on
	serviceInstruction    = 0x12
	serviceReturn         = 0x14
	serviceInstructionInt = 0x15
	serviceReturnInt      = 0x17
)

var serviceCode = [serviceSize]byte{
	0x4C, 0x8B, 0xD1, // mov r10, rcx
	0xB8, 0, 0, 0, 0, // mov eax, number
	0xF6, 0x04, 0x25, 0x08, 0x03, 0xFE, 0x7F, 0x01, // test byte [KUSER_SHARED_DATA.SystemCall], 1
	0x75, 0x03, // jne to int
	0x0F, 0x05, // syscall
	0xC3,       // ret
	0xCD, 0x2E, // int 0x2e
	0xC3,                                           // ret
	0x0F, 0x1F, 0x84, 0x00, 0x00, 0x00, 0x00, 0x00, // nop
}

// serviceStubs is the code of all services.
func serviceStubs(services []service) []byte {
	b := make([]byte, 0, len(services)*serviceSize)
	for i := range services {
		code := serviceCode
		binary.LittleEndian.PutUint32(code[serviceNumber:], uint32(i))
		b = append(b, code[:]...)
	}
	return b
}
