package kernel32

import (
	"bytes"
	"slices"
	"strconv"
	"strings"

	"sidetrace/emulator/guest"
	"sidetrace/emulator/trace"
	"sidetrace/emulator/win"
)

// Initialisation files: sections in brackets, lines of "key=value". They are
// on the guest's disk, in the Windows folder where their name has no path, and
// are read and written anew each time.

var profileRows = win.Rows{
	win.Func4("GetPrivateProfileInt{A,W}", getPrivateProfileInt, "lpAppName lpKeyName nDefault lpFileName"),
	win.Func4("GetPrivateProfileSection{A,W}", getPrivateProfileSection, "lpAppName lpReturnedString nSize lpFileName"),
	win.Func3("GetPrivateProfileSectionNames{A,W}", getPrivateProfileSectionNames, "lpszReturnBuffer nSize lpFileName"),
	win.Func6("GetPrivateProfileString{A,W}", getPrivateProfileString, "lpAppName lpKeyName lpDefault lpReturnedString nSize lpFileName"),
	win.Func5("GetPrivateProfileStruct{A,W}", getPrivateProfileStruct, "lpszSection lpszKey lpStruct uSizeStruct szFile"),
	win.Func3("GetProfileInt{A,W}", getProfileInt, "lpAppName lpKeyName nDefault"),
	win.Func5("GetProfileString{A,W}", getProfileString, "lpAppName lpKeyName lpDefault lpReturnedString nSize"),
	win.Func3("WritePrivateProfileSection{A,W}", writePrivateProfileSection, "lpAppName lpString lpFileName"),
	win.Func4("WritePrivateProfileString{A,W}", writePrivateProfileString, "lpAppName lpKeyName lpString lpFileName"),
	win.Func5("WritePrivateProfileStruct{A,W}", writePrivateProfileStruct, "lpszSection lpszKey lpStruct uSizeStruct szFile"),
	win.Func3("WriteProfileString{A,W}", writeProfileString, "lpAppName lpKeyName lpString"),
}

// profile is a file's lines, and how its text is encoded.
type profile struct {
	path  string
	lines []string
	wide  bool
	found bool
}

func openProfile(c *win.Call, name string) (*profile, win.Error) {
	if !strings.ContainsAny(name, `\/:`) {
		name = guest.Join(guest.WindowsDirectory, name)
	}
	path, err := resolve(c, name)
	if err != 0 {
		return nil, err
	}
	p := &profile{path: strings.Clone(path)}
	n := c.Files.Get(path)
	if n == nil || n.Directory {
		return p, 0
	}
	p.found = true
	data := n.Data()
	c.Emit(trace.FileRead{Path: n.Path, Size: int64(len(data))})
	var text string
	switch {
	case bytes.HasPrefix(data, []byte{0xFF, 0xFE}):
		p.wide = true
		text = string(guest.AppendUTF8(nil, data[2:]))
	case bytes.HasPrefix(data, []byte{0xEF, 0xBB, 0xBF}):
		text = string(data[3:])
	default:
		text = string(guest.AppendANSI(nil, data))
	}
	if text = strings.TrimSuffix(strings.ReplaceAll(text, "\r\n", "\n"), "\n"); text != "" {
		p.lines = strings.Split(text, "\n")
	}
	return p, 0
}

func (p *profile) save(c *win.Call) win.Error {
	text := strings.Join(p.lines, "\r\n")
	if text != "" {
		text += "\r\n"
	}
	var data []byte
	if p.wide {
		data = guest.UTF16(text)
		data = append([]byte{0xFF, 0xFE}, data[:len(data)-2]...)
	} else {
		data = guest.ANSI(text)
		data = data[:len(data)-1]
	}
	o := opening{c: c, path: p.path, access: genericWrite, share: guest.ShareRead, disposition: createAlways}
	f, _, err := o.open()
	if err != 0 {
		return err
	}
	defer c.Files.Close(f)
	if err := c.Files.WriteAt(f.Node, data, 0); err != nil {
		return fileError(err)
	}
	c.Emit(trace.FileWrite{Path: p.path, Size: int64(len(data))})
	return 0
}

func sectionOf(line string) (string, bool) {
	line = strings.TrimSpace(line)
	rest, ok := strings.CutPrefix(line, "[")
	if !ok {
		return "", false
	}
	name, _, _ := strings.Cut(rest, "]")
	return name, true
}

