package emulator

import (
	"context"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"sidetrace/emulator/guest"
	"sidetrace/emulator/trace"
)

// importer is a program that imports numbers.dll, which is the other file.
func importer(t *testing.T) (program, dll []byte) {
	t.Helper()
	return readFile(t, programs+"/loader/ordinal.exe"), readFile(t, programs+"/loader/ordinal.d/numbers.dll")
}

func runConfig(t *testing.T, system *System, config guest.Config) *trace.Run {
	t.Helper()
	m, err := New(system, config)
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close()
	return m.Run(context.Background())
}

func loadOf(run *trace.Run, name string) *trace.ModuleLoad {
	loads := behaviours[trace.ModuleLoad](run)
	i := slices.IndexFunc(loads, func(b trace.ModuleLoad) bool { return strings.EqualFold(b.Name, name) })
	if i < 0 {
		return nil
	}
	return &loads[i]
}

// TestRedirection lets manifests and .local files choose the DLL.
func TestRedirection(t *testing.T) {
	program, dll := importer(t)
	system := newSystem(t)
	const dependent = `<assembly xmlns="urn:schemas-microsoft-com:asm.v1" manifestVersion="1.0"><dependency><dependentAssembly>
		<assemblyIdentity type="win32" name="My.Numbers" version="1.0.0.0"/></dependentAssembly></dependency></assembly>`
	const private = `<?xml version="1.0" encoding="UTF-8"?><assembly xmlns="urn:schemas-microsoft-com:asm.v1" manifestVersion="1.0">
		<assemblyIdentity type="win32" name="My.Numbers" version="1.0.0.0"/><file name="numbers.dll"/></assembly>`
	override := guest.RegistryValue{Key: `HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion\Image File Execution Options`, Name: "DevOverrideEnable", Type: guest.RegDWORD, Data: []byte{1, 0, 0, 0}}
	for _, test := range []struct {
		name     string
		files    map[string]string // content: "dll" for the DLL
		registry []guest.RegistryValue
		path     string // where it comes from; "" for nowhere
		found    string
	}{
		{"beside the program", map[string]string{`C:\app\numbers.dll`: "dll"}, nil, `C:\app\numbers.dll`, "application directory"},
		{"private assembly", map[string]string{
			`C:\app\app.exe.manifest`: dependent, `C:\app\My.Numbers\My.Numbers.manifest`: private, `C:\app\My.Numbers\numbers.dll`: "dll", `C:\app\numbers.dll`: "dll",
		}, nil, `C:\app\My.Numbers\numbers.dll`, "manifest"},
		{"assembly without a manifest", map[string]string{`C:\app\app.exe.manifest`: dependent, `C:\app\My.Numbers\numbers.dll`: "dll"}, nil, "", ""},
		{"no manifest of the program", map[string]string{`C:\app\My.Numbers\My.Numbers.manifest`: private, `C:\app\My.Numbers\numbers.dll`: "dll"}, nil, "", ""},
		{"a broken manifest", map[string]string{`C:\app\app.exe.manifest`: "<assembly><file name=", `C:\app\numbers.dll`: "dll"}, nil, `C:\app\numbers.dll`, "application directory"},
		{".local folder", map[string]string{`C:\app\app.exe.local\numbers.dll`: "dll", `C:\app\numbers.dll`: "dll"}, nil, `C:\app\app.exe.local\numbers.dll`, "dot local"},
		{".local folder without it", map[string]string{`C:\app\app.exe.local\other.dll`: "dll", `C:\app\numbers.dll`: "dll"}, nil, `C:\app\numbers.dll`, "application directory"},
		{".local file", map[string]string{`C:\app\app.exe.local`: "", `C:\app\numbers.dll`: "dll"}, nil, `C:\app\numbers.dll`, "dot local"},
		{"a manifest turns .local off", map[string]string{`C:\app\app.exe.manifest`: private, `C:\app\app.exe.local\numbers.dll`: "dll", `C:\app\numbers.dll`: "dll"}, nil, `C:\app\numbers.dll`, "manifest"},
		{"unless the registry says no", map[string]string{`C:\app\app.exe.manifest`: private, `C:\app\app.exe.local\numbers.dll`: "dll", `C:\app\numbers.dll`: "dll"},
			[]guest.RegistryValue{override}, `C:\app\app.exe.local\numbers.dll`, "dot local"},
		{"a known DLL by the registry", map[string]string{`C:\app\numbers.dll`: "dll", `C:\Windows\System32\numbers.dll`: "dll"},
			[]guest.RegistryValue{{Key: `HKLM\SYSTEM\CurrentControlSet\Control\Session Manager\KnownDLLs`, Name: "numbers", Type: guest.RegSZ, Data: guest.UTF16("numbers.dll")}},
			`C:\Windows\System32\numbers.dll`, "known dll"},
		{"16-bit system folder", map[string]string{`C:\Windows\System\numbers.dll`: "dll"}, nil, `C:\Windows\System\numbers.dll`, "16-bit system directory"},
	} {
		t.Run(test.name, func(t *testing.T) {
			files := map[string][]byte{`C:\app\app.exe`: program}
			for path, content := range test.files {
				files[path] = []byte(content)
				if content == "dll" {
					files[path] = dll
				}
			}
			run := runConfig(t, system, guest.Config{Image: `C:\app\app.exe`, Files: files, Registry: test.registry})
			load := loadOf(run, "numbers.dll")
			switch {
			case test.path == "":
				if load != nil || run.Stop.ExitCode != guest.StatusDLLNotFound {
					t.Errorf("got %+v, stop %+v; want no DLL", load, run.Stop)
				}
			case load == nil || load.Path != test.path || load.Found != test.found:
				t.Errorf("got %+v, want %s by %q", load, test.path, test.found)
			case !strings.HasSuffix(load.Searched[len(load.Searched)-1], test.path+": found"):
				t.Errorf("searched %q", load.Searched)
			}
		})
	}
}

