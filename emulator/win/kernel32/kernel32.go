// Package kernel32 has the handlers of kernel32.dll, which kernelbase.dll
// exports too: on Windows most of one is a jump into the other.
package kernel32

import (
	"sidetrace/emulator/win"
	"sidetrace/emulator/win/ntdll"
)

// Tables returns kernel32.dll, kernelbase.dll and psapi.dll, whose functions
// kernel32.dll has too.
func Tables() []win.Table {
	return []win.Table{
		win.DLL("kernel32.dll", rows()),
		win.DLL("kernelbase.dll", rows(), ntdll.EventRows),
		win.DLL("psapi.dll", PSAPI("")),
	}
}

// rows collects the topics; each lies in the file of its name.
func rows() win.Rows {
	var all win.Rows
	for _, topic := range []win.Rows{
		libraryRows, moduleListRows,
		memoryRows, heapRows, criticalRows, syncRows, threadRows, waitRows, timerRows, timeRows, errorRows,
		threadInfoRows, localRows, fiberRows, poolRows, asyncRows,
		moduleRows, processRows, createProcessRows, environmentRows, consoleRows, handleRows, fileRows, pipeRows,
		pathRows, directoryRows, attributeRows, findRows, systemRows,
		codePageRows, stringRows, localeRows, resourceRows, enumResourceRows, namedPipeRows, mappingRows,
		timeZoneRows, dosTimeRows, messageRows, miscRows, globalMemoryRows,
		enumLocaleRows, dateFormatRows, localeNameRows, ansiStringRows,
		volumeRows, atomRows, processorRows,
		otherProcessRows, procAttributeRows, jobRows, toolhelpRows, contextRows, xstateRows,
		fileInfoRows, copyRows, profileRows, completionRows,
	} {
		all = append(all, topic...)
	}
	return all
}
