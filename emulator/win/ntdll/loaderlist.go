package ntdll

import (
	"slices"
	"strings"

	"sidetrace/emulator/guest"
	"sidetrace/emulator/win"
)

var loaderListRows = win.Rows{
	win.Func3("LdrEnumerateLoadedModules", ldrEnumerateLoadedModules, "Flags CallbackFunction Context"),
	win.Func2("LdrFindEntryForAddress", ldrFindEntryForAddress, "Address Module"),
	win.Func2("LdrGetDllFullName", ldrGetDllFullName, "Module Name"),
	win.Func3("LdrLockLoaderLock", ldrLockLoaderLock, "Flags Result Cookie"),
	win.Partial(win.Func6("LdrQueryImageFileExecutionOptions", ldrQueryImageFileExecutionOptions, "SubKey ValueName Type Buffer BufferSize ReturnedLength"),
		"always as if there were none"),
	win.Func4("LdrRegisterDllNotification", ldrRegisterDllNotification, "Flags NotificationFunction Context Cookie"),
	win.Func6("LdrResolveDelayLoadedAPI", ldrResolveDelayLoadedAPI, "ParentModuleBase DelayloadDescriptor FailureDllHook FailureSystemHook ThunkAddress Flags"),
	win.Func2("LdrUnlockLoaderLock", ldrUnlockLoaderLock, "Flags Cookie"),
	win.Func1("LdrUnregisterDllNotification", ldrUnregisterDllNotification, "Cookie"),
	win.Hidden(win.Data(win.ModuleIndex, 16, nil)),
	win.Hidden(win.Data(win.NameTable, 32*16, nil)),
	win.Func4("RtlRbInsertNodeEx", rtlRbInsertNodeEx, "Tree Parent Right Node"),
	win.Func2("RtlRbRemoveNode", rtlRbRemoveNode, "Tree Node"),
}

// ldrEnumerateLoadedModules calls a function with the loader's entry of each
// module until it asks to stop.
func ldrEnumerateLoadedModules(c *win.Call, Flags win.Hex, CallbackFunction, Context win.Ptr) (win.Status, win.Error) {
	if Flags != 0 || CallbackFunction == 0 {
		return win.StatusInvalidParameter, 0
	}
	const room = 8
	stop := c.Heap.Alloc(room)
	if stop == 0 {
		return win.StatusNoMemory, 0
	}
	defer c.Heap.Free(stop)
	c.WriteUint(win.Ptr(stop), 1, 0)
	for _, m := range c.LoadOrder() {
		c.CallGuest(CallbackFunction, m.Entry, uint64(Context), stop)
		if c.ReadUint(win.Ptr(stop), 1) != 0 {
			break
		}
	}
	return 0, 0
}

// ldrFindEntryForAddress finds the loader's entry of the module an address
// lies in.
func ldrFindEntryForAddress(c *win.Call, Address win.Ptr, Module win.Out[uint64]) (win.Status, win.Error) {
	m := c.ModuleHolding(uint64(Address))
	if m == nil || m.Entry() == 0 {
		return statusNoMoreEntries, 0
	}
	Module.Set(c, m.Entry())
	return 0, 0
}

// rtlRbInsertNodeEx hangs a node below another of a red-black tree and balances
// it, as those do who add a module to the loader's tree. Trees with encoded
// pointers are not known.
func rtlRbInsertNodeEx(c *win.Call, Tree, Parent win.Ptr, Right win.BYTE, Node win.Ptr) (win.Void, win.Error) {
	c.InsertNode(uint64(Tree), uint64(Parent), Right != 0, uint64(Node))
	return win.Void{}, 0
}

// rtlRbRemoveNode takes a node out of a red-black tree and balances it.
func rtlRbRemoveNode(c *win.Call, Tree, Node win.Ptr) (win.Void, win.Error) {
	c.RemoveNode(uint64(Tree), uint64(Node))
	return win.Void{}, 0
}

// ldrGetDllFullName stores a module's path.
func ldrGetDllFullName(c *win.Call, Module win.Handle, Name win.Ptr) (win.Status, win.Error) {
	if Module == 0 {
		Module = win.Handle(c.ImageBase())
	}
	m := c.ModuleByBase(uint64(Module))
	if m == nil {
		return win.StatusDLLNotFound, 0
	}
	text := guest.UTF16(c.ModulePath(m))
	text = text[:len(text)-2]
	room := c.ReadUint(Name+2, 2)
	status := win.StatusSuccess
	if uint64(len(text)) > room {
		text, status = text[:room&^1], win.StatusBufferTooSmall
	}
	c.WriteUint(Name, 2, uint64(len(text)))
	c.Write(win.Ptr(c.ReadUint(Name+win.CountedBuffer, 8)), text)
	return status, 0
}

