package main

import "strings"

// dlls are the DLLs whose exports are listed: those of a Windows 10
// workstation that programs import, and the C and C++ runtimes they bring.
var dlls = strings.Fields(`
	activeds.dll advapi32.dll apphelp.dll authz.dll avicap32.dll avifil32.dll avrt.dll bcrypt.dll bcryptprimitives.dll cabinet.dll
	cfgmgr32.dll clusapi.dll combase.dll comctl32.dll comdlg32.dll credui.dll crypt32.dll cryptbase.dll cryptdll.dll cryptnet.dll
	cryptsp.dll cryptui.dll d2d1.dll d3d11.dll d3d12.dll d3d9.dll dbgcore.dll dbgeng.dll dbghelp.dll dcomp.dll ddraw.dll
	dhcpcsvc.dll dinput8.dll dnsapi.dll dpapi.dll dsound.dll dwmapi.dll dwrite.dll dxgi.dll dxva2.dll esent.dll evr.dll fltlib.dll
	fwpuclnt.dll gdi32.dll gdiplus.dll glu32.dll hid.dll httpapi.dll imagehlp.dll imm32.dll iphlpapi.dll kernel32.dll
	kernelbase.dll ksuser.dll ktmw32.dll loadperf.dll mapi32.dll mf.dll mfplat.dll mfreadwrite.dll mlang.dll mpr.dll mprapi.dll
	msacm32.dll mscms.dll mscoree.dll msi.dll msimg32.dll msvcp140.dll msvcr100.dll msvcr120.dll msvcrt.dll msvfw32.dll
	mswsock.dll ncrypt.dll netapi32.dll netutils.dll newdev.dll normaliz.dll ntdll.dll ntdsapi.dll ntmarta.dll odbc32.dll ole32.dll
	oleacc.dll oleaut32.dll oledlg.dll opengl32.dll pdh.dll powrprof.dll propsys.dll psapi.dll rasapi32.dll rasdlg.dll
	resutils.dll rpcrt4.dll rstrtmgr.dll rtutils.dll sechost.dll secur32.dll sensapi.dll setupapi.dll sfc.dll sfc_os.dll shcore.dll
	shell32.dll shfolder.dll shlwapi.dll slc.dll srvcli.dll sspicli.dll sxs.dll tapi32.dll tdh.dll ucrtbase.dll
	uiautomationcore.dll urlmon.dll user32.dll userenv.dll usp10.dll uxtheme.dll vcruntime140.dll vcruntime140_1.dll version.dll
	virtdisk.dll vssapi.dll wer.dll wevtapi.dll win32u.dll windowscodecs.dll winhttp.dll wininet.dll winmm.dll winscard.dll
	winspool.drv winsta.dll wintrust.dll wintypes.dll winusb.dll wlanapi.dll wldap32.dll ws2_32.dll wscapi.dll wsock32.dll
	wtsapi32.dll xinput1_4.dll xmllite.dll
`)

// libraries are the import libraries, those of contracts last.
func libraries() []string {
	var list []string
	for _, dll := range dlls {
		list = append(list, dll[:len(dll)-len(".dll")])
	}
	return append(list, "ucrt", "runtimeobject", "windowsapp", "mincore")
}

// publicOrdinals are the DLLs that programs link to by ordinal. The ordinals
// of others change from build to build and are not listed.
var publicOrdinals = strings.Fields(`
	comctl32.dll msi.dll odbc32.dll oleaut32.dll shell32.dll shlwapi.dll uxtheme.dll wldap32.dll ws2_32.dll wsock32.dll
`)

// more are exports that neither source has, from Microsoft's documentation.
var more = map[string]string{
	"bcryptprimitives.dll": "ProcessPrng",
	"cryptbase.dll": `SystemFunction001 SystemFunction002 SystemFunction003 SystemFunction004 SystemFunction005 SystemFunction028
		SystemFunction029 SystemFunction034 SystemFunction036 SystemFunction040 SystemFunction041`,
	"dbgcore.dll": "MiniDumpReadDumpStream MiniDumpWriteDump",
}

// moreSets are contracts that Wine's schema lacks.
var moreSets = []apiSet{
	{"api-ms-win-core-com-l2-1", "ole32.dll"},
}
