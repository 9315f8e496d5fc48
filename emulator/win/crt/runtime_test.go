package crt_test

import (
	"encoding/binary"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"sidetrace/emulator/guest"
	"sidetrace/emulator/trace"
	"sidetrace/emulator/win"
	"sidetrace/emulator/win/crt"
	"sidetrace/emulator/win/wintest"
)

func TestTables(t *testing.T) {
	tables := crt.Tables()
	names := map[string]map[string]*win.Row{}
	for i := range tables {
		names[tables[i].DLL] = map[string]*win.Row{}
		for j := range tables[i].Rows {
			r := &tables[i].Rows[j]
			names[tables[i].DLL][r.Name] = r
		}
	}
	for dll, want := range map[string]string{
		// What the start-up of mingw-w64's programs and DLLs imports.
		"msvcrt.dll": `__C_specific_handler ___lc_codepage_func ___mb_cur_max_func __getmainargs __initenv __iob_func
			__set_app_type __setusermatherr __wgetmainargs __winitenv _acmdln _amsg_exit _cexit _commode _errno _fmode _initterm
			_lock _onexit _unlock _wcmdln abort calloc exit fprintf fputc free fwrite localeconv malloc memcpy memset realloc
			signal strerror strlen strncmp vfprintf wcslen`,
		"ucrtbase.dll": `malloc free calloc realloc memcpy memmove memset memcmp strlen strstr wcslen wcsrchr wcsstr _wcsicmp
			__stdio_common_vsprintf __stdio_common_vswprintf _initterm _initialize_onexit_table _register_onexit_function
			_execute_onexit_table _cexit _initialize_narrow_environment _seh_filter_dll _errno _beginthreadex rand srand _time64
			__C_specific_handler __CxxFrameHandler3 _CxxThrowException strtoul _wfopen fread fseek ftell fclose _localtime64
			_set_new_mode _set_fmode _configure_narrow_argv _get_initial_narrow_environment _crt_atexit _controlfp_s terminate`,
		"vcruntime140.dll":   "__C_specific_handler __std_type_info_destroy_list memcpy memset strchr wcsrchr __std_exception_copy",
		"vcruntime140_1.dll": "__CxxFrameHandler4",
	} {
		for _, name := range strings.Fields(want) {
			if names[dll][name] == nil {
				t.Errorf("%s has no %s", dll, name)
			}
		}
	}
}

func TestVariables(t *testing.T) {
	m := newMachine(t, guest.Config{Arguments: "a b", Environment: map[string]string{"NAME": "välue"}})
	address := func(name string) uint64 {
		r, _, _ := m.Call(ucrtbase, name)
		return r
	}
	equal(t, "argc", uint64(3), m.Uint(address("__p___argc"), 4))
	argv := m.Uint(address("__p___argv"), 8)
	equal(t, "argv[1]", "a", cstring(t, m, m.Uint(argv+8, 8)))
	equal(t, "argv[3]", uint64(0), m.Uint(argv+24, 8))
	wargv := m.Uint(address("__p___wargv"), 8)
	equal(t, "wargv[2]", "b\x00\x00\x00", string(m.Get(m.Uint(wargv+16, 8), 4)))
	equal(t, "WinMain's command line", "a b", cstring(t, m, address("_get_narrow_winmain_command_line")))
	equal(t, "_environ is a table", address("_get_initial_narrow_environment"), m.Uint(address("__p__environ"), 8))

	equal(t, "getenv", "v\xE4lue", cstring(t, m, call(t, m, "getenv", m.AString("name"))))
	equal(t, "_putenv", uint64(0), call(t, m, "_putenv", m.AString("NAME=new")))
	equal(t, "getenv", "new", cstring(t, m, call(t, m, "getenv", m.AString("NAME"))))
	value, _ := m.Variable("NAME")
	equal(t, "the process has it too", "new", value)
	call(t, m, "_putenv", m.AString("NAME="))
	equal(t, "getenv of none", uint64(0), call(t, m, "getenv", m.AString("NAME")))
	wide := call(t, m, "_wgetenv", m.WString("SystemRoot"))
	equal(t, "_wgetenv", "C\x00:\x00\\\x00", string(m.Get(wide, 6)))
}

// The environment of a guest that goes on setting variables is bounded.
func TestEnvironmentLimit(t *testing.T) {
	m := newMachine(t, guest.Config{})
	value := strings.Repeat("x", 30_000)
	n := 0
	for call(t, m, "_putenv", m.AString("V"+strings.Repeat("y", n)+"="+value)) == 0 {
		if n++; n > 100 {
			t.Fatal("no limit")
		}
	}
	equal(t, "errno", 12, errno(t, m))
}

