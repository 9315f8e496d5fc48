// Package ntdll has the handlers of ntdll.dll: the native API and the run-time
// library below kernel32. What both do alike is here, and kernel32 calls it as
// kernel32 calls ntdll on Windows: with a status for a result.
package ntdll

import (
	"strconv"

	"sidetrace/emulator/win"
)

// Table is ntdll.dll. More rows come from the packages that have the objects
// they are about: files, keys, the C runtime's functions.
func Table(more ...win.Rows) win.Table {
	all := rows()
	for _, topic := range more {
		all = append(all, topic...)
	}
	return win.DLL("ntdll.dll", all)
}

// Services makes rows of system services; see [system].
func Services(services ...win.Row) win.Rows { return system(services...) }

// Attributes is a pointer to OBJECT_ATTRIBUTES, for services of other
// packages.
type Attributes = attributes

// Name is the object's name in the object manager's name space, and Root the
// handle it is relative to, or 0.
func (a attributes) Name() string     { return a.name.Text }
func (a attributes) Root() win.Handle { return a.root }

// rows collects the topics; each lies in the file of its name.
func rows() win.Rows {
	var all win.Rows
	for _, topic := range []win.Rows{
		imageRows, nlsRows, etwRows, loaderFolderRows, loaderListRows, exceptionRows, unwindRows,
		compressionRows, versionRows, criticalRows, heapRows, loaderRows, memoryRows, processRows, rtlRows, sectionRows, statusRows, stringRows, syncRows, systemRows, threadRows, waitRows,
		srwRows, addressRows, initOnceRows, barrierRows, slistRows, apcRows, contextRows, timerRows, semaphoreRows,
		rtlTextRows, rtlPathRows, rtlNumberRows,
		threadInfoRows, poolRows, poolWorkRows, timerQueueRows,
	} {
		all = append(all, topic...)
	}
	return all
}

// system makes rows of system services, which return STATUS_ACCESS_VIOLATION
// for a pointer that cannot be used. Their names with Zw are the same stubs.
func system(services ...win.Row) win.Rows {
	rows := make(win.Rows, len(services))
	for i, r := range services {
		rows[i] = win.Kernel(r)
	}
	return rows
}

// probe reports whether n bytes at p can be written. Where they cannot, the
// system service has nothing more to do: see [win.Kernel].
func probe(c *win.Call, p win.Ptr, n uint64) bool { return c.Buffer(p, n) != nil }

func number(n win.DWORD) string { return strconv.FormatUint(uint64(n), 10) }
