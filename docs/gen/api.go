package main

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	"sidetrace/emulator/win"
)

const apiHead = `# Windows functions

<!-- Generated from the tables below emulator/win; to change it, change the tables and run: go generate ./docs/gen -->

Every function that is modelled, by DLL. The other functions that Windows' DLLs export are in their export directories,
too, and can be imported and looked up; *calling* one is recorded as a gap, returns 0 with ERROR_CALL_NOT_IMPLEMENTED, or
STATUS_NOT_IMPLEMENTED from a system service, and makes a verdict that depends on what follows inconclusive. A name that
Windows does not export is not found.

System services (Nt…) have their second names (Zw…), and can be called by the instructions SYSCALL and INT 2E with the
numbers of the machine's build. What a DLL has in common with another, as kernelbase.dll with advapi32.dll, leads to the
other's handler.

| level | meaning |
|---|---|
| full | does what Windows does, as far as a guest can see |
| partial | does less; the note says what is missing |
| stub | always succeeds, and does nothing |
| forward | leads to another DLL's export |
| data | an exported variable |

A name that ends in {A,W} stands for both versions. Behaviours are those the function may leave in the trace by itself, told from its
handler; what code of the guest does that it calls back is not among them.
`

// apis is docs/api.md for a set of tables, the DLLs there are, and what the
// functions emit.
func apis(tables []win.Table, dlls []string, emitted emissions) []byte {
	out := bytes.NewBufferString(apiHead)
	tables = slices.Clone(tables)
	slices.SortFunc(tables, func(a, b win.Table) int { return strings.Compare(a.DLL, b.DLL) })
	full := map[string]bool{}
	for _, t := range tables {
		if len(t.Rows) == 0 {
			continue
		}
		full[t.DLL] = true
		fmt.Fprintf(out, "\n## %s\n\n| function | level | parameters | behaviours | note |\n|---|---|---|---|---|\n", t.DLL)
		rows := slices.Clone(t.Rows)
		slices.SortFunc(rows, func(a, b win.Row) int { return strings.Compare(a.Name, b.Name) })
		for _, r := range rows {
			var params []string
			for _, p := range r.Params {
				params = append(params, p.Name)
			}
			fmt.Fprintf(out, "| `%s` | %s | %s | %s | %s |\n", r.Name, r.Support, strings.Join(params, ", "), strings.Join(emitted.of(t.DLL, r.Name), ", "), cell(r.Note))
		}
	}
	var empty []string
	for _, dll := range dlls {
		if !full[dll] {
			empty = append(empty, "`"+dll+"`")
		}
	}
	fmt.Fprintf(out, "\n## Other DLLs\n\nThese load, and none of their functions is modelled: %s.\n", strings.Join(empty, ", "))
	return out.Bytes()
}
