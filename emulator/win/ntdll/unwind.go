package ntdll

import (
	"errors"

	"sidetrace/emulator/guest"
	"sidetrace/emulator/win"
)

var unwindRows = win.Rows{
	win.Func3("RtlAddFunctionTable", rtlAddFunctionTable, "FunctionTable EntryCount BaseAddress"),
	win.Func6("RtlAddGrowableFunctionTable", rtlAddGrowableFunctionTable, "DynamicTable FunctionTable EntryCount MaximumEntryCount RangeBase RangeEnd"),
	win.Func4("RtlCaptureStackBackTrace", rtlCaptureStackBackTrace, "FramesToSkip FramesToCapture BackTrace BackTraceHash"),
	win.Func1("RtlDeleteFunctionTable", rtlDeleteFunctionTable, "FunctionTable"),
	win.Func1("RtlDeleteGrowableFunctionTable", rtlDeleteGrowableFunctionTable, "DynamicTable"),
	win.Func2("RtlGrowFunctionTable", rtlGrowFunctionTable, "DynamicTable NewEntryCount"),
	win.Partial(win.Func6("RtlInstallFunctionTableCallback", rtlInstallFunctionTableCallback, "TableIdentifier BaseAddress Length Callback Context OutOfProcessCallbackDll"), "the DLL for debuggers is not loaded"),
	win.Func3("RtlLookupFunctionEntry", rtlLookupFunctionEntry, "ControlPc ImageBase HistoryTable"),
	win.Func3("RtlLookupFunctionTable", rtlLookupFunctionTable, "ControlPc ImageBase Length"),
	win.Func4("RtlUnwind", rtlUnwind, "TargetFrame TargetIp ExceptionRecord ReturnValue"),
	win.Func6("RtlUnwindEx", rtlUnwindEx, "TargetFrame TargetIp ExceptionRecord ReturnValue ContextRecord HistoryTable"),
	win.Func8("RtlVirtualUnwind", rtlVirtualUnwind, "HandlerType ImageBase ControlPc FunctionEntry ContextRecord HandlerData EstablisherFrame ContextPointers"),
	win.Func3("RtlWalkFrameChain", rtlWalkFrameChain, "Callers Count Flags"),
}

// rtlLookupFunctionEntry finds the RUNTIME_FUNCTION of an address. The history
// table, a cache, is not used.
//
// https://learn.microsoft.com/windows/win32/api/winnt/nf-winnt-rtllookupfunctionentry
func rtlLookupFunctionEntry(c *win.Call, ControlPc win.Ptr, ImageBase win.Out[uint64], HistoryTable win.Ptr) (win.Ptr, win.Error) {
	e, ok := c.T.LookupFunction(uint64(ControlPc))
	if !ok {
		return 0, 0
	}
	ImageBase.Set(c, e.Base)
	return win.Ptr(e.At), 0
}

// rtlLookupFunctionTable finds the table of the image at an address.
func rtlLookupFunctionTable(c *win.Call, ControlPc win.Ptr, ImageBase win.Out[uint64], Length win.Out[uint32]) (win.Ptr, win.Error) {
	base, table, n := c.ImageFunctions(uint64(ControlPc))
	if n == 0 {
		return 0, 0
	}
	ImageBase.Set(c, base)
	Length.Set(c, n*functionSize)
	return win.Ptr(table), 0
}

const functionSize = 12 // RUNTIME_FUNCTION

