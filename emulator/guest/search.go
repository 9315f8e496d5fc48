package guest

import (
	"strings"

	"sidetrace/emulator/trace"
)

// This file finds the file for a module name, in the order of Windows.
//
// The rules are:
//   - A name without a folder is looked for among the modules loaded already,
//     the API sets, what a manifest redirects and the known DLLs, before any
//     folder is.
//   - A relative path with a folder is tried in each folder of the search.
//   - The folders of one load hold for everything that comes with it.
//
// https://learn.microsoft.com/windows/win32/dlls/dynamic-link-library-search-order

// LoadFlags are the flags of LoadLibraryEx.
//
// https://learn.microsoft.com/windows/win32/api/libloaderapi/nf-libloaderapi-loadlibraryexw
type LoadFlags uint32

const (
	DontResolveReferences LoadFlags = 0x0001
	LoadAsDatafile        LoadFlags = 0x0002
	LoadAlteredSearchPath LoadFlags = 0x0008
	LoadAsImageResource   LoadFlags = 0x0020
	LoadDatafileExclusive LoadFlags = 0x0040
	LoadRequireSigned     LoadFlags = 0x0080
	LoadSearchDLLFolder   LoadFlags = 0x0100
	LoadSearchApplication LoadFlags = 0x0200
	LoadSearchUser        LoadFlags = 0x0400
	LoadSearchSystem32    LoadFlags = 0x0800
	LoadSearchDefault     LoadFlags = 0x1000

	// LoadSearch is the flags that choose folders.
	LoadSearch = LoadSearchDLLFolder | LoadSearchApplication | LoadSearchUser | LoadSearchSystem32 | LoadSearchDefault
)

// LoadOptions say how a module is to be loaded.
type LoadOptions struct {
	Flags LoadFlags
	Path  string // folders to search, with ";" between; "" for those of Flags
}

// SearchState is what a process has changed about its search.
type SearchState struct {
	Folder  string       // of SetDllDirectory
	Set     bool         // SetDllDirectory was called, with "" perhaps
	Default LoadFlags    // of SetDefaultDllDirectories; 0 before
	User    []UserFolder // of AddDllDirectory, the last added first
}

// UserFolder is a folder of AddDllDirectory.
type UserFolder struct {
	Cookie uint64
	Path   string
}

// found says where the search for a module ended.
type found struct {
	path     string
	step     string        // as in the behaviour module.load
	system   *SystemModule // the synthetic DLL, if that won
	searched []string      // places looked at, the last one being path
}

// folder is one place of a search.
type folder struct{ path, step string }

// Steps of the search, as the behaviour module.load names them.
const (
	stepFullPath    = "full path"
	stepAPISet      = "api set"
	stepKnown       = "known dll"
	stepManifest    = "manifest"
	stepLocal       = "dot local"
	stepApplication = "application directory"
	stepOwnFolder   = "dll load directory"
	stepDLLFolder   = "dll directory"
	stepUser        = "user directory"
	stepSystem      = "system directory"
	stepSystem16    = "16-bit system directory"
	stepWindows     = "windows directory"
	stepCurrent     = "current directory"
	stepPath        = "path"
	stepSearchPath  = "search path"
	stepMissing     = "missing"
)

// system16Directory is the system folder of 16-bit Windows.
const system16Directory = WindowsDirectory + `\System`

// knownDLLs are taken from System32 whatever lies beside the program: those of
// the machine's list under Session Manager\KnownDLLs in Windows 10 22H2, and
// what these import.
var knownDLLs = names(`advapi32 clbcatq combase comdlg32 coml2 difxapi gdi32 gdi32full gdiplus imagehlp imm32 kernel32 kernelbase msctf
	msvcp_win msvcrt normaliz nsi ntdll ole32 oleaut32 psapi rpcrt4 sechost setupapi shcore shell32 shlwapi ucrtbase user32 win32u wldap32 ws2_32`)

func names(list string) map[string]bool {
	m := map[string]bool{}
	for _, name := range strings.Fields(list) {
		m[name+".dll"] = true
	}
	return m
}

const sessionManager = `SYSTEM\CurrentControlSet\Control\Session Manager`

// known reports whether a name is that of a known DLL; the configuration's
// registry may name more.
func (p *Process) known(lower string) bool {
	if knownDLLs[lower] || lower == GuardDLL {
		return true
	}
	key := p.Registry.Root("HKLM").Open(sessionManager + `\KnownDLLs`)
	if key == nil {
		return false
	}
	for _, v := range key.Values {
		if strings.EqualFold(v.Text(), lower) {
			return true
		}
	}
	return false
}

// safeSearch reports whether the current folder comes late.
func (p *Process) safeSearch() bool {
	if key := p.Registry.Root("HKLM").Open(sessionManager); key != nil {
		if v := key.Get("SafeDllSearchMode"); v != nil && len(v.Data) >= 1 {
			return v.Data[0] != 0
		}
	}
	return true
}

