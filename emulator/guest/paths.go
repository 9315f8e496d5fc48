package guest

import "strings"

// Windows directories of the machine.
const (
	WindowsDirectory = `C:\Windows`
	SystemDirectory  = `C:\Windows\System32`
)

// FullPath makes a path absolute and plain: prefixes of the object manager
// removed, "/" turned into "\", "." and ".." resolved, trailing dots and
// blanks of names dropped. Relative paths start at current.
func FullPath(path, current string) string {
	for _, prefix := range []string{`\\?\`, `\??\`} {
		path = strings.TrimPrefix(path, prefix)
	}
	path = strings.ReplaceAll(path, "/", `\`)
	if strings.HasPrefix(path, `\\`) {
		return path // a device or a network path: taken as it is
	}
	switch {
	case len(path) >= 2 && path[1] == ':':
		if len(path) == 2 || path[2] != '\\' { // "C:name": relative to the drive's current directory
			if strings.EqualFold(current[:min(2, len(current))], path[:2]) {
				path = current + `\` + path[2:]
			} else {
				path = path[:2] + `\` + path[2:]
			}
		}
	case strings.HasPrefix(path, `\`):
		path = drive(current) + path
	default:
		path = current + `\` + path
	}
	var parts []string
	for i, part := range strings.Split(path, `\`) {
		if i > 0 {
			part = trimName(part)
		}
		switch {
		case i == 0:
			parts = append(parts, part)
		case part == "" || part == ".":
		case part == "..":
			if len(parts) > 1 {
				parts = parts[:len(parts)-1]
			}
		default:
			parts = append(parts, part)
		}
	}
	if len(parts) == 1 {
		return parts[0] + `\`
	}
	return strings.Join(parts, `\`)
}

func trimName(name string) string {
	if name == "." || name == ".." {
		return name
	}
	return strings.TrimRight(name, " .")
}

func drive(path string) string {
	if len(path) >= 2 && path[1] == ':' {
		return path[:2]
	}
	return "C:"
}

// Folder is the path without its last name; of a file in the root, "C:\".
func Folder(path string) string {
	i := strings.LastIndexByte(path, '\\')
	switch {
	case i < 0:
		return ""
	case i == 2 && path[1] == ':':
		return path[:3]
	}
	return path[:i]
}

// Join puts a name behind a folder.
func Join(folder, name string) string {
	if strings.HasSuffix(folder, `\`) {
		return folder + name
	}
	return folder + `\` + name
}
