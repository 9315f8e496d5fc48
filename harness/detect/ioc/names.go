package ioc

import (
	"regexp"
	"strings"

	"sidetrace/harness/detect/near"
)

// This file is how names are written down to be compared: those of lists and
// those that a run shows go through the same functions.

// address is a URL in its parts.
type address struct {
	scheme string // lower case; "" if there is none
	host   string // lower case, with the port unless it is the scheme's own
	path   string // from the first slash, without query and fragment
	query  string // with its question mark
}

// parseURL takes a URL apart, whatever is wrong with it. Net/url refuses what
// lists have.
func parseURL(s string) address {
	var u address
	if m := scheme.FindStringSubmatch(s); m != nil {
		u.scheme, s = strings.ToLower(m[1]), s[len(m[0]):]
	}
	s, _, _ = strings.Cut(s, "#")
	if i := strings.IndexByte(s, '?'); i >= 0 {
		s, u.query = s[:i], s[i:]
	}
	host, path, slash := strings.Cut(s, "/")
	if slash {
		u.path = "/" + path
	}
	if i := strings.LastIndexByte(host, '@'); i >= 0 {
		host = host[i+1:]
	}
	host = strings.ToLower(host)
	if name, port := cutPort(host); port != "" && (port == "80" && u.scheme != "https" || port == "443" && u.scheme != "http") {
		host = name
	}
	u.host = strings.TrimSuffix(host, ".")
	if u.query != "" && u.path == "" {
		u.path = "/"
	}
	return u
}

func (u address) String() string {
	if u.scheme == "" {
		return u.host + u.path + u.query
	}
	return u.scheme + "://" + u.host + u.path + u.query
}

// place is the URL as it is looked up, without its scheme. Paths are compared as
// they are written, for servers tell upper case from lower.
func (u address) place() string { return u.host + u.path + u.query }

// variables are the folders that lists name by variables of the environment.
// The user's are below any user's profile.
var variables = strings.NewReplacer(
	"%localappdata%", `?:\users\*\appdata\local`,
	"%appdata%", `?:\users\*\appdata\roaming`,
	"%userprofile%", `?:\users\*`,
	"%homepath%", `?:\users\*`,
	"%temp%", `?:\users\*\appdata\local\temp`,
	"%tmp%", `?:\users\*\appdata\local\temp`,
	"%public%", `?:\users\public`,
	"%programdata%", `?:\programdata`,
	"%allusersprofile%", `?:\programdata`,
	"%programfiles(x86)%", `?:\program files (x86)`,
	"%programfiles%", `?:\program files`,
	"%commonprogramfiles%", `?:\program files\common files`,
	"%systemroot%", `?:\windows`,
	"%windir%", `?:\windows`,
	"%system%", `?:\windows\system32`,
	"%systemdrive%", `?:`,
	"<user>", "*", "<username>", "*", "[user]", "*", "[username]", "*", "%username%", "*", "{username}", "*",
)

// device is how the NT object manager calls a drive.
var device = regexp.MustCompile(`^(?:\\\\[?.]\\|\\\?\?\\|\\device\\harddiskvolume\d+(\\))`)

// filePath is a path as Windows compares it: one sort of slash, one sort of
// letter, without the prefixes of its lower layers.
func filePath(s string) string {
	s = strings.ToLower(strings.Trim(s, `"'`))
	s = variables.Replace(s)
	if !strings.HasPrefix(s, "/") {
		s = strings.ReplaceAll(s, "/", `\`)
	}
	if m := device.FindStringSubmatchIndex(s); m != nil {
		s = s[m[1]:]
		if m[2] >= 0 {
			s = `?:\` + s
		}
	}
	return strings.TrimSuffix(s, `\`)
}

// hives are the long names of the roots of the registry, and the short ones of
// Sysmon.
var hives = strings.NewReplacer(`hkey_local_machine`, `hklm`, `hkey_current_user`, `hkcu`, `hkey_users`, `hku`, `hkey_classes_root`, `hkcr`,
	`hkey_current_config`, `hkcc`, `\registry\machine`, `hklm`, `\registry\user`, `hku`)

var (
	colon = regexp.MustCompile(`^(hk[a-z]+):`)
	sid   = regexp.MustCompile(`^hku\\(?:s-1-5-21[0-9-]*|\.default)(?:_classes)?\\`)
)

// registryPath is a key or value as it is compared. What is below the hive of
// any user is below HKCU.
func registryPath(s string) string {
	s = hives.Replace(strings.ToLower(strings.Trim(s, `"'`)))
	s = colon.ReplaceAllString(s, "$1")
	s = sid.ReplaceAllLiteralString(s, `hkcu\`)
	return strings.TrimSuffix(s, `\`)
}

// pipeName is the name of a pipe without where pipes live.
func pipeName(s string) string {
	s = strings.ToLower(strings.ReplaceAll(s, `\\`, `\`))
	for _, prefix := range []string{`\.\pipe\`, `\pipe\`, `\device\namedpipe\`, `\`} {
		if rest, ok := strings.CutPrefix(s, prefix); ok {
			return rest
		}
	}
	return s
}

// objectName is the name of a mutex or event without its name space, in the case
// it has: Windows tells Abc from abc.
func objectName(s string) string {
	for {
		switch m := nameSpace.FindString(s); {
		case m != "":
			s = s[len(m):]
		case sessions.MatchString(s):
			s = sessions.ReplaceAllLiteralString(s, "")
		default:
			return s
		}
	}
}

var sessions = regexp.MustCompile(`(?i)^\\Sessions\\\d+(?:\\BaseNamedObjects\\)?`)

// glob matches a name with * for any characters and ? for one. It takes time
// in proportion to both, however many stars there are.
func glob(pattern, s string) bool {
	star, back := -1, 0
	i, j := 0, 0
	for j < len(s) {
		switch {
		case i < len(pattern) && pattern[i] == '*':
			star, back = i, j
			i++
		case i < len(pattern) && (pattern[i] == '?' || pattern[i] == s[j]):
			i++
			j++
		case star >= 0:
			back++
			i, j = star+1, back
		default:
			return false
		}
	}
	for i < len(pattern) && pattern[i] == '*' {
		i++
	}
	return i == len(pattern)
}

func shorten(s string) string { return near.Shorten(s, 100) }