// rtlVirtualUnwind undoes a frame in a CONTEXT and returns the function's
// language handler, if it has one of the type asked for.
//
// https://learn.microsoft.com/windows/win32/api/winnt/nf-winnt-rtlvirtualunwind
func rtlVirtualUnwind(c *win.Call, HandlerType win.DWORD, ImageBase, ControlPc, FunctionEntry, ContextRecord win.Ptr, HandlerData, EstablisherFrame win.Out[uint64], ContextPointers win.Ptr) (win.Ptr, win.Error) {
	b := c.Buffer(ContextRecord, guest.ContextSize)
	if b == nil {
		return 0, 0
	}
	var at guest.Context
	at.LoadUnwind(b)
	f, err := c.VirtualUnwind(int(HandlerType), uint64(ImageBase), uint64(ControlPc), uint64(FunctionEntry), &at)
	if err != nil {
		unreadable(c, err)
		return 0, 0
	}
	at.StoreUnwind(b)
	HandlerData.Set(c, f.HandlerData)
	EstablisherFrame.Set(c, f.Establisher)
	if ContextPointers != 0 {
		for i := range 16 {
			if f.Saved.XMM[i] != 0 {
				c.WriteUint(ContextPointers+win.Ptr(8*i), 8, f.Saved.XMM[i])
			}
			if f.Saved.GPR[i] != 0 {
				c.WriteUint(ContextPointers+win.Ptr(128+8*i), 8, f.Saved.GPR[i])
			}
		}
	}
	return win.Ptr(f.Handler), 0
}

// rtlUnwindEx ends the frames up to a target, whose handlers are told, and goes
// on there. Without a target all frames end.
//
// https://learn.microsoft.com/windows/win32/api/winnt/nf-winnt-rtlunwindex
func rtlUnwindEx(c *win.Call, TargetFrame, TargetIp, ExceptionRecord, ReturnValue, ContextRecord, HistoryTable win.Ptr) (win.Void, win.Error) {
	c.T.Unwind(uint64(TargetFrame), uint64(TargetIp), uint64(ExceptionRecord), uint64(ReturnValue))
	return win.Void{}, 0
}

// rtlUnwind is RtlUnwindEx with a context of its own.
//
// https://learn.microsoft.com/windows/win32/api/winnt/nf-winnt-rtlunwind
func rtlUnwind(c *win.Call, TargetFrame, TargetIp, ExceptionRecord, ReturnValue win.Ptr) (win.Void, win.Error) {
	return rtlUnwindEx(c, TargetFrame, TargetIp, ExceptionRecord, ReturnValue, 0, 0)
}

// rtlAddFunctionTable announces the functions of generated code.
//
// https://learn.microsoft.com/windows/win32/api/winnt/nf-winnt-rtladdfunctiontable
func rtlAddFunctionTable(c *win.Call, FunctionTable win.Ptr, EntryCount win.DWORD, BaseAddress win.Size) (win.BYTE, win.Error) {
	f := guest.FunctionTable{ID: uint64(FunctionTable), Base: uint64(BaseAddress), Table: uint64(FunctionTable), Count: uint32(EntryCount)}
	var err error
	if f.Start, f.End, err = c.Covered(f.Base, f.Table, f.Count); err != nil {
		c.Fail(err)
		return 0, 0
	}
	return added(c, f), 0
}

// unreadable raises what reading bad unwind data does.
func unreadable(c *win.Call, err error) {
	var access *guest.AccessError
	if errors.As(err, &access) {
		c.Fail(err)
		return
	}
	c.T.RaiseCode(guest.StatusBadFunctionTable)
}

func added(c *win.Call, f guest.FunctionTable) win.BYTE {
	if c.AddFunctionTable(f) {
		return 1
	}
	return 0
}

// rtlDeleteFunctionTable takes a table back, or what a callback gives.
//
// https://learn.microsoft.com/windows/win32/api/winnt/nf-winnt-rtldeletefunctiontable
func rtlDeleteFunctionTable(c *win.Call, FunctionTable win.Ptr) (win.BYTE, win.Error) {
	if c.DeleteFunctionTable(uint64(FunctionTable)) {
		return 1, 0
	}
	return 0, 0
}

