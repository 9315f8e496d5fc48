package crt

import "sidetrace/emulator/win"

// secureStringRows are the functions that are told the size of their
// destination. Where it is too small they empty it and fail.
var secureStringRows = win.Rows{
	win.Func2("_strlwr_s", strlwrS[win.AText], "str numberOfElements"),
	win.Func2("_strupr_s", struprS[win.AText], "str numberOfElements"),
	win.Func2("_wcslwr_s", strlwrS[win.WText], "str numberOfElements"),
	win.Func2("_wcsupr_s", struprS[win.WText], "str numberOfElements"),
	win.Func3("strcat_s", strcatS[win.AText], "strDestination numberOfElements strSource"),
	win.Func3("strcpy_s", strcpyS[win.AText], "dest dest_size src"),
	win.Func4("strncat_s", strncatS[win.AText], "strDest numberOfElements strSource count"),
	win.Func4("strncpy_s", strncpyS[win.AText], "strDest numberOfElements strSource count"),
	win.Func3("strtok_s", strtokS[win.AText], "str delimiters context"),
	win.Func3("wcscat_s", strcatS[win.WText], "strDestination numberOfElements strSource"),
	win.Func3("wcscpy_s", strcpyS[win.WText], "dest dest_size src"),
	win.Func4("wcsncat_s", strncatS[win.WText], "strDest numberOfElements strSource count"),
	win.Func4("wcsncpy_s", strncpyS[win.WText], "strDest numberOfElements strSource count"),
	win.Func3("wcstok_s", strtokS[win.WText], "str delimiters context"),
}

// truncate as a count asks for as much as fits.
const truncate = ^win.Size(0)

// put copies at most limit characters to position at of a buffer of size
// characters.
func put[T text](c *win.Call, dest win.Ptr, at, size uint64, src T, limit win.Size) (win.Int, win.Error) {
	if dest == 0 && size == 0 && limit == 0 {
		return 0, 0
	}
	if dest == 0 || size == 0 {
		invalid(c, eINVAL)
		return win.Int(eINVAL), 0
	}
	if limit == 0 && at == 0 {
		terminate[T](c, dest)
		return 0, 0
	}
	if src == 0 {
		terminate[T](c, dest)
		invalid(c, eINVAL)
		return win.Int(eINVAL), 0
	}
	if at >= size { // the destination is not terminated
		terminate[T](c, dest)
		invalid(c, eINVAL)
		return win.Int(eINVAL), 0
	}
	room := size - at - 1
	n := length(c, src, min(uint64(limit), room+1))
	if n > room {
		if limit != truncate {
			// What fits is there, but for the first character.
			c.Write(dest+step[T](at), bounded(c, src, room+1))
			terminate[T](c, dest)
			invalid(c, eRANGE)
			return win.Int(eRANGE), 0
		}
		transfer[T](c, dest+step[T](at), bounded(c, src, room))
		return win.Int(eTRUNC), 0
	}
	transfer[T](c, dest+step[T](at), bounded(c, src, n))
	return 0, 0
}

// noLimit as a count asks for the whole string.
const noLimit = win.Size(unlimited)

// strcpyS copies a string.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/strcpy-s-wcscpy-s-mbscpy-s
func strcpyS[T text](c *win.Call, dest win.Ptr, dest_size win.Size, src T) (win.Int, win.Error) {
	return put(c, dest, 0, uint64(dest_size), src, noLimit)
}

// strncpyS copies at most count characters.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/strncpy-s-strncpy-s-l-wcsncpy-s-wcsncpy-s-l-mbsncpy-s-mbsncpy-s-l
func strncpyS[T text](c *win.Call, strDest win.Ptr, numberOfElements win.Size, strSource T, count win.Size) (win.Int, win.Error) {
	return put(c, strDest, 0, uint64(numberOfElements), strSource, count)
}

// strcatS appends a string.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/strcat-s-wcscat-s-mbscat-s
func strcatS[T text](c *win.Call, strDestination T, numberOfElements win.Size, strSource T) (win.Int, win.Error) {
	return strncatS(c, strDestination, numberOfElements, strSource, noLimit)
}

// strncatS appends at most count characters.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/strncat-s-strncat-s-l-wcsncat-s-wcsncat-s-l-mbsncat-s-mbsncat-s-l
func strncatS[T text](c *win.Call, strDest T, numberOfElements win.Size, strSource T, count win.Size) (win.Int, win.Error) {
	at := uint64(0)
	if strDest != 0 {
		at = length(c, strDest, min(uint64(numberOfElements), unlimited))
	}
	return put(c, win.Ptr(strDest), at, uint64(numberOfElements), strSource, count)
}

// strlwrS makes the ASCII letters of a string small.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/strlwr-s-strlwr-s-l-mbslwr-s-mbslwr-s-l-wcslwr-s-wcslwr-s-l
func strlwrS[T text](c *win.Call, str T, numberOfElements win.Size) (win.Int, win.Error) {
	if str == 0 || length(c, str, min(uint64(numberOfElements), unlimited)) >= uint64(numberOfElements) {
		invalid(c, eINVAL)
		return win.Int(eINVAL), 0
	}
	_, err := strlwr(c, str)
	return 0, err
}

// struprS makes the ASCII letters of a string capital.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/strupr-s-strupr-s-l-mbsupr-s-mbsupr-s-l-wcsupr-s-wcsupr-s-l
func struprS[T text](c *win.Call, str T, numberOfElements win.Size) (win.Int, win.Error) {
	if str == 0 || length(c, str, min(uint64(numberOfElements), unlimited)) >= uint64(numberOfElements) {
		invalid(c, eINVAL)
		return win.Int(eINVAL), 0
	}
	_, err := strupr(c, str)
	return 0, err
}
