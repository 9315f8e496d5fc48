package telemetry

import (
	"strings"

	"sidetrace/emulator/trace"
)

// object is a registry path as Sysmon writes it: of a user's keys by the user's
// SID.
func (b *builder) object(path string) string {
	for _, r := range [...]struct{ from, to string }{
		{`HKCU\Software\Classes`, `HKU\` + b.host.SID + `_Classes`},
		{`HKCU`, `HKU\` + b.host.SID},
		{`HKLM\SOFTWARE\Classes`, `HKCR`},
		{`HKLM\SYSTEM\ControlSet001`, `HKLM\System\CurrentControlSet`},
		{`HKLM\SYSTEM\CurrentControlSet`, `HKLM\System\CurrentControlSet`},
		{`HKCC`, `HKLM\System\CurrentControlSet\Hardware Profiles\0001`},
	} {
		if rest, ok := cutFold(path, r.from); ok && (rest == "" || rest[0] == '\\') {
			return r.to + rest
		}
	}
	return path
}

// cutFold is strings.CutPrefix without regard to case.
func cutFold(s, prefix string) (rest string, ok bool) {
	if len(s) < len(prefix) || !strings.EqualFold(s[:len(prefix)], prefix) {
		return s, false
	}
	return s[len(prefix):], true
}

// details is a value's data as Sysmon writes it.
func details(f trace.RegistryWrite) string {
	switch f.Type {
	case "REG_SZ", "REG_EXPAND_SZ":
		if f.Data == "" {
			return "(Empty)"
		}
		return f.Data
	case "REG_DWORD", "REG_QWORD":
		if strings.HasSuffix(f.Data, ")") { // else it is shorter than its type
			return f.Data
		}
	}
	return "Binary Data"
}

func (b *builder) registry(at *trace.Behaviour, id int, category, eventType, path string, more values) {
	v := b.self()
	v["EventType"], v["TargetObject"] = Text(eventType), Text(b.object(path))
	for name, value := range more {
		v[name] = value
	}
	b.write(at, id, category, v)
}

// registryCreate makes event 12, or 14 where the key is an old one renamed.
func (b *builder) registryCreate(i int, f trace.RegistryCreate) {
	if old, ok := b.renamed(i, i+1); ok {
		b.registry(&b.run.Behaviours[i], 14, "", "RenameKey", old, values{"NewName": Text(b.object(f.Path))})
		return
	}
	b.registry(&b.run.Behaviours[i], 12, "registry_add", "CreateKey", f.Path, nil)
}

// renamed says that two behaviours are a key's renaming: the same call made a
// key and removed one beside it.
func (b *builder) renamed(create, remove int) (old string, ok bool) {
	if create < 0 || remove >= len(b.run.Behaviours) {
		return "", false
	}
	first, second := &b.run.Behaviours[create], &b.run.Behaviours[remove]
	made, ok1 := first.Fields.(trace.RegistryCreate)
	gone, ok2 := second.Fields.(trace.RegistryDelete)
	if !ok1 || !ok2 || gone.Item != "key" || !sameCall(first, second) {
		return "", false
	}
	return gone.Path, strings.EqualFold(folder(made.Path), folder(gone.Path))
}

// registryDelete makes event 12.
func (b *builder) registryDelete(i int, f trace.RegistryDelete) {
	if _, ok := b.renamed(i-1, i); ok {
		return // told by the event of the new name
	}
	eventType := "DeleteKey"
	if f.Item == "value" {
		eventType = "DeleteValue"
	}
	b.registry(&b.run.Behaviours[i], 12, "registry_delete", eventType, f.Path, nil)
}

// registrySet makes event 13.
func (b *builder) registrySet(at *trace.Behaviour, f trace.RegistryWrite) {
	b.registry(at, 13, "", "SetValue", f.Path, values{"Details": Text(details(f))})
}