// section finds the lines of a section: [start, end), behind its name.
func (p *profile) section(name string) (start, end int, ok bool) {
	for i, line := range p.lines {
		if s, is := sectionOf(line); is && strings.EqualFold(strings.TrimSpace(s), strings.TrimSpace(name)) {
			for end = i + 1; end < len(p.lines); end++ {
				if _, is := sectionOf(p.lines[end]); is {
					break
				}
			}
			return i + 1, end, true
		}
	}
	return 0, 0, false
}

// keyValue cuts a line into key and value; false for blank lines and comments.
func keyValue(line string) (key, value string, ok bool) {
	line = strings.TrimSpace(line)
	if line == "" || strings.HasPrefix(line, ";") {
		return "", "", false
	}
	key, value, _ = strings.Cut(line, "=")
	return strings.TrimSpace(key), strings.TrimSpace(value), true
}

func (p *profile) find(section, key string) (index int, value string, ok bool) {
	start, end, _ := p.section(section)
	for i := start; i < end; i++ {
		if k, v, is := keyValue(p.lines[i]); is && strings.EqualFold(k, strings.TrimSpace(key)) {
			return i, v, true
		}
	}
	return 0, "", false
}

// keys and sections list names in their order.
func (p *profile) keys(section string) []string {
	var names []string
	start, end, _ := p.section(section)
	for i := start; i < end; i++ {
		if k, _, is := keyValue(p.lines[i]); is {
			names = append(names, k)
		}
	}
	return names
}

func (p *profile) sections() []string {
	var names []string
	for _, line := range p.lines {
		if s, is := sectionOf(line); is {
			names = append(names, s)
		}
	}
	return names
}

// storeCut stores text of at most size-1 characters, and returns how many.
func storeCut(c *win.Call, at win.Ptr, size win.DWORD, text string) win.DWORD {
	if size == 0 || at == 0 {
		return 0
	}
	unit := c.CharSize()
	b := c.Encode(text)
	n := min(uint64(len(b))/unit-1, uint64(size)-1)
	c.Write(at, append(slices.Clip(b[:n*unit]), make([]byte, unit)...))
	if n < uint64(len(b))/unit-1 {
		c.SetLastError(win.ErrMoreData)
	}
	return win.DWORD(n)
}

// cutList stores terminated texts with one more terminator behind; what does
// not fit is cut. The result leaves the last two out where it was cut.
func cutList(c *win.Call, at win.Ptr, size win.DWORD, texts []string) win.DWORD {
	if size == 0 || at == 0 {
		return 0
	}
	unit := c.CharSize()
	var b []byte
	for _, t := range texts {
		b = append(b, c.Encode(t)...)
	}
	if len(texts) == 0 {
		b = make([]byte, unit)
	}
	n := uint64(len(b)) / unit
	if n+1 <= uint64(size) {
		c.Write(at, append(b, make([]byte, unit)...))
		if len(texts) == 0 {
			return 0
		}
		return win.DWORD(n)
	}
	if size < 2 {
		c.Write(at, make([]byte, unit))
		return 0
	}
	c.Write(at, append(slices.Clip(b[:(uint64(size)-2)*unit]), make([]byte, 2*unit)...))
	c.SetLastError(win.ErrMoreData)
	return size - 2
}

// getPrivateProfileString reads a value, or lists keys or sections for a null
// name.
//
// https://learn.microsoft.com/windows/win32/api/winbase/nf-winbase-getprivateprofilestringw
func getPrivateProfileString(c *win.Call, lpAppName, lpKeyName, lpDefault win.TStr, lpReturnedString win.Ptr, nSize win.DWORD, lpFileName win.TStr) (win.DWORD, win.Error) {
	p, err := openProfile(c, lpFileName.Text)
	if err != 0 {
		c.SetLastError(err)
		return storeCut(c, lpReturnedString, nSize, strings.TrimRight(lpDefault.Text, " ")), 0
	}
	if !p.found {
		c.SetLastError(win.ErrFileNotFound)
	}
	switch {
	case lpAppName.Null():
		return cutList(c, lpReturnedString, nSize, p.sections()), 0
	case lpKeyName.Null():
		return cutList(c, lpReturnedString, nSize, p.keys(lpAppName.Text)), 0
	}
	_, value, ok := p.find(lpAppName.Text, lpKeyName.Text)
	if !ok {
		if p.found {
			c.SetLastError(win.ErrFileNotFound)
		}
		value = strings.TrimRight(lpDefault.Text, " ")
	} else if n := len(value); n >= 2 && (value[0] == '"' || value[0] == '\'') && value[n-1] == value[0] {
		value = value[1 : n-1]
	}
	return storeCut(c, lpReturnedString, nSize, value), 0
}

