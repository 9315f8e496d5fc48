package advapi32

import (
	"strings"

	"sidetrace/emulator/guest"
	"sidetrace/emulator/trace"
	"sidetrace/emulator/win"
)

// The service control manager has the services of a workstation. The user may
// look at them, and may not install, start or stop any. The program was not
// started as a service.

var serviceRows = win.Rows{
	win.Func1("CloseServiceHandle", closeServiceHandle, "hSCObject"),
	win.Func3("ControlService", controlService, "hService dwControl lpServiceStatus"),
	win.Func12("CreateService{A,W}", createService,
		"hSCManager lpServiceName lpDisplayName dwDesiredAccess dwServiceType dwStartType dwErrorControl lpBinaryPathName lpLoadOrderGroup lpdwTagId lpDependencies lpServiceStartName"),
	win.Func1("DeleteService", deleteService, "hService"),
	win.Func3("OpenSCManager{A,W}", openSCManager, "lpMachineName lpDatabaseName dwDesiredAccess"),
	win.Func3("OpenService{A,W}", openService, "hSCManager lpServiceName dwDesiredAccess"),
	win.Func2("QueryServiceStatus", queryServiceStatus, "hService lpServiceStatus"),
	win.Func5("QueryServiceStatusEx", queryServiceStatusEx, "hService InfoLevel lpBuffer cbBufSize pcbBytesNeeded"),
	win.Func2("RegisterServiceCtrlHandler{A,W}", registerServiceCtrlHandler, "lpServiceName lpHandlerProc"),
	win.Func3("RegisterServiceCtrlHandlerEx{A,W}", registerServiceCtrlHandlerEx, "lpServiceName lpHandlerProc lpContext"),
	win.Func2("SetServiceStatus", setServiceStatus, "hServiceStatus lpServiceStatus"),
	win.Func3("StartService{A,W}", startService, "hService dwNumServiceArgs lpServiceArgVectors"),
	win.Func1("StartServiceCtrlDispatcher{A,W}", startServiceCtrlDispatcher, "lpServiceStartTable"),
}

// Errors of the service control manager.
const (
	errServiceMissing   win.Error = 1060
	errServiceConnect   win.Error = 1063
	managerConnect                = 0x0001
	managerEnumerate              = 0x0004
	managerLook                   = managerConnect | managerEnumerate | 0x0010 | 0x20000
	serviceLook                   = 0x0001 | 0x0004 | 0x0008 | 0x0080 | 0x20000 // query, enumerate, interrogate, read
	maximumAllowed                = 0x0200_0000
	genericRead                   = 0x8000_0000
	ownProcess                    = 0x10
	sharedProcess                 = 0x20
	stopped, running              = 1, 4
	serviceStatusSize             = 28
	serviceStatusExSize           = 36
)

// service is one of the machine's services.
type service struct {
	name    string
	kind    uint32
	state   uint32
	process uint32
}

var services = []service{
	{"BITS", sharedProcess, stopped, 0},
	{"Dhcp", sharedProcess, running, 1220},
	{"Dnscache", sharedProcess, running, 1348},
	{"EventLog", sharedProcess, running, 1220},
	{"LanmanServer", sharedProcess, running, 1104},
	{"LanmanWorkstation", sharedProcess, running, 1348},
	{"RpcSs", sharedProcess, running, 916},
	{"Schedule", sharedProcess, running, 1104},
	{"Spooler", ownProcess, running, 1976},
	{"TrustedInstaller", ownProcess, stopped, 0},
	{"W32Time", sharedProcess, stopped, 0},
	{"WSearch", ownProcess, running, 2412},
	{"WinDefend", ownProcess, running, 2232},
	{"Winmgmt", sharedProcess, running, 1104},
	{"wuauserv", sharedProcess, stopped, 0},
}

// manager is an open service control manager, and openedService an open
// service. Their handles have the rights of looking alone.
type (
	manager       struct{ _ byte }
	openedService struct{ service }
)

func (*manager) Type() string       { return "SC_HANDLE" }
func (*openedService) Type() string { return "SC_HANDLE" }

