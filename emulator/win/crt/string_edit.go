package crt

import (
	"encoding/binary"

	"sidetrace/emulator/win"
)

// This file has the functions that change strings in place, or cut them.

// store writes character i.
func store[T text](b []byte, i int, ch uint16) {
	if width[T]() == 1 {
		b[i] = byte(ch)
		return
	}
	binary.LittleEndian.PutUint16(b[2*i:], ch)
}

// edit gives the characters of a string for changing.
func edit[T text](c *win.Call, str T) []byte {
	n := length(c, str, unlimited)
	if c.Faulted() {
		return nil
	}
	return c.Buffer(win.Ptr(str), n*uint64(width[T]()))
}

// strlwr makes the ASCII letters of a string small.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/strlwr-wcslwr-mbslwr-strlwr-l-wcslwr-l-mbslwr-l
func strlwr[T text](c *win.Call, str T) (win.Ptr, win.Error) {
	b := edit(c, str)
	for i := range count[T](b) {
		store[T](b, i, lower(unit[T](b, i)))
	}
	return win.Ptr(str), 0
}

// strupr makes the ASCII letters of a string capital.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/strupr-strupr-l-mbsupr-mbsupr-l-wcsupr-l-wcsupr
func strupr[T text](c *win.Call, str T) (win.Ptr, win.Error) {
	b := edit(c, str)
	for i := range count[T](b) {
		store[T](b, i, upper(unit[T](b, i)))
	}
	return win.Ptr(str), 0
}

// strrev reverses a string.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/strrev-wcsrev-mbsrev-mbsrev-l
func strrev[T text](c *win.Call, str T) (win.Ptr, win.Error) {
	b := edit(c, str)
	for i, j := 0, count[T](b)-1; i < j; i, j = i+1, j-1 {
		x, y := unit[T](b, i), unit[T](b, j)
		store[T](b, i, y)
		store[T](b, j, x)
	}
	return win.Ptr(str), 0
}

// strdup copies a string to a new block.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/strdup-wcsdup-mbsdup
func strdup[T text](c *win.Call, strSource T) (win.Ptr, win.Error) {
	if strSource == 0 {
		return 0, 0
	}
	b := whole(c, strSource)
	if c.Faulted() {
		return 0, 0
	}
	at, _ := malloc(c, win.Size(len(b)+width[T]()))
	if at != 0 {
		transfer[T](c, at, b)
	}
	return at, 0
}

// span counts the characters at the beginning of a string that are in a set,
// or are not.
func span[T text](c *win.Call, str, set T, in bool) (n int, all bool) {
	b := whole(c, str)
	members := whole(c, set)
	if c.Faulted() {
		return 0, true
	}
	for n < count[T](b) {
		if indexUnit(members, width[T](), unit[T](b, n)) >= 0 != in {
			return n, false
		}
		n++
	}
	return n, true
}

// strspn counts the characters up to the first that is not in a set.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/strspn-wcsspn-mbsspn-mbsspn-l
func strspn[T text](c *win.Call, str, strCharSet T) (win.Size, win.Error) {
	n, _ := span(c, str, strCharSet, true)
	return win.Size(n), 0
}

// strcspn counts the characters up to the first that is in a set.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/strcspn-wcscspn-mbscspn-mbscspn-l
func strcspn[T text](c *win.Call, str, strCharSet T) (win.Size, win.Error) {
	n, _ := span(c, str, strCharSet, false)
	return win.Size(n), 0
}

// strpbrk finds the first character that is in a set.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/strpbrk-wcspbrk-mbspbrk-mbspbrk-l
func strpbrk[T text](c *win.Call, str, strCharSet T) (win.Ptr, win.Error) {
	n, all := span(c, str, strCharSet, false)
	if all {
		return 0, 0
	}
	return win.Ptr(str) + step[T](uint64(n)), 0
}

// strtok returns the next token of a string, or null. Each thread has its own
// place to go on from.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/strtok-strtok-l-wcstok-wcstok-l-mbstok-mbstok-l
func strtok[T text](c *win.Call, strToken, strDelimit T) (win.Ptr, win.Error) {
	l := of(c).thread(c)
	place := &l.token
	if width[T]() == 2 {
		place = &l.wtoken
	}
	if strToken == 0 {
		strToken = T(*place)
	}
	if strToken == 0 {
		return 0, 0
	}
	token, rest := cut(c, strToken, strDelimit)
	*place = rest
	return token, 0
}

// wcstok of ucrtbase.dll is told where to go on from, or is strtok.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/strtok-strtok-l-wcstok-wcstok-l-mbstok-mbstok-l
func wcstok(c *win.Call, strToken, strDelimit win.WText, context win.Out[uint64]) (win.Ptr, win.Error) {
	if context.Null() {
		return strtok(c, strToken, strDelimit)
	}
	return strtokS(c, strToken, strDelimit, context)
}

// strtokS is strtok with the place to go on from in the caller's hands.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/strtok-s-strtok-s-l-wcstok-s-wcstok-s-l-mbstok-s-mbstok-s-l
func strtokS[T text](c *win.Call, str, delimiters T, context win.Out[uint64]) (win.Ptr, win.Error) {
	if context.Null() || delimiters == 0 {
		invalid(c, eINVAL)
		return 0, 0
	}
	if str == 0 {
		str = T(context.Get(c))
	}
	if str == 0 {
		invalid(c, eINVAL)
		return 0, 0
	}
	token, rest := cut(c, str, delimiters)
	context.Set(c, rest)
	return token, 0
}

// cut terminates the first token of a string and returns it and what follows.
func cut[T text](c *win.Call, str, delimiters T) (token win.Ptr, rest uint64) {
	skip, _ := span(c, str, delimiters, true)
	begin := str + T(step[T](uint64(skip)))
	n, all := span(c, begin, delimiters, false)
	if c.Faulted() {
		return 0, 0
	}
	end := uint64(begin) + uint64(step[T](uint64(n)))
	if n == 0 {
		return 0, end
	}
	if !all {
		terminate[T](c, win.Ptr(end))
		end += uint64(width[T]())
	}
	return win.Ptr(begin), end
}
