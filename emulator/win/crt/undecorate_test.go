package crt

import (
	"runtime"
	"strings"
	"testing"
)

func TestUndecorateType(t *testing.T) {
	for _, test := range [][2]string{
		{".H", "int"},
		{"._J", "__int64"},
		{".?AVShape@@", "class Shape"},
		{".?AUPoint@geometry@@", "struct geometry::Point"},
		{".?AW4Colour@@", "enum Colour"},
		{".PEAD", "char * __ptr64"},
		{".PEBD", "char const * __ptr64"},
		{".?AV?$vector@HV?$allocator@H@std@@@std@@", "class std::vector<int,class std::allocator<int> >"},
		{".?AV?$basic_string@DU?$char_traits@D@std@@V?$allocator@D@2@@std@@", "class std::basic_string<char,struct std::char_traits<char>,class std::allocator<char> >"},
		{".?AV?$array@H$09@std@@", "class std::array<int,10>"},
		{".?AVInner@?A0x12345678@@", "class `anonymous namespace'::Inner"},
		{".P6AHH@Z", "int (__cdecl*)(int)"},
		{".?AVbad", ".?AVbad"},
		{".?A", ".?A"},
		{"", ""},
	} {
		got, ok := undecorateType(test[0])
		if got != test[1] {
			t.Errorf("%s: got %s, want %s", test[0], got, test[1])
		}
		if ok != (got != test[0]) {
			t.Errorf("%s: read: got %v", test[0], ok)
		}
	}
}

// A short name may refer to its own parts so often that its text fills memory.
func TestUndecorateGrowth(t *testing.T) {
	name := "P6AX"
	for _, back := range []string{"H", "0", "1", "2"} {
		name += "P6AX" + strings.Repeat(back, 60) + "@Z"
	}
	name += "@Z"
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	_, ok := undecorateType(name)
	runtime.ReadMemStats(&after)
	if n := after.TotalAlloc - before.TotalAlloc; ok || n > 16*maxReadable {
		t.Errorf("%d bytes allocated for a name of %d; read: %t", n, len(name), ok)
	}
}

func FuzzUndecorateType(f *testing.F) {
	f.Add(".?AV?$vector@HV?$allocator@H@std@@@std@@")
	f.Fuzz(func(t *testing.T, name string) { undecorateType(name) })
}
