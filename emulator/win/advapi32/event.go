package advapi32

import "sidetrace/emulator/win"

// Event tracing: no session ever enables a provider, so writing goes nowhere.
var eventRows = win.Rows{
	win.Stub("EventActivityIdControl", win.DWORD(0), "ControlCode ActivityId"),
	win.Stub("EventEnabled", win.Bool(false), "RegHandle EventDescriptor"),
	win.Stub("EventProviderEnabled", win.Bool(false), "RegHandle Level Keyword"),
	win.Func4("EventRegister", eventRegister, "ProviderId EnableCallback CallbackContext RegHandle"),
	win.Stub("EventSetInformation", win.DWORD(0), "RegHandle InformationClass EventInformation InformationLength"),
	win.Stub("EventUnregister", win.DWORD(0), "RegHandle"),
	win.Stub("EventWrite", win.DWORD(0), "RegHandle EventDescriptor UserDataCount UserData"),
	win.Stub("EventWriteEx", win.DWORD(0), "RegHandle EventDescriptor Filter Flags ActivityId RelatedActivityId UserDataCount UserData"),
	win.Stub("EventWriteString", win.DWORD(0), "RegHandle Level Keyword String"),
	win.Stub("EventWriteTransfer", win.DWORD(0), "RegHandle EventDescriptor ActivityId RelatedActivityId UserDataCount UserData"),
}

// eventRegister registers a provider. Its callback is never called: nobody
// enables it.
//
// https://learn.microsoft.com/windows/win32/api/evntprov/nf-evntprov-eventregister
func eventRegister(c *win.Call, ProviderId, EnableCallback, CallbackContext win.Ptr, RegHandle win.Out[uint64]) (win.DWORD, win.Error) {
	if ProviderId == 0 || RegHandle.Null() {
		return win.DWORD(win.ErrInvalidParameter), 0
	}
	const handle = 0x0001_0000_0001 // any but 0
	RegHandle.Set(c, handle)
	return 0, 0
}
