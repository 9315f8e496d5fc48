package crt

import "testing"

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

func FuzzUndecorateType(f *testing.F) {
	f.Add(".?AV?$vector@HV?$allocator@H@std@@@std@@")
	f.Fuzz(func(t *testing.T, name string) { undecorateType(name) })
}
