package cpu

/*
#include "engine.h"
*/
import "C"

// Context holds a copy of all registers: general-purpose, RIP, flags, GS and FS
// base, YMM, MXCSR and x87. It belongs to the CPU that made it.
type Context struct {
	c     *C.uc_context
	ip    C.uint64_t
	upper [16][16]C.uint8_t
}

// NewContext allocates a context with the CPU's present registers.
func (c *CPU) NewContext() (*Context, error) {
	ctx := new(Context)
	if code := C.uc_context_alloc(c.e.uc, &ctx.c); code != C.UC_ERR_OK {
		return nil, &Error{Op: "context", Code: int(code)}
	}
	if err := c.Save(ctx); err != nil {
		ctx.Free()
		return nil, err
	}
	return ctx, nil
}

// Save copies the registers into ctx.
func (c *CPU) Save(ctx *Context) error {
	if code := C.st_save(c.e, ctx.c); code != C.UC_ERR_OK {
		return &Error{Op: "context", Code: int(code)}
	}
	ctx.ip, ctx.upper = c.e.ip, c.e.upper
	return nil
}

// Restore sets the registers from ctx.
func (c *CPU) Restore(ctx *Context) error {
	if code := C.st_load(c.e, ctx.c); code != C.UC_ERR_OK {
		return &Error{Op: "context", Code: int(code)}
	}
	c.e.ip, c.e.upper = ctx.ip, ctx.upper
	return nil
}

// Free releases the context. It may be called twice, and after Close.
func (ctx *Context) Free() {
	if ctx.c != nil {
		C.uc_context_free(ctx.c)
		ctx.c = nil
	}
}
