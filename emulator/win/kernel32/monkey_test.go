package kernel32_test

import (
	"testing"

	"sidetrace/emulator/guest"
	"sidetrace/emulator/win/kernel32"
	"sidetrace/emulator/win/ntdll"
	"sidetrace/emulator/win/wintest"
)

func TestMonkey(t *testing.T) {
	wintest.Monkey(t, guest.Config{}, 3, append(kernel32.Tables()[:1], ntdll.Table(kernel32.FileServices()))...)
}