func TestArguments(t *testing.T) {
	for _, test := range []struct {
		line string
		want []string
	}{
		{`a b`, []string{"a", "b"}},
		{`"a b" c`, []string{"a b", "c"}},
		{`a\\b d"e f"g h`, []string{`a\\b`, "de fg", "h"}},
		{`a\\\"b c d`, []string{`a\"b`, "c", "d"}},
		{`a\\\\"b c" d e`, []string{`a\\b c`, "d", "e"}},
		{`a"b"" c d`, []string{`ab" c d`}},
		{`"" x`, []string{"", "x"}},
		{`trailing\\ `, []string{`trailing\\`}},
		{"\ttabs\tand  blanks ", []string{"tabs", "and", "blanks"}},
	} {
		m := newMachine(t, guest.Config{Arguments: test.line})
		argc, argv, env := m.Alloc(4), m.Alloc(8), m.Alloc(8)
		call(t, m, "__getmainargs", argc, argv, env, 0, 0)
		var got []string
		for i := uint64(1); i < m.Uint(argc, 4); i++ {
			got = append(got, cstring(t, m, m.Uint(m.Uint(argv, 8)+8*i, 8)))
		}
		equal(t, test.line, test.want, got)
	}
}

func TestTime(t *testing.T) {
	m := newMachine(t, guest.Config{})
	const start = 1680080400 // 2023-03-29T09:00:00Z
	at := m.Alloc(8)
	equal(t, "time", uint64(start), call(t, m, "time", at))
	equal(t, "stored", uint64(start), m.Uint(at, 8))
	m.Put(at, binary.LittleEndian.AppendUint64(nil, start))
	tm := call(t, m, "_localtime64", at)
	var fields []uint32
	for i := range uint64(9) {
		fields = append(fields, uint32(m.Uint(tm+4*i, 4)))
	}
	equal(t, "struct tm", []uint32{0, 0, 9, 29, 2, 123, 3, 87, 0}, fields)
	equal(t, "asctime", "Wed Mar 29 09:00:00 2023\n", cstring(t, m, call(t, m, "asctime", tm)))
	buffer := m.Alloc(64)
	equal(t, "strftime", uint64(29), call(t, m, "strftime", buffer, 64, m.AString("%Y-%m-%d %#H:%M:%S %j %U %p%%"), tm))
	equal(t, "text", "2023-03-29 9:00:00 088 13 AM%", cstring(t, m, buffer))
	equal(t, "too long", uint64(0), call(t, m, "strftime", buffer, 4, m.AString("%Y"), tm))

	m.Put(tm, binary.LittleEndian.AppendUint32(nil, 3600)) // an hour of seconds
	equal(t, "mktime", uint64(start+3600), call(t, m, "_mktime64", tm))
	equal(t, "seconds in range", uint64(0), m.Uint(tm, 4))
	m.Put(at, binary.LittleEndian.AppendUint64(nil, ^uint64(0)))
	equal(t, "before 1970", uint64(0), call(t, m, "_gmtime64", at))
}

func TestOnexitTable(t *testing.T) {
	m := newMachine(t, guest.Config{})
	table := m.Bytes(make([]byte, 24))
	equal(t, "_initialize_onexit_table", uint64(0), call(t, m, "_initialize_onexit_table", table))
	for i := range uint64(100) {
		equal(t, "_register_onexit_function", uint64(0), call(t, m, "_register_onexit_function", table, 0x1000+i))
	}
	first, last := m.Uint(table, 8), m.Uint(table+8, 8)
	equal(t, "functions", uint64(100), (last-first)/8)
	equal(t, "the last", uint64(0x1000+99), m.Uint(last-8, 8))
	m.Put(first, make([]byte, 800)) // null entries are skipped
	equal(t, "_execute_onexit_table", uint64(0), call(t, m, "_execute_onexit_table", table))
	equal(t, "table", make([]byte, 24), m.Get(table, 24))
	equal(t, "without a table", negative(-1), call(t, m, "_register_onexit_function", 0, 0x1000))
}

