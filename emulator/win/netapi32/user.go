package netapi32

import (
	"fmt"
	"strings"

	"sidetrace/emulator/win"
)

var userRows = win.Rows{
	win.Partial(win.Func8("NetLocalGroupGetMembers", netLocalGroupGetMembers, "servername localgroupname level bufptr prefmaxlen entriesread totalentries resumehandle"), "level 3; the administrators and the users"),
	win.Partial(win.Func8("NetUserEnum", netUserEnum, "servername level filter bufptr prefmaxlen entriesread totalentries resume_handle"), "level 0"),
	win.Partial(win.Func4("NetUserGetInfo", netUserGetInfo, "servername username level bufptr"), "levels 0, 1 and 10"),
}

// account is a user of the machine.
type account struct {
	name, comment string
	disabled      bool
	admin         bool
}

func accounts(c *win.Call) []account {
	return []account{
		{"Administrator", "Built-in account for administering the computer/domain", true, true},
		{"DefaultAccount", "A user account managed by the system.", true, false},
		{"Guest", "Built-in account for guest access to the computer/domain", true, false},
		{c.Config.User, "", false, false},
		{"WDAGUtilityAccount", "A user account managed and used by the system for Windows Defender Application Guard scenarios.", true, false},
	}
}

// netUserGetInfo tells about a user.
//
// https://learn.microsoft.com/windows/win32/api/lmaccess/nf-lmaccess-netusergetinfo
func netUserGetInfo(c *win.Call, servername, username win.WStr, level win.DWORD, bufptr win.Out[uint64]) (win.LSTATUS, win.Error) {
	const plain, basic, names = 0, 1, 10
	switch {
	case bufptr.Null():
		return invalidBuffer, 0
	case !local(c, servername):
		return elsewhere(c, servername), 0
	}
	size, ok := map[win.DWORD]int{plain: 8, basic: 56, names: 32}[level]
	if !ok {
		c.Gap(fmt.Sprintf("level %d", level))
		return invalidLevel, 0
	}
	for _, a := range accounts(c) {
		if strings.EqualFold(a.name, username.Text) {
			return lay(c, size, bufptr, func(b *win.Block) { a.lay(b, level) }), 0
		}
	}
	return notFound, 0
}

func (a *account) lay(b *win.Block, level win.DWORD) {
	const (
		basic, names                      = 1, 10
		privilege, home, comment          = 20, 24, 32
		flags, script                     = 40, 48
		privilegeUser, privilegeAdmin     = 1, 2
		scripted, disabled, normalAccount = 0x1, 0x2, 0x200
	)
	b.Put(0, 8, text(b, a.name))
	switch level {
	case names:
		b.Put(8, 8, text(b, a.comment))
		b.Put(16, 8, text(b, ""))
		b.Put(24, 8, text(b, ""))
	case basic:
		b.Put(privilege, 4, privilegeUser)
		if a.admin {
			b.Put(privilege, 4, privilegeAdmin)
		}
		b.Put(home, 8, text(b, ""))
		b.Put(comment, 8, text(b, a.comment))
		state := uint64(scripted | normalAccount)
		if a.disabled {
			state |= disabled
		}
		b.Put(flags, 4, state)
		b.Put(script, 8, text(b, ""))
	}
}

// netUserEnum lists the users.
//
// https://learn.microsoft.com/windows/win32/api/lmaccess/nf-lmaccess-netuserenum
func netUserEnum(c *win.Call, servername win.WStr, level win.DWORD, filter win.Hex, bufptr win.Out[uint64], prefmaxlen win.DWORD, entriesread, totalentries, resume_handle win.Out[uint32]) (win.LSTATUS, win.Error) {
	switch {
	case bufptr.Null() || entriesread.Null() || totalentries.Null():
		return invalidBuffer, 0
	case !local(c, servername):
		return elsewhere(c, servername), 0
	case level != 0:
		c.Gap(fmt.Sprintf("level %d", level))
		return invalidLevel, 0
	}
	list := accounts(c)
	r := lay(c, 8*len(list), bufptr, func(b *win.Block) {
		for i, a := range list {
			b.Put(8*i, 8, text(b, a.name))
		}
	})
	if r == 0 {
		entriesread.Set(c, uint32(len(list)))
		totalentries.Set(c, uint32(len(list)))
	}
	return r, 0
}

// netLocalGroupGetMembers lists the members of a group.
//
// https://learn.microsoft.com/windows/win32/api/lmaccess/nf-lmaccess-netlocalgroupgetmembers
func netLocalGroupGetMembers(c *win.Call, servername, localgroupname win.WStr, level win.DWORD, bufptr win.Out[uint64], prefmaxlen win.DWORD, entriesread, totalentries win.Out[uint32], resumehandle win.Ptr) (win.LSTATUS, win.Error) {
	switch {
	case bufptr.Null() || entriesread.Null() || totalentries.Null():
		return invalidBuffer, 0
	case !local(c, servername):
		return elsewhere(c, servername), 0
	case level != 3:
		c.Gap(fmt.Sprintf("level %d", level))
		return invalidLevel, 0
	}
	var members []string
	switch strings.ToLower(localgroupname.Text) {
	case "administrators":
		members = []string{"Administrator"}
	case "users":
		members = []string{c.Config.User}
	default:
		return groupNotFound, 0
	}
	r := lay(c, 8*len(members), bufptr, func(b *win.Block) {
		for i, m := range members {
			b.Put(8*i, 8, text(b, c.Config.Computer+`\`+m))
		}
	})
	if r == 0 {
		entriesread.Set(c, uint32(len(members)))
		totalentries.Set(c, uint32(len(members)))
	}
	return r, 0
}