// Flags and results of the loader's lock.
const (
	lockRaise    = 1 // errors are exceptions
	lockTryOnly  = 2
	lockAcquired = 1
	lockNot      = 2
)

// ldrLockLoaderLock takes the lock under which modules are loaded. Errors are
// statuses even where the caller wants exceptions.
//
// https://learn.microsoft.com/windows/win32/devnotes/ldrlockloaderlock
func ldrLockLoaderLock(c *win.Call, Flags win.Hex, Result win.Out[uint32], Cookie win.Out[uint64]) (win.Status, win.Error) {
	if !Result.Null() {
		Result.Set(c, 0)
	}
	if !Cookie.Null() {
		Cookie.Set(c, 0)
	}
	switch {
	case Flags&^(lockRaise|lockTryOnly) != 0:
		return statusInvalidParameter1, 0
	case Cookie.Null():
		return statusInvalidParameter3, 0
	case Flags&lockTryOnly != 0 && Result.Null():
		return statusInvalidParameter2, 0
	}
	taken := c.LockLoader(c.T, Flags&lockTryOnly != 0)
	result := uint32(lockAcquired)
	if !taken {
		result = lockNot
	}
	if !Result.Null() {
		Result.Set(c, result)
	}
	if taken {
		Cookie.Set(c, loaderCookie(c))
	}
	return 0, 0
}

// loaderCookie is what proves that a thread holds the lock.
func loaderCookie(c *win.Call) uint64 { return uint64(c.T.ID&0xFFF)<<48 | 1 }

// ldrUnlockLoaderLock gives the lock back.
//
// https://learn.microsoft.com/windows/win32/devnotes/ldrunlockloaderlock
func ldrUnlockLoaderLock(c *win.Call, Flags win.Hex, Cookie win.Size) (win.Status, win.Error) {
	switch {
	case Flags&^lockRaise != 0:
		return statusInvalidParameter1, 0
	case Cookie == 0:
		return 0, 0
	case uint64(Cookie) != loaderCookie(c):
		return statusInvalidParameter2, 0
	}
	c.UnlockLoader(c.T)
	return 0, 0
}

// ldrRegisterDllNotification registers a function that hears of modules that
// come and go.
//
// https://learn.microsoft.com/windows/win32/devnotes/ldrregisterdllnotification
func ldrRegisterDllNotification(c *win.Call, Flags win.Hex, NotificationFunction, Context win.Ptr, Cookie win.Out[uint64]) (win.Status, win.Error) {
	if Flags != 0 || NotificationFunction == 0 || Cookie.Null() {
		return win.StatusInvalidParameter, 0
	}
	const most = 1024 // registrations; no program needs more
	cookie := c.Heap.Alloc(48)
	if cookie == 0 || len(c.Notifications) == most {
		return win.StatusNoMemory, 0
	}
	c.Notifications = append(c.Notifications, guest.Notification{Cookie: cookie, Function: uint64(NotificationFunction), Context: uint64(Context)})
	Cookie.Set(c, cookie)
	return 0, 0
}

// ldrUnregisterDllNotification undoes a registration.
//
// https://learn.microsoft.com/windows/win32/devnotes/ldrunregisterdllnotification
func ldrUnregisterDllNotification(c *win.Call, Cookie win.Ptr) (win.Status, win.Error) {
	i := slices.IndexFunc(c.Notifications, func(n guest.Notification) bool { return n.Cookie == uint64(Cookie) })
	if i < 0 {
		return win.StatusDLLNotFound, 0
	}
	c.Heap.Free(uint64(Cookie))
	c.Notifications = slices.Delete(c.Notifications, i, i+1)
	return 0, 0
}

// ldrQueryImageFileExecutionOptions finds no options for any program.
func ldrQueryImageFileExecutionOptions(_ *win.Call, SubKey win.UnicodeString, ValueName win.WStr, Type win.DWORD, Buffer win.Ptr, BufferSize win.DWORD, ReturnedLength win.Ptr) (win.Status, win.Error) {
	return statusObjectNameNotFound, 0
}

