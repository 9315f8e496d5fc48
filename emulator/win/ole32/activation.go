package ole32

import (
	"errors"
	"strings"

	"sidetrace/emulator/guest"
	"sidetrace/emulator/trace"
	"sidetrace/emulator/win"
)

// Classes are activated as the registry of the machine says: an in-process
// server is loaded and asked for its class object, as guest code. Nothing else
// is there: no class of Windows has a server here, and servers in processes of
// their own are not started.

var activationRows = win.Rows{
	win.Partial(win.Func5("CoCreateInstance", coCreateInstance, "rclsid pUnkOuter dwClsContext riid ppv"), "in-process servers that the registry of the machine names"),
	win.Partial(win.Func5("CoGetClassObject", coGetClassObject, "rclsid dwClsContext pvReserved riid ppv"), "as CoCreateInstance"),
	win.Func5("CoRegisterClassObject", coRegisterClassObject, "rclsid pUnk dwClsContext flags lpdwRegister"),
	win.Func1("CoRevokeClassObject", coRevokeClassObject, "dwRegister"),
}

const (
	inProcessServer = 1 // CLSCTX_INPROC_SERVER
	createInstance  = 3 // IClassFactory::CreateInstance in the vtable
	addRefMethod    = 1
	releaseMethod   = 2
	iidClassFactory = "00000001-0000-0000-C000-000000000046"
)

// classValue reads the default value of a key below HKEY_CLASSES_ROOT: the
// user's classes hide the machine's.
func classValue(c *win.Call, path string) (string, bool) {
	for _, place := range []struct{ root, path string }{
		{"HKCU", `Software\Classes\`}, {"HKLM", `SOFTWARE\Classes\`}, {"HKCR", ""},
	} {
		k := c.Registry.Root(place.root).Open(place.path + path)
		if k == nil {
			continue
		}
		v := k.Get("")
		if v == nil || v.Type != guest.RegSZ && v.Type != guest.RegExpandSZ {
			continue
		}
		text := strings.TrimRight(guest.FromUTF16(v.Data), "\x00")
		c.Emit(trace.RegistryRead{Path: k.ValuePath(""), Found: true, Type: "REG_SZ", Data: text})
		return text, true
	}
	return "", false
}

// registration is a class object that the program itself offers.
type registration struct {
	class  win.GUID
	object win.Ptr
	cookie uint32
}

type registrationsKey struct{}

func registrations(c *win.Call) *[]registration {
	r, ok := c.State[registrationsKey{}].(*[]registration)
	if !ok {
		r = &[]registration{}
		c.State[registrationsKey{}] = r
	}
	return r
}

// coCreateInstance makes one object of a class.
//
// https://learn.microsoft.com/windows/win32/api/combaseapi/nf-combaseapi-cocreateinstance
func coCreateInstance(c *win.Call, rclsid, pUnkOuter win.Ptr, dwClsContext win.Hex, riid win.Ptr, ppv win.Out[uint64]) (win.Status, win.Error) {
	if ppv.Null() {
		return win.ResultPointer, 0
	}
	ppv.Set(c, 0)
	factory := win.IID(iidClassFactory)
	object, status := classObject(c, rclsid, dwClsContext, factory)
	if status != win.ResultOK {
		return status, 0
	}
	status = win.Status(c.Method(object, createInstance, uint64(pUnkOuter), uint64(riid), uint64(ppv.Addr)))
	c.Method(object, releaseMethod)
	return status, 0
}

// https://learn.microsoft.com/windows/win32/api/combaseapi/nf-combaseapi-cogetclassobject
func coGetClassObject(c *win.Call, rclsid win.Ptr, dwClsContext win.Hex, pvReserved, riid win.Ptr, ppv win.Out[uint64]) (win.Status, win.Error) {
	if ppv.Null() {
		return win.ResultInvalidArg, 0
	}
	ppv.Set(c, 0)
	object, status := classObject(c, rclsid, dwClsContext, c.ReadGUID(riid))
	if status == win.ResultOK {
		ppv.Set(c, uint64(object))
	}
	return status, 0
}

// classObject asks the server of a class for one of its interfaces.
func classObject(c *win.Call, rclsid win.Ptr, context win.Hex, iid win.GUID) (win.Ptr, win.Status) {
	class := c.ReadGUID(rclsid)
	switch {
	case c.Faulted():
		return 0, win.ResultPointer
	case !initialized(c):
		return 0, notInitialized
	}
	for _, r := range *registrations(c) {
		if r.class == class {
			c.Method(r.object, addRefMethod)
			return r.object, win.ResultOK
		}
	}
	server, ok := classValue(c, `CLSID\`+class.String()+`\InprocServer32`)
	if !ok || context&inProcessServer == 0 {
		return 0, classNotReg
	}
	m, err := c.LoadLibrary(c.T, strings.Trim(server, `"`), guest.LoadOptions{Flags: guest.LoadAlteredSearchPath})
	if err != nil {
		return 0, loadStatus(err)
	}
	get := c.Resolve(m, guest.Export{Name: "DllGetClassObject"})
	if get == 0 {
		return 0, 0x800401F9 // CO_E_ERRORINDLL
	}
	// The identifier of the interface, and where the object's address goes.
	at, failed := c.T.Push(append(iid[:], make([]byte, 16)...))
	if failed != nil {
		c.Fail(failed)
		return 0, win.ResultFail
	}
	status := win.Status(c.T.CallOver(48, get, uint64(rclsid), at, at+16))
	object := win.Ptr(c.ReadUint(win.Ptr(at+16), 8))
	if status == win.ResultOK && object == 0 {
		status = win.ResultFail
	}
	return object, status
}

// loadStatus is why a server could not be loaded.
func loadStatus(err error) win.Status {
	var load *guest.LoadError
	if errors.As(err, &load) && load.Status != guest.StatusDLLNotFound {
		return win.ErrBadExeFormat.Result()
	}
	return win.ErrModNotFound.Result()
}

// https://learn.microsoft.com/windows/win32/api/combaseapi/nf-combaseapi-coregisterclassobject
func coRegisterClassObject(c *win.Call, rclsid, pUnk win.Ptr, dwClsContext, flags win.Hex, lpdwRegister win.Out[uint32]) (win.Status, win.Error) {
	const most = 1000
	list := registrations(c)
	class := c.ReadGUID(rclsid)
	switch {
	case lpdwRegister.Null() || pUnk == 0:
		return win.ResultInvalidArg, 0
	case !initialized(c):
		return notInitialized, 0
	case len(*list) >= most:
		return win.ResultOutOfMemory, 0
	}
	c.Method(pUnk, addRefMethod)
	r := registration{class, pUnk, uint32(len(*list) + 1)}
	*list = append(*list, r)
	lpdwRegister.Set(c, r.cookie)
	return win.ResultOK, 0
}

// https://learn.microsoft.com/windows/win32/api/combaseapi/nf-combaseapi-corevokeclassobject
func coRevokeClassObject(c *win.Call, dwRegister win.DWORD) (win.Status, win.Error) {
	list := registrations(c)
	for i, r := range *list {
		if r.cookie == uint32(dwRegister) && r.object != 0 {
			(*list)[i].object, (*list)[i].class = 0, win.GUID{}
			c.Method(r.object, releaseMethod)
			return win.ResultOK, 0
		}
	}
	return win.ResultInvalidArg, 0
}
