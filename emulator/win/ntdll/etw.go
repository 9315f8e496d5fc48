package ntdll

import "sidetrace/emulator/win"

// etwRows is event tracing (ETW). Providers register and write; no session ever
// enables one, so that no callback is called and what is written goes nowhere.
// The names of Microsoft's documentation are those of advapi32.dll, which lead
// here. Results are errors of Win32.
var etwRows = win.Rows{
	win.Func2("EtwEventActivityIdControl", etwEventActivityIdControl, "ControlCode ActivityId"),
	win.Func2("EtwEventEnabled", etwEventEnabled, "RegHandle EventDescriptor"),
	win.Func3("EtwEventProviderEnabled", etwEventProviderEnabled, "RegHandle Level Keyword"),
	win.Func4("EtwEventRegister", etwEventRegister, "ProviderId EnableCallback CallbackContext RegHandle"),
	win.Func4("EtwEventSetInformation", etwEventSetInformation, "RegHandle InformationClass EventInformation InformationLength"),
	win.Func1("EtwEventUnregister", etwEventUnregister, "RegHandle"),
	win.Func4("EtwEventWrite", etwEventWrite, "RegHandle EventDescriptor UserDataCount UserData"),
	win.Func8("EtwEventWriteEx", etwEventWriteEx, "RegHandle EventDescriptor Filter Flags ActivityId RelatedActivityId UserDataCount UserData"),
	win.Func7("EtwEventWriteFull", etwEventWriteFull, "RegHandle EventDescriptor EventProperty ActivityId RelatedActivityId UserDataCount UserData"),
	win.Func4("EtwEventWriteString", etwEventWriteString, "RegHandle Level Keyword String"),
	win.Func6("EtwEventWriteTransfer", etwEventWriteTransfer, "RegHandle EventDescriptor ActivityId RelatedActivityId UserDataCount UserData"),
	win.Func5("EtwNotificationRegister", etwNotificationRegister, "Guid Type Callback Context RegHandle"),
	win.Func2("EtwNotificationUnregister", etwNotificationUnregister, "RegHandle Context"),
}

// EventRows is event tracing in advapi32.dll and kernelbase.dll, which leads to
// ntdll.dll.
var EventRows = win.Rows{
	win.Forward("EventActivityIdControl", "ntdll.EtwEventActivityIdControl"),
	win.Forward("EventEnabled", "ntdll.EtwEventEnabled"),
	win.Forward("EventProviderEnabled", "ntdll.EtwEventProviderEnabled"),
	win.Forward("EventRegister", "ntdll.EtwEventRegister"),
	win.Forward("EventSetInformation", "ntdll.EtwEventSetInformation"),
	win.Forward("EventUnregister", "ntdll.EtwEventUnregister"),
	win.Forward("EventWrite", "ntdll.EtwEventWrite"),
	win.Forward("EventWriteEx", "ntdll.EtwEventWriteEx"),
	win.Forward("EventWriteString", "ntdll.EtwEventWriteString"),
	win.Forward("EventWriteTransfer", "ntdll.EtwEventWriteTransfer"),
}

// providers are the registrations of a process and the contexts of their
// callbacks, by handle.
type providers struct {
	contexts map[uint64]uint64
	last     uint64
}

type providersKey struct{}

const (
	maxProviders  = 4096      // alive at once
	firstProvider = 1<<48 | 1 // the upper 16 bits of a handle are not 0
)

func providersOf(c *win.Call) *providers {
	p, _ := c.State[providersKey{}].(*providers)
	if p == nil {
		p = &providers{contexts: map[uint64]uint64{}, last: firstProvider - 1}
		c.State[providersKey{}] = p
	}
	return p
}

// written is the result of writing an event: nobody listens, and neither the
// descriptor nor the data is looked at.
func written(c *win.Call, handle win.Size) win.DWORD {
	if _, ok := providersOf(c).contexts[uint64(handle)]; !ok {
		return win.DWORD(win.ErrInvalidHandle)
	}
	return 0
}

// etwEventRegister registers a provider.
//
// https://learn.microsoft.com/windows/win32/api/evntprov/nf-evntprov-eventregister
func etwEventRegister(c *win.Call, ProviderId, EnableCallback, CallbackContext win.Ptr, RegHandle win.Out[uint64]) (win.DWORD, win.Error) {
	if EnableCallback == 0 && CallbackContext != 0 {
		return win.DWORD(win.ErrInvalidParameter), 0
	}
	const event = 3 // EtwNotificationTypeEnable
	return etwNotificationRegister(c, ProviderId, event, EnableCallback, CallbackContext, RegHandle)
}

// etwNotificationRegister registers for notifications of a type, of which none
// comes.
func etwNotificationRegister(c *win.Call, Guid win.Ptr, Type win.DWORD, Callback, Context win.Ptr, RegHandle win.Out[uint64]) (win.DWORD, win.Error) {
	p := providersOf(c)
	var err win.Error
	switch {
	case Guid == 0 || RegHandle.Null():
		err = win.ErrInvalidParameter
	case len(p.contexts) >= maxProviders:
		err = win.ErrNotEnoughMemory
	}
	if err != 0 {
		c.SetLastError(err)
		return win.DWORD(err), 0
	}
	if c.Bytes(Guid, 16) == nil {
		return 0, 0
	}
	RegHandle.Set(c, p.last+1)
	if !c.Faulted() {
		p.last++
		p.contexts[p.last] = uint64(Context)
	}
	return 0, 0
}