// Places in an IMAGE_DELAYLOAD_DESCRIPTOR.
const (
	delayName   = 4
	delayHandle = 8
	delaySlots  = 12
	delayNames  = 16
)

// ldrResolveDelayLoadedAPI loads the DLL of a delayed import, stores the
// function's address in its slot and returns it. Where that fails, the hook of
// the program is asked, and then the system's.
//
// https://learn.microsoft.com/windows/win32/devnotes/resolvedelayloadedapi
func ldrResolveDelayLoadedAPI(c *win.Call, ParentModuleBase win.Ptr, DelayloadDescriptor win.Ptr, FailureDllHook, FailureSystemHook, ThunkAddress win.Ptr, Flags win.Hex) (win.Ptr, win.Error) {
	field := func(offset win.Ptr) win.Ptr {
		return ParentModuleBase + win.Ptr(c.ReadUint(DelayloadDescriptor+offset, 4))
	}
	slots, handle, name := field(delaySlots), field(delayHandle), c.AString(field(delayName))
	index := (ThunkAddress - slots) / 8
	thunk := c.ReadUint(field(delayNames)+8*index, 8)
	if c.Faulted() {
		return 0, 0
	}
	var e guest.Export
	if thunk>>63 != 0 {
		e.Ordinal = uint32(thunk & 0xFFFF)
	} else {
		e.Name = c.AString(ParentModuleBase + win.Ptr(thunk) + 2)
	}
	m := c.ModuleByBase(c.ReadUint(handle, 8))
	if c.Faulted() {
		return 0, 0
	}
	var err error
	if m == nil {
		if m, err = c.LoadLibrary(c.T, strings.TrimRight(name, " "), guest.LoadOptions{}); err == nil {
			c.WriteUint(handle, 8, m.Base)
		}
	}
	at := uint64(0)
	if m != nil && err == nil {
		at = c.Procedure(c.T, m, e)
	}
	if at != 0 {
		c.WriteUint(ThunkAddress, 8, at)
		return win.Ptr(at), 0
	}
	return delayFailed(c, ParentModuleBase, DelayloadDescriptor, FailureDllHook, FailureSystemHook, ThunkAddress, e, field(delayName), err)
}

// delayFailed asks the hooks for a function that could not be found.
func delayFailed(c *win.Call, base, descriptor, dllHook, systemHook, thunk win.Ptr, e guest.Export, dll win.Ptr, err error) (win.Ptr, win.Error) {
	status := win.Status(guest.StatusEntryPointNotFound)
	switch {
	case err != nil:
		status = LoadStatus(err)
	case e.Name == "":
		status = guest.StatusOrdinalNotFound
	}
	lastError := Win32Error(status)
	if dllHook != 0 {
		const size = 0x48 // DELAYLOAD_INFO
		info := win.Ptr(c.Heap.Alloc(size))
		if info == 0 {
			return 0, lastError
		}
		name := win.Ptr(c.Heap.Alloc(uint64(len(e.Name) + 1)))
		c.Write(name, append([]byte(e.Name), 0))
		described, value := uint64(0), uint64(e.Ordinal)
		if e.Name != "" {
			described, value = 1, uint64(name)
		}
		for i, v := range []uint64{size, uint64(descriptor), uint64(thunk), uint64(dll), described, value, 0, 0, uint64(uint32(status))} {
			c.WriteUint(info+win.Ptr(8*i), 8, v)
		}
		at := c.CallGuest(dllHook, dliFailGetProc, uint64(info))
		c.Heap.Free(uint64(info))
		c.Heap.Free(uint64(name))
		if at != 0 {
			c.WriteUint(thunk, 8, at)
			return win.Ptr(at), 0
		}
	}
	if systemHook != 0 {
		name := uint64(e.Ordinal)
		if e.Name != "" {
			buffer := c.Heap.Alloc(uint64(len(e.Name) + 1))
			c.Write(win.Ptr(buffer), append([]byte(e.Name), 0))
			defer c.Heap.Free(buffer)
			name = buffer
		}
		return win.Ptr(c.CallGuest(systemHook, uint64(dll), name)), 0
	}
	return 0, lastError
}

const dliFailGetProc = 4 // DELAYLOAD_GPA_FAILURE
