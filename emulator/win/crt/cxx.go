package crt

import "sidetrace/emulator/win"

func cxxFrameHandler(c *win.Call, ExceptionRecord, EstablisherFrame, ContextRecord, DispatcherContext win.Ptr) (win.Int, win.Error) {
	c.Gap("exception handlers")
	return exceptionContinueSearch, 0
}
