package emulator

import (
	"strings"
	"testing"

	"sidetrace/emulator/win"
)

// TestLoaderFunctions checks that what loaders are known to call has handlers,
// in all the places it is resolved from.
func TestLoaderFunctions(t *testing.T) {
	tables := map[string]map[string]*win.Row{}
	for _, table := range Tables() {
		rows := map[string]*win.Row{}
		for i := range table.Rows {
			row := &table.Rows[i]
			for _, name := range versions(row.Name) {
				rows[name] = row
			}
		}
		tables[table.DLL] = rows
	}
	system := newSystem(t)
	count := 0
	for _, line := range lines(string(readFile(t, "testdata/loader-functions.txt"))) {
		if strings.HasPrefix(line, "#") {
			continue
		}
		fields := strings.Fields(line)
		if len(fields) != 3 {
			t.Fatalf("a line has the form \"dll priority function\": %s", line)
		}
		dll := fields[0]
		count++
		for _, name := range versions(fields[2]) {
			for _, place := range places(dll) {
				host := system.standard(t).System.Module(place)
				if host == nil {
					t.Errorf("%s: no such DLL", place)
					continue
				}
				// What vcruntime140.dll has, ucrtbase.dll has too.
				if tables[host.Name][name] == nil {
					t.Errorf("%s!%s: no handler", place, name)
				}
			}
		}
	}
	if count < 250 {
		t.Errorf("only %d functions are listed", count)
	}
}

// versions expands {A,W}.
func versions(name string) []string {
	if base, both := strings.CutSuffix(name, "{A,W}"); both {
		return []string{base + "A", base + "W"}
	}
	return []string{name}
}

// places are the names a DLL's functions are resolved from.
func places(dll string) []string {
	switch dll {
	case "kernel32.dll":
		return []string{dll, "kernelbase.dll", "api-ms-win-core-file-l1-1-0.dll"}
	case "ucrtbase.dll":
		return []string{dll, "api-ms-win-crt-runtime-l1-1-0.dll"}
	}
	return []string{dll}
}
