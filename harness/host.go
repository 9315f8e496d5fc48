package harness

import (
	"io/fs"
	"strings"

	"sidetrace/emulator/guest"
	"sidetrace/harness/telemetry"
)

// Host is what sensors know of a machine, out of its configuration: the files,
// and what of the registry they look at.
func Host(config *guest.Config) telemetry.Host {
	h := telemetry.Host{Computer: config.Computer, User: config.User, Files: files(config)}
	const guid, root = `\software\microsoft\cryptography`, `\software\microsoft\systemcertificates\root\certificates\`
	for _, v := range config.Registry {
		_, key, _ := strings.Cut(strings.ToLower(v.Key), `\`)
		key = `\` + key
		if key == guid && strings.EqualFold(v.Name, "MachineGuid") {
			h.MachineGUID = guest.FromUTF16(v.Data)
		}
		if print, ok := strings.CutPrefix(key, root); ok {
			h.Roots = append(h.Roots, strings.ToUpper(print))
		}
	}
	return h
}

// files are those of the machine, and the real system DLLs that it is lent.
func files(config *guest.Config) *telemetry.Files {
	own := make(map[string][]byte, len(config.Files))
	for path, data := range config.Files {
		own[strings.ToLower(guest.FullPath(path, `C:\`))] = data
	}
	system := map[string]string{} // real name by lower-case name
	if config.Sysroot != nil {
		entries, _ := fs.ReadDir(config.Sysroot, ".") // the machine has said what is wrong with it
		for _, e := range entries {
			system[strings.ToLower(e.Name())] = e.Name()
		}
	}
	folder := strings.ToLower(guest.SystemDirectory) + `\`
	return telemetry.NewFiles(func(lower string) []byte {
		if data, ok := own[lower]; ok {
			return data
		}
		if name, ok := strings.CutPrefix(lower, folder); ok && system[name] != "" {
			data, err := fs.ReadFile(config.Sysroot, system[name])
			if err == nil {
				return data
			}
		}
		return nil
	})
}
