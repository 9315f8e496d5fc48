package replicas

import (
	"bytes"
	"os/exec"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// prebuiltPEs returns the committed PEs by file name.
func prebuiltPEs(t *testing.T) map[string][]byte {
	t.Helper()
	entries, err := prebuilt.ReadDir("prebuilt")
	if err != nil {
		t.Fatal(err)
	}
	files := map[string][]byte{}
	for _, e := range entries {
		if x := path.Ext(e.Name()); x != ".exe" && x != ".dll" {
			continue
		}
		if files[e.Name()], err = prebuilt.ReadFile("prebuilt/" + e.Name()); err != nil {
			t.Fatal(err)
		}
	}
	if len(files) != 11 {
		t.Fatalf("%d PEs, want 11", len(files))
	}
	return files
}

// What a replica may import, each group with its reason. This is the proof that
// no part of a chain can reach a network, start a program or a thread, or look
// for any further function; and that of the ordinary programs one reaches a
// network, and one starts a program, to do the one thing that is fixed in it.
const (
	// Start-up of the C runtime: locks, its TLS slot, its own relocations
	// (VirtualQuery and VirtualProtect on its own image) and what it says when
	// these fail.
	runtime = `kernel32.dll DeleteCriticalSection EnterCriticalSection GetLastError InitializeCriticalSection
		LeaveCriticalSection Sleep TlsGetValue VirtualProtect VirtualQuery
		msvcrt.dll __iob_func _amsg_exit _initterm abort calloc free fwrite strlen strncmp vfprintf`
	// The same for a DLL: its list of functions to run at its end.
	runtimeDLL = `msvcrt.dll _lock _unlock realloc`
	// The same for a program: arguments, standard streams, the exception filter.
	runtimeEXE = `kernel32.dll GetStartupInfoA SetUnhandledExceptionFilter
		msvcrt.dll __C_specific_handler __getmainargs __initenv __set_app_type __setusermatherr _acmdln _cexit _commode
		_fmode _onexit exit fprintf signal`
	printing    = `msvcrt.dll malloc printf`
	guardImport = `sidetrace-guard.dll SidetraceGuard`
	// The unpack step: one event, one file read, one buffer, AES where chosen.
	unpackStep = `sidetrace-guard.dll SidetraceStage
		kernel32.dll CloseHandle CreateEventW CreateFileW GetFileSize GetModuleFileNameW GetProcessHeap HeapAlloc HeapFree
		ReadFile SetLastError lstrcpyW lstrlenW
		bcrypt.dll BCryptCloseAlgorithmProvider BCryptDecrypt BCryptDestroyKey BCryptGenerateSymmetricKey
		BCryptOpenAlgorithmProvider BCryptSetProperty`
	programStart = `msvcrt.dll memcpy`
	libraryWork  = `msvcrt.dll memcpy strchr`
	programWork  = `msvcrt.dll fflush memcmp memcpy
		ffmpeg.dll av_adler32_update av_base64_decode av_base64_encode av_crc av_crc_get_table av_gcd av_log2 av_rescale
		av_strlcpy av_version_info avutil_version`

	ownFolder  = `kernel32.dll CloseHandle CreateFileW GetModuleFileNameW ReadFile`
	beside     = `kernel32.dll WriteFile lstrcpyW lstrlenW`
	oneIcon    = `winhttp.dll WinHttpCloseHandle WinHttpConnect WinHttpOpen WinHttpOpenRequest WinHttpReadData WinHttpReceiveResponse WinHttpSendRequest`
	playerWork = `ffmpeg.dll av_crc av_crc_get_table avutil_version`
	ownCode    = `kernel32.dll FlushInstructionCache GetCurrentProcess`
	oneCommand = `kernel32.dll CloseHandle CreatePipe CreateProcessW ReadFile`
)

// allowed turns groups into "dll!Name", sorted.
func allowed(groups ...string) []string {
	var names []string
	dll := ""
	for _, word := range strings.Fields(strings.Join(groups, " ")) {
		if strings.HasSuffix(word, ".dll") {
			dll = word
			continue
		}
		names = append(names, dll+"!"+word)
	}
	slices.Sort(names)
	return slices.Compact(names)
}

func TestImports(t *testing.T) {
	want := map[string][]string{
		"3CXDesktopApp.exe":           allowed(guardImport, runtime, runtimeEXE, printing, programWork),
		"ffmpeg.dll":                  allowed(guardImport, runtime, runtimeDLL, libraryWork, unpackStep),
		"ffmpeg.clean.dll":            allowed(guardImport, runtime, runtimeDLL, libraryWork),
		"d3dcompiler_47.dll":          allowed(guardImport),
		"d3dcompiler_47.unsigned.dll": allowed(guardImport),
		"samcli.dll":                  allowed(guardImport),
		"updater.exe":                 allowed(guardImport, runtime, runtimeEXE, printing, programStart, ownFolder, beside, oneIcon),
		"player.exe":                  allowed(guardImport, runtime, runtimeEXE, printing, programStart, playerWork),
		"packed.exe":                  allowed(guardImport, runtime, runtimeEXE, printing, programStart, ownCode),
		"setup.exe":                   allowed(guardImport, runtime, runtimeEXE, printing, programStart, ownFolder),
		"admin.exe":                   allowed(guardImport, runtime, runtimeEXE, printing, programStart, oneCommand),
	}
	got := map[string][]string{}
	for name, data := range prebuiltPEs(t) {
		image := mustParse(t, data)
		if len(image.DelayImports) != 0 {
			t.Errorf("%s has delay imports", name)
		}
		for _, i := range image.Imports {
			for _, s := range i.Symbols {
				got[name] = append(got[name], strings.ToLower(i.DLL)+"!"+s.Name)
			}
		}
		slices.Sort(got[name])
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("imports (-allowed +found):\n%s", diff)
	}
}

// Names that a replica would need as text to look a function up, or to reach a
// network, another process or a place that outlives it.
var forbidden = regexp.MustCompile(`(?i)(LoadLibrary|LdrLoadDll|GetProcAddress|LdrGetProcedure|GetModuleHandle|CreateProcess|WinExec|` +
	`ShellExecute|CreateThread|CreateRemoteThread|VirtualAlloc|WriteProcessMemory|WinHttp|wininet|InternetOpen|ws2_32|WSAStartup|urlmon|` +
	`URLDownload|RegSetValue|CurrentVersion\\Run|schtasks|cmd\.exe|powershell)`)

// Names that an ordinary program has for the one thing it does (TestImports).
var ordinaryNames = map[string][]string{
	"updater.exe": {"WinHttp", "WINHTTP"},
	"admin.exe":   {"CreateProcess", `cmd.exe`},
}

func TestNoForbiddenNames(t *testing.T) {
	for name, data := range prebuiltPEs(t) {
		for _, own := range ordinaryNames[name] {
			data = bytes.ReplaceAll(data, []byte(own), nil)
			data = bytes.ReplaceAll(data, wide(own), nil)
		}
		for form, text := range map[string][]byte{"ASCII": data, "UTF-16": bytes.ReplaceAll(data, []byte{0}, nil)} {
			if found := forbidden.Find(text); found != nil {
				t.Errorf("%s contains %q (%s)", name, found, form)
			}
		}
	}
	if !forbidden.MatchString("xx LoadLibraryA") || forbidden.MatchString("LibraryLoad") {
		t.Error("the expression does not find what it should")
	}
}

// wide is a text as a PE holds it in UTF-16.
func wide(text string) (b []byte) {
	for _, c := range []byte(text) {
		b = append(b, c, 0)
	}
	return b
}

// disassembly returns objdump's listing, mnemonic first on each line.
func disassembly(t *testing.T, args ...string) []string {
	t.Helper()
	for _, tool := range []string{"x86_64-w64-mingw32-objdump", "objdump"} {
		if _, err := exec.LookPath(tool); err != nil {
			continue
		}
		out, err := exec.Command(tool, append([]string{"--no-show-raw-insn"}, args...)...).Output()
		if err != nil {
			t.Skipf("%s cannot read it: %v", tool, err)
		}
		var lines []string
		for line := range strings.Lines(string(out)) {
			if _, text, found := strings.Cut(line, ":\t"); found {
				lines = append(lines, strings.TrimSpace(text))
			}
		}
		if len(lines) == 0 {
			t.Fatal("an empty listing")
		}
		return lines
	}
	t.Skip("objdump is not installed")
	return nil
}

// vex finds VEX-encoded instructions: all of AVX, and of BMI what is not a
// legacy opcode.
var vex = regexp.MustCompile(`^(v[a-z0-9]+|\{vex\}.*|andn|bextr|blsi|blsmsk|blsr|bzhi|mulx|pdep|pext|rorx|sarx|shlx|shrx)\b`)

// The emulated CPU has no AVX.
func TestNoVEX(t *testing.T) {
	for _, test := range []struct {
		line string
		want bool
	}{{"vmovdqa %ymm0,%ymm1", true}, {"andn %eax,%ebx,%ecx", true}, {"and %eax,%ebx", false}, {"andnps %xmm0,%xmm1", false}} {
		if got := vex.MatchString(test.line); got != test.want {
			t.Errorf("%s: %v, want %v", test.line, got, test.want)
		}
	}
	for name := range prebuiltPEs(t) {
		for _, line := range disassembly(t, "-d", "prebuilt/"+name) {
			if vex.MatchString(line) {
				t.Errorf("%s: %s", name, line)
			}
		}
	}
}

// privileged finds the ways around an import table: the TEB and PEB, the kernel
// and interrupts.
var privileged = regexp.MustCompile(`%[fg]s:|^(syscall|sysenter|int)\b|^rd[fg]sbase`)

// The payload reaches nothing but the table it is handed.
func TestPayloadIsInert(t *testing.T) {
	for _, line := range []string{"mov %gs:0x60,%rax", "syscall", "int $0x2e"} {
		if !privileged.MatchString(line) {
			t.Errorf("%s is not found", line)
		}
	}
	for name, args := range map[string][]string{
		"stub.bin":   {"-D", "-b", "binary", "-m", "i386:x86-64", "prebuilt/stub.bin"},
		"samcli.dll": {"-d", "prebuilt/samcli.dll"},
	} {
		for _, line := range disassembly(t, args...) {
			if privileged.MatchString(line) {
				t.Errorf("%s: %s", name, line)
			}
		}
	}
}

// The ordinary programs that reach out have one address and one command in
// them, and nothing that an argument or a file could change.
func TestOrdinaryProgramsAreFixed(t *testing.T) {
	files := prebuiltPEs(t)
	for name, texts := range map[string][]string{
		"updater.exe": {"raw.githubusercontent.com", "/sidetrace-example/player/main/app.ico"},
		"admin.exe":   {`C:\Windows\System32\cmd.exe /c ipconfig /all`},
	} {
		for _, text := range texts {
			if bytes.Count(files[name], wide(text)) != 1 {
				t.Errorf("%s: %q is not in it once", name, text)
			}
		}
	}
}
