package emulator

import (
	"slices"

	"sidetrace/emulator/catalogue"
	"sidetrace/emulator/win"
)

// withCatalogue adds the DLLs of the catalogue that have no table, and lends
// handlers: a function that a DLL exports and nobody handles there is handled
// as that of the same name in a DLL it shares code with on Windows.
func withCatalogue(tables []win.Table) []win.Table {
	place := map[string]int{}
	for i := range tables {
		place[tables[i].DLL] = i
	}
	for _, dll := range catalogue.DLLs() {
		if _, ok := place[dll]; !ok {
			place[dll] = len(tables)
			tables = append(tables, win.DLL(dll))
		}
	}
	full := slices.Clone(tables)
	for _, k := range kin {
		to := &full[place[k.dll]]
		for _, from := range k.lenders {
			to.Borrow(&tables[place[from]])
		}
	}
	return full
}

// kin are DLLs that have functions in common: on Windows one calls the other,
// or both are built from the same source.
var kin = []struct {
	dll     string
	lenders []string
}{
	{"combase.dll", []string{"ole32.dll"}},
	{"cryptbase.dll", []string{"advapi32.dll"}},
	{"cryptsp.dll", []string{"advapi32.dll"}},
	{"dpapi.dll", []string{"crypt32.dll"}},
	{"kernel32.dll", []string{"advapi32.dll"}}, // tokens and keys
	{"kernelbase.dll", []string{"kernel32.dll", "advapi32.dll", "shlwapi.dll", "version.dll", "user32.dll"}},
	{"msvcr100.dll", []string{"msvcrt.dll"}},
	{"msvcr120.dll", []string{"msvcrt.dll"}},
	{"ntdll.dll", []string{"msvcrt.dll"}},
	{"sechost.dll", []string{"advapi32.dll"}},
	{"shcore.dll", []string{"shlwapi.dll", "shell32.dll", "user32.dll"}},
	{"shfolder.dll", []string{"shell32.dll"}},
	{"sspicli.dll", []string{"secur32.dll"}},
	{"wsock32.dll", []string{"ws2_32.dll"}},
}