// rtlInstallFunctionTableCallback announces code whose functions a callback
// tells of. The identifier has its two low bits set.
//
// https://learn.microsoft.com/windows/win32/api/winnt/nf-winnt-rtlinstallfunctiontablecallback
func rtlInstallFunctionTableCallback(c *win.Call, TableIdentifier, BaseAddress win.Size, Length win.DWORD, Callback, Context win.Ptr, OutOfProcessCallbackDll win.WStr) (win.BYTE, win.Error) {
	if TableIdentifier&3 != 3 || Length >= 1<<31 {
		return 0, 0
	}
	return added(c, guest.FunctionTable{
		ID: uint64(TableIdentifier), Base: uint64(BaseAddress), Start: uint64(BaseAddress), End: uint64(BaseAddress) + uint64(Length),
		Callback: uint64(Callback), Context: uint64(Context),
	}), 0
}

// rtlAddGrowableFunctionTable announces a table that may get more entries.
//
// https://learn.microsoft.com/windows/win32/api/winnt/nf-winnt-rtladdgrowablefunctiontable
func rtlAddGrowableFunctionTable(c *win.Call, DynamicTable win.Out[uint64], FunctionTable win.Ptr, EntryCount, MaximumEntryCount win.DWORD, RangeBase, RangeEnd win.Size) (win.Status, win.Error) {
	if EntryCount > MaximumEntryCount || RangeBase >= RangeEnd {
		return win.StatusInvalidParameter, 0
	}
	id := c.Heap.Alloc(0x60)
	f := guest.FunctionTable{ID: id, Base: uint64(RangeBase), Start: uint64(RangeBase), End: uint64(RangeEnd), Table: uint64(FunctionTable), Count: uint32(EntryCount)}
	if id == 0 || added(c, f) == 0 {
		return win.StatusNoMemory, 0
	}
	DynamicTable.Set(c, id)
	return 0, 0
}

// rtlGrowFunctionTable says how many entries such a table has now.
//
// https://learn.microsoft.com/windows/win32/api/winnt/nf-winnt-rtlgrowfunctiontable
func rtlGrowFunctionTable(c *win.Call, DynamicTable win.Ptr, NewEntryCount win.DWORD) (win.Void, win.Error) {
	if f := c.FunctionTable(uint64(DynamicTable)); f != nil {
		f.Count = uint32(NewEntryCount)
	}
	return win.Void{}, 0
}

// rtlDeleteGrowableFunctionTable takes one back.
//
// https://learn.microsoft.com/windows/win32/api/winnt/nf-winnt-rtldeletegrowablefunctiontable
func rtlDeleteGrowableFunctionTable(c *win.Call, DynamicTable win.Ptr) (win.Void, win.Error) {
	if c.DeleteFunctionTable(uint64(DynamicTable)) {
		c.Heap.Free(uint64(DynamicTable))
	}
	return win.Void{}, 0
}

// rtlCaptureStackBackTrace stores the return addresses on the stack, that into
// the caller first, and their sum as a hash.
//
// https://learn.microsoft.com/windows/win32/api/winnt/nf-winnt-rtlcapturestackbacktrace
func rtlCaptureStackBackTrace(c *win.Call, FramesToSkip, FramesToCapture win.DWORD, BackTrace win.Ptr, BackTraceHash win.Out[uint32]) (win.WORD, win.Error) {
	hash := uint64(0)
	list := c.T.BackTrace(int(FramesToSkip), int(min(FramesToCapture, 1<<16-1)))
	for i, pc := range list {
		c.WriteUint(BackTrace+win.Ptr(8*i), 8, pc)
		hash += pc
	}
	if BackTraceHash.Addr != 0 {
		BackTraceHash.Set(c, uint32(hash))
	}
	return win.WORD(len(list)), 0
}

// rtlWalkFrameChain is RtlCaptureStackBackTrace without its trimmings.
func rtlWalkFrameChain(c *win.Call, Callers win.Ptr, Count win.DWORD, Flags win.Hex) (win.DWORD, win.Error) {
	const skipShift = 8
	list := c.T.BackTrace(int(Flags>>skipShift), int(min(Count, 1<<16-1)))
	for i, pc := range list {
		c.WriteUint(Callers+win.Ptr(8*i), 8, pc)
	}
	return win.DWORD(len(list)), 0
}
