package guest

import (
	"encoding/binary"
	"fmt"
	"strconv"
	"strings"
)

// Types of registry values.
//
// https://learn.microsoft.com/windows/win32/sysinfo/registry-value-types
const (
	RegNone     = 0
	RegSZ       = 1
	RegExpandSZ = 2
	RegBinary   = 3
	RegDWORD    = 4
	RegMultiSZ  = 7
	RegQWORD    = 11
)

// Registry is the machine's registry. Names compare without case and keep it.
type Registry struct {
	roots map[string]*Key
}

// Key is one key.
type Key struct {
	Path   string // with the short root name: "HKLM\SOFTWARE\Microsoft"
	Keys   []*Key // in order of creation
	Values []*Value
	parent *Key

	watches []Watch
}

// Value is one value; an empty name is the key's default value.
type Value struct {
	Name string
	Type uint32
	Data []byte
}

// KeyHandle is an open key: what an HKEY stands for.
type KeyHandle struct{ *Key }

func (KeyHandle) Type() string { return "Key" }

// roots are the predefined keys and the names they go by.
var rootNames = map[string]string{
	"hklm": "HKLM", "hkey_local_machine": "HKLM",
	"hkcu": "HKCU", "hkey_current_user": "HKCU",
	"hkcr": "HKCR", "hkey_classes_root": "HKCR",
	"hku": "HKU", "hkey_users": "HKU",
	"hkcc": "HKCC", "hkey_current_config": "HKCC",
}

func newRegistry() *Registry {
	r := &Registry{roots: map[string]*Key{}}
	for _, name := range []string{"HKLM", "HKCU", "HKCR", "HKU", "HKCC"} {
		r.roots[name] = &Key{Path: name}
	}
	return r
}

// Root is the predefined key of a short name.
func (r *Registry) Root(name string) *Key { return r.roots[name] }

// add puts a configured value in its place.
func (r *Registry) add(v RegistryValue) error {
	root, rest, _ := strings.Cut(v.Key, `\`)
	key := r.roots[rootNames[strings.ToLower(root)]]
	if key == nil {
		return fmt.Errorf("registry key %q: unknown root %q (known: HKLM, HKCU, HKCR, HKU, HKCC)", v.Key, root)
	}
	if rest != "" {
		key, _ = key.Create(rest)
	}
	if v.Data != nil {
		key.Set(v.Name, v.Type, v.Data)
	}
	return nil
}

// Open finds a key below k; "" is k itself.
func (k *Key) Open(path string) *Key {
	for _, name := range splitKey(path) {
		if k = k.child(name); k == nil {
			return nil
		}
	}
	return k
}

// Create finds a key below k or makes it, with those above it.
func (k *Key) Create(path string) (key *Key, created bool) {
	for _, name := range splitKey(path) {
		next := k.child(name)
		if created = next == nil; created {
			next = &Key{Path: k.Path + `\` + name, parent: k}
			k.Keys = append(k.Keys, next)
			k.Changed(ChangedName)
		}
		k = next
	}
	return k, created
}

func splitKey(path string) []string {
	return strings.FieldsFunc(path, func(r rune) bool { return r == '\\' })
}

func (k *Key) child(name string) *Key {
	for _, c := range k.Keys {
		if strings.EqualFold(c.Name(), name) {
			return c
		}
	}
	return nil
}

// Name is the last part of the key's path.
func (k *Key) Name() string { return k.Path[strings.LastIndexByte(k.Path, '\\')+1:] }

// Get returns a value, or nil.
func (k *Key) Get(name string) *Value {
	for _, v := range k.Values {
		if strings.EqualFold(v.Name, name) {
			return v
		}
	}
	return nil
}

// Set stores a copy of data.
func (k *Key) Set(name string, typ uint32, data []byte) {
	v := k.Get(name)
	if v == nil {
		v = &Value{Name: name}
		k.Values = append(k.Values, v)
	}
	v.Type, v.Data = typ, append([]byte{}, data...)
	k.Changed(ChangedValue)
}

// ValuePath is how telemetry names a value: the key's path and the value's
// name, or "(Default)".
func (k *Key) ValuePath(name string) string {
	if name == "" {
		name = "(Default)"
	}
	return k.Path + `\` + name
}

// TypeName is the type's constant.
func (v *Value) TypeName() string {
	switch v.Type {
	case RegNone:
		return "REG_NONE"
	case RegSZ:
		return "REG_SZ"
	case RegExpandSZ:
		return "REG_EXPAND_SZ"
	case RegBinary:
		return "REG_BINARY"
	case RegDWORD:
		return "REG_DWORD"
	case RegMultiSZ:
		return "REG_MULTI_SZ"
	case RegQWORD:
		return "REG_QWORD"
	}
	return fmt.Sprintf("REG_%d", v.Type)
}

// Text is the data as Sysmon prints it: text as it is, numbers as
// "DWORD (0x…)", bytes in hexadecimal.
func (v *Value) Text() string {
	switch {
	case v.Type == RegSZ || v.Type == RegExpandSZ:
		return FromUTF16(v.Data)
	case v.Type == RegDWORD && len(v.Data) >= 4:
		return fmt.Sprintf("DWORD (0x%08x)", binary.LittleEndian.Uint32(v.Data))
	case v.Type == RegQWORD && len(v.Data) >= 8:
		n := binary.LittleEndian.Uint64(v.Data)
		return fmt.Sprintf("QWORD (0x%08x-0x%08x)", n>>32, uint32(n))
	case v.Type == RegMultiSZ:
		var parts []string
		for rest := v.Data; len(rest) > 2; {
			s := FromUTF16(rest)
			if s == "" {
				break
			}
			parts = append(parts, s)
			rest = rest[min(len(rest), len(UTF16(s))):]
		}
		return strings.Join(parts, ";")
	}
	return hexText(v.Data)
}

func hexText(b []byte) string {
	const most = 256
	out := make([]byte, 0, 2*len(b))
	for i, c := range b {
		if i == most {
			return string(out) + "…"
		}
		if c < 16 {
			out = append(out, '0')
		}
		out = strconv.AppendUint(out, uint64(c), 16)
	}
	return string(out)
}
