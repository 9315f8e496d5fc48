package emulator

import (
	"slices"

	"sidetrace/emulator/guest"
	"sidetrace/emulator/win"
	"sidetrace/emulator/win/advapi32"
	"sidetrace/emulator/win/bcrypt"
	"sidetrace/emulator/win/crt"
	"sidetrace/emulator/win/crypt32"
	"sidetrace/emulator/win/dnsapi"
	"sidetrace/emulator/win/guard"
	"sidetrace/emulator/win/iphlpapi"
	"sidetrace/emulator/win/kernel32"
	"sidetrace/emulator/win/ntdll"
	"sidetrace/emulator/win/shlwapi"
	"sidetrace/emulator/win/urlmon"
	"sidetrace/emulator/win/version"
	"sidetrace/emulator/win/winhttp"
	"sidetrace/emulator/win/wininet"
	"sidetrace/emulator/win/ws2_32"
)

// Tables lists the DLLs that have handlers, and those a program may import
// though none of their functions has one yet: calling these is a gap.
func Tables() []win.Table {
	return slices.Concat(
		kernel32.Tables(),
		crt.Tables(),
		ws2_32.Tables(),
		[]win.Table{
			ntdll.Table(),
			advapi32.Table(),
			bcrypt.Table(),
			crypt32.Table(),
			dnsapi.Table(),
			iphlpapi.Table(),
			shlwapi.Table(),
			urlmon.Table(),
			version.Table(),
			winhttp.Table(),
			wininet.Table(),
			guard.Table(),
		},
		empty,
	)
}

// empty are DLLs of Windows none of whose functions has a handler yet.
var empty = emptyTables(
	"comctl32.dll",
	"comdlg32.dll",
	"combase.dll",
	"cryptbase.dll",
	"dbghelp.dll",
	"gdi32.dll",
	"imm32.dll",
	"mpr.dll",
	"mswsock.dll",
	"ncrypt.dll",
	"netapi32.dll",
	"ole32.dll",
	"oleaut32.dll",
	"powrprof.dll",
	"rpcrt4.dll",
	"sechost.dll",
	"secur32.dll",
	"setupapi.dll",
	"shell32.dll",
	"user32.dll",
	"userenv.dll",
	"uxtheme.dll",
	"winmm.dll",
	"wintrust.dll",
	"wtsapi32.dll",
	guest.StandInHost,
)

func emptyTables(names ...string) []win.Table {
	tables := make([]win.Table, len(names))
	for i, name := range names {
		tables[i] = win.DLL(name)
	}
	return tables
}
