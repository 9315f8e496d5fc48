package ws2_32_test

import (
	"testing"

	"sidetrace/emulator/guest"
	"sidetrace/emulator/win"
	"sidetrace/emulator/win/wintest"
	"sidetrace/emulator/win/ws2_32"
)

func TestHostileArguments(t *testing.T) {
	config := guest.Config{Web: []guest.WebAnswer{{URL: "http://c2.test/x", Body: []byte("x")}}}
	wintest.Monkey(t, config, 10, append(ws2_32.Tables(), win.DLL("user32.dll", win.Stub("PostMessageW", win.Bool(true), "")))...)
}