// openSCManager connects to the service control manager. Rights to install
// services are an administrator's.
//
// https://learn.microsoft.com/windows/win32/api/winsvc/nf-winsvc-openscmanagerw
func openSCManager(c *win.Call, lpMachineName, lpDatabaseName win.TStr, dwDesiredAccess win.Hex) (win.Handle, win.Error) {
	const noDatabase win.Error = 1065
	name := strings.TrimPrefix(lpMachineName.Text, `\\`)
	switch {
	case name != "" && !strings.EqualFold(name, c.Config.Computer) && !strings.EqualFold(name, "localhost") && name != ".":
		return 0, 1722 // RPC_S_SERVER_UNAVAILABLE
	case lpDatabaseName.Text != "" && !strings.EqualFold(lpDatabaseName.Text, "ServicesActive"):
		return 0, noDatabase
	case dwDesiredAccess&^(managerLook|maximumAllowed|genericRead) != 0:
		return 0, win.ErrAccessDenied
	}
	return win.Handle(c.Handles.Add(&manager{})), 0
}

// openService opens a service by name.
//
// https://learn.microsoft.com/windows/win32/api/winsvc/nf-winsvc-openservicew
func openService(c *win.Call, hSCManager win.Handle, lpServiceName win.TStr, dwDesiredAccess win.Hex) (win.Handle, win.Error) {
	if _, ok := guest.Lookup[*manager](c.Handles, hSCManager.Guest()); !ok {
		return 0, win.ErrInvalidHandle
	}
	if lpServiceName.Text == "" || strings.ContainsAny(lpServiceName.Text, `\/`) {
		return 0, win.ErrInvalidName
	}
	for _, s := range services {
		if !strings.EqualFold(s.name, lpServiceName.Text) {
			continue
		}
		if dwDesiredAccess&^(serviceLook|maximumAllowed|genericRead) != 0 {
			return 0, win.ErrAccessDenied
		}
		return win.Handle(c.Handles.Add(&openedService{s})), 0
	}
	return 0, errServiceMissing
}

func serviceOf(c *win.Call, h win.Handle) (*openedService, win.Error) {
	if s, ok := guest.Lookup[*openedService](c.Handles, h.Guest()); ok {
		return s, 0
	}
	return nil, win.ErrInvalidHandle
}

// closeServiceHandle closes a service or the manager.
//
// https://learn.microsoft.com/windows/win32/api/winsvc/nf-winsvc-closeservicehandle
func closeServiceHandle(c *win.Call, hSCObject win.Handle) (win.Bool, win.Error) {
	switch c.Handles.Get(hSCObject.Guest()).(type) {
	case *manager, *openedService:
		c.Handles.Close(hSCObject.Guest())
		return true, 0
	}
	return false, win.ErrInvalidHandle
}

// createService is refused, since no handle has the right to; what was to be
// installed is recorded.
//
// https://learn.microsoft.com/windows/win32/api/winsvc/nf-winsvc-createservicew
func createService(c *win.Call, hSCManager win.Handle, lpServiceName, lpDisplayName win.TStr, dwDesiredAccess, dwServiceType win.Hex, dwStartType, dwErrorControl win.DWORD, lpBinaryPathName, lpLoadOrderGroup win.TStr, lpdwTagId, lpDependencies win.Ptr, lpServiceStartName win.TStr) (win.Handle, win.Error) {
	if _, ok := guest.Lookup[*manager](c.Handles, hSCManager.Guest()); !ok {
		return 0, win.ErrInvalidHandle
	}
	c.Emit(trace.ServiceCreate{Name: lpServiceName.Text, DisplayName: lpDisplayName.Text, Path: lpBinaryPathName.Text, StartType: startType(dwStartType), Type: serviceType(dwServiceType), Account: lpServiceStartName.Text})
	return 0, win.ErrAccessDenied
}

func startType(v win.DWORD) string {
	names := [...]string{"boot", "system", "auto", "demand", "disabled"}
	if int(v) < len(names) {
		return names[v]
	}
	return trace.Dec.Format(uint64(v))
}

func serviceType(v win.Hex) string {
	switch v &^ 0x100 { // SERVICE_INTERACTIVE_PROCESS
	case 1:
		return "kernel driver"
	case 2:
		return "file system driver"
	case ownProcess:
		return "own process"
	case sharedProcess:
		return "shared process"
	}
	return trace.Hex.Format(uint64(v))
}

