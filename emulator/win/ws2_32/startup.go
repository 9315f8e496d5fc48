package ws2_32

import (
	"encoding/binary"
	"slices"

	"sidetrace/emulator/guest"
	"sidetrace/emulator/win"
)

var startupRows = win.Rows{
	win.Func2("gethostname", getHostName, "name namelen"),
	win.Func2("GetHostNameW", getHostNameW, "name namelen"),
	win.Func0("WSACleanup", wsaCleanup),
	win.Func0("WSAGetLastError", wsaGetLastError),
	win.Func1("WSASetLastError", wsaSetLastError, "iError"),
	win.Func2("WSAStartup", wsaStartup, "wVersionRequired lpWSAData"),
}

// wsaStartup begins the use of Windows Sockets: it stores the version that is
// used, the highest that both sides have.
//
// https://learn.microsoft.com/windows/win32/api/winsock/nf-winsock-wsastartup
func wsaStartup(c *win.Call, wVersionRequired win.WORD, lpWSAData win.Ptr) (win.LSTATUS, win.Error) {
	const (
		highest     = 0x0202
		description = 16 // offsets in WSADATA of 64-bit code
		status      = description + 257
		size        = 408
	)
	major, minor := byte(wVersionRequired), byte(wVersionRequired>>8)
	if lpWSAData == 0 {
		return win.LSTATUS(errFault), 0
	}
	if major == 0 {
		return win.LSTATUS(errVersion), 0
	}
	version := uint16(highest)
	switch {
	case major == 1:
		version = 1 | uint16(min(minor, 1))<<8
	case major == 2:
		version = 2 | uint16(min(minor, 2))<<8
	}
	data := make([]byte, size)
	binary.LittleEndian.PutUint16(data, version)
	binary.LittleEndian.PutUint16(data[2:], highest)
	if major == 1 { // later versions leave the limits to the service provider
		binary.LittleEndian.PutUint16(data[4:], 32767)
		binary.LittleEndian.PutUint16(data[6:], 65467)
	}
	copy(data[description:], "WinSock 2.0")
	copy(data[status:], "Running")
	c.Write(lpWSAData, data)
	state(c).started++
	return 0, 0
}

// wsaCleanup ends one use of Windows Sockets. Sockets that are still open are
// closed with the last one.
//
// https://learn.microsoft.com/windows/win32/api/winsock/nf-winsock-wsacleanup
func wsaCleanup(c *win.Call) (win.SockInt, win.Error) {
	if err := started(c); err != 0 {
		return result(err)
	}
	st := state(c)
	if st.started--; st.started == 0 {
		for _, s := range slices.Clone(st.open) {
			s.Closed(c)
		}
	}
	return 0, 0
}

// wsaGetLastError gives the thread's last error, which is that of all of
// Windows.
//
// https://learn.microsoft.com/windows/win32/api/winsock/nf-winsock-wsagetlasterror
func wsaGetLastError(c *win.Call) (win.Int, win.Error) { return win.Int(c.T.LastError()), 0 }

// wsaSetLastError sets the thread's last error.
//
// https://learn.microsoft.com/windows/win32/api/winsock/nf-winsock-wsasetlasterror
func wsaSetLastError(c *win.Call, iError win.Int) (win.Void, win.Error) {
	c.SetLastError(win.Error(iError))
	return win.Void{}, 0
}

// getHostName stores the machine's name.
//
// https://learn.microsoft.com/windows/win32/api/winsock/nf-winsock-gethostname
func getHostName(c *win.Call, name win.Ptr, namelen win.Int) (win.SockInt, win.Error) {
	return hostName(c, name, namelen, guest.ANSI(c.Config.Computer), 1)
}

func getHostNameW(c *win.Call, name win.Ptr, namelen win.Int) (win.SockInt, win.Error) {
	return hostName(c, name, namelen, guest.UTF16(c.Config.Computer), 2)
}

func hostName(c *win.Call, name win.Ptr, namelen win.Int, text []byte, size int) (win.SockInt, win.Error) {
	if err := started(c); err != 0 {
		return result(err)
	}
	if name == 0 || int(namelen) < len(text)/size {
		return result(errFault)
	}
	c.Write(name, text)
	return 0, 0
}
