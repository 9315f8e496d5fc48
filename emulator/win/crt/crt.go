// Package crt has the handlers of the C runtime: msvcrt.dll, ucrtbase.dll,
// vcruntime140.dll and vcruntime140_1.dll, which are one implementation under
// several names. What a process loads of them shares one state: errno, the
// open files, the functions to be called at exit.
//
// Functions that call back into the guest (qsort, exit, _initterm) run its
// code as Windows would. The locales are "C" and English (United States), with
// code page 1252 or, in ucrtbase.dll, UTF-8; the time zone is UTC. Where the
// runtimes differ, handlers ask which DLL was called. A FILE is 48 bytes as in
// msvcrt.dll; what macros of old headers read of it (_flag, _file) is kept up
// to date, and its buffer is always empty.
package crt

import (
	"slices"

	"sidetrace/emulator/win"
)

// Tables returns the DLLs of the C runtime.
func Tables() []win.Table {
	return []win.Table{
		win.DLL("msvcrt.dll", msvcrtTable()),
		win.DLL("ucrtbase.dll", ucrtTable()),
		win.DLL("vcruntime140.dll", listOf(vcruntimeRows, filterRows, vcruntimeOnlyRows, typeInfoRows, terminateRows).alias(vcruntimeNames).rows),
		win.DLL("vcruntime140_1.dll", frameHandler4Rows),
	}
}

func msvcrtTable() win.Rows {
	return shared(listOf(
		vcruntimeRows, filterRows, compilerRows, oldTypeInfoRows, exceptionClassRows, oldTerminateRows, commonRows(), msvcrtRows, msvcrtFindRows, msvcrtStatRows, oldTimeRows, variableRows, printfRows, scanRows,
	)).rows
}

func ucrtTable() win.Rows {
	rows := shared(listOf(
		vcruntimeRows, filterRows, jumpRows, exceptionRows, typeInfoRows, terminateRows, commonRows(), ucrtRows, unicodeRows, ucrtDescriptorRows, ucrtTimeRows, ucrtFindRows, ucrtStreamRows, ucrtStatRows, ucrtNumberRows, ucrtMathRows, fenvRows, complexRows,
		ucrtLocaleRows, ucrtCharacterRows, stdioCommonRows, ucrtInvalidRows,
	))
	return rows.alias(ucrtNames).localized(ucrtLocalized).private().rows
}

// shared adds the names that both have for the same functions.
func shared(rows *named) *named {
	return rows.alias(commonNames + multibyteNames).localized(commonLocalized + multibyteLocalized)
}

// commonRows is what msvcrt.dll and ucrtbase.dll both export, besides what
// vcruntime140.dll does.
func commonRows() win.Rows {
	return join(
		startupRows, exitRows, errorRows, stringRows, stringSetRows, secureStringRows, convertRows, numberRows, numberWriteRows, characterRows,
		streamRows, moreStreamRows, consoleRows, spawnRows, lineRows, fileRows, moreFileRows, splitRows, findRows, descriptorRows, timeRows, moreTimeRows, threadRows, sortRows, randomRows, mathRows, floatRows,
		environmentRows, localeRows, processRows, statRows, invalidRows, multibyteRows, heapRows, searchRows,
	)
}

func join(topics ...win.Rows) win.Rows { return slices.Concat(topics...) }
