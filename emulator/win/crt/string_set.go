package crt

import "sidetrace/emulator/win"

// stringSetRows are functions on strings that few programs use.
var stringSetRows = win.Rows{
	win.Func3("_strncoll", strncmp[win.AText], "string1 string2 count"),
	win.Func3("_strnicoll", strnicmp[win.AText], "string1 string2 count"),
	win.Func3("_strnset", strnset[win.AText], "str ch count"),
	win.Func4("_strnset_s", strnsetS[win.AText], "str numberOfElements ch count"),
	win.Func2("_strset", strset[win.AText], "str ch"),
	win.Func3("_strset_s", strsetS[win.AText], "str numberOfElements ch"),
	win.Func3("_wcsncoll", strncmp[win.WText], "string1 string2 count"),
	win.Func3("_wcsnicoll", strnicmp[win.WText], "string1 string2 count"),
	win.Func3("_wcsnset", strnset[win.WText], "str ch count"),
	win.Func4("_wcsnset_s", strnsetS[win.WText], "str numberOfElements ch count"),
	win.Func2("_wcsset", strset[win.WText], "str ch"),
	win.Func3("_wcsset_s", strsetS[win.WText], "str numberOfElements ch"),
	win.Func3("strxfrm", strxfrm[win.AText], "strDest strSource count"),
	win.Func3("wcsxfrm", strxfrm[win.WText], "strDest strSource count"),
	win.Func4("wmemcpy_s", wmemcpyS, "dest numberOfElements src count"),
	win.Func4("wmemmove_s", wmemmoveS, "dest numberOfElements src count"),
}

// strnset sets at most count characters of a string to one.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/strnset-strnset-l-wcsnset-wcsnset-l-mbsnset-mbsnset-l
func strnset[T text](c *win.Call, str T, ch win.Int, count win.Size) (win.Ptr, win.Error) {
	n := length(c, str, min(uint64(count), unlimited))
	if c.Faulted() {
		return 0, 0
	}
	b := c.Buffer(win.Ptr(str), n*uint64(width[T]()))
	for i := range len(b) / width[T]() {
		store[T](b, i, character[T](ch))
	}
	return win.Ptr(str), 0
}

// strset sets all characters of a string to one.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/strset-strset-l-wcsset-wcsset-l-mbsset-mbsset-l
func strset[T text](c *win.Call, str T, ch win.Int) (win.Ptr, win.Error) {
	return strnset(c, str, ch, noLimit)
}

// strnsetS is strnset in a buffer of known size.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/strnset-s-strnset-s-l-wcsnset-s-wcsnset-s-l-mbsnset-s-mbsnset-s-l
func strnsetS[T text](c *win.Call, str T, numberOfElements win.Size, ch win.Int, count win.Size) (win.Int, win.Error) {
	if str == 0 || numberOfElements == 0 {
		if str != 0 || numberOfElements != 0 || count != 0 {
			invalid(c, eINVAL)
			return win.Int(eINVAL), 0
		}
		return 0, 0
	}
	if length(c, str, min(uint64(numberOfElements), unlimited)) >= uint64(numberOfElements) {
		terminate[T](c, win.Ptr(str))
		invalid(c, eINVAL)
		return win.Int(eINVAL), 0
	}
	_, err := strnset(c, str, ch, count)
	return 0, err
}

// strsetS is strset in a buffer of known size.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/strset-s-strset-s-l-wcsset-s-wcsset-s-l-mbsset-s-mbsset-s-l
func strsetS[T text](c *win.Call, str T, numberOfElements win.Size, ch win.Int) (win.Int, win.Error) {
	if str == 0 || numberOfElements == 0 {
		invalid(c, eINVAL)
		return win.Int(eINVAL), 0
	}
	return strnsetS(c, str, numberOfElements, ch, noLimit)
}

// strxfrm makes a string that sorts by its characters' numbers: in the "C"
// locale the string itself.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/strxfrm-wcsxfrm-strxfrm-l-wcsxfrm-l
func strxfrm[T text](c *win.Call, strDest win.Ptr, strSource T, count win.Size) (win.Size, win.Error) {
	if strSource == 0 || strDest == 0 && count != 0 {
		invalid(c, eINVAL)
		return win.Size(1<<31 - 1), 0
	}
	if of(c).current(c).names[lcCollate] != "C" {
		c.Gap("sort keys of a locale")
	}
	b := whole(c, strSource)
	n := win.Size(len(b) / width[T]())
	switch {
	case c.Faulted():
	case n < count:
		transfer[T](c, strDest, b)
	case count > 0:
		c.Write(strDest, b[:step[T](uint64(count))])
	}
	return n, 0
}

// wmemmoveS copies characters that fit.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/memmove-s-wmemmove-s
func wmemmoveS(c *win.Call, dest win.Ptr, numberOfElements win.Size, src win.Ptr, count win.Size) (win.Int, win.Error) {
	if numberOfElements > unlimited || count > unlimited {
		invalid(c, eRANGE)
		return win.Int(eRANGE), 0
	}
	return memmoveS(c, dest, 2*numberOfElements, src, 2*count)
}

// wmemcpyS is wmemmoveS that clears the destination where they do not fit.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/memcpy-s-wmemcpy-s
func wmemcpyS(c *win.Call, dest win.Ptr, numberOfElements win.Size, src win.Ptr, count win.Size) (win.Int, win.Error) {
	if numberOfElements > unlimited || count > unlimited {
		invalid(c, eRANGE)
		return win.Int(eRANGE), 0
	}
	return memcpyS(c, dest, 2*numberOfElements, src, 2*count)
}
