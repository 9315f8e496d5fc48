package dnsapi_test

import (
	"testing"

	"sidetrace/emulator/guest"
	"sidetrace/emulator/win/dnsapi"
	"sidetrace/emulator/win/wintest"
)

func TestHostileArguments(t *testing.T) {
	config := guest.Config{Web: []guest.WebAnswer{{URL: "http://c2.test/x", Body: []byte("x")}}}
	wintest.Monkey(t, config, 20, dnsapi.Table())
}
