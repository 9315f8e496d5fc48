package crt

import (
	"bytes"
	"encoding/binary"
	"math"

	"sidetrace/emulator/win"
)

// The functions on strings are written once for both kinds of character; the
// parameter's type tells which.

var stringRows = join(memoryRows, win.Rows{
	win.Func1("_strdup", strdup[win.AText], "strSource"),
	win.Func2("_stricmp", stricmp[win.AText], "string1 string2"),
	win.Func2("_stricoll", stricmp[win.AText], "string1 string2"),
	win.Func1("_strlwr", strlwr[win.AText], "str"),
	win.Func3("_strnicmp", strnicmp[win.AText], "string1 string2 count"),
	win.Func1("_strrev", strrev[win.AText], "str"),
	win.Func1("_strupr", strupr[win.AText], "str"),
	win.Func1("_wcsdup", strdup[win.WText], "strSource"),
	win.Func2("_wcsicmp", stricmp[win.WText], "string1 string2"),
	win.Func2("_wcsicoll", stricmp[win.WText], "string1 string2"),
	win.Func1("_wcslwr", strlwr[win.WText], "str"),
	win.Func3("_wcsnicmp", strnicmp[win.WText], "string1 string2 count"),
	win.Func1("_wcsrev", strrev[win.WText], "str"),
	win.Func1("_wcsupr", strupr[win.WText], "str"),
	win.Func2("strcat", strcat[win.AText], "strDestination strSource"),
	win.Func2("strcmp", strcmp[win.AText], "string1 string2"),
	win.Func2("strcoll", strcmp[win.AText], "string1 string2"),
	win.Func2("strcpy", strcpy[win.AText], "strDestination strSource"),
	win.Func2("strcspn", strcspn[win.AText], "str strCharSet"),
	win.Func1("strlen", strlen[win.AText], "str"),
	win.Func3("strncat", strncat[win.AText], "strDest strSource count"),
	win.Func3("strncmp", strncmp[win.AText], "string1 string2 count"),
	win.Func3("strncpy", strncpy[win.AText], "strDest strSource count"),
	win.Func2("strnlen", strnlen[win.AText], "str numberOfElements"),
	win.Func2("strpbrk", strpbrk[win.AText], "str strCharSet"),
	win.Func2("strspn", strspn[win.AText], "str strCharSet"),
	win.Func2("strtok", strtok[win.AText], "strToken strDelimit"),
	win.Func2("wcscat", strcat[win.WText], "strDestination strSource"),
	win.Func2("wcscmp", strcmp[win.WText], "string1 string2"),
	win.Func2("wcscoll", strcmp[win.WText], "string1 string2"),
	win.Func2("wcscpy", strcpy[win.WText], "strDestination strSource"),
	win.Func2("wcscspn", strcspn[win.WText], "str strCharSet"),
	win.Func1("wcslen", strlen[win.WText], "str"),
	win.Func3("wcsncat", strncat[win.WText], "strDest strSource count"),
	win.Func3("wcsncmp", strncmp[win.WText], "string1 string2 count"),
	win.Func3("wcsncpy", strncpy[win.WText], "strDest strSource count"),
	win.Func2("wcsnlen", strnlen[win.WText], "str numberOfElements"),
	win.Func2("wcspbrk", strpbrk[win.WText], "str strCharSet"),
	win.Func2("wcsspn", strspn[win.WText], "str strCharSet"),
})

// text is a pointer to characters of 1 or 2 bytes.
type text interface {
	win.AText | win.WText
}

// argument is such a pointer as a parameter.
type argument[T any] interface {
	win.AText | win.WText
	win.Arg[T]
}

// width is the size of T's characters.
func width[T text]() int {
	var v T
	if _, ok := any(v).(win.WText); ok {
		return 2
	}
	return 1
}

// step is how many bytes n characters take.
func step[T text](n uint64) win.Ptr { return win.Ptr(n * uint64(width[T]())) }

