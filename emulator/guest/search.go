package guest

import "strings"

// found says where the search for a module ended.
type found struct {
	path   string
	step   string        // as in the behaviour module.load
	system *SystemModule // the synthetic DLL, if that won
}

// knownDLLs are taken from System32 whatever lies beside the program, like the
// machine's list under Control\Session Manager\KnownDLLs of Windows 10.
var knownDLLs = map[string]bool{
	"advapi32.dll": true, "combase.dll": true, "gdi32.dll": true, "kernel32.dll": true, "kernelbase.dll": true,
	"msvcrt.dll": true, "ntdll.dll": true, "ole32.dll": true, "oleaut32.dll": true, "psapi.dll": true,
	"rpcrt4.dll": true, "sechost.dll": true, "shell32.dll": true, "shlwapi.dll": true, "user32.dll": true, "ws2_32.dll": true,
}

// search finds the file for a module name, in the order of Windows with safe
// DLL search mode: API sets, known DLLs, the program's folder, System32, the
// Windows folder, the current folder, PATH.
//
// https://learn.microsoft.com/windows/win32/dlls/dynamic-link-library-search-order
func (p *Process) search(name string) (found, bool) {
	if strings.ContainsAny(name, `\/`) {
		path := FullPath(name, p.CurrentDirectory)
		if s := p.systemFile(path); s != nil {
			return found{path, "full path", s}, true
		}
		return found{path: path, step: "full path"}, p.isFile(path)
	}
	lower := strings.ToLower(name)
	s := p.system.Module(lower)
	if s != nil {
		switch {
		case !strings.EqualFold(s.Name, name):
			return found{s.Path(), "api set", s}, true
		case knownDLLs[lower] || s.Name == GuardDLL:
			return found{s.Path(), "known dll", s}, true
		}
	}
	if path := Join(p.ApplicationDirectory, name); p.isFile(path) && p.systemFile(path) == nil {
		return found{path: path, step: "application directory"}, true
	}
	if s != nil {
		return found{s.Path(), "system directory", s}, true
	}
	steps := []struct{ dir, step string }{
		{SystemDirectory, "system directory"},
		{WindowsDirectory, "windows directory"},
		{p.CurrentDirectory, "current directory"},
	}
	for _, dir := range strings.Split(p.Environment["PATH"], ";") {
		steps = append(steps, struct{ dir, step string }{dir, "path"})
	}
	for _, s := range steps {
		if path := Join(s.dir, name); s.dir != "" && p.isFile(path) {
			return found{path: path, step: s.step}, true
		}
	}
	return found{}, false
}

// GuardDLL is the DLL that benign replicas import so that nothing but this
// emulator can load them.
const GuardDLL = "sidetrace-guard.dll"

func (p *Process) isFile(path string) bool {
	n := p.Files.Get(path)
	return n != nil && !n.Directory
}

// systemFile tells whether a path is the place of a synthetic DLL that the
// configuration has not put a file of its own over.
func (p *Process) systemFile(path string) *SystemModule {
	if !strings.EqualFold(Folder(path), SystemDirectory) {
		return nil
	}
	s := p.system.byName[strings.ToLower(path[len(SystemDirectory)+1:])]
	if s == nil {
		return nil
	}
	if n := p.Files.Get(path); n != nil && n.lazy == nil && !sameBytes(n.data, s.File) {
		return nil
	}
	return s
}

func sameBytes(a, b []byte) bool {
	return len(a) == len(b) && (len(a) == 0 || &a[0] == &b[0])
}

// expectedPath is where a system DLL of that name would be.
func (p *Process) expectedPath(name string) string {
	lower := strings.ToLower(name)
	if s := p.system.byName[lower]; s != nil && s.Name != GuardDLL {
		return s.Path()
	}
	if sideLoadable[lower] {
		return Join(SystemDirectory, name)
	}
	return ""
}

// sideLoadable names further DLLs that Windows keeps in System32 and that
// programs load by name alone: candidates for side-loading. From the public
// catalogue HijackLibs and the import lists of ordinary software.
var sideLoadable = map[string]bool{
	"cryptbase.dll": true, "cryptsp.dll": true, "d3d9.dll": true, "d3d11.dll": true, "d3dcompiler_47.dll": true, "dbgcore.dll": true,
	"dbghelp.dll": true, "dwmapi.dll": true, "dxgi.dll": true, "mpr.dll": true, "msimg32.dll": true, "netapi32.dll": true,
	"oleacc.dll": true, "powrprof.dll": true, "profapi.dll": true, "propsys.dll": true, "secur32.dll": true, "sspicli.dll": true,
	"textshaping.dll": true, "userenv.dll": true, "uxtheme.dll": true, "windowscodecs.dll": true, "winmm.dll": true, "winspool.drv": true,
	"wlbsctrl.dll": true, "wtsapi32.dll": true,
}
