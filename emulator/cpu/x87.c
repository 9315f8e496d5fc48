/* The transcendental and remainder instructions of x87, which the engine
 * computes with the 53 bits of a double, are carried out by the host's. */
#include "engine.h"

#include <string.h>

typedef struct fsave { /* SDM volume 1, figure 8-9 */
	uint32_t control, status, tags, pointers[4];
	uint8_t stack[8][10];
} fsave;

enum { MASKS = 0x3F };

#define CARRY_OUT(name) case st_##name: asm volatile("frstor %0\n\t" #name "\n\tfnsave %0" : "+m"(*s) : : "memory"); break

enum { /* second bytes, behind D9 */
	st_f2xm1 = 0xF0, st_fyl2x, st_fptan, st_fpatan, st_fprem1 = 0xF5, st_fprem = 0xF8, st_fyl2xp1,
	st_fsincos = 0xFB, st_fsin = 0xFE, st_fcos,
};

static void carry_out(uint8_t code, fsave *s)
{
	fsave host;
	asm volatile("fnsave %0" : "=m"(host)); /* which also empties the registers */
	switch (code) {
	CARRY_OUT(f2xm1);
	CARRY_OUT(fyl2x);
	CARRY_OUT(fptan);
	CARRY_OUT(fpatan);
	CARRY_OUT(fprem1);
	CARRY_OUT(fprem);
	CARRY_OUT(fyl2xp1);
	CARRY_OUT(fsincos);
	CARRY_OUT(fsin);
	CARRY_OUT(fcos);
	}
	asm volatile("frstor %0" : : "m"(host));
}

/* st_x87_run runs e->instruction. Exceptions are masked while it does: one that
 * is not would stop the host. They are in the status word. */
void st_x87_run(st_engine *e)
{
	st_registers r;
	fsave s = {0};
	st_read_all(e, &r);
	s.control = 0xFFFF0000 | r.fpcw | MASKS;
	s.status = 0xFFFF0000 | (r.fpsw & ~0x80FF); /* what was raised before is added below */
	s.tags = 0xFFFF0000 | r.fptag;
	const unsigned top = r.fpsw >> 11 & 7;
	for (unsigned i = 0; i < 8; i++)
		memcpy(s.stack[i], r.fp[(top + i) & 7], 10);
	carry_out(e->bytes[e->instruction.modrm_at], &s);
	const unsigned now = s.status >> 11 & 7;
	for (unsigned i = 0; i < 8; i++)
		memcpy(r.fp[(now + i) & 7], s.stack[i], 10);
	r.fpsw = (s.status & 0xFFFF) | (r.fpsw & 0x80FF);
	r.fptag = s.tags & 0xFFFF;
	st_write_x87(e, &r);
	e->ip += e->instruction.length;
}
