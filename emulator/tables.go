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
	"sidetrace/emulator/win/netapi32"
	"sidetrace/emulator/win/ntdll"
	"sidetrace/emulator/win/ole32"
	"sidetrace/emulator/win/oleaut32"
	"sidetrace/emulator/win/secur32"
	"sidetrace/emulator/win/shell32"
	"sidetrace/emulator/win/shlwapi"
	"sidetrace/emulator/win/urlmon"
	"sidetrace/emulator/win/user32"
	"sidetrace/emulator/win/version"
	"sidetrace/emulator/win/winhttp"
	"sidetrace/emulator/win/wininet"
	"sidetrace/emulator/win/wintrust"
	"sidetrace/emulator/win/ws2_32"
)

// Tables lists the DLLs that have handlers. The machine has the other DLLs of
// the catalogue too, to call whose functions is a gap.
func Tables() []win.Table {
	return slices.Concat(
		kernel32.Tables(),
		crt.Tables(),
		ole32.Tables(),
		ws2_32.Tables(),
		[]win.Table{
			ntdll.Table(kernel32.FileServices(), advapi32.KeyServices(), crt.NtdllRows()),
			advapi32.Table(),
			bcrypt.Table(),
			crypt32.Table(),
			dnsapi.Table(),
			iphlpapi.Table(),
			netapi32.Table(),
			secur32.Table(),
			oleaut32.Table(),
			shell32.Table(),
			shlwapi.Table(),
			urlmon.Table(),
			user32.Table(),
			version.Table(),
			winhttp.Table(),
			wininet.Table(),
			wintrust.Table(),
			guard.Table(),
			win.DLL(guest.StandInHost),
		},
	)
}
