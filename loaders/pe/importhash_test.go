package pe

import (
	"crypto/md5"
	"encoding/hex"
	"testing"

	"sidetrace/loaders"
	"sidetrace/loaders/internal/testpe"
)

func TestImportHash(t *testing.T) {
	named := func(dll string, names ...string) loaders.Import {
		imp := loaders.Import{DLL: dll}
		for _, n := range names {
			imp.Symbols = append(imp.Symbols, loaders.Symbol{Name: n})
		}
		return imp
	}
	ordinal := func(dll string, n uint16) loaders.Import {
		return loaders.Import{DLL: dll, Symbols: []loaders.Symbol{{Ordinal: n}}}
	}
	for _, tt := range []struct {
		imports []loaders.Import
		text    string // what is hashed
	}{
		{[]loaders.Import{named("KERNEL32.dll", "GetProcAddress", "LoadLibraryW"), named("comctl32.OCX", "A")},
			"kernel32.getprocaddress,kernel32.loadlibraryw,comctl32.a"},
		{[]loaders.Import{named("hal.sys", "A"), named("printer.drv", "A"), named("api-ms-win-core-file-l1-1-0.dll", "A"), named("noext", "A"), named("a.dll.dll", "B")},
			"hal.a,printer.drv.a,api-ms-win-core-file-l1-1-0.a,noext.a,a.dll.b"},
		{[]loaders.Import{ordinal("WS2_32.dll", 115), ordinal("wsock32.DLL", 23), ordinal("OLEAUT32.dll", 2), ordinal("oleaut32.dll", 443)},
			"ws2_32.wsastartup,wsock32.socket,oleaut32.sysallocstring,oleaut32.unregistertypelibforuser"},
		{[]loaders.Import{ordinal("WS2_32.dll", 9999), ordinal("ws2_32.drv", 115), ordinal("COMCTL32.dll", 17), ordinal("oleaut32.dll", 444), ordinal("ws2_32.dll", 0)},
			"ws2_32.ord9999,ws2_32.drv.ord115,comctl32.ord17,oleaut32.ord444,ws2_32.ord0"},
	} {
		sum := md5.Sum([]byte(tt.text))
		if got, want := importHash(tt.imports), hex.EncodeToString(sum[:]); got != want {
			t.Errorf("import hash of %q: got %s, want %s", tt.text, got, want)
		}
	}
	if got := importHash(nil); got != "" {
		t.Errorf("import hash of nothing: got %q, want none", got)
	}
	// Delay imports do not count.
	spec := testpe.Full()
	want := parse(t, testpe.Build(spec).Bytes).ImportHash
	spec.DelayImports = nil
	if got := parse(t, testpe.Build(spec).Bytes).ImportHash; got != want || got == "" {
		t.Errorf("without delay imports: got %q, want %q", got, want)
	}
}
