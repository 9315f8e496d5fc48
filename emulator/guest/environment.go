package guest

import (
	"maps"
	"slices"
	"strings"
)

// This file is the process's environment: variables whose names compare
// without case, so that there are never two that differ in it alone.

// maxVariables bounds what a guest may keep in its environment.
const maxVariables = 4096

func (p *Process) buildEnvironment() {
	profile := `C:\Users\` + p.Config.User
	env := map[string]string{
		"ALLUSERSPROFILE": `C:\ProgramData`, "APPDATA": profile + `\AppData\Roaming`, "CommonProgramFiles": `C:\Program Files\Common Files`,
		"COMPUTERNAME": p.Config.Computer, "ComSpec": SystemDirectory + `\cmd.exe`, "HOMEDRIVE": "C:", "HOMEPATH": `\Users\` + p.Config.User,
		"LOCALAPPDATA": profile + `\AppData\Local`, "LOGONSERVER": `\\` + p.Config.Computer, "NUMBER_OF_PROCESSORS": "2", "OS": "Windows_NT",
		"PATH": SystemDirectory + ";" + WindowsDirectory + ";" + SystemDirectory + `\Wbem;` + SystemDirectory + `\WindowsPowerShell\v1.0\`, "PATHEXT": ".COM;.EXE;.BAT;.CMD", "PROCESSOR_ARCHITECTURE": "AMD64",
		"ProgramData": `C:\ProgramData`, "ProgramFiles": `C:\Program Files`, "PUBLIC": `C:\Users\Public`, "SystemDrive": "C:",
		"SystemRoot": WindowsDirectory, "TEMP": profile + `\AppData\Local\Temp`, "TMP": profile + `\AppData\Local\Temp`,
		"USERDOMAIN": p.Config.Computer, "USERNAME": p.Config.User, "USERPROFILE": profile, "windir": WindowsDirectory,
	}
	for _, name := range slices.Sorted(maps.Keys(p.Config.Environment)) { // two may differ in case only
		maps.DeleteFunc(env, func(known, _ string) bool { return strings.EqualFold(known, name) })
		env[name] = p.Config.Environment[name]
	}
	p.environment = env
	p.Files.MakeDirectory(profile + `\AppData\Local\Temp`)
	p.Files.MakeDirectory(profile + `\AppData\Roaming`)
}

// environmentBlock writes the environment as Windows keeps it: NAME=value,
// sorted without regard to case, each terminated, an empty one at the end.
func (p *Process) environmentBlock() uint64 {
	block := p.EnvironmentBlock()
	at := p.Heap.Alloc(uint64(len(block)))
	if at == 0 || p.Mem.Write(at, block) != nil {
		return 0
	}
	return at
}

// EnvironmentBlock is the environment in the form of GetEnvironmentStringsW.
func (p *Process) EnvironmentBlock() []byte {
	var block []byte
	for _, name := range p.EnvironmentNames() {
		block = append(block, UTF16(name+"="+p.environment[name])...)
	}
	return append(block, 0, 0)
}

// EnvironmentNames lists the variables in Windows' order.
func (p *Process) EnvironmentNames() []string {
	names := make([]string, 0, len(p.environment))
	for name := range p.environment {
		names = append(names, name)
	}
	slices.SortFunc(names, func(a, b string) int { return strings.Compare(strings.ToUpper(a), strings.ToUpper(b)) })
	return names
}

// variableKey is the spelling that a variable has.
func (p *Process) variableKey(name string) (key string, ok bool) {
	if _, ok := p.environment[name]; ok {
		return name, true
	}
	for known := range p.environment { // one at most, whatever the order
		if strings.EqualFold(known, name) {
			return known, true
		}
	}
	return name, false
}

// Variable is the value of an environment variable.
func (p *Process) Variable(name string) (value string, ok bool) {
	key, ok := p.variableKey(name)
	return p.environment[key], ok
}

// PathFolders are the folders of PATH.
func (p *Process) PathFolders() []string {
	value, _ := p.Variable("PATH")
	var folders []string
	for _, folder := range strings.Split(value, ";") {
		if folder = strings.Trim(folder, `" `); folder != "" {
			folders = append(folders, folder)
		}
	}
	return folders
}

// SetVariable sets an environment variable, which keeps the spelling it had. It
// reports false when there are too many.
func (p *Process) SetVariable(name, value string) bool {
	key, known := p.variableKey(name)
	if !known && len(p.environment) >= maxVariables {
		return false
	}
	p.environment[strings.Clone(key)] = strings.Clone(value)
	return true
}

// RemoveVariable reports whether there was one.
func (p *Process) RemoveVariable(name string) bool {
	key, known := p.variableKey(name)
	delete(p.environment, key)
	return known
}

// ExpandVariables replaces each %NAME% that is a variable. It reports false
// when the result would be longer than a string can be.
func (p *Process) ExpandVariables(text string) (string, bool) {
	var out strings.Builder
	for out.Len() <= MaxString {
		before, rest, ok := strings.Cut(text, "%")
		out.WriteString(before)
		if !ok {
			return out.String(), true
		}
		name, after, closed := strings.Cut(rest, "%")
		value, known := p.Variable(name)
		if !closed || !known {
			out.WriteByte('%') // a per cent sign like any other
			text = rest
			continue
		}
		out.WriteString(value)
		text = after
	}
	return "", false
}