// etwEventUnregister takes a registration back.
//
// https://learn.microsoft.com/windows/win32/api/evntprov/nf-evntprov-eventunregister
func etwEventUnregister(c *win.Call, RegHandle win.Size) (win.DWORD, win.Error) {
	return etwNotificationUnregister(c, RegHandle, win.Out[uint64]{})
}

// etwNotificationUnregister does the same and gives the callback's context.
func etwNotificationUnregister(c *win.Call, RegHandle win.Size, Context win.Out[uint64]) (win.DWORD, win.Error) {
	p := providersOf(c)
	context, ok := p.contexts[uint64(RegHandle)]
	if !ok {
		return win.DWORD(win.ErrInvalidHandle), 0
	}
	if !Context.Null() {
		Context.Set(c, context)
	}
	if !c.Faulted() {
		delete(p.contexts, uint64(RegHandle))
	}
	return 0, 0
}

// etwEventSetInformation takes note of nothing, since nobody would look at it.
//
// https://learn.microsoft.com/windows/win32/api/evntprov/nf-evntprov-eventsetinformation
func etwEventSetInformation(c *win.Call, RegHandle win.Size, InformationClass win.DWORD, EventInformation win.Ptr, InformationLength win.DWORD) (win.DWORD, win.Error) {
	return written(c, RegHandle), 0
}

// https://learn.microsoft.com/windows/win32/api/evntprov/nf-evntprov-eventenabled
func etwEventEnabled(c *win.Call, RegHandle win.Size, EventDescriptor win.Ptr) (win.BYTE, win.Error) {
	return 0, 0
}

// https://learn.microsoft.com/windows/win32/api/evntprov/nf-evntprov-eventproviderenabled
func etwEventProviderEnabled(c *win.Call, RegHandle win.Size, Level win.BYTE, Keyword win.Size) (win.BYTE, win.Error) {
	return 0, 0
}

// etwEventWrite writes an event.
//
// https://learn.microsoft.com/windows/win32/api/evntprov/nf-evntprov-eventwrite
func etwEventWrite(c *win.Call, RegHandle win.Size, EventDescriptor win.Ptr, UserDataCount win.DWORD, UserData win.Ptr) (win.DWORD, win.Error) {
	return written(c, RegHandle), 0
}

// https://learn.microsoft.com/windows/win32/api/evntprov/nf-evntprov-eventwriteex
func etwEventWriteEx(c *win.Call, RegHandle win.Size, EventDescriptor win.Ptr, Filter win.Size, Flags win.Hex, ActivityId, RelatedActivityId win.Ptr, UserDataCount win.DWORD, UserData win.Ptr) (win.DWORD, win.Error) {
	return written(c, RegHandle), 0
}

// etwEventWriteFull is what the others come to, in later editions of Windows.
func etwEventWriteFull(c *win.Call, RegHandle win.Size, EventDescriptor win.Ptr, EventProperty win.DWORD, ActivityId, RelatedActivityId win.Ptr, UserDataCount win.DWORD, UserData win.Ptr) (win.DWORD, win.Error) {
	return written(c, RegHandle), 0
}

// https://learn.microsoft.com/windows/win32/api/evntprov/nf-evntprov-eventwritestring
func etwEventWriteString(c *win.Call, RegHandle win.Size, Level win.BYTE, Keyword win.Size, String win.WStr) (win.DWORD, win.Error) {
	return written(c, RegHandle), 0
}

// https://learn.microsoft.com/windows/win32/api/evntprov/nf-evntprov-eventwritetransfer
func etwEventWriteTransfer(c *win.Call, RegHandle win.Size, EventDescriptor, ActivityId, RelatedActivityId win.Ptr, UserDataCount win.DWORD, UserData win.Ptr) (win.DWORD, win.Error) {
	return written(c, RegHandle), 0
}

// Control codes of activity identifiers.
const (
	activityGet       = 1
	activitySet       = 2
	activityCreate    = 3
	activityGetSet    = 4
	activityCreateSet = 5

	tebActivityID = 0x1710
)

// etwEventActivityIdControl reads, sets or makes the identifier that events of
// the thread carry. It lies in the TEB.
//
// https://learn.microsoft.com/windows/win32/api/evntprov/nf-evntprov-eventactivityidcontrol
func etwEventActivityIdControl(c *win.Call, ControlCode win.DWORD, ActivityId win.Ptr) (win.DWORD, win.Error) {
	current := win.Ptr(c.T.TEB + tebActivityID)
	var given, made []byte
	switch ControlCode {
	case activityGet, activityGetSet, activitySet, activityCreateSet:
		made = append(made, c.Bytes(current, 16)...)
	case activityCreate:
	default:
		return win.DWORD(win.ErrInvalidParameter), 0
	}
	if ActivityId == 0 {
		return win.DWORD(win.ErrInvalidParameter), 0
	}
	if ControlCode == activitySet || ControlCode == activityGetSet {
		if given = append(given, c.Bytes(ActivityId, 16)...); c.Faulted() {
			return 0, 0
		}
	}
	fresh := le.AppendUint64(le.AppendUint64(nil, c.Random.Uint64()), c.Random.Uint64())
	switch ControlCode {
	case activityCreate:
		made = fresh
	case activityCreateSet:
		given = fresh
	}
	if ControlCode != activitySet {
		c.Write(ActivityId, made)
	}
	if given != nil && !c.Faulted() {
		c.Write(current, given)
	}
	return 0, 0
}
