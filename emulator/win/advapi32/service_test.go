package advapi32_test

import (
	"slices"
	"testing"

	"sidetrace/emulator/guest"
	"sidetrace/emulator/win"
	"sidetrace/emulator/win/advapi32"
	"sidetrace/emulator/win/wintest"
)

// TestServices looks at a service and fails to install one, which is recorded.
func TestServices(t *testing.T) {
	m := wintest.New(t, guest.Config{}, advapi32.Table())
	call := func(name string, args ...uint64) (uint64, win.Error) {
		result, err, _ := m.Call("advapi32.dll", name, args...)
		return result, err
	}
	const all, look = 0xF003F, 5
	if h, err := call("OpenSCManagerA", 0, 0, all); h != 0 || err != win.ErrAccessDenied {
		t.Errorf("all rights: %#x, %d", h, err)
	}
	manager, _ := call("OpenSCManagerA", 0, 0, look)
	service, _ := call("OpenServiceA", manager, m.AString("windefend"), 4)
	status := m.Alloc(36)
	if ok, err := call("QueryServiceStatusEx", service, 0, status, 36, 0); ok != 1 {
		t.Fatal(err)
	}
	if state, id := m.Uint(status+4, 4), m.Uint(status+28, 4); state != 4 || m.Other(uint32(id)) == nil || m.Other(uint32(id)).Name != "MsMpEng.exe" {
		t.Errorf("state %d, process %d", state, id)
	}
	if _, err := call("OpenServiceW", manager, m.WString("nothing"), 4); err != 1060 {
		t.Errorf("missing: %d", err)
	}
	if ok, err := call("StartServiceCtrlDispatcherA", 0); ok != 0 || err != 1063 {
		t.Errorf("dispatcher: %d, %d", ok, err)
	}
	if _, err := call("CreateServiceA", manager, m.AString("svc"), m.AString("A service"), all, 0x10, 2, 1, m.AString(`C:\svc.exe`), 0, 0, 0, 0); err != win.ErrAccessDenied {
		t.Errorf("create: %d", err)
	}
	want := []string{`service.create name=svc display_name="A service" path=C:\svc.exe start_type=auto type="own process" created=false`}
	if got := m.Behaviours("service.create"); !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	if ok, _ := call("CloseServiceHandle", manager); ok != 1 {
		t.Error("the manager does not close")
	}
}
