package user32

import (
	"slices"
	"strings"
	"time"

	"sidetrace/emulator/guest"
	"sidetrace/emulator/win"
)

// desktop is what the process has on its desktop.
type desktop struct {
	windows  []*window // in the order of creation
	classes  []*class
	queues   map[uint32]*queue // by thread
	timers   []*timer
	messages []string // registered, from registeredFirst on
	hooks    []*hook
	made     uint32 // handles made
	cursor   [2]int32
	board    clipboard
}

// window is a window, or the desktop's own.
type window struct {
	handle                                    win.Handle
	class                                     *class
	procedure                                 win.Ptr
	unicode                                   bool // the procedure's version
	text                                      string
	style                                     uint32
	exStyle                                   uint32
	id                                        uint64
	parent                                    *window // of a child; the owner of another
	instance                                  uint64
	userData                                  uint64
	extra                                     []byte
	rect                                      [4]int32 // left, top, right, bottom
	thread                                    *guest.Thread
	messageOnly, disabled, invalid, destroyed bool
}

type desktopKey struct{}

func of(c *win.Call) *desktop {
	d, ok := c.State[desktopKey{}].(*desktop)
	if !ok {
		d = &desktop{queues: map[uint32]*queue{}, cursor: [2]int32{640, 512}}
		d.classes = builtIn(c)
		c.State[desktopKey{}] = d
	}
	return d
}

// Handles of the desktop and of what hangs around on it.
const (
	desktopWindow = 0x10010
	messageParent = ^uint64(2) // HWND_MESSAGE
	broadcast     = 0xFFFF     // HWND_BROADCAST
	firstHandle   = 0x20014
	maxWindows    = 10_000 // of a process, as Windows has it by default
)

// handle makes the handle of an object of the desktop.
func (d *desktop) handle() win.Handle {
	d.made++
	return win.Handle(firstHandle + 2*uint64(d.made))
}

// find finds a window that is still there.
func (d *desktop) find(h win.Handle) *window {
	i := slices.IndexFunc(d.windows, func(w *window) bool { return w.handle == h&0xFFFFFFFF })
	if i < 0 {
		return nil
	}
	return d.windows[i]
}

// queue is a thread's message queue.
type queue struct {
	posted    []message
	sent      []*sending // by other threads
	quit      *uint64    // exit code of PostQuitMessage
	answering []*sending // being handled, the last on top
}

func (d *desktop) queue(t *guest.Thread) *queue {
	q := d.queues[t.ID]
	if q == nil {
		q = &queue{}
		d.queues[t.ID] = q
	}
	return q
}

// message is one message, as MSG has it.
type message struct {
	window         win.Handle
	number         uint32
	wParam, lParam uint64
	time           uint32
}

// sending is a message that a thread waits for the answer of.
type sending struct {
	message
	result uint64
	done   bool
	answer func(c *win.Call, result uint64) // instead of a thread that waits
}

// ticks is the time as messages have it.
func ticks(c *win.Call) uint32 { return uint32(c.Clock.SinceBoot() / time.Millisecond) }

// class is a window class.
type class struct {
	name       string
	atom       uint16
	style      uint32
	procedure  win.Ptr
	unicode    bool
	classExtra []byte
	extra      uint32
	instance   uint64
	icon       uint64
	cursor     uint64
	background uint64
	menu       uint64
	iconSmall  uint64
	system     bool
}

// builtIn are the classes every process finds.
func builtIn(c *win.Call) []*class {
	var list []*class
	for i, name := range []string{"Button", "ComboBox", "Edit", "ListBox", "MDIClient", "ScrollBar", "Static", "#32768", "#32769", "#32770", "#32771", "Message"} {
		list = append(list, &class{name: name, atom: uint16(0xC001 + i), procedure: c.Stub("user32.dll", "ControlProc"), unicode: true, extra: 40, system: true})
	}
	return list
}

// class finds a class by an atom or a name, whose case does not matter.
func (d *desktop) class(s win.Str) *class {
	i := slices.IndexFunc(d.classes, func(k *class) bool {
		if s.Addr < 0x10000 {
			return k.atom == uint16(s.Addr)
		}
		return strings.EqualFold(k.name, s.Text)
	})
	if i < 0 {
		return nil
	}
	return d.classes[i]
}
