package kernel32

import (
	"encoding/binary"

	"sidetrace/emulator/guest"
	"sidetrace/emulator/win"
)

// CONTEXTs with room for extended processor state. CPUID says that the machine
// has none, so what asks for it fails as it does on such a machine, and the
// features are those that every processor has: x87 and SSE.
//
// https://learn.microsoft.com/windows/win32/debug/working-with-xstate-context
var xstateRows = win.Rows{
	win.Func4("InitializeContext", initializeContext, "Buffer ContextFlags Context ContextLength"),
	win.Func5("InitializeContext2", initializeContext2, "Buffer ContextFlags Context ContextLength XStateCompactionMask"),
	win.Func3("CopyContext", copyContext, "Destination ContextFlags Source"),
	win.Func0("GetEnabledXStateFeatures", getEnabledXStateFeatures),
	win.Func2("GetXStateFeaturesMask", getXStateFeaturesMask, "Context FeatureMask"),
	win.Func2("SetXStateFeaturesMask", setXStateFeaturesMask, "Context FeatureMask"),
	win.Func3("LocateXStateFeature", locateXStateFeature, "Context FeatureId Length"),
}

const (
	legacyFeatures = 3    // x87 and SSE
	contextXState  = 0x40 // beside CONTEXT_AMD64
	contextAMD64   = 0x100000
	contextFlagsAt = 0x30
	contextExSize  = 0x18
	fltSaveAt      = 0x100
	fltSaveXmmAt   = 0x1A0

	// contextRoom is what any buffer needs: it is aligned within.
	contextRoom = guest.ContextSize + contextExSize + 15
)

// initializeContext makes a CONTEXT in a buffer. What the flags leave out is
// left as it is.
//
// https://learn.microsoft.com/windows/win32/api/winbase/nf-winbase-initializecontext
func initializeContext(c *win.Call, Buffer win.Ptr, ContextFlags win.Hex, Context, ContextLength win.Ptr) (win.Bool, win.Error) {
	switch {
	case uint32(ContextFlags)&contextAMD64 == 0:
		if ContextFlags != 0 {
			c.Gap("CONTEXT of another processor")
		}
		return false, win.ErrInvalidParameter
	case ContextFlags&contextXState != 0:
		return false, win.ErrNotSupported
	}
	room := c.ReadUint(ContextLength, 4)
	c.WriteUint(ContextLength, 4, contextRoom)
	if Buffer == 0 || room < contextRoom {
		return false, win.ErrInsufficientBuffer
	}
	at := (Buffer + 15) &^ 15
	c.WriteUint(at+contextFlagsAt, 4, uint64(ContextFlags))
	var ex [contextExSize]byte // three chunks: all, the CONTEXT, the extended state
	le := binary.LittleEndian
	le.PutUint32(ex[0:], ^uint32(guest.ContextSize-1))
	le.PutUint32(ex[4:], guest.ContextSize+contextExSize)
	le.PutUint32(ex[8:], ^uint32(guest.ContextSize-1))
	le.PutUint32(ex[12:], guest.ContextSize)
	le.PutUint32(ex[16:], contextExSize)
	c.Write(at+guest.ContextSize, ex[:])
	c.WriteUint(Context, 8, uint64(at))
	return true, 0
}

// initializeContext2 is the same; there is nothing that a mask could choose.
//
// https://learn.microsoft.com/windows/win32/api/winbase/nf-winbase-initializecontext2
func initializeContext2(c *win.Call, Buffer win.Ptr, ContextFlags win.Hex, Context, ContextLength win.Ptr, XStateCompactionMask win.Size) (win.Bool, win.Error) {
	return initializeContext(c, Buffer, ContextFlags, Context, ContextLength)
}

// copyContext copies the parts that the flags name.
//
// https://learn.microsoft.com/windows/win32/api/winbase/nf-winbase-copycontext
func copyContext(c *win.Call, Destination win.Ptr, ContextFlags win.Hex, Source win.Ptr) (win.Bool, win.Error) {
	switch {
	case uint32(ContextFlags)&contextAMD64 == 0:
		return false, win.ErrInvalidParameter
	case ContextFlags&contextXState != 0:
		return false, win.ErrNotSupported
	}
	flags := uint32(c.ReadUint(Destination+contextFlagsAt, 4))
	from, to := c.Bytes(Source, guest.ContextSize), c.Bytes(Destination, guest.ContextSize)
	if from == nil || to == nil {
		return false, 0
	}
	next := append([]byte(nil), to...)
	guest.CopyParts(next, from, uint32(ContextFlags))
	binary.LittleEndian.PutUint32(next[contextFlagsAt:], flags|uint32(ContextFlags))
	c.Write(Destination, next)
	return true, 0
}

// getEnabledXStateFeatures tells which features can be in a CONTEXT.
//
// https://learn.microsoft.com/windows/win32/api/winbase/nf-winbase-getenabledxstatefeatures
func getEnabledXStateFeatures(c *win.Call) (win.Size, win.Error) { return legacyFeatures, 0 }

// getXStateFeaturesMask tells which are.
//
// https://learn.microsoft.com/windows/win32/api/winbase/nf-winbase-getxstatefeaturesmask
func getXStateFeaturesMask(c *win.Call, Context, FeatureMask win.Ptr) (win.Bool, win.Error) {
	flags := uint32(c.ReadUint(Context+contextFlagsAt, 4))
	if flags&contextAMD64 == 0 {
		return false, 0
	}
	mask := uint64(0)
	if flags&guest.ContextFloat == guest.ContextFloat {
		mask = legacyFeatures
	}
	c.WriteUint(FeatureMask, 8, mask)
	return true, 0
}

// setXStateFeaturesMask chooses some, which a CONTEXT without extended state
// does not let one do.
//
// https://learn.microsoft.com/windows/win32/api/winbase/nf-winbase-setxstatefeaturesmask
func setXStateFeaturesMask(c *win.Call, Context win.Ptr, FeatureMask win.Size) (win.Bool, win.Error) {
	return false, 0
}

// locateXStateFeature tells where in a CONTEXT a feature is.
//
// https://learn.microsoft.com/windows/win32/api/winbase/nf-winbase-locatexstatefeature
func locateXStateFeature(c *win.Call, Context win.Ptr, FeatureId win.DWORD, Length win.Ptr) (win.Ptr, win.Error) {
	if uint32(c.ReadUint(Context+contextFlagsAt, 4))&contextAMD64 == 0 {
		return 0, 0
	}
	at, size := win.Ptr(fltSaveAt), uint64(fltSaveXmmAt-fltSaveAt)
	switch FeatureId {
	case 0:
	case 1:
		at, size = fltSaveXmmAt, 16*16
	default:
		return 0, 0
	}
	if Length != 0 {
		c.WriteUint(Length, 4, size)
	}
	return Context + at, 0
}