// length is the number of characters before the terminator, or limit if there
// is none among so many.
func length[T text](c *win.Call, s T, limit uint64) uint64 {
	n, _ := find(c, win.Ptr(s), width[T](), limit, 0)
	return n
}

// bounded are the characters of a string, at most limit of them. The slice is
// valid until the guest runs again.
func bounded[T text](c *win.Call, s T, limit uint64) []byte {
	n := length(c, s, limit)
	if c.Faulted() {
		return nil
	}
	return c.Bytes(win.Ptr(s), n*uint64(width[T]()))
}

// unlimited is the bound of strings that have none.
const unlimited = math.MaxInt64 / 4

func whole[T text](c *win.Call, s T) []byte { return bounded(c, s, unlimited) }

// unit is character i.
func unit[T text](b []byte, i int) uint16 {
	if width[T]() == 1 {
		return uint16(b[i])
	}
	return binary.LittleEndian.Uint16(b[2*i:])
}

func count[T text](b []byte) int { return len(b) / width[T]() }

// terminate writes a terminator.
func terminate[T text](c *win.Call, at win.Ptr) { c.WriteUint(at, width[T](), 0) }

// transfer writes characters and a terminator.
func transfer[T text](c *win.Call, at win.Ptr, b []byte) {
	if c.Faulted() {
		return
	}
	to := c.Buffer(at, uint64(len(b))+uint64(width[T]()))
	if !c.Faulted() {
		copy(to, b)
		clear(to[len(b):])
	}
}

// strlen returns the length of a string.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/strlen-wcslen-mbslen-mbslen-l-mbstrlen-mbstrlen-l
func strlen[T text](c *win.Call, str T) (win.Size, win.Error) {
	return win.Size(length(c, str, unlimited)), 0
}

// strnlen returns the length of a string, at most a given number.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/strnlen-strnlen-s
func strnlen[T text](c *win.Call, str T, numberOfElements win.Size) (win.Size, win.Error) {
	return win.Size(length(c, str, min(uint64(numberOfElements), unlimited))), 0
}

// strcpy copies a string.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/strcpy-wcscpy-mbscpy
func strcpy[T text](c *win.Call, strDestination win.Ptr, strSource T) (win.Ptr, win.Error) {
	transfer[T](c, strDestination, whole(c, strSource))
	return strDestination, 0
}

// strcat appends a string to another.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/strcat-wcscat-mbscat
func strcat[T text](c *win.Call, strDestination, strSource T) (win.Ptr, win.Error) {
	end := win.Ptr(strDestination) + step[T](length(c, strDestination, unlimited))
	transfer[T](c, end, whole(c, strSource))
	return win.Ptr(strDestination), 0
}

// strncpy copies at most count characters, filled up with zeros and without a
// terminator if there is no room.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/strncpy-strncpy-l-wcsncpy-wcsncpy-l-mbsncpy-mbsncpy-l
func strncpy[T text](c *win.Call, strDest win.Ptr, strSource T, count win.Size) (win.Ptr, win.Error) {
	n := min(uint64(count), unlimited)
	b := bounded(c, strSource, n)
	to := c.Buffer(strDest, n*uint64(width[T]()))
	if !c.Faulted() {
		clear(to[copy(to, b):])
	}
	return strDest, 0
}

// strncat appends at most count characters and a terminator.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/strncat-strncat-l-wcsncat-wcsncat-l-mbsncat-mbsncat-l
func strncat[T text](c *win.Call, strDest, strSource T, count win.Size) (win.Ptr, win.Error) {
	end := win.Ptr(strDest) + step[T](length(c, strDest, unlimited))
	transfer[T](c, end, bounded(c, strSource, min(uint64(count), unlimited)))
	return win.Ptr(strDest), 0
}

