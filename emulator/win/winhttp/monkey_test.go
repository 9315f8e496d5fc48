package winhttp_test

import (
	"testing"

	"sidetrace/emulator/guest"
	"sidetrace/emulator/win/winhttp"
	"sidetrace/emulator/win/wintest"
)

func TestHostileArguments(t *testing.T) {
	wintest.Monkey(t, guest.Config{Web: []guest.WebAnswer{{URL: "http://c2.test/x", Body: []byte("body")}}}, 20, winhttp.Table())
}
