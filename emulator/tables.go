package emulator

import (
	"slices"

	"sidetrace/emulator/guest"
	"sidetrace/emulator/win"
	"sidetrace/emulator/win/advapi32"
	"sidetrace/emulator/win/amsi"
	"sidetrace/emulator/win/bcrypt"
	"sidetrace/emulator/win/comctl32"
	"sidetrace/emulator/win/crt"
	"sidetrace/emulator/win/crypt32"
	"sidetrace/emulator/win/dbghelp"
	"sidetrace/emulator/win/dnsapi"
	"sidetrace/emulator/win/gdi32"
	"sidetrace/emulator/win/guard"
	"sidetrace/emulator/win/imm32"
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
	"sidetrace/emulator/win/userenv"
	"sidetrace/emulator/win/version"
	"sidetrace/emulator/win/winhttp"
	"sidetrace/emulator/win/wininet"
	"sidetrace/emulator/win/winmm"
	"sidetrace/emulator/win/wintrust"
	"sidetrace/emulator/win/ws2_32"
	"sidetrace/emulator/win/wtsapi32"
)

// Tables lists the DLLs that have handlers. The machine has the other DLLs of
// the catalogue too, to call whose functions is a gap.
func Tables() []win.Table {
	return slices.Concat(
		kernel32.Tables(),
		crt.Tables(),
		ole32.Tables(),
		ws2_32.Tables(),
		dbghelp.Tables(),
		[]win.Table{
			ntdll.Table(kernel32.FileServices(), advapi32.KeyServices(), crt.NtdllRows()),
			advapi32.Table(),
			amsi.Table(),
			bcrypt.Table(),
			bcrypt.NCrypt(),
			comctl32.Table(),
			crypt32.Table(),
			dnsapi.Table(),
			gdi32.Table(),
			imm32.Table(),
			iphlpapi.Table(),
			netapi32.Table(),
			secur32.Table(),
			oleaut32.Table(),
			shell32.Table(),
			shlwapi.Table(),
			urlmon.Table(),
			user32.Table(),
			userenv.Table(),
			version.Table(),
			winhttp.Table(),
			wininet.Table(),
			winmm.Table(),
			wintrust.Table(),
			wtsapi32.Table(),
			guard.Table(),
			win.DLL(guest.StandInHost),
		},
	)
}
