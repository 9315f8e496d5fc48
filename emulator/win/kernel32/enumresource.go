package kernel32

import (
	"strconv"
	"strings"

	"sidetrace/emulator/win"
	"sidetrace/loaders"
)

var enumResourceRows = win.Rows{
	win.Func5("EnumResourceLanguages{A,W}", enumResourceLanguages, "hModule lpType lpName lpEnumFunc lParam"),
	win.Partial(win.Func7("EnumResourceLanguagesEx{A,W}", enumResourceLanguagesEx, "hModule lpType lpName lpEnumFunc lParam dwFlags LangId"), noMUI),
	win.Func4("EnumResourceNames{A,W}", enumResourceNames, "hModule lpType lpEnumFunc lParam"),
	win.Partial(win.Func6("EnumResourceNamesEx{A,W}", enumResourceNamesEx, "hModule lpType lpEnumFunc lParam dwFlags LangId"), noMUI),
	win.Func3("EnumResourceTypes{A,W}", enumResourceTypes, "hModule lpEnumFunc lParam"),
	win.Partial(win.Func5("EnumResourceTypesEx{A,W}", enumResourceTypesEx, "hModule lpEnumFunc lParam dwFlags LangId"), noMUI),
}

const noMUI = "the module's own resources, none of language files"

const (
	errEnumStopped win.Error = 15106 // ERROR_RESOURCE_ENUM_USER_STOP

	enumLN       = 0x1
	enumMUI      = 0x2
	enumSystem   = 0x4
	enumValidate = 0x8
)

// mine reports whether flags ask for the module's own resources.
func mine(flags win.Hex) (bool, win.Error) {
	if flags&^(enumLN|enumMUI|enumSystem|enumValidate) != 0 {
		return false, win.ErrInvalidParameter
	}
	return flags&(enumLN|enumMUI) == 0 || flags&enumLN != 0, 0
}

// enumerate tells a function of the guest about the resources that value makes
// something of, each value once, and stops when it returns FALSE.
func enumerate(c *win.Call, h win.Handle, reason func([]loaders.Resource) win.Error, value func(loaders.Resource) (string, bool), tell func(win.Ptr) bool) (win.Bool, win.Error) {
	img, _ := resourceImage(c, h)
	if img == nil {
		return false, win.ErrResourceDataNotFound
	}
	if len(img.Resources) == 0 {
		return false, win.ErrResourceDataNotFound
	}
	if err := reason(img.Resources); err != 0 {
		return false, err
	}
	told := map[string]bool{}
	for _, r := range img.Resources {
		v, ok := value(r)
		if !ok || told[v] {
			continue
		}
		told[v] = true
		goOn := false
		withIdentifier(c, v, func(p win.Ptr) { goOn = tell(p) })
		if !goOn {
			return false, errEnumStopped
		}
	}
	return true, 0
}

// withIdentifier lends a type or name as the guest's functions are given it: a
// number, or text that lives as long as the call.
func withIdentifier(c *win.Call, s string, use func(win.Ptr)) {
	if n, err := strconv.ParseUint(s, 10, 16); err == nil {
		use(win.Ptr(n))
		return
	}
	text := c.Encode(s)
	at := c.Heap.Alloc(uint64(len(text)))
	if at == 0 {
		return
	}
	c.Write(win.Ptr(at), text)
	use(win.Ptr(at))
	c.Heap.Free(at)
}

// has says why there is nothing of a type, or of a type and a name.
func has(all []loaders.Resource, kind string, name *string) win.Error {
	reason := win.ErrResourceTypeNotFound
	for _, r := range all {
		if !strings.EqualFold(r.Type, kind) {
			continue
		}
		if name == nil || strings.EqualFold(r.Name, *name) {
			return 0
		}
		reason = win.ErrResourceNameNotFound
	}
	return reason
}

