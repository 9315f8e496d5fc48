package urlmon_test

import (
	"testing"

	"sidetrace/emulator/guest"
	"sidetrace/emulator/win/urlmon"
	"sidetrace/emulator/win/wintest"
)

func TestHostileArguments(t *testing.T) {
	config := guest.Config{Web: []guest.WebAnswer{{URL: "http://c2.test/x", Body: []byte("x")}}}
	wintest.Monkey(t, config, 20, urlmon.Table())
}
