// Package netapi32 has handlers of netapi32.dll that tell about the machine,
// its workgroup and its users. There is no domain and no other machine.
package netapi32

import (
	"strings"

	"sidetrace/emulator/guest"
	"sidetrace/emulator/win"
)

// Table returns netapi32.dll.
func Table() win.Table { return win.DLL("netapi32.dll", bufferRows, machineRows, userRows) }

var bufferRows = win.Rows{
	win.Func2("NetApiBufferAllocate", netAPIBufferAllocate, "ByteCount Buffer"),
	win.Func1("NetApiBufferFree", netAPIBufferFree, "Buffer"),
}

// Results, NET_API_STATUS.
const (
	badNetPath     win.LSTATUS = 53
	invalidLevel   win.LSTATUS = 124
	noSuchDomain   win.LSTATUS = 1355
	notFound       win.LSTATUS = 2221 // NERR_UserNotFound
	groupNotFound  win.LSTATUS = 1376 // ERROR_NO_SUCH_ALIAS
	noController   win.LSTATUS = 2453 // NERR_DCNotFound
	invalidBuffer  win.LSTATUS = 87
	outOfMemory    win.LSTATUS = 8
	workgroup                  = "WORKGROUP"
	platformNT                 = 500
	workgroupState             = 2 // NetSetupWorkgroupName
)

// netAPIBufferAllocate gives memory that NetApiBufferFree takes back.
//
// https://learn.microsoft.com/windows/win32/api/lmapibuf/nf-lmapibuf-netapibufferallocate
func netAPIBufferAllocate(c *win.Call, ByteCount win.DWORD, Buffer win.Out[uint64]) (win.LSTATUS, win.Error) {
	if Buffer.Null() {
		return invalidBuffer, 0
	}
	at := c.Heap.Alloc(uint64(ByteCount))
	if at == 0 {
		return outOfMemory, 0
	}
	Buffer.Set(c, at)
	return 0, 0
}

func netAPIBufferFree(c *win.Call, Buffer win.Ptr) (win.LSTATUS, win.Error) {
	if Buffer != 0 {
		c.Heap.Free(uint64(Buffer))
	}
	return 0, 0
}

// local reports whether a server is the machine itself.
func local(c *win.Call, server win.WStr) bool {
	name := strings.TrimPrefix(server.Text, `\\`)
	return name == "" || name == "." || strings.EqualFold(name, "localhost") || strings.EqualFold(name, c.Config.Computer)
}

// lay allocates a buffer of the guest's and fills it with a structure of size
// bytes and what fill adds to it.
func lay(c *win.Call, size int, to win.Out[uint64], fill func(b *win.Block)) win.LSTATUS {
	const most = 4096
	at := c.Heap.Alloc(most)
	if at == 0 {
		return outOfMemory
	}
	b := win.NewBlock(win.Ptr(at), size)
	fill(b)
	if len(b.Data) > most {
		c.Heap.Free(at)
		return outOfMemory
	}
	c.Write(b.Base, b.Data)
	to.Set(c, at)
	return 0
}

// text adds a string and returns its address.
func text(b *win.Block, s string) uint64 { return b.Add(guest.UTF16(s)) }