// getPrivateProfileInt reads a number: what a value begins with, in decimal or
// with 0x.
//
// https://learn.microsoft.com/windows/win32/api/winbase/nf-winbase-getprivateprofileintw
func getPrivateProfileInt(c *win.Call, lpAppName, lpKeyName win.TStr, nDefault win.DWORD, lpFileName win.TStr) (win.DWORD, win.Error) {
	p, err := openProfile(c, lpFileName.Text)
	if err != 0 {
		c.SetLastError(err)
		return nDefault, 0
	}
	_, value, ok := p.find(lpAppName.Text, lpKeyName.Text)
	if !ok || value == "" {
		return nDefault, 0
	}
	digits, base := strings.TrimPrefix(value, "-"), 10
	if rest, hex := strings.CutPrefix(strings.ToLower(digits), "0x"); hex {
		digits, base = rest, 16
	}
	end := 0
	for end < len(digits) {
		if _, bad := strconv.ParseUint(digits[end:end+1], base, 8); bad != nil {
			break
		}
		end++
	}
	v, _ := strconv.ParseUint(digits[:end], base, 64)
	if strings.HasPrefix(value, "-") {
		v = -v
	}
	return win.DWORD(v), 0
}

// getPrivateProfileSection lists the lines of a section, without comments.
//
// https://learn.microsoft.com/windows/win32/api/winbase/nf-winbase-getprivateprofilesectionw
func getPrivateProfileSection(c *win.Call, lpAppName win.TStr, lpReturnedString win.Ptr, nSize win.DWORD, lpFileName win.TStr) (win.DWORD, win.Error) {
	p, err := openProfile(c, lpFileName.Text)
	if err != 0 {
		return 0, err
	}
	if !p.found {
		c.SetLastError(win.ErrFileNotFound)
	}
	var lines []string
	start, end, _ := p.section(lpAppName.Text)
	for i := start; i < end; i++ {
		if k, v, is := keyValue(p.lines[i]); is {
			if strings.Contains(p.lines[i], "=") {
				k += "=" + v
			}
			lines = append(lines, k)
		}
	}
	return cutList(c, lpReturnedString, nSize, lines), 0
}

func getPrivateProfileSectionNames(c *win.Call, lpszReturnBuffer win.Ptr, nSize win.DWORD, lpFileName win.TStr) (win.DWORD, win.Error) {
	p, err := openProfile(c, lpFileName.Text)
	if err != 0 {
		return 0, err
	}
	if !p.found {
		c.SetLastError(win.ErrFileNotFound)
	}
	return cutList(c, lpszReturnBuffer, nSize, p.sections()), 0
}

// writePrivateProfileString sets a value; without one the key goes, without a
// key the section.
//
// https://learn.microsoft.com/windows/win32/api/winbase/nf-winbase-writeprivateprofilestringw
func writePrivateProfileString(c *win.Call, lpAppName, lpKeyName, lpString, lpFileName win.TStr) (win.Bool, win.Error) {
	const most = 64 << 10
	if lpFileName.Null() || lpAppName.Null() {
		if lpAppName.Null() && lpKeyName.Null() && lpString.Null() {
			return false, 0 // asks for what is cached to be written: nothing is
		}
		return false, win.ErrFileNotFound
	}
	p, err := openProfile(c, lpFileName.Text)
	if err != 0 {
		return false, err
	}
	start, end, has := p.section(lpAppName.Text)
	at, _, found := p.find(lpAppName.Text, lpKeyName.Text)
	switch {
	case lpKeyName.Null():
		if has {
			p.lines = slices.Delete(p.lines, start-1, end)
		}
	case lpString.Null():
		if found {
			p.lines = slices.Delete(p.lines, at, at+1)
		}
	case found:
		p.lines[at] = strings.TrimSpace(lpKeyName.Text) + "=" + strings.TrimLeft(lpString.Text, " \t")
	default:
		if len(p.lines) > most {
			return false, win.ErrDiskFull
		}
		if !has {
			p.lines = append(p.lines, "["+lpAppName.Text+"]")
			end = len(p.lines)
		}
		for end > start && has && strings.TrimSpace(p.lines[end-1]) == "" {
			end--
		}
		p.lines = slices.Insert(p.lines, end, strings.TrimSpace(lpKeyName.Text)+"="+strings.TrimLeft(lpString.Text, " \t"))
	}
	if err := p.save(c); err != 0 {
		return false, err
	}
	return true, 0
}