// denied is for what a handle of these rights cannot do.
func denied(c *win.Call, h win.Handle) (win.Bool, win.Error) {
	if _, err := serviceOf(c, h); err != 0 {
		return false, err
	}
	return false, win.ErrAccessDenied
}

func deleteService(c *win.Call, hService win.Handle) (win.Bool, win.Error) {
	return denied(c, hService)
}

func startService(c *win.Call, hService win.Handle, dwNumServiceArgs win.DWORD, lpServiceArgVectors win.Ptr) (win.Bool, win.Error) {
	return denied(c, hService)
}

// controlService may only ask a service for its state.
//
// https://learn.microsoft.com/windows/win32/api/winsvc/nf-winsvc-controlservice
func controlService(c *win.Call, hService win.Handle, dwControl win.DWORD, lpServiceStatus win.Ptr) (win.Bool, win.Error) {
	const interrogate, notActive = 4, 1062
	s, err := serviceOf(c, hService)
	switch {
	case err != 0:
		return false, err
	case dwControl != interrogate:
		return false, win.ErrAccessDenied
	case s.state != running:
		return false, notActive
	}
	c.Write(lpServiceStatus, statusOf(s)[:serviceStatusSize])
	return true, 0
}

// statusOf lays out a SERVICE_STATUS_PROCESS, which begins with a
// SERVICE_STATUS.
func statusOf(s *openedService) []byte {
	const acceptStop, neverStarted = 1, 1077
	b := make([]byte, serviceStatusExSize)
	le.PutUint32(b, s.kind)
	le.PutUint32(b[4:], s.state)
	if s.state == running {
		le.PutUint32(b[8:], acceptStop)
	} else {
		le.PutUint32(b[12:], neverStarted)
	}
	le.PutUint32(b[28:], s.process)
	return b
}

// queryServiceStatus tells the state of a service.
//
// https://learn.microsoft.com/windows/win32/api/winsvc/nf-winsvc-queryservicestatus
func queryServiceStatus(c *win.Call, hService win.Handle, lpServiceStatus win.Ptr) (win.Bool, win.Error) {
	s, err := serviceOf(c, hService)
	if err != 0 {
		return false, err
	}
	c.Write(lpServiceStatus, statusOf(s)[:serviceStatusSize])
	return true, 0
}

// queryServiceStatusEx tells its process too.
//
// https://learn.microsoft.com/windows/win32/api/winsvc/nf-winsvc-queryservicestatusex
func queryServiceStatusEx(c *win.Call, hService win.Handle, InfoLevel win.DWORD, lpBuffer win.Ptr, cbBufSize win.DWORD, pcbBytesNeeded win.Out[uint32]) (win.Bool, win.Error) {
	const invalidLevel win.Error = 124
	s, err := serviceOf(c, hService)
	switch {
	case err != 0:
		return false, err
	case InfoLevel != 0:
		return false, invalidLevel
	}
	pcbBytesNeeded.Set(c, serviceStatusExSize)
	if cbBufSize < serviceStatusExSize {
		return false, win.ErrInsufficientBuffer
	}
	c.Write(lpBuffer, statusOf(s))
	return true, 0
}

// startServiceCtrlDispatcher fails: the program was started by a user.
//
// https://learn.microsoft.com/windows/win32/api/winsvc/nf-winsvc-startservicectrldispatcherw
func startServiceCtrlDispatcher(c *win.Call, lpServiceStartTable win.Ptr) (win.Bool, win.Error) {
	return false, errServiceConnect
}

func registerServiceCtrlHandler(c *win.Call, lpServiceName win.TStr, lpHandlerProc win.Ptr) (win.Handle, win.Error) {
	return 0, errServiceConnect
}

func registerServiceCtrlHandlerEx(c *win.Call, lpServiceName win.TStr, lpHandlerProc, lpContext win.Ptr) (win.Handle, win.Error) {
	return 0, errServiceConnect
}

func setServiceStatus(c *win.Call, hServiceStatus win.Handle, lpServiceStatus win.Ptr) (win.Bool, win.Error) {
	return false, win.ErrInvalidHandle
}