// TestSearched is the record of a search, and what the name says of a DLL.
func TestSearched(t *testing.T) {
	program, dll := importer(t)
	system := newSystem(t)
	run := runConfig(t, system, guest.Config{Image: `C:\app\app.exe`, CurrentDirectory: `C:\work`, Files: map[string][]byte{`C:\app\app.exe`: program, `C:\work\numbers.dll`: dll}})
	want := []string{
		`application directory: C:\app\numbers.dll: not there`, `system directory: C:\Windows\System32\numbers.dll: not there`,
		`16-bit system directory: C:\Windows\System\numbers.dll: not there`, `windows directory: C:\Windows\numbers.dll: not there`,
		`current directory: C:\work\numbers.dll: found`,
	}
	if d := cmp.Diff(want, loadOf(run, "numbers.dll").Searched); d != "" {
		t.Errorf("searched (-want +got):\n%s", d)
	}

	// Found nowhere: the same places and more, and who looked.
	run = runConfig(t, system, guest.Config{Image: `C:\app\app.exe`, CurrentDirectory: `C:\work`, Environment: map[string]string{"PATH": `C:\tools`}, Files: map[string][]byte{`C:\app\app.exe`: program}})
	missing := trace.ModuleMissing{Name: "numbers.dll", Reason: "import", LoadedBy: "app.exe", Searched: append(slices.Clone(want[:4]),
		`current directory: C:\work\numbers.dll: not there`, `path: C:\tools\numbers.dll: not there`)}
	if d := cmp.Diff([]trace.ModuleMissing{missing}, behaviours[trace.ModuleMissing](run)); d != "" {
		t.Errorf("module.missing (-want +got):\n%s", d)
	}

	for _, test := range []struct {
		path, expected string
		sideLoaded     bool
	}{
		{`C:\app\dbghelp.dll`, `C:\Windows\System32\dbghelp.dll`, true},
		{`C:\app\uireng.dll`, `C:\Windows\System32\uireng.dll`, true},
		{`C:\Windows\System32\uireng.dll`, `C:\Windows\System32\uireng.dll`, false},
		{`C:\Windows\System32\wbem\fastprox.dll`, `C:\Windows\System32\wbem\fastprox.dll`, false},
		{`C:\Windows\System32\fastprox.dll`, `C:\Windows\System32\wbem\fastprox.dll`, true},
		{`C:\Users\Public\libvlc.dll`, `C:\Program Files\VideoLAN\VLC\libvlc.dll`, true},
		{`C:\Program Files (x86)\VideoLAN\VLC\libvlc.dll`, `C:\Program Files\VideoLAN\VLC\libvlc.dll`, false},
		{`C:\Program Files\SiteAdvisor\6261\siteadv.dll`, `C:\Program Files\SiteAdvisor\*\siteadv.dll`, false},
		{`C:\Program Files\SiteAdvisor\siteadv.dll`, `C:\Program Files\SiteAdvisor\*\siteadv.dll`, true},
		{`C:\app\numbers.dll`, "", false},
	} {
		run := runConfig(t, system, guest.Config{Image: test.path, Files: map[string][]byte{test.path: dll}})
		load := loadOf(run, trace.BaseName(test.path))
		if load == nil || load.ExpectedPath != test.expected || load.SideLoaded != test.sideLoaded {
			t.Errorf("%s: got %+v, want expected %q, side-loaded %t", test.path, load, test.expected, test.sideLoaded)
		}
	}
}

// TestUnresolved loads a program whose DLL is missing, and one whose DLL lacks
// what it imports.
func TestUnresolved(t *testing.T) {
	program, _ := importer(t)
	system := newSystem(t)
	other, err := os.ReadFile(programs + "/loader/search.d/probe.dll")
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		name   string
		dll    []byte
		status uint32
		gaps   []string // the first ones
		found  string
	}{
		{"missing", nil, guest.StatusDLLNotFound, []string{"missing numbers.dll", "numbers.dll!named"}, "missing"},
		{"another DLL", other, guest.StatusEntryPointNotFound, []string{"numbers.dll!named"}, "application directory"},
	} {
		t.Run(test.name, func(t *testing.T) {
			config := guest.Config{Image: `C:\app\app.exe`, Files: map[string][]byte{`C:\app\app.exe`: program}}
			if test.dll != nil {
				config.Files[`C:\app\numbers.dll`] = test.dll
			}
			run := runConfig(t, system, config)
			if run.Stop.Reason != trace.StopLoad || run.Stop.ExitCode != test.status {
				t.Errorf("strict: got %+v, want status %#x", run.Stop, test.status)
			}
			config.Unresolved = guest.UnresolvedGap
			run = runConfig(t, system, config)
			var gaps []string
			for _, g := range run.Gaps {
				gaps = append(gaps, g.Name)
			}
			if len(gaps) < len(test.gaps) || !slices.Equal(gaps[:len(test.gaps)], test.gaps) {
				t.Errorf("gaps %q, want first %q; stop %+v", gaps, test.gaps, run.Stop)
			}
			if load := loadOf(run, "numbers.dll"); load == nil || load.Found != test.found {
				t.Errorf("got %+v, want found %q", load, test.found)
			}
		})
	}
}
