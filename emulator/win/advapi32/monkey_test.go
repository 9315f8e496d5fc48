package advapi32_test

import (
	"testing"

	"sidetrace/emulator/guest"
	"sidetrace/emulator/win"
	"sidetrace/emulator/win/advapi32"
	"sidetrace/emulator/win/wintest"
)

func TestHostileArguments(t *testing.T) {
	wintest.Monkey(t, guest.Config{}, 20, advapi32.Table(), win.DLL("ntdll.dll", advapi32.KeyServices()))
}