// writePrivateProfileSection sets all lines of a section.
//
// https://learn.microsoft.com/windows/win32/api/winbase/nf-winbase-writeprivateprofilesectionw
func writePrivateProfileSection(c *win.Call, lpAppName win.TStr, lpString win.Ptr, lpFileName win.TStr) (win.Bool, win.Error) {
	p, err := openProfile(c, lpFileName.Text)
	if err != 0 {
		return false, err
	}
	var lines []string
	for at := lpString; at != 0 && len(lines) < 4096; {
		s := c.TString(at)
		if c.Faulted() {
			return false, 0
		}
		if s == "" {
			break
		}
		lines = append(lines, s)
		at += win.Ptr(len(c.Encode(s)))
	}
	start, end, has := p.section(lpAppName.Text)
	switch {
	case has && lpString == 0:
		p.lines = slices.Delete(p.lines, start-1, end)
	case has:
		p.lines = slices.Replace(p.lines, start, end, lines...)
	case lpString != 0:
		p.lines = append(append(p.lines, "["+lpAppName.Text+"]"), lines...)
	}
	if err := p.save(c); err != 0 {
		return false, err
	}
	return true, 0
}

// A structure is kept as hexadecimal digits with a checksum behind: the sum of
// its bytes.

// writePrivateProfileStruct keeps bytes under a key.
//
// https://learn.microsoft.com/windows/win32/api/winbase/nf-winbase-writeprivateprofilestructw
func writePrivateProfileStruct(c *win.Call, lpszSection, lpszKey win.TStr, lpStruct win.Ptr, uSizeStruct win.DWORD, szFile win.TStr) (win.Bool, win.Error) {
	const most = 16 << 10
	if lpStruct == 0 {
		return writePrivateProfileString(c, lpszSection, lpszKey, win.TStr{}, szFile)
	}
	if uSizeStruct > most {
		return false, win.ErrInvalidParameter
	}
	sum := byte(0)
	var text strings.Builder
	hex := func(b byte) {
		text.WriteString(strings.ToUpper(string("0123456789abcdef"[b>>4]) + string("0123456789abcdef"[b&15])))
	}
	for _, b := range c.Bytes(lpStruct, uint64(uSizeStruct)) {
		hex(b)
		sum += b
	}
	if c.Faulted() {
		return false, 0
	}
	hex(sum)
	return writePrivateProfileString(c, lpszSection, lpszKey, win.TStr{Str: win.Str{Addr: lpStruct, Text: text.String()}}, szFile)
}

func getPrivateProfileStruct(c *win.Call, lpszSection, lpszKey win.TStr, lpStruct win.Ptr, uSizeStruct win.DWORD, szFile win.TStr) (win.Bool, win.Error) {
	p, err := openProfile(c, szFile.Text)
	if err != 0 {
		return false, err
	}
	_, value, ok := p.find(lpszSection.Text, lpszKey.Text)
	if !ok || uint64(len(value)) != 2*uint64(uSizeStruct)+2 {
		return false, errBadLength
	}
	data := make([]byte, len(value)/2)
	sum := byte(0)
	for i := range data {
		v, bad := strconv.ParseUint(value[2*i:2*i+2], 16, 8)
		if bad != nil {
			return false, win.ErrInvalidData
		}
		data[i] = byte(v)
		if i < len(data)-1 {
			sum += byte(v)
		}
	}
	if sum != data[len(data)-1] {
		return false, win.ErrInvalidData
	}
	c.Write(lpStruct, data[:len(data)-1])
	return true, 0
}

// The functions without "Private" are for C:\Windows\win.ini.

func winINI() win.TStr { return win.TStr{Str: win.Str{Addr: 1, Text: "win.ini"}} }

func getProfileString(c *win.Call, lpAppName, lpKeyName, lpDefault win.TStr, lpReturnedString win.Ptr, nSize win.DWORD) (win.DWORD, win.Error) {
	return getPrivateProfileString(c, lpAppName, lpKeyName, lpDefault, lpReturnedString, nSize, winINI())
}

func getProfileInt(c *win.Call, lpAppName, lpKeyName win.TStr, nDefault win.DWORD) (win.DWORD, win.Error) {
	return getPrivateProfileInt(c, lpAppName, lpKeyName, nDefault, winINI())
}

func writeProfileString(c *win.Call, lpAppName, lpKeyName, lpString win.TStr) (win.Bool, win.Error) {
	return writePrivateProfileString(c, lpAppName, lpKeyName, lpString, winINI())
}