// folders are the places where one load looks for names. own is the full path
// of the module asked for, or "".
func (p *Process) folders(own string, o LoadOptions) []folder {
	if o.Path != "" {
		var list []folder
		for _, dir := range strings.Split(o.Path, ";") {
			list = append(list, folder{dir, stepSearchPath})
		}
		return list
	}
	flags := o.Flags & LoadSearch
	if flags == 0 && o.Flags&LoadAlteredSearchPath == 0 {
		flags = p.Search.Default
	}
	if flags != 0 {
		return p.chosenFolders(own, flags)
	}
	list := []folder{{p.ApplicationDirectory, stepApplication}}
	if o.Flags&LoadAlteredSearchPath != 0 && own != "" {
		list[0] = folder{Folder(own), stepOwnFolder}
	}
	current := folder{p.CurrentDirectory, stepCurrent}
	switch {
	case p.Search.Set && p.Search.Folder != "":
		list = append(list, folder{p.Search.Folder, stepDLLFolder})
	case !p.Search.Set && !p.safeSearch():
		list = append(list, current)
	}
	list = append(list, folder{SystemDirectory, stepSystem}, folder{system16Directory, stepSystem16}, folder{WindowsDirectory, stepWindows})
	if !p.Search.Set && p.safeSearch() {
		list = append(list, current)
	}
	for _, dir := range p.PathFolders() {
		list = append(list, folder{dir, stepPath})
	}
	return list
}

// chosenFolders are those that LOAD_LIBRARY_SEARCH flags ask for.
func (p *Process) chosenFolders(own string, flags LoadFlags) []folder {
	if flags&LoadSearchDefault != 0 {
		flags |= LoadSearchApplication | LoadSearchUser | LoadSearchSystem32
	}
	var list []folder
	if flags&LoadSearchDLLFolder != 0 && own != "" {
		list = append(list, folder{Folder(own), stepOwnFolder})
	}
	if flags&LoadSearchApplication != 0 {
		list = append(list, folder{p.ApplicationDirectory, stepApplication})
	}
	if flags&LoadSearchUser != 0 {
		for _, user := range p.Search.User {
			list = append(list, folder{user.Path, stepUser})
		}
		if p.Search.Folder != "" {
			list = append(list, folder{p.Search.Folder, stepDLLFolder})
		}
	}
	if flags&LoadSearchSystem32 != 0 {
		list = append(list, folder{SystemDirectory, stepSystem})
	}
	return list
}

// hasFolder reports whether a name has a folder in it, and absolute whether it
// does not depend on the search.
func hasFolder(name string) bool { return strings.ContainsAny(name, `\/`) }

func absolute(name string) bool {
	return len(name) > 0 && (name[0] == '\\' || name[0] == '/') || len(name) > 1 && name[1] == ':'
}

// search finds the file for a module name that by asks for.
func (p *Process) search(name string, by *Module, folders []folder) (found, bool) {
	var f found
	try := func(path, step string) bool {
		f.system = p.SystemFile(path)
		outcome := "not there"
		switch node := p.Files.Get(path); {
		case f.system != nil || node != nil && !node.Directory:
			outcome = "found"
		case node != nil:
			outcome = "a directory"
		}
		f.searched = append(f.searched, step+": "+path+": "+outcome)
		f.path, f.step = path, step
		return outcome == "found"
	}
	base := trace.BaseName(strings.ReplaceAll(name, "/", `\`))
	lower := strings.ToLower(base)
	if dir := p.localFolder(); dir != "" && !p.known(lower) {
		if try(Join(dir, base), stepLocal) {
			return f, true
		}
	}
	if absolute(name) {
		return f, try(FullPath(name, p.CurrentDirectory), stepFullPath)
	}
	if !hasFolder(name) {
		if host := p.system.APISet(name, by); host != nil {
			return f, try(host.Path(), stepAPISet)
		}
		if path := p.redirected(lower, by); path != "" && try(path, stepManifest) {
			return f, true
		}
		if p.known(lower) {
			if try(Join(SystemDirectory, base), stepKnown) {
				return f, true
			}
		}
	}
	for _, dir := range folders {
		if dir.path != "" && try(FullPath(Join(dir.path, name), p.CurrentDirectory), dir.step) {
			return f, true
		}
	}
	return f, false
}

// APISet finds the DLL that implements an API set, for the module that asks;
// nil if the name is none of an API set's.
func (s *System) APISet(name string, _ *Module) *SystemModule {
	m := s.Module(name)
	if m == nil || strings.EqualFold(m.Name, name) {
		return nil
	}
	return m
}

// GuardDLL is the DLL that benign replicas import so that nothing but this
// emulator can load them.
const GuardDLL = "sidetrace-guard.dll"

// SystemFile tells whether a path is the place of a synthetic DLL that the
// configuration has not put a file of its own over.
func (p *Process) SystemFile(path string) *SystemModule {
	if !strings.EqualFold(Folder(path), SystemDirectory) {
		return nil
	}
	s := p.system.byName[strings.ToLower(path[len(SystemDirectory)+1:])]
	if s == nil || p.replaced(s) {
		return nil
	}
	n := p.Files.Get(path)
	if n == nil || n.lazy == nil && !sameBytes(n.data, s.File) {
		return nil
	}
	return s
}

func sameBytes(a, b []byte) bool {
	return len(a) == len(b) && (len(a) == 0 || &a[0] == &b[0])
}
