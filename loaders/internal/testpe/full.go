package testpe

// Full has something in every directory.
func Full() Spec {
	return Spec{
		Imports: []Import{
			{"KERNEL32.dll", []string{"GetProcAddress", "LoadLibraryW"}},
			{"WS2_32.dll", []string{"#115", "#9999", "WSAIoctl"}},
			{"odd.name.drv", []string{"#7", "Open"}},
		},
		DelayImports: []Import{{"SHELL32.dll", []string{"ShellExecuteW", "#16"}}},
		Exports: &Exports{Name: "full.dll", Base: 5, Table: []Export{
			{RVA: TextRVA, Names: []string{"zeta", "Alpha"}},
			{},
			{RVA: TextRVA + 5},
			{Forward: "NTDLL.RtlAllocateHeap", Names: []string{"HeapAlloc"}},
		}},
		Relocations: []uint32{0x2000, 0x2010, 0x2018},
		TLS:         []uint32{TextRVA, TextRVA + 5},
		Unwind:      [][3]uint32{{0x1000, 0x1006, 0x5000}, {0x1006, 0x1010, 0x5000}},
		Resources: []Resource{
			{TypeName: "ICÔNE", Name: 3, Language: 0x40a, Data: []byte("icon")},
			{Type: 16, Name: 1, Language: 0x409, Data: Version(18, 12, 416, 0,
				"CompanyName", "sidetrace", "OriginalFilename", "full.dll", "Empty", "")},
		},
	}
}