// compare compares strings of at most limit characters as map makes them: -1,
// 0 or 1.
func compare[T text](c *win.Call, string1, string2 T, limit uint64, fold bool) win.Int {
	w := uint64(width[T]())
	for i := uint64(0); i < limit; {
		// As far as both can be read at once; the strings need not end.
		p, q := win.Ptr(string1)+win.Ptr(i*w), win.Ptr(string2)+win.Ptr(i*w)
		n := max(min(pageSize-uint64(p)%pageSize, pageSize-uint64(q)%pageSize)/w, 1)
		n = min(n, limit-i)
		a := c.Bytes(p, n*w)
		b := c.Bytes(q, n*w)
		if c.Faulted() {
			return 0
		}
		for j := range int(n) {
			x, y := unit[T](a, j), unit[T](b, j)
			if fold {
				x, y = lower(x), lower(y)
			}
			switch {
			case x < y:
				return -1
			case x > y:
				return 1
			case x == 0:
				return 0
			}
		}
		i += n
	}
	return 0
}

// strcmp compares two strings.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/strcmp-wcscmp-mbscmp
func strcmp[T text](c *win.Call, string1, string2 T) (win.Int, win.Error) {
	return compare(c, string1, string2, unlimited, false), 0
}

// strncmp compares at most count characters of two strings.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/strncmp-wcsncmp-mbsncmp-mbsncmp-l
func strncmp[T text](c *win.Call, string1, string2 T, count win.Size) (win.Int, win.Error) {
	return compare(c, string1, string2, min(uint64(count), unlimited), false), 0
}

// stricmp compares two strings without regard to the case of ASCII letters.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/stricmp-wcsicmp-mbsicmp-stricmp-l-wcsicmp-l-mbsicmp-l
func stricmp[T text](c *win.Call, string1, string2 T) (win.Int, win.Error) {
	return compare(c, string1, string2, unlimited, true), 0
}

// strnicmp compares at most count characters without regard to case.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/strnicmp-wcsnicmp-mbsnicmp-strnicmp-l-wcsnicmp-l-mbsnicmp-l
func strnicmp[T text](c *win.Call, string1, string2 T, count win.Size) (win.Int, win.Error) {
	return compare(c, string1, string2, min(uint64(count), unlimited), true), 0
}

// strchr finds the first place of a character, the terminator included.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/strchr-wcschr-mbschr-mbschr-l
func strchr[T text](c *win.Call, str T, ch win.Int) (win.Ptr, win.Error) {
	want := character[T](ch)
	b := whole(c, str)
	if c.Faulted() {
		return 0, 0
	}
	if want == 0 {
		return win.Ptr(str) + win.Ptr(len(b)), 0
	}
	i := indexUnit(b, width[T](), want)
	if i < 0 {
		return 0, 0
	}
	return win.Ptr(str) + step[T](uint64(i)), 0
}

// strrchr finds the last place of a character, the terminator included.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/strrchr-wcsrchr-mbsrchr-mbsrchr-l
func strrchr[T text](c *win.Call, str T, ch win.Int) (win.Ptr, win.Error) {
	want := character[T](ch)
	b := whole(c, str)
	if c.Faulted() {
		return 0, 0
	}
	if want == 0 {
		return win.Ptr(str) + win.Ptr(len(b)), 0
	}
	for i := count[T](b) - 1; i >= 0; i-- {
		if unit[T](b, i) == want {
			return win.Ptr(str) + step[T](uint64(i)), 0
		}
	}
	return 0, 0
}

// character is what an int parameter means as a character of T.
func character[T text](ch win.Int) uint16 {
	if width[T]() == 1 {
		return uint16(byte(ch))
	}
	return uint16(ch)
}

// strstr finds the first place of a string in another.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/strstr-wcsstr-mbsstr-mbsstr-l
func strstr[T text](c *win.Call, str, strSearch T) (win.Ptr, win.Error) {
	b := whole(c, str)
	want := whole(c, strSearch)
	if c.Faulted() {
		return 0, 0
	}
	for from := 0; ; {
		i := bytes.Index(b[from:], want)
		if i < 0 {
			return 0, 0
		}
		if at := from + i; at%width[T]() == 0 {
			return win.Ptr(str) + win.Ptr(at), 0
		}
		from += i + 1
	}
}
