package crypt32_test

import (
	"testing"

	"sidetrace/emulator/guest"
	"sidetrace/emulator/win"
	"sidetrace/emulator/win/crypt32"
	"sidetrace/emulator/win/wintest"
)

func TestHostileArguments(t *testing.T) {
	wintest.Monkey(t, guest.Config{}, 20, crypt32.Table(), win.DLL("advapi32.dll", win.Stub("CryptImportKey", win.Bool(false), "")))
}