// enumResourceTypes calls a function for each type of resources.
//
// https://learn.microsoft.com/windows/win32/api/winbase/nf-winbase-enumresourcetypesw
func enumResourceTypes(c *win.Call, hModule win.Handle, lpEnumFunc, lParam win.Ptr) (win.Bool, win.Error) {
	return enumerate(c, hModule,
		func([]loaders.Resource) win.Error { return 0 },
		func(r loaders.Resource) (string, bool) { return r.Type, true },
		func(p win.Ptr) bool {
			return int32(c.CallGuest(lpEnumFunc, uint64(hModule), uint64(p), uint64(lParam))) != 0
		})
}

// enumResourceTypesEx knows of no language files.
//
// https://learn.microsoft.com/windows/win32/api/libloaderapi/nf-libloaderapi-enumresourcetypesexw
func enumResourceTypesEx(c *win.Call, hModule win.Handle, lpEnumFunc, lParam win.Ptr, dwFlags win.Hex, LangId win.WORD) (win.Bool, win.Error) {
	if own, err := mine(dwFlags); err != 0 || !own {
		return err == 0, err
	}
	return enumResourceTypes(c, hModule, lpEnumFunc, lParam)
}

// enumResourceNames calls a function for each name of one type.
//
// https://learn.microsoft.com/windows/win32/api/winbase/nf-winbase-enumresourcenamesw
func enumResourceNames(c *win.Call, hModule win.Handle, lpType win.TStr, lpEnumFunc, lParam win.Ptr) (win.Bool, win.Error) {
	kind := identifier(lpType.Str)
	return enumerate(c, hModule,
		func(all []loaders.Resource) win.Error { return has(all, kind, nil) },
		func(r loaders.Resource) (string, bool) { return r.Name, strings.EqualFold(r.Type, kind) },
		func(p win.Ptr) bool {
			return int32(c.CallGuest(lpEnumFunc, uint64(hModule), uint64(lpType.Addr), uint64(p), uint64(lParam))) != 0
		})
}

// enumResourceNamesEx knows of no language files.
//
// https://learn.microsoft.com/windows/win32/api/libloaderapi/nf-libloaderapi-enumresourcenamesexw
func enumResourceNamesEx(c *win.Call, hModule win.Handle, lpType win.TStr, lpEnumFunc, lParam win.Ptr, dwFlags win.Hex, LangId win.WORD) (win.Bool, win.Error) {
	if own, err := mine(dwFlags); err != 0 || !own {
		return err == 0, err
	}
	return enumResourceNames(c, hModule, lpType, lpEnumFunc, lParam)
}

// enumResourceLanguages calls a function for each language of one resource.
//
// https://learn.microsoft.com/windows/win32/api/winbase/nf-winbase-enumresourcelanguagesw
func enumResourceLanguages(c *win.Call, hModule win.Handle, lpType, lpName win.TStr, lpEnumFunc, lParam win.Ptr) (win.Bool, win.Error) {
	kind, name := identifier(lpType.Str), identifier(lpName.Str)
	return enumerate(c, hModule,
		func(all []loaders.Resource) win.Error { return has(all, kind, &name) },
		func(r loaders.Resource) (string, bool) {
			return decimal(uint64(r.Language)), strings.EqualFold(r.Type, kind) && strings.EqualFold(r.Name, name)
		},
		func(language win.Ptr) bool {
			return int32(c.CallGuest(lpEnumFunc, uint64(hModule), uint64(lpType.Addr), uint64(lpName.Addr), uint64(language), uint64(lParam))) != 0
		})
}

// enumResourceLanguagesEx knows of no language files.
//
// https://learn.microsoft.com/windows/win32/api/libloaderapi/nf-libloaderapi-enumresourcelanguagesexw
func enumResourceLanguagesEx(c *win.Call, hModule win.Handle, lpType, lpName win.TStr, lpEnumFunc, lParam win.Ptr, dwFlags win.Hex, LangId win.WORD) (win.Bool, win.Error) {
	if own, err := mine(dwFlags); err != 0 || !own {
		return err == 0, err
	}
	return enumResourceLanguages(c, hModule, lpType, lpName, lpEnumFunc, lParam)
}
