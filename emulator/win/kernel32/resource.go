package kernel32

import (
	"slices"
	"strings"

	"sidetrace/emulator/win"
	"sidetrace/loaders"
)

var resourceRows = win.Rows{
	win.Func3("FindResource{A,W}", findResource, "hModule lpName lpType"),
	win.Func4("FindResourceEx{A,W}", findResourceEx, "hModule lpType lpName wLanguage"),
	win.Stub("FreeResource", win.Bool(false), "hResData"), // as documented: nothing to free
	win.Func2("LoadResource", loadResource, "hModule hResInfo"),
	win.Func1("LockResource", lockResource, "hResData"),
	win.Func2("SizeofResource", sizeofResource, "hModule hResInfo"),
}

// The handle of a resource is, as on Windows, the address of its
// IMAGE_RESOURCE_DATA_ENTRY; the parsed image does not keep where that lies, so
// here it is the address of the resource's bytes.

// identifier is how the parsed image names a type or a name: numbers in
// decimal, given as such or as "#12"; text in capitals, as linkers store it.
func identifier(s win.Str) string {
	if s.Addr < 0x10000 {
		return decimal(uint64(s.Addr))
	}
	return strings.TrimPrefix(s.Text, "#")
}

// findResource finds a resource by name and type, in the first language there
// is.
//
// https://learn.microsoft.com/windows/win32/api/winbase/nf-winbase-findresourcew
func findResource(c *win.Call, hModule win.Handle, lpName, lpType win.TStr) (win.Handle, win.Error) {
	return resource(c, hModule, lpType.Str, lpName.Str, 0)
}

// findResourceEx finds a resource in one language; 0 is any.
//
// https://learn.microsoft.com/windows/win32/api/winbase/nf-winbase-findresourceexw
func findResourceEx(c *win.Call, hModule win.Handle, lpType, lpName win.TStr, wLanguage win.WORD) (win.Handle, win.Error) {
	return resource(c, hModule, lpType.Str, lpName.Str, uint16(wLanguage))
}

func resource(c *win.Call, h win.Handle, kind, name win.Str, language uint16) (win.Handle, win.Error) {
	img, address := resourceImage(c, h)
	if img == nil {
		return 0, win.ErrModNotFound
	}
	if len(img.Resources) == 0 {
		return 0, win.ErrResourceDataNotFound
	}
	reason := win.ErrResourceTypeNotFound
	for _, r := range img.Resources {
		switch {
		case !strings.EqualFold(r.Type, identifier(kind)):
			continue
		case !strings.EqualFold(r.Name, identifier(name)):
			if reason == win.ErrResourceTypeNotFound {
				reason = win.ErrResourceNameNotFound
			}
			continue
		case language != 0 && r.Language != language:
			reason = win.ErrResourceLangNotFound
			continue
		}
		return win.Handle(address(r)), 0
	}
	return 0, reason
}

// resourceImage finds the image of a handle, and where its resources lie; a
// handle may stand for a file that was loaded as data.
func resourceImage(c *win.Call, h win.Handle) (*loaders.Image, func(loaders.Resource) uint64) {
	if d := c.DataFileByHandle(uint64(h)); d != nil {
		return d.Image, func(r loaders.Resource) uint64 { return d.Address(r.RVA, r.File.Offset) }
	}
	if m := module(c, h); m != nil {
		return m.Image, func(r loaders.Resource) uint64 { return m.Base + uint64(r.RVA) }
	}
	return nil, nil
}

// resourceAt finds the resource of a handle.
func resourceAt(c *win.Call, h win.Handle) *loaders.Resource {
	var img *loaders.Image
	var address func(loaders.Resource) uint64
	if d := c.DataFileAt(uint64(h)); d != nil {
		img, address = resourceImage(c, win.Handle(d.Handle()))
	} else if m := c.ModuleAt(uint64(h)); m != nil {
		img, address = resourceImage(c, win.Handle(m.Base))
	} else {
		return nil
	}
	i := slices.IndexFunc(img.Resources, func(r loaders.Resource) bool { return address(r) == uint64(h) })
	if i < 0 {
		return nil
	}
	return &img.Resources[i]
}

// loadResource gives the address of a resource's bytes, which are mapped with
// the image.
//
// https://learn.microsoft.com/windows/win32/api/libloaderapi/nf-libloaderapi-loadresource
func loadResource(c *win.Call, hModule, hResInfo win.Handle) (win.Handle, win.Error) {
	if resourceAt(c, hResInfo) == nil {
		return 0, win.ErrResourceDataNotFound
	}
	return hResInfo, 0
}

// lockResource is a cast on Windows too.
//
// https://learn.microsoft.com/windows/win32/api/libloaderapi/nf-libloaderapi-lockresource
func lockResource(_ *win.Call, hResData win.Handle) (win.Ptr, win.Error) {
	return win.Ptr(hResData), 0
}

// sizeofResource is the length of a resource in bytes.
//
// https://learn.microsoft.com/windows/win32/api/libloaderapi/nf-libloaderapi-sizeofresource
func sizeofResource(c *win.Call, hModule, hResInfo win.Handle) (win.DWORD, win.Error) {
	r := resourceAt(c, hResInfo)
	if r == nil {
		return 0, win.ErrResourceDataNotFound
	}
	return win.DWORD(r.File.Size), 0
}
