package ntdll_test

import (
	"testing"

	"sidetrace/emulator/guest"
	"sidetrace/emulator/win/ntdll"
	"sidetrace/emulator/win/wintest"
)

func TestMonkey(t *testing.T) {
	wintest.Monkey(t, guest.Config{}, 4, ntdll.Table())
}