func TestScan(t *testing.T) {
	m := newMachine(t, guest.Config{})
	for _, test := range []struct {
		input, format string
		n             int32
		kinds         string // of the arguments: d number, s string, c character
		want          []string
	}{
		{"12 -7 ff", "%d %i %x", 3, "ddd", []string{"12", "-7", "255"}},
		{"key=value", "%[^=]=%s", 2, "ss", []string{"key", "value"}},
		{"a,b", "%c,%c", 2, "cc", []string{"a", "b"}},
		{"0x1F 010", "%i %i", 2, "dd", []string{"31", "8"}},
		{"abcdef", "%3s%s", 2, "ss", []string{"abc", "def"}},
		{"12abc", "%d%*2c%s", 2, "ds", []string{"12", "c"}},
		{"x", "%d", 0, "", nil},
		{"", "%d", -1, "", nil},
		{"5", "%d %d", 1, "d", []string{"5"}},
		{"50%", "%d%%%n", 1, "dd", []string{"50", "3"}},
		{"a-z9", "%[a-z-]%d", 2, "sd", []string{"a-z", "9"}},
		{"a\tb", "%s%c", 2, "sc", []string{"a", "\t"}},
	} {
		var slots []uint64
		for range 3 {
			slots = append(slots, m.Alloc(16))
		}
		n := call(t, m, "sscanf", append([]uint64{m.AString(test.input), m.AString(test.format)}, slots...)...)
		equal(t, test.format, test.n, int32(n))
		var got []string
		for i, kind := range test.kinds {
			switch kind {
			case 'd':
				got = append(got, trace.Int.Format(m.Uint(slots[i], 4)))
			case 'c':
				got = append(got, string(m.Get(slots[i], 1)))
			default:
				got = append(got, cstring(t, m, slots[i]))
			}
		}
		equal(t, test.format, test.want, got)
	}
	f := m.Alloc(8)
	call(t, m, "sscanf", m.AString("2.5"), m.AString("%lf"), f)
	equal(t, "%lf", uint64(0x4004000000000000), m.Uint(f, 8))
}

func TestSystem(t *testing.T) {
	m := newMachine(t, guest.Config{})
	equal(t, "there is an interpreter", uint64(1), call(t, m, "system", 0))
	equal(t, "system", uint64(0), call(t, m, "system", m.AString("whoami /all")))
	var lines []string
	for i := range m.Recorder.Run.Behaviours {
		if b, ok := m.Recorder.Run.Behaviours[i].Fields.(trace.ProcessCreate); ok {
			lines = append(lines, b.Image+"|"+b.CommandLine)
		}
	}
	equal(t, "behaviour", []string{`C:\Windows\System32\cmd.exe|C:\Windows\System32\cmd.exe /c whoami /all`}, lines)
}

func TestStat(t *testing.T) {
	m := newMachine(t, guest.Config{Files: map[string][]byte{path: make([]byte, 300)}})
	buffer := m.Alloc(56)
	equal(t, "_stat64", uint64(0), call(t, m, "_stat64", m.AString(path), buffer))
	equal(t, "st_mode", uint64(0x8000|0o666), m.Uint(buffer+6, 2))
	equal(t, "st_size", uint64(300), m.Uint(buffer+24, 8))
	equal(t, "st_mtime", uint64(1680080400), m.Uint(buffer+40, 8))
	equal(t, "missing", negative(-1), call(t, m, "_stat64", m.AString(path+"x"), buffer))
	short := m.Alloc(48)
	equal(t, "_stat64i32", uint64(0), call(t, m, "_stat64i32", m.AString(`C:\Data`), short))
	equal(t, "st_mode", uint64(0x4000|0o777), m.Uint(short+6, 2))
	equal(t, "margin", strings.Repeat("?", wintest.Margin), string(m.Get(short+48, wintest.Margin)))
}

func TestThread(t *testing.T) {
	m := newMachine(t, guest.Config{})
	const suspended = 4
	id := m.Alloc(4)
	h := call(t, m, "_beginthreadex", 0, 0, 0x140001000, 7, suspended, id)
	if h == 0 || m.Uint(id, 4) == 0 {
		t.Fatalf("got handle %#x, id %d", h, m.Uint(id, 4))
	}
	var got []trace.ThreadCreate
	for i := range m.Recorder.Run.Behaviours {
		if b, ok := m.Recorder.Run.Behaviours[i].Fields.(trace.ThreadCreate); ok {
			got = append(got, b)
		}
	}
	want := []trace.ThreadCreate{{ID: uint32(m.Uint(id, 4)), Start: 0x140001000, Parameter: 7, Suspended: true}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("behaviour (-want +got):\n%s", diff)
	}
	equal(t, "without a function", uint64(0), call(t, m, "_beginthreadex", 0, 0, 0, 0, 0, 0))
}

func TestExit(t *testing.T) {
	for _, test := range []struct {
		name string
		args []uint64
		want uint32
	}{
		{"exit", []uint64{5}, 5}, {"_exit", []uint64{6}, 6}, {"abort", nil, 3}, {"_amsg_exit", []uint64{18}, 255}, {"raise", []uint64{22}, 3},
	} {
		m := newMachine(t, guest.Config{})
		stop := m.Ends(msvcrt, test.name, test.args...)
		equal(t, test.name, trace.Stop{Reason: trace.StopExit, ExitCode: test.want}, stop)
	}
}
