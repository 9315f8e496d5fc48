package reports

import (
	"testing"
	"time"

	"sidetrace/emulator/trace"
)

func TestLine(t *testing.T) {
	const app = `C:\App\`
	tests := []struct {
		p    trace.Payload
		want string
	}{
		{trace.ModuleLoad{Path: app + "version.dll", Reason: "import", Found: "application directory", LoadedBy: "a.exe", SideLoaded: true}, `C:\App\version.dll (import; by a.exe; application directory; side-loaded; unsigned)`},
		{trace.ModuleLoad{Path: app + "a.dll", Reason: "LoadLibrary", Signed: true, Signer: "A B"}, `C:\App\a.dll (LoadLibrary; signed by "A B")`},
		{trace.ModuleLoad{Path: app + "a.dll", Signed: true}, `C:\App\a.dll (signed)`},
		{trace.ModuleLoad{Path: `C:\Windows\System32\ntdll.dll`, System: true}, `C:\Windows\System32\ntdll.dll (synthetic)`},
		{trace.ModuleMissing{Name: "x.dll", Reason: "LoadLibrary", LoadedBy: "a.dll", Searched: []string{"application directory: C:\\App\\x.dll: not there"}}, "x.dll (LoadLibrary; by a.dll; looked for in 1 place)"},
		{trace.DllMainEnter{Path: app + "a.dll", Reason: "process_attach"}, "a.dll process_attach"},
		{trace.DllMainReturn{Path: app + "a.dll", Reason: "process_attach", Result: true}, "a.dll process_attach = true"},
		{trace.ExportCall{Path: app + "a.dll", Export: "#12", Caller: "a.exe+0x10"}, "a.dll!#12 from a.exe+0x10"},
		{trace.FileCreate{Path: app + "x", Existed: true}, `C:\App\x (emptied)`},
		{trace.FileRead{Path: app + "x", Offset: 5, Size: 1}, `C:\App\x, 1 byte at 5`},
		{trace.FileWrite{Path: app + "x", Size: 2}, `C:\App\x, 2 bytes at 0`},
		{trace.FileDelete{Path: app + "x"}, `C:\App\x`},
		{trace.ConsoleWrite{Stream: "stdout", Text: "hi\n"}, `stdout "hi\n"`},
		{trace.PipeCreate{}, "unnamed"},
		{trace.PipeConnect{Name: `\name`}, `\name`},
		{trace.MemoryAlloc{Address: 0x1000, Size: 4096, Type: "commit", Protection: "rw-"}, "0x1000, 4096 bytes, commit rw-"},
		{trace.MemoryProtect{Address: 0x1000, Size: 4096, OldProtection: "rw-", Protection: "rwx", Region: "image", Module: "a.dll"}, "0x1000, 4096 bytes, rw- -> rwx (image; of a.dll)"},
		{trace.ModuleManualMap{Address: 0x1000, Size: 4096, Name: "a.dll", Layout: "image", Region: "private", HeadersWiped: true, SHA256: "0123456789abcdef"}, `0x1000, 4096 bytes (a.dll; private; image layout; headers wiped; sha256 0123456789ab)`},
		{trace.CodeUnpacked{Address: 0x1000, Size: 10, Content: "code", Layer: 1, Region: "heap", History: []string{"rw-", "rwx"}, Entropy: 5.5, SourceFile: app + "x", SourceOffset: 7, SHA256: "0123456789abcdef"}, "0x1000, 10 bytes of code, layer 1 (heap; rw- -> rwx; 5.50 bits/byte; from x at 7; sha256 0123456789ab)"},
		{trace.CodePatched{Module: "amsi.dll", Exports: []string{"AmsiScanBuffer"}, RVA: 0x1040, Size: 6, Before: "4c8bd1b80400", After: "b857000780c3"}, "amsi.dll+0x1040, 6 bytes (AmsiScanBuffer; 4c8bd1b80400 -> b857000780c3)"},
		{trace.CodePatched{Module: "ntdll.dll", RVA: 0x1040, Size: 1, Before: "e9", After: "4c", Target: "hook.exe+0x20", Restored: true}, "ntdll.dll+0x1040, 1 byte (e9 -> 4c; hook.exe+0x20; restored)"},
		{trace.CodeUnpacked{SourceFile: app + "x", SourceOffset: -1, Content: "pe"}, "0x0, 0 bytes of pe, layer 0 (0.00 bits/byte; from x)"},
		{trace.ProcessImage{Moment: "end", Path: app + "a.dll", Region: "image", Address: 0x1000, Size: 4096, SHA256: "0123456789abcdef"}, app + `a.dll at 0x1000, 4096 bytes (end; sha256 0123456789ab)`},
		{trace.ProcessImage{Moment: "unpacked", Region: "private", Address: 0x1000, Size: 4096, SHA256: "0123456789abcdef"}, "0x1000, 4096 bytes (unpacked; private; sha256 0123456789ab)"},
		{trace.PayloadDecrypted{SourceFile: app + "x", SourceOffset: 7, Size: 10, Cipher: "rc4", Key: "k y", KeySource: "image strings of a.dll"}, `10 bytes of x at 7 with rc4, key "k y" (image strings of a.dll)`},
		{trace.CryptoDecrypt{API: "BCryptDecrypt", Algorithm: "AES", Mode: "GCM", Size: 3, Verified: true, Text: "abc"}, "BCryptDecrypt AES-GCM, 3 bytes (tag verified; abc)"},
		{trace.RegistryRead{Path: `HKLM\A\B`, Found: true, Data: "1 2"}, `HKLM\A\B = "1 2"`},
		{trace.RegistryRead{Path: `HKLM\A\B`}, `HKLM\A\B (not found)`},
		{trace.RegistryWrite{Path: `HKLM\A\B`, Data: "1"}, `HKLM\A\B = 1`},
		{trace.EventCreate{Name: "E", Existed: true}, "E (existed)"},
		{trace.MutexCreate{}, "unnamed"},
		{trace.ThreadCreate{ID: 7, Start: 0x1000, Module: "a.dll", Suspended: true}, "7 at 0x1000 (in a.dll; suspended)"},
		{trace.ProcessCreate{Image: `C:\Windows\System32\cmd.exe`, ID: 9, Hidden: true, Redirected: true}, `C:\Windows\System32\cmd.exe (id 9; hidden; standard handles redirected)`},
		{trace.ProcessCreate{CommandLine: "cmd /c x", ID: 9}, `"cmd /c x" (id 9)`},
		{trace.ProcessAccess{Image: "lsass.exe", ID: 684, Access: 0x10}, `lsass.exe (id 684; rights 0x10; refused)`},
		{trace.ProcessMemory{Image: "a.exe", ID: 8, Operation: "allocate", Address: 0x10000, Size: 4096, Protection: "rwx"}, `allocate 4096 bytes at 0x10000 in a.exe (id 8; rwx)`},
		{trace.ProcessWriteMemory{Image: "a.exe", ID: 8, Address: 0x10000, Size: 11, Protection: "rwx", Content: "pe"}, `11 bytes of pe to 0x10000 in a.exe (id 8; rwx)`},
		{trace.ProcessTerminate{Image: "a.exe", ID: 8, ExitCode: 1}, `a.exe (id 8; exit code 0x1)`},
		{trace.ThreadCallback{Method: "apc", API: "QueueUserAPC", Address: 0x10000, Module: "a.dll"}, `0x10000 by apc (in a.dll; QueueUserAPC)`},
		{trace.ThreadCreateRemote{Image: "a.exe", ProcessID: 8, ID: 12, Start: 0x10000, Suspended: true, API: "NtCreateThreadEx"}, `12 at 0x10000 in a.exe (id 8; suspended; NtCreateThreadEx)`},
		{trace.ThreadHijack{Image: "a.exe", ProcessID: 8, ID: 12, Method: "apc", Address: 0x10000}, `12 to 0x10000 in a.exe (id 8; apc)`},
		{trace.RegistryCreate{Path: `HKCU\Software\New`}, `HKCU\Software\New`},
		{trace.RegistryDelete{Path: `HKCU\Software\Old`, Item: "key"}, `HKCU\Software\Old (key)`},
		{trace.ServiceCreate{Name: "svc", Path: `C:\a.exe`, Type: "own process", StartType: "auto"}, `svc = C:\a.exe (own process; auto; refused)`},
		{trace.Sleep{Milliseconds: -1, API: "Sleep"}, "for ever (Sleep)"},
		{trace.Sleep{Milliseconds: 999}, "999 ms"},
		{trace.Sleep{Milliseconds: 1500}, "1.5 s"},
		{trace.Sleep{Milliseconds: 7 * 24 * 3600 * 1000}, "7.0 days"},
		{trace.DNSQuery{Name: "a.test", Answered: true, Results: []string{"192.0.2.1", "192.0.2.2"}}, "a.test = 192.0.2.1,192.0.2.2"},
		{trace.DNSQuery{Name: "a.test"}, "a.test (no answer)"},
		{trace.NetConnect{Host: "a.test", Port: 443, Protocol: "tcp"}, "tcp a.test:443 (refused)"},
		{trace.NetListen{Address: "0.0.0.0", Port: 4444, Protocol: "tcp"}, "tcp 0.0.0.0:4444"},
		{trace.NetSend{Host: "a.test", Port: 80, Protocol: "tcp", Size: 5, Text: "hello"}, "tcp a.test:80, 5 bytes (hello)"},
		{trace.HTTPRequest{Method: "GET", URL: "https://a.test/", Status: 200, Answered: true, Cookie: "a=b"}, "GET https://a.test/ -> 200 (cookie a=b)"},
		{trace.HTTPRequest{Method: "POST", URL: "https://a.test/", BodySize: 4}, "POST https://a.test/ -> no answer (body 4 bytes)"},
		{trace.HTTPResponse{URL: "https://a.test/", Status: 200, Size: 3, ContentType: "image/x-icon"}, "https://a.test/ -> 200, 3 bytes (image/x-icon)"},
		{trace.Exception{Name: "STATUS_ACCESS_VIOLATION", Address: 0x10, Access: "write", Target: 0x20, Module: "a.dll+0x1"}, "STATUS_ACCESS_VIOLATION on write of 0x20 at 0x10 (a.dll+0x1)"},
		{trace.Exception{Code: 0xE06D7363, Address: 0x10, Handled: true}, "0xe06d7363 at 0x10 (handled)"},
		{trace.Exception{Name: "STATUS_SINGLE_STEP", Address: 0x10, Handled: true, HandledBy: trace.HandledVectored, Handler: "a.exe+0x20", Count: 7}, "STATUS_SINGLE_STEP at 0x10 (handled: vectored at a.exe+0x20; 7 times)"},
		{trace.Exit{Code: 3, Reason: "ExitProcess"}, "3 (ExitProcess)"},
		{trace.Exit{Code: 0xC0000005, Reason: "exception"}, "0xc0000005 (exception)"},
	}
	seen := map[string]bool{}
	for _, test := range tests {
		seen[test.p.Kind()] = true
		if got := Line(test.p); got != test.want {
			t.Errorf("%s:\n got %s\nwant %s", test.p.Kind(), got, test.want)
		}
	}
	for _, p := range trace.Payloads() {
		if !seen[p.Kind()] {
			t.Errorf("%s has no line of its own in this table", p.Kind())
		}
	}
}

func TestClock(t *testing.T) {
	tests := []struct {
		d    time.Duration
		want string
	}{
		{0, "00:00:00.000"},
		{1500 * time.Microsecond, "00:00:00.001"},
		{23*time.Hour + 59*time.Minute + 59*time.Second, "23:59:59.000"},
		{24 * time.Hour, "1d 00:00:00.000"},
	}
	for _, test := range tests {
		if got := clock(test.d); got != test.want {
			t.Errorf("clock(%v): got %q, want %q", test.d, got, test.want)
		}
	}
}
